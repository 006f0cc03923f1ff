//! The text files of the repository.

use std::fs;

use anyhow::Result;

use crate::process::{command, read, root};

/// A text file of the repository.
pub(super) struct Source {
    /// Relative to the root, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    /// Whether it is Rust or TypeScript.
    pub(super) fn is_code(&self) -> bool {
        let ending = self.path.rsplit('.').next();
        ending.is_some_and(|ending| ["rs", "ts", "tsx", "js", "mjs"].contains(&ending))
    }
}

/// Every file that git keeps or would keep, if it is text.
pub(super) fn all() -> Result<Vec<Source>> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = read(&mut command("git", &listed))?;
    let mut sources = Vec::new();
    for path in listed.lines() {
        if let Ok(text) = fs::read_to_string(root().join(path)) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
