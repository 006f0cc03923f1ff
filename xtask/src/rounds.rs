//! The rounds in a browser: seeded faults between the demo's real parts, then quiet.

use anyhow::Result;

use crate::process::{command, run};
use crate::{build, demo, setup};

/// Plays so many rounds; `ECHOLITE_SEED` in the environment plays that one alone.
pub(crate) fn play(rounds: u32) -> Result<()> {
    setup::browser()?;
    build::package()?;
    // the server does not start without its page
    demo::page()?;
    demo::server(false)?;
    let rounds = rounds.to_string();
    let words =
        ["run", "--silent", "rounds", "--workspace", "tests/e2e", "--", "--rounds", &rounds];
    run(&mut command("npm", &words))
}
