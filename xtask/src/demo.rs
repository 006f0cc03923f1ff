//! `cargo xtask demo`: from a clean clone to a page one can open; the second time in seconds.

use std::ffi::OsString;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::process::{cargo, command, root, run as run_command, say};
use crate::stamp::Stamp;
use crate::{build, setup};

const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: u16 = 8080;

/// The demo server's own arguments are handed on as they are.
pub(crate) struct Options {
    host: String,
    port: u16,
    release: bool,
    others: Vec<OsString>,
}

impl Options {
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Self> {
        let (host, port) = (DEFAULT_HOST.to_owned(), DEFAULT_PORT);
        let mut options = Self { host, port, release: false, others: Vec::new() };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("host") => options.host = arguments.value()?.string()?,
                Long("port") => options.port = arguments.value()?.parse()?,
                Long("release") => options.release = true,
                Long("open") => options.others.push("--open".into()),
                Long("restored") => options.others.push("--restored".into()),
                Long(name @ ("data" | "products" | "meanwhile")) => {
                    options.others.push(format!("--{name}").into());
                    options.others.push(arguments.value()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    free_port(options)?;
    let page = page()?;
    let server = server(options.release)?;
    let port = options.port.to_string();
    let mut demo = command(&server.to_string_lossy(), &["--host", &options.host, "--port", &port]);
    let status = demo.arg("--web").arg(page).args(&options.others).status()?;
    if !status.success() {
        bail!("the demo's server ended ({status})");
    }
    Ok(())
}

/// Says at once, not after minutes of building, that the port is taken.
fn free_port(options: &Options) -> Result<()> {
    let (host, port) = (options.host.as_str(), options.port);
    TcpListener::bind((host, port)).map(drop).with_context(|| {
        let other = port.wrapping_add(1);
        format!("cannot listen on {host}:{port}; try `cargo xtask demo --port {other}`")
    })
}

/// The page's files, built with the packed npm package as an application would use it.
pub(crate) fn page() -> Result<PathBuf> {
    let tarball = build::package()?;
    let page = root().join("demo/web/dist");
    let stamp = Stamp::of("demo-page", &["demo/web", "target/npm/echolite.tgz"])?;
    if stamp.is_current(&page) {
        say("the demo's page is up to date");
        return Ok(page);
    }
    setup::demo_packages()?;
    unpack(&tarball)?;
    say("demo page: vite build");
    run_command(
        command("npm", &["run", "--silent", "build"]).current_dir(root().join("demo/web")),
    )?;
    stamp.keep()?;
    Ok(page)
}

/// npm keeps a tarball by its version, which does not change here; so the package is laid out by hand.
fn unpack(tarball: &Path) -> Result<()> {
    let package = root().join("demo/web/node_modules/echolite");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&package)?;
    let extract = [Path::new("-xzf"), tarball, Path::new("--strip-components=1")];
    run_command(command("tar", &extract).arg("-C").arg(package))
}

/// Builds the demo's server, without what only tests need, and gives its path.
fn server(release: bool) -> Result<PathBuf> {
    say("demo server: cargo build (a few minutes the first time)");
    let mut build = cargo(&["build", "--package", "echolite-demo"]);
    if release {
        build.arg("--release");
    }
    run_command(&mut build)?;
    let profile = if release { "release" } else { "debug" };
    Ok(root().join("target").join(profile).join("echolite-demo"))
}
