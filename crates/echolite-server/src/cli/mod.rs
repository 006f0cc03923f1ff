//! The command line.

mod error;
mod init;
mod start;
mod trigger;

use clap::{Parser, Subcommand};
use error::CliError;

/// A broadcasting server: Pusher protocol 7, a drop-in for Laravel Reverb.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the server. It is configured by REVERB_* variables, .env and echolite.toml.
    Start(start::Start),
    /// Publishes an event over the HTTP API of a running server.
    Trigger(Box<trigger::Trigger>),
    /// Makes an application's credentials and prints the lines for .env.
    Init(init::Init),
}

pub(crate) fn run(arguments: Arguments) -> Result<(), CliError> {
    match arguments.command {
        Command::Start(start) => start.run(),
        Command::Trigger(trigger) => trigger.run(),
        Command::Init(init) => init.run(),
    }
}
