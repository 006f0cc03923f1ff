//! What one server or many decide together: the numbers of events and what is kept of them, and who
//! is a member of which channel. Here many nodes will attach.
//!
//! A broker sends [`Ask`]s and goes on with the [`Answer`]s. [`LocalCluster`] is one node alone: it
//! answers within the call, under the lock of the broker that asks. A cluster of several nodes
//! answers later, through [`Cluster::poll`], and keeps two promises:
//! - decisions about a channel (numbers, joins, leaves, departures) come in the order in which they
//!   were made, which their sequence tells;
//! - a [`Snapshot`] never comes before a decision that it includes. It may come after later ones.

mod event;
#[cfg(any(test, feature = "simulation"))]
mod late;
mod local;
mod questions;
mod replay;
mod usage;

pub(crate) use event::PreparedEvent;
#[cfg(feature = "simulation")]
pub(crate) use late::Delay;
#[cfg(any(test, feature = "simulation"))]
pub(crate) use late::LateCluster;
pub(crate) use local::{Keeping, LocalCluster};
pub(crate) use questions::{Answer, Ask, Cluster, News, Snapshot, Ticket};
pub(crate) use replay::{Beginning, Recover, Replay};
pub(crate) use usage::HistoryUsage;
