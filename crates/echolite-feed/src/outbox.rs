//! The outbox, as a publisher sees it.

use std::future::Future;

use crate::error::Result;
use crate::event::Outgoing;
use crate::feed::Retention;

/// An event that waits.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place in the order.
    pub id: i64,
    /// What is to be published.
    pub event: Outgoing,
}

/// Where events wait for their publisher. Implemented by the feeds; sealed by its types.
#[doc(hidden)]
pub trait Outbox: Clone + Send + Sync + 'static {
    /// The right to publish.
    type Turn: Turn;

    /// The right to publish, unless another publisher, of any process, has it: two of them would swap
    /// events. It ends with the process, or when the turn is dropped.
    fn turn(&self) -> impl Future<Output = Result<Option<Self::Turn>>> + Send;

    /// Lets go what is older than it must be.
    fn tidy(&self, retention: &Retention) -> impl Future<Output = Result<()>> + Send;

    /// Waits until something was committed in this process.
    fn committed(&self) -> impl Future<Output = ()> + Send;
}

/// The right to publish.
#[doc(hidden)]
pub trait Turn: Send {
    /// The events that wait longest, in the order of their heads; `None` when another publisher has the turn now.
    fn waiting(&mut self) -> impl Future<Output = Result<Option<Vec<Entry>>>> + Send;

    /// The place of the event that came last, of those that wait.
    fn last(&mut self) -> impl Future<Output = Result<i64>> + Send;

    /// An event was accepted.
    fn published(&mut self, id: i64) -> impl Future<Output = Result<()>> + Send;

    /// An event will never be accepted. It stays in the table, with the reason.
    fn refused(&mut self, id: i64, reason: &str) -> impl Future<Output = Result<()>> + Send;

    /// Gives the right back.
    fn end(self) -> impl Future<Output = Result<()>> + Send;
}

/// So many events are taken from the table at once, where the turn stays.
#[cfg(feature = "sqlite")]
pub(crate) const BATCH: i64 = 64;

/// The channels of an event, as the table has them.
pub(crate) fn channels(stored: &str) -> Result<Vec<String>> {
    serde_json::from_str(stored)
        .map_err(|source| crate::FeedError::Stored { what: "channels of an event", source })
}

/// A row's id, as the change log has it.
pub(crate) fn row_id(stored: &str) -> Result<crate::RowId> {
    serde_json::from_str(stored)
        .map_err(|source| crate::FeedError::Stored { what: "the id of a row", source })
}
