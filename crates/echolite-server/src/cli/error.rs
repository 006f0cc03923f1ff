//! The errors of commands.

use echolite_server::{BroadcastError, ConfigError};
use std::io;

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
