//! What is to be committed to the store, and when.
//!
//! One commit at a time, each with all that changed since the one before, so that rows, validator and
//! heads are always of one moment. After a failed commit the next one writes everything: a store that
//! missed a change must not vouch for the rest.

use super::rows::Rows;
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

/// The pending commit of one resource.
#[derive(Clone, Debug)]
pub(crate) struct Saving {
    scope: Scope,
    flight: Option<RequestId>,
    not_before: Mono,
}

impl Saving {
    /// What is stored is unknown yet: the first commit writes everything.
    pub(crate) fn new() -> Self {
        Self { scope: Scope::Everything, flight: None, not_before: Mono(0) }
    }

    /// The rows are those that are stored: only changes are written.
    pub(crate) fn restored(&mut self) {
        self.scope = Scope::Changes { ids: Vec::new(), meta: false };
    }

    /// What is stored must go.
    pub(crate) fn rewrite(&mut self) {
        self.scope = Scope::Everything;
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
