//! Rows that an application asks for one by one, and lists that it has read again: also while nobody looks at the list.
//!
//! A row that is given is one that the back end had at a moment between what was owed when it was asked for and now;
//! and whoever asks is answered.

use echolite_cache::RequestId;

/// Nobody waits longer for a row (milliseconds): a read has 30 s, and the one before it, too.
pub const LONGEST: u64 = 120_000;
/// The first number of requests: those of live queries are lower.
pub const FIRST: RequestId = 100;

/// What a page's application has asked for.
#[derive(Debug, Default)]
pub struct Asks {
    pub asked: RequestId,
    pub waiting: Vec<Ask>,
    /// A refresh was asked for while nobody looks, and no read of the list began since.
    pub refresh: bool,
    /// Nobody looks at the list; whether an event came since.
    pub is_unseen: bool,
    pub is_told: bool,
}

/// A row that was asked for.
#[derive(Debug)]
pub struct Ask {
    pub request: RequestId,
    pub id: u64,
    /// The change that it must show at least, plus one.
    pub owed: usize,
    pub at: u64,
}

impl Asks {
    /// Whether everything was answered.
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty() && !self.refresh
    }
}
