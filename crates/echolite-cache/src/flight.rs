//! A read under way, and what became of it.

use crate::freshness::Stamp;
use crate::{Mono, Name, ReadOutcome, ReadTarget, RequestId, Wall};

/// A read under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) request: RequestId,
    pub(crate) target: ReadTarget,
    pub(crate) url: Name,
    pub(crate) began: Stamp,
    pub(crate) at: Mono,
    pub(crate) as_of: Wall,
    /// It was asked with a validator, which a 304 speaks of.
    pub(crate) conditional: bool,
    /// So much earlier than `at` it counts as begun (milliseconds): a cache on the way kept what was answered.
    pub(crate) older: u64,
}

impl Flight {
    /// The moment at which it counts as begun.
    pub(crate) fn begins(&self) -> Mono {
        Mono(self.at.0.saturating_sub(self.older))
    }
}

/// A read that ended, as it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Landed {
    pub(crate) outcome: ReadOutcome,
    /// The number of rows that differ from before.
    pub(crate) changed: usize,
}

impl Landed {
    /// A read that changed no row.
    pub(crate) const fn unchanged(outcome: ReadOutcome) -> Self {
        Self { outcome, changed: 0 }
    }
}
