//! Programs of crates.io that are installed into `target/tools`, each in one version.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::{cargo, command, read, root, run, say};

/// A program that `cargo install` brings.
pub(crate) struct Tool<'v> {
    pub(crate) package: &'static str,
    /// One of the package's programs, which is asked for its version.
    pub(crate) program: &'static str,
    pub(crate) version: &'v str,
    /// How it is asked: its answer ends with the version.
    pub(crate) ask: &'static [&'static str],
}

impl Tool<'_> {
    /// Where its program is; installs it unless it is there in that version.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let Self { package, version, .. } = self;
        let program = path(self.program);
        let said = read(&mut command(&program.to_string_lossy(), self.ask));
        if said.is_ok_and(|said| said.split_whitespace().last() == Some(version)) {
            return Ok(program);
        }
        say(&format!("{package} {version} into target/tools (a few minutes, once)"));
        let install = ["install", "--root", "target/tools", "--force", "--version", version];
        if cargo(&install).args(["--locked", package]).status()?.success() {
            return Ok(program);
        }
        // The lock file that came with it may name versions that a registry's mirror does not have yet.
        say("again, without its lock file");
        run(cargo(&install).arg(package))
            .with_context(|| format!("{package} {version} cannot be installed from crates.io"))?;
        Ok(program)
    }
}

/// A program in `target/tools`.
pub(crate) fn path(program: &str) -> PathBuf {
    root().join("target/tools/bin").join(program)
}
