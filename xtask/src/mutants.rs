//! The rules of the cache, each changed in turn.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, read, root, run, say};
use crate::setup;

/// The version of `cargo mutants` that the table in docs/mutations.md was made with.
const CARGO_MUTANTS: &str = "27.1.0";

/// Each rule changed in turn, by `cargo mutants`: the tests must see it. What is examined, and what is not and why,
/// is in `.cargo/mutants.toml`.
pub(crate) fn mutate() -> Result<()> {
    let program = cargo_mutants()?.to_string_lossy().into_owned();
    let output = root().join("target/mutants").to_string_lossy().into_owned();
    let arguments = ["mutants", "--no-shuffle", "--colors", "never", "--output", &output];
    if run(&mut command(&program, &arguments)).is_err() {
        bail!("some mutants live: target/mutants/mutants.out/missed.txt names them");
    }
    Ok(())
}

/// `cargo mutants`, for the long tests only.
fn cargo_mutants() -> Result<PathBuf> {
    let program = setup::tool("cargo-mutants");
    let installed = read(&mut command(&program.to_string_lossy(), &["mutants", "--version"]));
    if !installed.is_ok_and(|said| said == format!("cargo-mutants {CARGO_MUTANTS}")) {
        say(&format!("cargo-mutants {CARGO_MUTANTS} into target/tools (about two minutes, once)"));
        let install = ["install", "--root", "target/tools", "--force", "--locked"];
        run(cargo(&install).args(["--version", CARGO_MUTANTS, "cargo-mutants"]))
            .context("cargo-mutants cannot be installed from crates.io")?;
    }
    Ok(program)
}
