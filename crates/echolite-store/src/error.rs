//! Why a store did not do what was asked, and how to go on.

use echolite_cache::{Name, Term};

/// A store's failure. The engine's truth is the back end's: with any of these it goes on in memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another owner has taken the scope over. Stop writing; rows still arrive by the network.
    #[error("the store belongs to another tab now (term {}, ours was {})", current.0, ours.0)]
    Superseded {
        /// The term of the batch refused.
        ours: Term,
        /// The term stored.
        current: Term,
    },
    /// Another connection cleared the scope since this one first looked: whoever was signed in has left. Forget
    /// everything, and stop.
    #[error("the cache was cleared in another tab")]
    Cleared,
    /// A newer build of the application keeps its rows here. Never write again; go on in memory.
    #[error(
        "the store belongs to a newer build of the application; this one goes on in memory until the page is reloaded"
    )]
    Newer,
    /// There is no room. Nothing was written; commit less, or go on in memory.
    #[error("the browser's storage quota is exhausted; the cache goes on in memory")]
    Quota,
    /// What was stored of a resource could not be read. Read it from the back end, and commit it
    /// with `reset`.
    #[error("what was stored of \"{resource}\" cannot be read ({message}); it is read again")]
    Corrupt {
        /// Which resource.
        resource: Name,
        /// What was found.
        message: String,
    },
    /// Another tab holds a connection that keeps the store from being opened or replaced.
    #[error("another tab keeps the store from being opened; close or reload the other tabs")]
    Blocked,
    /// There is no store here (private browsing, a sandboxed frame, storage switched off).
    #[error("no durable storage ({message}); the cache goes on in memory")]
    Unavailable {
        /// What the platform said.
        message: String,
    },
    /// A row cannot be stored as it is (a function, a DOM node). Nothing was written.
    #[error("a row of \"{resource}\" cannot be stored ({message}); rows must be plain data")]
    Refused {
        /// Which resource.
        resource: Name,
        /// What the platform said.
        message: String,
    },
    /// Anything else the platform said. Nothing was written.
    #[error("the store failed ({message}); the cache goes on in memory")]
    Failed {
        /// What the platform said.
        message: String,
    },
}
