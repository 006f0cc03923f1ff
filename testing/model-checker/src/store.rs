//! The client's store: what was committed last, and before that.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use echolite_cache::{Batch, Meta, Mono, Name, Stored, StoredRow, Term};

use crate::canonical;
use crate::data::Data;

/// What one commit left.
#[derive(Clone, Debug, Default)]
struct Kept {
    meta: Meta,
    rows: BTreeMap<Name, StoredRow<Data>>,
    fingerprint: u64,
}

/// A store. A page that dies may take its last commit with it.
#[derive(Clone, Debug, Default)]
pub struct Store {
    last: Option<Arc<Kept>>,
    before: Option<Arc<Kept>>,
    /// Of the page that owns it.
    term: Term,
}

impl Store {
    /// A page takes it over.
    pub fn next_term(&mut self) -> Term {
        self.term = Term(self.term.0 + 1);
        self.term
    }

    /// Commits a batch.
    ///
    /// # Errors
    /// Another page has taken it over.
    pub fn commit(&mut self, batch: Batch<Data>) -> Result<(), String> {
        if batch.term < self.term {
            return Err("another page owns the store".into());
        }
        self.before = self.last.clone();
        let kept = Arc::make_mut(self.last.get_or_insert_default());
        if batch.reset {
            kept.rows.clear();
        }
        kept.meta = batch.meta;
        kept.rows.extend(batch.put.into_iter().map(|row| (row.id.clone(), row)));
        for id in &batch.remove {
            kept.rows.remove(id);
        }
        kept.fingerprint = canonical::fingerprint(&(&kept.meta, &kept.rows), Mono(0), false);
        Ok(())
    }

    /// Everything in it is forgotten, and whoever writes must take it over anew.
    pub fn clear(&mut self) {
        (self.last, self.before) = (None, None);
        self.next_term();
    }

    /// Whether it has nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// The last commit did not become durable.
    pub fn lose_last(&mut self) {
        self.last = self.before.take();
    }

    /// Whether there is a last commit that may be lost.
    #[must_use]
    pub fn may_lose(&self) -> bool {
        let fingerprint = |kept: &Option<Arc<Kept>>| kept.as_ref().map(|kept| kept.fingerprint);
        fingerprint(&self.last) != fingerprint(&self.before)
    }

    /// What a new page finds.
    #[must_use]
    pub fn load(&self) -> Option<Stored<Data>> {
        let kept = self.last.as_ref()?;
        Some(Stored { meta: kept.meta.clone(), rows: kept.rows.values().cloned().collect() })
    }
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        self.last == other.last && self.before == other.before
    }
}

impl Hash for Store {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.last.hash(state);
        self.before.hash(state);
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}
