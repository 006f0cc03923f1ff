//! `cargo xtask build`: the wasm module, the npm package, its tarball. Steps whose inputs have not changed are
//! skipped.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::crates::{WASM_TARGET, native};
use crate::process::{cargo, command, root, run, say};
use crate::stamp::Stamp;
use crate::{setup, sizes};

/// What the wasm module is made of.
const WASM_INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "crates/echolite-protocol",
    "crates/echolite-core",
    "crates/echolite-cache",
    "crates/echolite-store",
    "crates/echolite-store-indexeddb",
    "crates/echolite-wasm",
];
/// What the npm package is made of, beside the module.
const NPM_INPUTS: &[&str] = &["npm", "package.json", "package-lock.json"];

/// What rustc emits for wasm32-unknown-unknown; wasm-opt refuses what it is not told of.
const WASM_FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-multivalue",
];

const WASM: &str = "npm/dist/wasm/echolite_bg.wasm";
const BUILT_WASM: &str = "target/wasm32-unknown-unknown/wasm/echolite_wasm.wasm";

/// Builds everything and gives the tarball's path.
pub(crate) fn package() -> Result<PathBuf> {
    setup::rust_target()?;
    setup::node_packages()?;
    let tarball = root().join("target/npm/echolite.tgz");
    let inputs: Vec<&str> = WASM_INPUTS.iter().chain(NPM_INPUTS).copied().collect();
    let stamp = Stamp::of("package", &inputs)?;
    if stamp.is_current(&tarball) && root().join(WASM).exists() {
        say("the package is up to date: target/npm/echolite.tgz");
        return Ok(tarball);
    }
    wasm()?;
    say("npm package: tsc");
    remove_modules()?;
    run(&mut command("npm", &["run", "--silent", "build", "--workspace", "npm"]))?;
    pack()?;
    sizes::print()?;
    stamp.keep()?;
    Ok(tarball)
}

/// Removes the modules of an earlier build: one that was renamed since would be packed under its old name, too.
fn remove_modules() -> Result<()> {
    for entry in fs::read_dir(root().join("npm/dist"))? {
        let path = entry?.path();
        if path.is_file() {
            fs::remove_file(path)?;
        } else if !path.ends_with("wasm") {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// The servers that tests start: Echolite's, the demo's and the example with tokens, in `target/debug`.
///
/// All packages at once, for cargo then chooses the features of what they depend on as it did for their tests. A package
/// alone has other features, and everything below it would be compiled a second time.
pub(crate) fn servers() -> Result<()> {
    say("servers: cargo build");
    let mut build = cargo(&["build", "--quiet", "--bins", "--example", "jwt"]);
    run(build.args(native()))
}

/// The wasm module and its glue, into `npm/dist/wasm`.
pub(crate) fn wasm() -> Result<()> {
    let stamp = Stamp::of("wasm", WASM_INPUTS)?;
    if stamp.is_current(&root().join(WASM)) {
        return Ok(());
    }
    say("wasm module: cargo build --profile wasm");
    let target = ["--target", WASM_TARGET];
    run(cargo(&["build", "-p", "echolite-wasm", "--profile", "wasm"]).args(target))?;
    say("wasm module: wasm-bindgen, wasm-opt -Oz");
    let folder = root().join("npm/dist/wasm");
    fs::create_dir_all(&folder)?;
    let program = setup::wasm_bindgen()?.to_string_lossy().into_owned();
    let output = ["--target", "web", "--out-dir", "npm/dist/wasm", "--out-name", "echolite"];
    run(command(&program, &output).args(["--remove-producers-section", BUILT_WASM]))?;
    let optimizer = root().join("node_modules/.bin/wasm-opt").to_string_lossy().into_owned();
    run(command(&optimizer, WASM_FEATURES).args(["-Oz", WASM, "-o", WASM]))
        .context("wasm-opt comes with the npm package `binaryen`")?;
    stamp.keep()
}

/// `npm pack`, under a name that does not change with the version.
fn pack() -> Result<()> {
    say("npm pack");
    let folder = root().join("target/npm");
    fs::create_dir_all(&folder)?;
    for old in fs::read_dir(&folder)? {
        let old = old?.path();
        if old.extension().is_some_and(|extension| extension == "tgz") {
            fs::remove_file(old)?;
        }
    }
    let arguments = ["pack", "--silent", "--ignore-scripts", "--workspace", "npm"];
    run(command("npm", &arguments).args(["--pack-destination", "target/npm"]))?;
    let packed = fs::read_dir(&folder)?.next().context("npm pack left no tarball")??.path();
    fs::rename(packed, folder.join("echolite.tgz"))?;
    Ok(())
}
