//! A store that lasts as long as the process: for tests, and where nothing else is to be had.

use crate::{Store, StoreError, Visitor};
use echolite_cache::persist::{DECLARATIONS, name_of};
use echolite_cache::{Batch, Meta, Name, Stored, StoredRow, Term};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// Rows in memory. A clone is a second connection to the same scope.
#[derive(Debug)]
pub struct MemoryStore<P> {
    scope: Rc<RefCell<Scope<P>>>,
    visitor: Visitor,
}

impl<P> Clone for MemoryStore<P> {
    fn clone(&self) -> Self {
        self.of_build(None)
    }
}

#[derive(Debug)]
struct Scope<P> {
    term: Term,
    /// The number of commits.
    sequence: u64,
    /// The term that the last clearing raised it to.
    cleared: Term,
    /// The newest build of the application that has claimed it.
    build: Option<f64>,
    resources: BTreeMap<Name, Resource<P>>,
}

#[derive(Debug)]
struct Resource<P> {
    /// The commit that wrote it last.
    sequence: u64,
    meta: Meta,
    rows: BTreeMap<Name, StoredRow<P>>,
}

impl<P> MemoryStore<P> {
    /// An empty scope.
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(Term(0))
    }

    /// An empty scope whose terms begin after this one. Those of a browser begin at the wall clock, so that they rise even
    /// where its storage was lost: whoever writes changes of rows that are gone is refused.
    #[must_use]
    pub fn starting_at(term: Term) -> Self {
        let (cleared, build, resources) = (Term(0), None, BTreeMap::new());
        let scope = Scope { term, sequence: 0, cleared, build, resources };
        Self { scope: Rc::new(RefCell::new(scope)), visitor: Visitor::default() }
    }

    /// A second connection to the same scope, of a build of the application: an older one does not write where a newer
    /// one has.
    #[must_use]
    pub fn of_build(&self, build: Option<f64>) -> Self {
        Self { scope: self.scope.clone(), visitor: Visitor::of_build(build) }
    }

    fn raise_term(&self) -> Term {
        let mut scope = self.scope.borrow_mut();
        scope.term.0 += 1;
        scope.term
    }

    fn check(&self) -> Result<(), StoreError> {
        let scope = self.scope.borrow();
        self.visitor.check(scope.cleared, scope.build)
    }

    /// How many rows and tombstones there are, of all resources.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scope.borrow().resources.values().map(|resource| resource.rows.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<P> Scope<P> {
    /// Another declaration of a name is stored: those that were not written for longest go. Rows that are looked at are
    /// written, if only their meta data.
    fn make_room(&mut self, resource: &str) {
        let beside = self.resources.iter().filter(|(other, _)| name_of(other) == name_of(resource));
        let mut beside: Vec<_> =
            beside.map(|(other, kept)| (kept.sequence, other.clone())).collect();
        beside.sort_unstable();
        for (_, oldest) in beside.iter().take((beside.len() + 1).saturating_sub(DECLARATIONS)) {
            self.resources.remove(oldest);
        }
    }
}

impl<P> Default for MemoryStore<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Clone> Store<P> for MemoryStore<P> {
    async fn claim(&self) -> Result<Term, StoreError> {
        self.check()?;
        let build = self.visitor.claims(self.scope.borrow().build);
        self.scope.borrow_mut().build = build;
        Ok(self.raise_term())
    }

    async fn load(&self, resource: &str) -> Result<Option<Stored<P>>, StoreError> {
        self.check()?;
        let scope = self.scope.borrow();
        Ok(scope.resources.get(resource).map(|resource| Stored {
            meta: resource.meta.clone(),
            rows: resource.rows.values().cloned().collect(),
        }))
    }

    async fn commit(&self, batch: &Batch<P>) -> Result<(), StoreError> {
        let mut scope = self.scope.borrow_mut();
        if batch.term < scope.cleared {
            return Err(StoreError::Cleared);
        }
        if batch.term < scope.term {
            return Err(StoreError::Superseded { ours: batch.term, current: scope.term });
        }
        scope.term = batch.term;
        self.visitor.note_clearing(scope.cleared);
        scope.sequence += 1;
        let sequence = scope.sequence;
        if !scope.resources.contains_key(&batch.resource) {
            scope.make_room(&batch.resource);
        }
        let resource = scope.resources.entry(batch.resource.clone()).or_insert_with(|| Resource {
            sequence,
            meta: Meta::default(),
            rows: BTreeMap::new(),
        });
        resource.sequence = sequence;
        if batch.reset {
            resource.rows.clear();
        }
        for id in &batch.remove {
            resource.rows.remove(id);
        }
        resource.rows.extend(batch.put.iter().map(|row| (row.id.clone(), row.clone())));
        resource.meta = batch.meta.clone();
        Ok(())
    }

    async fn clear(&self) -> Result<Term, StoreError> {
        let term = self.raise_term();
        let mut scope = self.scope.borrow_mut();
        scope.resources.clear();
        scope.cleared = term;
        self.visitor.note_clearing(term);
        Ok(term)
    }

    async fn look(&self) -> Result<(), StoreError> {
        self.check()
    }

    async fn resources(&self) -> Result<Vec<Name>, StoreError> {
        Ok(self.scope.borrow().resources.keys().cloned().collect())
    }
}
