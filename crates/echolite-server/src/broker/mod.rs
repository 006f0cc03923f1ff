//! Decides what is sent, in which order and to whom, when somebody subscribes, publishes, relays, signs
//! in, leaves or is terminated, and when delivery becomes uncertain or certain. Pure: no lock, no
//! clock, no I/O.
//!
//! One broker has a part of an application's channels. Frames are encoded without a lock wherever
//! possible (`PreparedEvent`, `PreparedSubscription`). The broker then acts under the lock of its
//! shard, and returns an [`Outcome`]: what webhooks and the clock must be told.
//!
//! Numbers, members and history are the cluster's: the broker asks, and goes on with the answer
//! (`answers.rs`), in the same call where one node is alone.

mod answers;
mod certainty;
mod outcome;
mod pending;
mod perform;
mod prepared_subscription;
mod publish;
mod read;
mod sign_in;
mod state;
mod subscribe;
mod termination;

pub(crate) use certainty::{mark_certain, mark_uncertain};
pub(crate) use outcome::{Outcome, Refused};
pub(crate) use perform::{Host, leave, perform};
pub(crate) use sign_in::end_absences;
pub(crate) use state::Broker;
#[cfg(test)]
pub(crate) use subscribe::Ending;
pub(crate) use termination::terminate;

#[cfg(test)]
mod tests;
