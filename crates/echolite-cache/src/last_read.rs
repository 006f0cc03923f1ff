//! The read that the rows rest on.

use crate::freshness::Stamp;
use crate::{Name, Wall};

/// The last read of the list that was taken.
#[derive(Clone, Debug)]
pub(crate) struct LastRead {
    /// The list's validator, as long as nothing but its own read changed the rows (rule 7).
    pub(crate) validator: Option<Name>,
    /// When it began, by the wall clock; none: nothing was ever read.
    pub(crate) as_of: Option<Wall>,
    /// When the read began on which the rows rest, among the moments of the resource; [`Stamp::START`] for rows from
    /// the store.
    pub(crate) rests_on: Stamp,
    /// The moment at which its answer was taken.
    pub(crate) taken: Stamp,
}

impl LastRead {
    /// Nothing was read yet.
    pub(crate) const fn none() -> Self {
        Self { validator: None, as_of: None, rests_on: Stamp::START, taken: Stamp::START }
    }

    /// Whether nothing was ever read, here or by whoever stored the rows.
    pub(crate) const fn is_none(&self) -> bool {
        self.as_of.is_none()
    }

    /// The rows rest on a read that began then from now on. `now`: its answer is taken.
    pub(crate) const fn rest_on(&mut self, began: Stamp, as_of: Wall, now: Stamp) {
        self.as_of = Some(as_of);
        self.rests_on = began;
        self.taken = now;
    }

    /// Something else than a read changed the rows: a 304 would speak of others.
    pub(crate) fn drop_validator(&mut self) {
        self.validator = None;
    }
}
