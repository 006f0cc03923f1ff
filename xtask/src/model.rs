//! The steps that explore: every schedule of a small world, and the rules with one of them off.

use anyhow::{Result, bail};

use crate::process::{cargo, command, root, run};
use crate::setup;

/// Distinct states wanted, and how many of them fit into about a minute.
const STATES: usize = 1_000_000;
const LONG_STATES: usize = 10_000_000;

/// The model of `echolite-model`.
pub(crate) fn explore(long: bool) -> Result<()> {
    let states = if long { LONG_STATES } else { STATES };
    let test = ["test", "--quiet", "--profile", "model", "--package", "echolite-model"];
    let mut test = cargo(&test);
    test.args(["--test", "promise", "--", "--nocapture", "--test-threads", "1"]);
    run(test.env("ECHOLITE_STATES", states.to_string()))
}

/// Each rule changed in turn, by `cargo mutants`: the tests must see it. What is examined, and what is not and why,
/// is in `.cargo/mutants.toml`.
pub(crate) fn mutants() -> Result<()> {
    let program = setup::cargo_mutants()?.to_string_lossy().into_owned();
    let output = root().join("target/mutants").to_string_lossy().into_owned();
    let arguments = ["mutants", "--no-shuffle", "--colors", "never", "--output", &output];
    if run(&mut command(&program, &arguments)).is_err() {
        bail!("some mutants live: target/mutants/mutants.out/missed.txt names them");
    }
    Ok(())
}
