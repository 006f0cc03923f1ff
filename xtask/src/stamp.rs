//! Skipping work whose inputs have not changed.
//!
//! A stamp is a hash of the inputs' contents, kept in `target/stamps`. Contents, not times: a checkout that
//! only touches files rebuilds nothing.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::root;

/// Folders that are never inputs.
const SKIPPED: &[&str] = &["target", "node_modules", "dist", ".git"];

pub(crate) struct Stamp {
    file: PathBuf,
    hash: u64,
}

impl Stamp {
    /// The stamp of `inputs`: files or folders, relative to the root. What does not exist counts as empty.
    pub(crate) fn of(name: &str, inputs: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            input.hash(&mut hasher);
            hash_path(&root().join(input), &mut hasher)?;
        }
        let file = root().join("target/stamps").join(name);
        Ok(Self { file, hash: hasher.finish() })
    }

    /// Whether the work was done with these inputs and `output` is still there.
    pub(crate) fn is_current(&self, output: &Path) -> bool {
        let kept = fs::read_to_string(&self.file).unwrap_or_default();
        output.exists() && kept == self.hash.to_string()
    }

    /// Remembers that the work is done.
    pub(crate) fn keep(&self) -> Result<()> {
        let folder = self.file.parent().expect("a stamp lies in target/stamps");
        fs::create_dir_all(folder)?;
        fs::write(&self.file, self.hash.to_string())
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut names: Vec<_> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()?;
        names.sort();
        for name in names {
            if !SKIPPED.iter().any(|skipped| name == *skipped) {
                name.hash(hasher);
                hash_path(&path.join(name), hasher)?;
            }
        }
    } else if let Ok(content) = fs::read(path) {
        content.hash(hasher);
    }
    Ok(())
}
