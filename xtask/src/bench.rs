//! `cargo xtask bench`: figures beside their floor or peer, in one run; JSON in `target/bench`.

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::process::{cargo, command, root, run as run_command, say};
use crate::{build, setup};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// The server: deliveries to many subscribers.
    Fanout,
    /// The server: what was missed, replayed.
    Recovery,
    /// The browser: from an event to the listener of a list.
    Cache,
}

impl Which {
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Self> {
        let which = match arguments.next()? {
            None => Self::All,
            Some(Value(name)) if name == "fanout" => Self::Fanout,
            Some(Value(name)) if name == "recovery" => Self::Recovery,
            Some(Value(name)) if name == "cache" => Self::Cache,
            Some(other) => {
                bail!("{}; there are `fanout`, `recovery` and `cache`", other.unexpected())
            }
        };
        Ok(which)
    }
}

pub(crate) fn run(which: Which) -> Result<()> {
    match which {
        Which::All => {
            server(&["fanout", "recovery"])?;
            cache()
        }
        Which::Fanout => server(&["fanout"]),
        Which::Recovery => server(&["recovery"]),
        Which::Cache => cache(),
    }
}

fn server(measured: &[&str]) -> Result<()> {
    say("server and load generator: cargo build --release (some minutes the first time)");
    let packages = ["--package", "echolite-server", "--package", "echolite-bench"];
    run_command(cargo(&["build", "--release"]).args(packages))?;
    let program = root().join("target/release/echolite-bench").to_string_lossy().into_owned();
    measured.iter().try_for_each(|name| run_command(&mut command(&program, &[name])))
}

fn cache() -> Result<()> {
    setup::browser()?;
    build::package()?;
    say("cache beside TanStack Query, in one page");
    run_command(&mut command("npm", &["run", "--silent", "bench", "--workspace", "tests/e2e"]))
}
