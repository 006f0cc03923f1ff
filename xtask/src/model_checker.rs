//! Every schedule of a small world (`testing/model-checker`).

use anyhow::Result;

use crate::process::{cargo, run};

/// Distinct states wanted; those of the worlds that are explored whole are more.
const STATES: usize = 1_000_000;
const LONG_STATES: usize = 10_000_000;

/// Explores all kinds of back ends, until so many distinct states were seen.
pub(crate) fn explore(long: bool) -> Result<()> {
    let states = if long { LONG_STATES } else { STATES };
    let test = ["test", "--quiet", "--profile", "explore", "--package", "echolite-model-checker"];
    let mut test = cargo(&test);
    test.args(["--test", "promise", "--", "--nocapture", "--test-threads", "1"]);
    run(test.env("ECHOLITE_STATES", states.to_string()))
}
