//! Frames, the queue in which each connection's frames wait to be sent, and who gets them.

mod frame;
mod outbox;
mod recipient;
#[cfg(test)]
mod recorder;

pub(crate) use frame::Frame;
pub(crate) use outbox::{Outbox, Phase};
pub(crate) use recipient::Recipient;
#[cfg(test)]
pub(crate) use recorder::{Log, Recorder};
