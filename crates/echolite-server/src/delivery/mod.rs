//! Frames, and the queue in which each connection's frames wait to be sent.

mod frame;
mod outbox;

pub(crate) use frame::Frame;
pub(crate) use outbox::{Outbox, Phase};
