//! The command line.

mod init;
mod start;
mod trigger;

use clap::{Parser, Subcommand};
use echolite_server::{BroadcastError, ConfigError};
use std::io;

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

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Broadcast(#[from] BroadcastError),
    #[error(
        "{address} is in use: stop what listens there, or choose another port with --port or REVERB_SERVER_PORT"
    )]
    PortInUse { address: String },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: String, source: io::Error },
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

pub(crate) fn run(arguments: Arguments) -> Result<(), CliError> {
    match arguments.command {
        Command::Start(start) => start.run(),
        Command::Trigger(trigger) => trigger.run(),
        Command::Init(init) => init.run(),
    }
}
