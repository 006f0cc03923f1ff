//! Seeded schedules of real engines with the real brokers (`testing/simulation`).

use anyhow::Result;

use crate::process::{cargo, run};
use crate::test::Replay;

/// Runs so many schedules, or replays one.
pub(crate) fn simulate(schedules: u64, replay: &Replay) -> Result<()> {
    let mut command = cargo(&["run", "--quiet", "--profile", "explore"]);
    command.args(["--package", "echolite-simulation", "--", "--schedules", &schedules.to_string()]);
    if let Some(seed) = replay.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(kind) = &replay.kind {
        command.args(["--kind", kind]);
    }
    run(&mut command)
}
