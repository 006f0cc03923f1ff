//! What can go wrong.

use std::path::PathBuf;

/// Why the feed could not do it. A change that was not committed leaves no trace.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum FeedError {
    /// SQLite refused.
    #[cfg(feature = "sqlite")]
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused, or cannot be reached.
    #[cfg(feature = "postgres")]
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] sqlx::Error),
    /// The change did not say at its beginning that it is about this resource.
    #[error("the change has not begun for {0:?}; name it in begin(…), where its counter is locked")]
    NotBegun(String),
    /// The event's payload cannot be written as JSON.
    #[error("the payload of {event:?} cannot be written as JSON: {source}")]
    Payload {
        /// The event's name.
        event: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The event's payload has no place for a head.
    #[error(
        "the payload of {0:?} must be a JSON object without `head` and `heads`, which the feed adds"
    )]
    NoPlaceForHead(String),
    /// The event names no channel.
    #[error("the event {0:?} names no channel; say .private(…), .public(…) or .channel(…)")]
    NoChannel(String),
    /// The key was used before, for another request.
    #[error("the idempotency key was used for another request; each request needs its own")]
    KeyReused,
    /// The change asked whether its key was used, and kept no response for it.
    #[error(
        "the change has an idempotency key and no response to keep; say .keep(…) before .commit()"
    )]
    NothingKept,
    /// What is stored is not what the feed wrote.
    #[error("the feed's tables have {what} that cannot be read: {source}")]
    Stored {
        /// What it is.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The answer cannot be written.
    #[error("the answer cannot be written as JSON: {0}")]
    Answer(#[from] serde_json::Error),
    /// The answer's headers are not valid.
    #[error("the answer: {0}")]
    Http(#[from] http::Error),
    /// The file that keeps a second publisher away cannot be locked.
    #[error("{} cannot be locked: {source}; may this process write there?", path.display())]
    Lock {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The runtime is ending.
    #[error("the runtime is ending: {0}")]
    Ending(#[from] tokio::task::JoinError),
}

pub(crate) type Result<T, E = FeedError> = std::result::Result<T, E>;
