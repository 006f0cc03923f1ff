//! How much a browser loads: bytes as they are and as brotli sends them.

use std::path::Path;

use anyhow::Result;

use crate::process::{command, read, root};

/// Prints each file that a browser may load. Brotli comes from Node, which is there anyway.
pub(crate) fn print(folder: &str) -> Result<()> {
    let script = root().join("xtask/sizes.mjs");
    let lines = read(&mut command("node", &[script.as_path(), Path::new(folder)]))?;
    println!("{lines}");
    Ok(())
}
