//! Changes that the store does not have yet, and when they are to be committed.
//!
//! One commit at a time, each with all that changed since the one before, so that rows, validator and
//! heads are always of one moment. After a failed commit the next one writes everything: with a change
//! missing, the rest of what is stored would be believed wrongly.

use crate::rows::Rows;
use crate::{Batch, Meta, Mono, Name, Payload, RequestId, StoredRow, Term, Wall};

/// After a failed commit, the next is tried after this (milliseconds).
const RETRY: u64 = 30_000;

/// More changes than this between two commits, and everything is written.
const CHANGES: usize = 20_000;

#[derive(Clone, Debug)]
enum Scope {
    /// Everything is to be written.
    Everything,
    /// These ids changed; and the meta data if `meta`.
    Changes { ids: Vec<Name>, meta: bool },
}

/// The unsaved changes of one resource.
#[derive(Clone, Debug)]
pub(crate) struct Unsaved {
    /// Until when the store's answer to the first question is awaited, if it is.
    loading: Option<Mono>,
    scope: Scope,
    flight: Option<RequestId>,
    not_before: Mono,
    /// The rows are those that were stored, and nobody has looked at them yet.
    unseen: bool,
}

impl Unsaved {
    /// What is stored is unknown yet: the first commit writes everything.
    pub(crate) fn new(loading: Option<Mono>) -> Self {
        let (flight, not_before) = (None, Mono(0));
        Self { loading, scope: Scope::Everything, flight, not_before, unseen: false }
    }

    /// Whether the store has not said yet what it keeps.
    pub(crate) const fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// Until when the store is waited for.
    pub(crate) const fn load_deadline(&self) -> Option<Mono> {
        self.loading
    }

    /// The store said what it keeps, or is waited for no longer.
    pub(crate) const fn loaded(&mut self) {
        self.loading = None;
    }

    /// The rows are those that are stored: only changes are written.
    pub(crate) fn restored(&mut self) {
        self.scope = Scope::Changes { ids: Vec::new(), meta: false };
        self.unseen = true;
    }

    /// The stored rows are fresh as they are. The store is told once: of a name's declarations it keeps those that are
    /// looked at, and knows them by when they were written.
    pub(crate) fn confirm(&mut self) {
        if std::mem::take(&mut self.unseen) {
            self.touch_meta();
        }
    }

    /// Stored rows must go now: a failure before this engine owned the store says nothing of it.
    pub(crate) fn rewrite(&mut self) {
        self.scope = Scope::Everything;
        self.not_before = Mono(0);
    }

    pub(crate) fn touch(&mut self, id: &Name) {
        match &mut self.scope {
            Scope::Everything => {}
            // who owns no store never writes, and must not collect for ever
            Scope::Changes { ids, .. } if ids.len() == CHANGES => self.scope = Scope::Everything,
            Scope::Changes { ids, meta } => {
                ids.push(id.clone());
                *meta = true;
            }
        }
    }

    pub(crate) fn touch_meta(&mut self) {
        if let Scope::Changes { meta, .. } = &mut self.scope {
            *meta = true;
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        (self.is_due() && self.not_before > Mono(0)).then_some(self.not_before)
    }

    fn is_due(&self) -> bool {
        self.flight.is_none()
            && match &self.scope {
                Scope::Everything => true,
                Scope::Changes { meta, .. } => *meta,
            }
    }

    /// The batch to commit now, if there is anything to.
    pub(crate) fn begin<P: Payload>(
        &mut self,
        rows: &mut Rows<P>,
        header: (&Name, Term, Meta),
        now: (Mono, Wall),
        request: impl FnOnce() -> RequestId,
    ) -> Option<(RequestId, Batch<P>)> {
        if !self.is_due() || self.not_before > now.0 {
            return None;
        }
        let mut remove = rows.expire(now.1);
        let next = Scope::Changes { ids: Vec::new(), meta: false };
        let (put, reset) = match std::mem::replace(&mut self.scope, next) {
            Scope::Everything => {
                let ids = rows.iter().map(|(_, row)| &row.id);
                let ids = ids.chain(rows.tombstones().map(|(id, _)| id));
                (ids.filter_map(|id| stored(rows, id)).collect(), true)
            }
            Scope::Changes { mut ids, .. } => {
                ids.sort_unstable();
                ids.dedup();
                remove.extend(ids.iter().filter(|id| rows.slot(id).is_none()).cloned());
                (ids.iter().filter_map(|id| stored(rows, id)).collect(), false)
            }
        };
        let request = request();
        self.flight = Some(request);
        let (resource, term, meta) = (header.0.clone(), header.1, header.2);
        Some((request, Batch { resource, term, reset, meta, put, remove }))
    }

    /// The commit ended. Whether it was ours.
    pub(crate) fn end(&mut self, request: RequestId, ok: bool, now: Mono) -> bool {
        if self.flight != Some(request) {
            return false;
        }
        self.flight = None;
        if ok {
            self.not_before = Mono(0);
        } else {
            self.scope = Scope::Everything;
            self.not_before = now + RETRY;
        }
        true
    }
}

fn stored<P: Payload>(rows: &Rows<P>, id: &Name) -> Option<StoredRow<P>> {
    if let Some(row) = rows.get(id) {
        let (version, payload) = (row.version.clone(), Some(row.payload.clone()));
        return Some(StoredRow { id: id.clone(), version, payload, deleted_at: Wall(0) });
    }
    let tombstone = rows.tombstone(id)?;
    let (version, deleted_at) = (tombstone.version.clone(), tombstone.at);
    Some(StoredRow { id: id.clone(), version, payload: None, deleted_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResourceConfig;
    use crate::freshness::Stamp;
    use crate::rows::{Row, Tombstone};
    use echolite_core::json::Json;
    use serde_json::json;

    fn rows(ids: &[u64]) -> Rows<Json> {
        let mut rows = Rows::new();
        let config = ResourceConfig::new("products", "/products");
        for id in ids {
            rows.put(Row::new(json!({ "id": id }).into(), &config, Stamp::START).unwrap());
        }
        rows
    }

    fn begin(unsaved: &mut Unsaved, rows: &mut Rows<Json>, now: u64) -> Option<Batch<Json>> {
        let header = (&"products".into(), Term(1), Meta::default());
        let begun = unsaved.begin(rows, header, (Mono(now), Wall(now)), || 7);
        begun.map(|(_, batch)| batch)
    }

    fn ids(batch: &Batch<Json>) -> Vec<&str> {
        batch.put.iter().map(|row| &*row.id).collect()
    }

    #[test]
    fn the_first_commit_writes_everything_and_the_next_what_changed_since() {
        let (mut unsaved, mut rows) = (Unsaved::new(None), rows(&[1, 2]));
        let first = begin(&mut unsaved, &mut rows, 1).unwrap();
        assert_eq!((first.reset, ids(&first)), (true, vec!["1", "2"]));
        unsaved.touch(&"2".into());
        assert!(begin(&mut unsaved, &mut rows, 2).is_none(), "one at a time");
        assert!(unsaved.end(7, true, Mono(3)));
        let next = begin(&mut unsaved, &mut rows, 3).unwrap();
        assert_eq!((next.reset, ids(&next)), (false, vec!["2"]));
    }

    #[test]
    fn after_a_failure_everything_is_written_later() {
        let (mut unsaved, mut rows) = (Unsaved::new(None), rows(&[1]));
        begin(&mut unsaved, &mut rows, 0).unwrap();
        assert!(!unsaved.end(8, false, Mono(0)), "the commit of another resource");
        assert!(unsaved.end(7, false, Mono(0)));
        assert_eq!(unsaved.deadline(), Some(Mono(RETRY)));
        assert!(begin(&mut unsaved, &mut rows, RETRY - 1).is_none());
        assert!(begin(&mut unsaved, &mut rows, RETRY).unwrap().reset);
    }

    #[test]
    fn rows_that_are_gone_are_removed_and_deletions_kept_as_tombstones() {
        let (mut unsaved, mut rows) = (Unsaved::new(None), rows(&[1, 2]));
        unsaved.restored();
        assert!(begin(&mut unsaved, &mut rows, 1).is_none(), "nothing changed");
        for id in ["1", "2"] {
            rows.take(id);
            unsaved.touch(&id.into());
        }
        rows.bury("1".into(), Tombstone::new(None, Wall(1), Stamp::START));
        let batch = begin(&mut unsaved, &mut rows, 1).unwrap();
        assert_eq!((ids(&batch), &*batch.remove), (vec!["1"], &["2".into()][..]));
        assert!(batch.put[0].payload.is_none());
    }

    #[test]
    fn more_changes_than_are_kept_in_mind_are_everything() {
        for (changes, everything) in [(CHANGES, false), (CHANGES + 1, true)] {
            let (mut unsaved, mut rows) = (Unsaved::new(None), rows(&[1]));
            unsaved.restored();
            (0..changes).for_each(|_| unsaved.touch(&"1".into()));
            assert_eq!(
                begin(&mut unsaved, &mut rows, 1).map(|batch| batch.reset),
                Some(everything)
            );
        }
    }

    #[test]
    fn what_may_be_written_at_once_waits_for_no_timer() {
        let mut unsaved = Unsaved::new(None);
        unsaved.restored();
        unsaved.touch_meta();
        assert_eq!(unsaved.deadline(), None);
    }
}
