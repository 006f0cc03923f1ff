//! Who of this node is subscribed to what, and who therefore gets a frame. Pure: no lock, no clock.

mod channel;
mod counts;
mod registry;
mod subscriber;
mod waiting;

pub(crate) use channel::NumberedEvent;
pub(crate) use registry::{Ended, Hub};
pub(crate) use subscriber::Subscriber;

#[cfg(test)]
mod tests;
