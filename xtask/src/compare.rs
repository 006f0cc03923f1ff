//! `cargo xtask compare`: the same schedules for Echolite and for TanStack Query with laravel-echo, in Chromium;
//! writes the tables of `docs/comparison.md`.

use std::ffi::OsString;

use anyhow::Result;
use lexopt::prelude::*;

use crate::process::{command, run as run_command, say};
use crate::{build, demo, setup};

/// Handed on as they are.
#[derive(Default)]
pub(crate) struct Options {
    words: Vec<OsString>,
}

impl Options {
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("small") => options.words.push("--small".into()),
                Long(name @ ("only" | "seeds")) => {
                    options.words.push(format!("--{name}").into());
                    options.words.push(arguments.value()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    /// Three schedules, to see that the command works.
    pub(crate) fn small() -> Self {
        Self { words: vec!["--small".into()] }
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::browser()?;
    build::package()?;
    // the server does not start without its page
    demo::page()?;
    build::servers()?;
    say("the same schedules for both (about ten minutes for all of them)");
    let words = ["run", "--silent", "compare", "--workspace", "tests/comparison", "--"];
    run_command(command("npm", &words).args(&options.words))
}
