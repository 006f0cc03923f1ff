//! One node alone: it decides for itself, within the call. Pure: no lock, no clock, no I/O.

mod answers;
mod channel;
mod histories;
mod history;
mod members;
mod recovery;
mod state;

pub(crate) use histories::Keeping;
pub(crate) use state::LocalCluster;

#[cfg(test)]
mod tests;
