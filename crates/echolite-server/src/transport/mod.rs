//! Where bytes come and go. Translates between sockets and sessions, and decides nothing.

mod connection;
mod frame;
mod outbox;
mod socket;
mod upgrade;

pub(crate) use connection::{refuse, serve};
pub(crate) use frame::Frame;
pub(crate) use outbox::Outbox;
pub(crate) use upgrade::Upgrade;
