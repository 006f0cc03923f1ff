//! Where bytes come and go. Translates between sockets and sessions, and decides nothing.

mod connection;
mod parts;
mod socket;
mod upgrade;

pub(crate) use connection::{refuse, serve};
pub(crate) use upgrade::Upgrade;
