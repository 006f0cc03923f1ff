//! The rounds in a browser: seeded faults between the demo's real parts, then quiet.

use anyhow::Result;

use crate::process::{command, run};
use crate::{build, demo, setup};

/// Plays so many rounds, or that of a seed alone.
pub(crate) fn play(rounds: u32, seed: Option<u64>) -> Result<()> {
    setup::browser()?;
    build::package()?;
    // the server does not start without its page
    demo::page()?;
    build::servers()?;
    let rounds = rounds.to_string();
    let words =
        ["run", "--silent", "rounds", "--workspace", "tests/e2e", "--", "--rounds", &rounds];
    let mut npm = command("npm", &words);
    if let Some(seed) = seed {
        npm.env("ECHOLITE_SEED", seed.to_string());
    }
    run(&mut npm)
}
