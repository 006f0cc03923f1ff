//! A copy of the repository, whose sources may be changed: no build of the repository itself can come by a change.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{command, read, root};

/// Copies the tracked files as they are now to `tree`, which is removed first.
///
/// # Errors
/// When a file cannot be copied.
pub(crate) fn copy_tracked(tree: &Path) -> Result<()> {
    match fs::remove_dir_all(tree) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be removed", tree.display()));
        }
        _ => {}
    }
    let tracked = read(&mut command("git", &["ls-files", "-z"]))?;
    for path in tracked.split('\0').filter(|path| root().join(path).is_file()) {
        let (from, to) = (root().join(path), tree.join(path));
        let made = to.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::copy(&from, &to).map(drop))
            .with_context(|| format!("{path} cannot be copied to {}", tree.display()))?;
    }
    Ok(())
}
