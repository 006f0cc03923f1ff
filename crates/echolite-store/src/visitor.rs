//! The right of one connection to its scope, which every store checks in its transactions.

use std::cell::Cell;

use echolite_cache::Term;

use crate::StoreError;

/// One connection: a build of the application, and what it knows of the scope.
#[derive(Debug, Default)]
pub struct Visitor {
    /// The application's build, where it says one.
    build: Option<f64>,
    /// The term of the last clearing when it looked first, or cleared itself.
    cleared: Cell<Option<Term>>,
}

impl Visitor {
    /// A connection of a build that has not looked yet.
    #[must_use]
    pub const fn of_build(build: Option<f64>) -> Self {
        Self { build, cleared: Cell::new(None) }
    }

    /// Sees whether it may still use a scope that was last `cleared` then, and claimed by this `build` as the newest.
    ///
    /// # Errors
    /// [`StoreError::Cleared`], [`StoreError::Newer`].
    pub fn check(&self, cleared: Term, build: Option<f64>) -> Result<(), StoreError> {
        let known = self.cleared.get().unwrap_or(cleared);
        self.cleared.set(Some(known));
        if cleared > known {
            return Err(StoreError::Cleared);
        }
        if build > self.build && self.build.is_some() {
            return Err(StoreError::Newer);
        }
        Ok(())
    }

    /// The newest build that has claimed the scope, if this one claims it that was claimed by `build` before.
    #[must_use]
    pub fn claims(&self, build: Option<f64>) -> Option<f64> {
        self.build.or(build)
    }

    /// It knows of a clearing.
    pub fn note_clearing(&self, cleared: Term) {
        self.cleared.set(Some(cleared));
    }
}
