//! The Python environment in `target/tools/py`: the SDK for the interop tests, and programs that PyPI has compiled.

use std::path::PathBuf;

use anyhow::Result;

use crate::debian;
use crate::process::{command, root, run, say, succeeds};

/// Pusher's SDK, for the interop tests.
pub(crate) fn sdk() -> Result<()> {
    let python = program("python").to_string_lossy().into_owned();
    if succeeds(&mut command(&python, &["-c", "import pusher"])) {
        return Ok(());
    }
    install("pusher")
}

/// A program of the environment.
pub(crate) fn program(name: &str) -> PathBuf {
    folder().join("bin").join(name)
}

/// Installs what pip calls a requirement, such as `name==1.0`; makes the environment if there is none.
///
/// # Errors
/// When Python is missing and cannot be installed, or PyPI has no wheel for this machine.
pub(crate) fn install(requirement: &str) -> Result<()> {
    if !succeeds(&mut command("python3", &["-c", "import ensurepip, venv"])) {
        let module = ("/usr/lib/python3/ensurepip", "python3-venv");
        debian::install(&[("/usr/bin/python3", "python3"), module])?;
    }
    say(&format!("{requirement} of PyPI into target/tools/py"));
    run(&mut command("python3", &["-m", "venv", &folder().to_string_lossy()]))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement];
    run(&mut command(&program("python").to_string_lossy(), &pip))
}

fn folder() -> PathBuf {
    root().join("target/tools/py")
}
