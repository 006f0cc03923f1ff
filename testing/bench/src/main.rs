//! Figures of the server, each beside its floor in the same run.
//!
//! `fanout` publishes to many subscribers: to Echolite, then to the floor, a program that writes the same number
//! of bytes to the same number of sockets and does nothing else. `recovery` has what was missed replayed, beside the
//! same floor. The measured program has core 0, this one core 1.

mod fanout;
mod floor;
mod frames;
mod load;
mod publisher;
mod recovery;
mod report;
mod target;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

const HELP: &str = "\
echolite-bench fanout [--subscribers 100,1000] [--seconds 5] [--payload 1024]
echolite-bench recovery [--channels 50] [--events 1000] [--missed 600] [--seconds 5] [--payload 1024]
";

fn main() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    match arguments.next()? {
        Some(Value(command)) if command == "fanout" => fanout::run(&settings(&mut arguments)?),
        Some(Value(command)) if command == "recovery" => {
            recovery::run(&recovery_settings(&mut arguments)?)
        }
        Some(Value(command)) if command == "floor" => floor::run(&floor_settings(&mut arguments)?),
        _ => bail!("{HELP}"),
    }
}

fn settings(arguments: &mut lexopt::Parser) -> Result<fanout::Settings> {
    let mut settings = fanout::Settings {
        subscribers: vec![100, 1000],
        time: Duration::from_secs(5),
        payload: 1024,
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("subscribers") => {
                let list = arguments.value()?.string()?;
                settings.subscribers = list
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()
                    .context("--subscribers")?;
            }
            Long("seconds") => settings.time = Duration::from_secs(arguments.value()?.parse()?),
            Long("payload") => settings.payload = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(settings)
}

fn recovery_settings(arguments: &mut lexopt::Parser) -> Result<recovery::Settings> {
    let mut settings = recovery::Settings {
        channels: 50,
        events: 1000,
        payload: 1024,
        missed: 600,
        time: Duration::from_secs(5),
    };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("channels") => settings.channels = arguments.value()?.parse()?,
            Long("events") => settings.events = arguments.value()?.parse()?,
            Long("missed") => settings.missed = arguments.value()?.parse()?,
            Long("seconds") => settings.time = Duration::from_secs(arguments.value()?.parse()?),
            Long("payload") => settings.payload = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(settings)
}

fn floor_settings(arguments: &mut lexopt::Parser) -> Result<floor::Settings> {
    let mut settings = floor::Settings { subscribers: 0, bytes: 0, per_write: 1 };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("subscribers") => settings.subscribers = arguments.value()?.parse()?,
            Long("bytes") => settings.bytes = arguments.value()?.parse()?,
            Long("per-write") => settings.per_write = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(settings)
}
