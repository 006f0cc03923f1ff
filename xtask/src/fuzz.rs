//! Fuzzing of what comes from outside (`testing/fuzz`), a minute a target.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, root, run, say};
use crate::tools::Tool;

const FOLDER: &str = "testing/fuzz";

/// The programs in `testing/fuzz/fuzz_targets`.
const TARGETS: &[&str] = &["client_frames", "server_frames", "heads", "reactions"];

/// Needed by nothing but the long tests.
const CARGO_FUZZ: Tool<'_> = Tool {
    package: "cargo-fuzz",
    program: "cargo-fuzz",
    version: "0.13.2",
    ask: &["--version"],
    wheel: None,
};

/// Sees that the targets compile: no build of the workspace does.
pub(crate) fn check() -> Result<()> {
    let manifest = format!("{FOLDER}/Cargo.toml");
    let arguments = ["check", "--quiet", "--bins", "--target-dir", "target", "--manifest-path"];
    let mut check = cargo(&arguments);
    // A check links nothing, so libFuzzer need not be compiled: its build script is told that it is there.
    run(check.arg(manifest).env("CUSTOM_LIBFUZZER_PATH", root().join("target/libfuzzer.a")))
}

/// Fuzzes each target for so many seconds; a crash ends it, and its input is in `testing/fuzz/artifacts`.
pub(crate) fn fuzz(seconds: u32) -> Result<()> {
    let program = CARGO_FUZZ.ensure()?;
    for target in TARGETS {
        say(&format!("fuzzing {target} for {seconds} s"));
        run_target(&program, target, seconds)?;
    }
    Ok(())
}

/// What is found on the way stays in `target/fuzz`; the corpus of the repository only begins it.
fn run_target(program: &Path, target: &str, seconds: u32) -> Result<()> {
    let found = root().join("target/fuzz").join(target);
    std::fs::create_dir_all(&found).with_context(|| format!("no folder {}", found.display()))?;
    let corpus = root().join(FOLDER).join("corpus").join(target);
    if !corpus.exists() {
        bail!("{target} has no corpus in {}", corpus.display());
    }
    let mut command = crate::process::command(&program.to_string_lossy(), &["run", "--fuzz-dir"]);
    command.args([FOLDER, target]);
    // As `cargo fuzz` would call it; the sanitizers need a nightly compiler, and there is no unsafe code to watch.
    command.args([found.as_os_str(), corpus.as_os_str()]).args(["--sanitizer", "none", "--"]);
    command.arg(format!("-max_total_time={seconds}")).args(["-max_len=2048", "-timeout=10"]);
    command.env("CARGO", cargo::<&str>(&[]).get_program());
    run(&mut command)
}
