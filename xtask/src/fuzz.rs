//! Fuzzing of what comes from outside (`fuzz/`), a minute a target.

use anyhow::{Context, Result, bail};

use crate::process::{cargo, root, run, say};
use crate::setup;

/// What is fuzzed: the programs in `fuzz/fuzz_targets`.
const TARGETS: &[&str] = &["client_frames", "server_frames", "heads", "reactions"];

/// Fuzzes each target for so many seconds; a crash ends it, and its input is in `fuzz/artifacts`.
pub(crate) fn fuzz(seconds: u32) -> Result<()> {
    cargo_fuzz()?;
    for target in TARGETS {
        say(&format!("fuzzing {target} for {seconds} s"));
        run_target(target, seconds)?;
    }
    Ok(())
}

/// What is found on the way stays in `target/fuzz`; the corpus of the repository only begins it.
fn run_target(target: &str, seconds: u32) -> Result<()> {
    let found = root().join("target/fuzz").join(target);
    std::fs::create_dir_all(&found).with_context(|| format!("no folder {}", found.display()))?;
    let corpus = root().join("fuzz/corpus").join(target);
    if !corpus.exists() {
        bail!("{target} has no corpus in {}", corpus.display());
    }
    let program = setup::tool("cargo-fuzz");
    let mut command = crate::process::command(&program.to_string_lossy(), &["run", target]);
    // As `cargo fuzz` would call it; the sanitizers need a nightly compiler, and there is no unsafe code to watch.
    command.args([found.as_os_str(), corpus.as_os_str()]).args(["--sanitizer", "none", "--"]);
    command.arg(format!("-max_total_time={seconds}")).args(["-max_len=2048", "-timeout=10"]);
    command.env("CARGO", cargo::<&str>(&[]).get_program());
    run(&mut command)
}

/// `cargo fuzz`, which nothing but the long tests needs.
fn cargo_fuzz() -> Result<()> {
    if setup::tool("cargo-fuzz").exists() {
        return Ok(());
    }
    say("cargo-fuzz into target/tools (a minute or two, once)");
    run(&mut cargo(&["install", "--root", "target/tools", "--locked", "cargo-fuzz"]))
        .context("cargo-fuzz cannot be installed from crates.io")
}
