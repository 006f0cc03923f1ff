//! `cargo xtask setup`: installs what is missing and says so. Each part can be asked for alone, so that the
//! demo does not wait for a browser. Running it again does nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::crates::WASM_TARGET;
use crate::process::{command, read, root, run, say};
use crate::stamp::Stamp;
use crate::tools::Tool;
use crate::{debian, python};

/// Vite 8 and npm's workspaces need it.
const OLDEST_NODE: u32 = 20;

/// Debian's names of what tests need: a program that shows it is there, and the package that brings it.
const BROWSER: &[(&str, &str)] = &[
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/chromedriver", "chromium-driver"),
    ("/usr/bin/firefox-esr", "firefox-esr"),
];

/// Laravel's own broadcasting code, for the interop tests.
const LARAVEL: &[(&str, &str)] = &[
    ("/usr/bin/php", "php-cli"),
    (
        "/usr/share/php/Illuminate/Broadcasting/Broadcasters/PusherBroadcaster.php",
        "php-laravel-framework",
    ),
    ("/usr/share/doc/php-sqlite3", "php-sqlite3"),
];

/// A server and a pooler that the feed's tests start for themselves.
const POSTGRES: &[(&str, &str)] =
    &[("/usr/lib/postgresql", "postgresql"), ("/usr/sbin/pgbouncer", "pgbouncer")];

/// Everything: what `cargo xtask test` needs.
pub(crate) fn all() -> Result<()> {
    rust_target()?;
    wasm_bindgen()?;
    node_packages()?;
    browser()?;
    python::sdk()?;
    laravel()?;
    postgres()?;
    say("everything is there");
    Ok(())
}

/// The pinned toolchain's wasm target.
pub(crate) fn rust_target() -> Result<()> {
    let sysroot = read(&mut command("rustc", &["--print", "sysroot"]))?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET).exists() {
        return Ok(());
    }
    say(&format!("rustup target add {WASM_TARGET}"));
    run(&mut command("rustup", &["target", "add", WASM_TARGET])).context(
        "the wasm target of the pinned toolchain (rust-toolchain.toml) cannot be installed; \
         install rustup, or the rust-std component for wasm32-unknown-unknown by other means",
    )
}

/// `wasm-bindgen` and its test runner, of exactly the version of the crate.
pub(crate) fn wasm_bindgen() -> Result<PathBuf> {
    let version = wasm_bindgen_version()?;
    let (package, program) = ("wasm-bindgen-cli", "wasm-bindgen");
    let ask = &["--version"];
    Tool { package, program, version: &version, ask, wheel: None }.ensure()
}

/// The version pinned in the workspace's Cargo.toml.
fn wasm_bindgen_version() -> Result<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("wasm-bindgen = \"="));
    let version = line.and_then(|rest| rest.split('"').next());
    version.map(str::to_owned).context("Cargo.toml pins no `wasm-bindgen = \"=…\"`")
}

/// Node and the npm packages of the workspace (TypeScript, wasm-opt, test tools).
pub(crate) fn node_packages() -> Result<()> {
    node()?;
    npm_ci("node-packages", "")
}

/// The demo's own npm packages.
pub(crate) fn demo_packages() -> Result<()> {
    npm_ci("demo-packages", "demo/web")
}

fn node() -> Result<()> {
    let said = read(&mut command("node", &["--version"])).unwrap_or_default();
    let major: u32 =
        said.trim_start_matches('v').split('.').next().unwrap_or("").parse().unwrap_or(0);
    if major < OLDEST_NODE {
        let found = if said.is_empty() { "none was found".into() } else { format!("found {said}") };
        bail!(
            "Node {OLDEST_NODE} or newer is needed, {found}; install it from your distribution or nodejs.org"
        );
    }
    Ok(())
}

/// `npm ci` in `folder`, unless its lock file is the one installed last.
fn npm_ci(name: &str, folder: &str) -> Result<()> {
    let path = root().join(folder);
    let lock = Path::new(folder).join("package-lock.json");
    let installed = path.join("node_modules/.package-lock.json");
    let stamp = Stamp::of(name, &[&lock.to_string_lossy()])?;
    if stamp.is_current(&installed) {
        return Ok(());
    }
    if !written_together(&root().join(&lock), &installed) {
        install(&path)?;
    }
    stamp.keep()
}

/// What the lock file says; exactly, if the registry has all of it.
fn install(folder: &Path) -> Result<()> {
    let npm = |words: &[&str]| {
        let quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
        run(command("npm", words).args(quiet).current_dir(folder))
    };
    say(&format!("npm ci in {}", folder.display()));
    if npm(&["ci"]).is_ok() {
        return Ok(());
    }
    // `npm ci` wants optional packages of other platforms in the lock file, and a registry's mirror may not have
    // them. This takes the same versions and leaves the lock file alone.
    say("again, without optional packages that the registry does not have");
    npm(&["install", "--no-save"])
}

/// `npm install` writes the lock file and its list of what it installed in one go; then there is nothing to do.
fn written_together(lock: &Path, installed: &Path) -> bool {
    let written = |path: &Path| fs::metadata(path).and_then(|facts| facts.modified());
    let (Ok(lock), Ok(installed)) = (written(lock), written(installed)) else { return false };
    let apart = lock.duration_since(installed).or_else(|_| installed.duration_since(lock));
    apart.is_ok_and(|apart| apart < Duration::from_secs(2))
}

/// Chromium and its driver: Debian's, or those that `ECHOLITE_CHROMIUM` and `CHROMEDRIVER` name.
pub(crate) fn browser() -> Result<()> {
    if env::var_os("ECHOLITE_CHROMIUM").is_some() && env::var_os("CHROMEDRIVER").is_some() {
        return Ok(());
    }
    debian::install(BROWSER)
}

/// PHP and Laravel, Debian's.
pub(crate) fn laravel() -> Result<()> {
    debian::install(LARAVEL)
}

/// PostgreSQL, Debian's.
pub(crate) fn postgres() -> Result<()> {
    debian::install(POSTGRES)
}
