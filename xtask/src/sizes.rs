//! How much a browser loads.

use anyhow::Result;

use crate::process::{command, read, root, run};

/// Prints the wasm modules and their glue, and what an application's bundle takes of the package. Brotli comes from
/// Node, which is there anyway.
pub(crate) fn print() -> Result<()> {
    let script = root().join("xtask/sizes.mjs");
    println!("{}", read(&mut command("node", &[script, root().join("npm/dist/wasm")]))?);
    run(&mut command("npm", &["run", "--silent", "size", "--workspace", "echolite"]))
}
