//! The feed itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// More changed rows than this are not worth a `since`: the whole list is answered.
const SINCE_LIMIT: usize = 10_000;

/// Counts the changes of resources, and keeps what is to be published of them.
///
/// A clone is another handle to the same. Made by `ResourceFeed::sqlite(path)` and
/// `ResourceFeed::postgres(pool)`, whose methods have the same names.
#[derive(Clone, Debug)]
pub struct ResourceFeed<D> {
    pub(crate) database: D,
    pub(crate) since_limit: usize,
    /// Told of each commit, so that a publisher in this process need not wait for its next look.
    pub(crate) committed: Arc<Notify>,
}

/// For how long what is no longer needed stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Changes, for `?since=`. Who was away longer reads the whole list.
    pub changes: Duration,
    /// Answers under an idempotency key.
    pub keys: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { changes: 7 * DAY, keys: DAY }
    }
}

impl<D> ResourceFeed<D> {
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn over(database: D) -> Self {
        Self { database, since_limit: SINCE_LIMIT, committed: Arc::default() }
    }

    /// So many changed rows are answered to `?since=` at most; beyond that the whole list. Default: 10 000.
    #[must_use]
    pub fn since_limit(mut self, rows: usize) -> Self {
        self.since_limit = rows;
        self
    }
}

/// Milliseconds, as the tables count.
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
