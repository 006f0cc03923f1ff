//! `cargo xtask build`: the wasm modules, the npm package, its tarball. Steps whose inputs have not changed are
//! skipped.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::crates::{WASM_TARGET, native};
use crate::process::{cargo, command, root, run, say};
use crate::stamp::Stamp;
use crate::{setup, sizes};

/// Inputs of the wasm modules.
const WASM_INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "crates/echolite-protocol",
    "crates/echolite-core",
    "crates/echolite-cache",
    "crates/echolite-store",
    "crates/echolite-store-indexeddb",
    "crates/echolite-wasm-support",
    "crates/echolite-echo-wasm",
    "crates/echolite-cache-wasm",
];
/// Inputs of the npm package, beside the modules.
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

/// The wasm modules: the name of each in the package, and its crate.
const MODULES: [(&str, &str); 2] =
    [("echo", "echolite-echo-wasm"), ("cache", "echolite-cache-wasm")];
/// The modules in the package.
const WASM: &str = "npm/dist/wasm";
/// The modules as cargo builds them.
const BUILT_WASM: &str = "target/wasm32-unknown-unknown/wasm";

/// Builds everything and gives the tarball's path.
pub(crate) fn package() -> Result<PathBuf> {
    setup::rust_target()?;
    setup::node_packages()?;
    let tarball = root().join("target/npm/echolite.tgz");
    let inputs: Vec<&str> = WASM_INPUTS.iter().chain(NPM_INPUTS).copied().collect();
    let stamp = Stamp::of("package", &inputs)?;
    if stamp.is_current(&tarball) && MODULES.iter().all(|(name, _)| module(name).exists()) {
        say("the package is up to date: target/npm/echolite.tgz");
        return Ok(tarball);
    }
    wasm()?;
    say("npm package: tsc");
    remove_modules()?;
    run(&mut command("npm", &["run", "--silent", "build", "--workspace", "echolite"]))?;
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

/// Where a wasm module stands in the package.
fn module(name: &str) -> PathBuf {
    root().join(WASM).join(format!("{name}_bg.wasm"))
}

/// The wasm modules and their glue, into `npm/dist/wasm`.
pub(crate) fn wasm() -> Result<()> {
    let stamp = Stamp::of("wasm", WASM_INPUTS)?;
    if MODULES.iter().all(|(name, _)| stamp.is_current(&module(name))) {
        return Ok(());
    }
    say("wasm modules: cargo build --profile wasm");
    let mut build = cargo(&["build", "--profile", "wasm", "--target", WASM_TARGET]);
    run(build.args(MODULES.iter().flat_map(|(_, package)| ["--package", package])))?;
    say("wasm modules: wasm-bindgen, wasm-opt -Oz");
    let folder = root().join(WASM);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, package) in MODULES {
        bind(name, package)?;
    }
    stamp.keep()
}

/// The glue of one module, and the module as small as it gets.
fn bind(name: &str, package: &str) -> Result<()> {
    let program = setup::wasm_bindgen()?.to_string_lossy().into_owned();
    let built = format!("{BUILT_WASM}/{}.wasm", package.replace('-', "_"));
    let output = ["--target", "web", "--out-dir", WASM, "--out-name", name];
    run(command(&program, &output).args(["--remove-producers-section", &built]))?;
    let optimizer = root().join("node_modules/.bin/wasm-opt").to_string_lossy().into_owned();
    let module = module(name);
    run(command(&optimizer, WASM_FEATURES).arg("-Oz").arg(&module).arg("-o").arg(&module))
        .context("wasm-opt comes with the npm package `binaryen`")
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
    let arguments = ["pack", "--silent", "--ignore-scripts", "--workspace", "echolite"];
    run(command("npm", &arguments).args(["--pack-destination", "target/npm"]))?;
    let packed = fs::read_dir(&folder)?.next().context("npm pack left no tarball")??.path();
    fs::rename(packed, folder.join("echolite.tgz"))?;
    Ok(())
}
