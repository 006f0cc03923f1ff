//! Live queries: the ids that match, in order, and what changed since the last telling.

use std::cmp::Ordering;

use super::filter::Filter;
use super::rows::{Row, Rows, Slot};
use crate::{LiveId, LiveUpdate, Name, Output, Payload, RowChange, Splice, Status};

/// More changes than this at once are told as a whole new list.
const SPLICES: usize = 64;

/// What is to be told.
#[derive(Clone, Debug)]
enum Pending<P> {
    /// These changes.
    Splices(Vec<Splice<P>>),
    /// Everything.
    Everything,
}

/// One live query.
#[derive(Clone, Debug)]
pub(crate) struct Live<P> {
    id: LiveId,
    filter: Filter,
    /// All that match, in order.
    order: Vec<Slot>,
    /// How many rows were shown when last told.
    shown: usize,
    pending: Pending<P>,
    changes: Vec<RowChange>,
    /// The status and total told last; `None` before the first telling.
    told: Option<(Status, usize)>,
}

impl<P: Payload> Live<P> {
    pub(crate) fn new(id: LiveId, filter: Filter, rows: &Rows<P>) -> Self {
        let mut live = Self {
            id,
            filter,
            order: Vec::new(),
            shown: 0,
            pending: Pending::Everything,
            changes: Vec::new(),
            told: None,
        };
        live.rebuild(rows);
        live
    }

    pub(crate) fn id(&self) -> LiveId {
        self.id
    }

    /// Another query under the same id: rows are told anew.
    pub(crate) fn refilter(&mut self, filter: Filter, rows: &Rows<P>) {
        self.filter = filter;
        self.changes.clear();
        self.rebuild(rows);
        self.told = None;
    }

    /// Computes everything anew, after many rows changed.
    pub(crate) fn rebuild(&mut self, rows: &Rows<P>) {
        let matching = rows.iter().filter(|(_, row)| self.filter.matches(row));
        let mut order: Vec<(Slot, &Row<P>)> = matching.collect();
        // ids differ, so no two rows are equal
        order.sort_unstable_by(|(_, a), (_, b)| self.filter.compare(a, b));
        self.order = order.into_iter().map(|(slot, _)| slot).collect();
        self.pending = Pending::Everything;
    }

    /// A row was shown to be different: for highlighting, after [`Self::rebuild`].
    pub(crate) fn note(&mut self, id: &Name, kind: &'static str) {
        self.changes.push(RowChange { id: id.clone(), kind });
    }

    /// What changed so far is no news.
    pub(crate) fn forget_changes(&mut self) {
        self.changes.clear();
    }

    /// A row changed: `old` is what was in its slot, the new one is in `rows` (or none).
    pub(crate) fn update(&mut self, rows: &Rows<P>, slot: Slot, old: Option<&Row<P>>) {
        let new = rows.at(slot);
        let before = old
            .filter(|old| self.filter.matches(old))
            .and_then(|old| self.search(rows, slot, old, Some(old)).ok());
        let matches_now = new.is_some_and(|new| self.filter.matches(new));
        match (before, new.filter(|_| matches_now)) {
            (None, None) => {}
            (Some(at), None) => {
                self.remove(rows, at);
                self.change_at(at, old.or(new), "delete");
            }
            (None, Some(row)) => {
                let at = self.insertion(rows, slot, row);
                self.insert(rows, at, slot);
                self.change_at(at, Some(row), "insert");
            }
            (Some(from), Some(row)) => {
                self.order.remove(from);
                let to = self.insertion(rows, slot, row);
                self.order.insert(from, slot);
                if from == to {
                    self.replace(rows, from);
                } else {
                    self.remove(rows, from);
                    self.insert(rows, to, slot);
                }
                self.change_at(to, Some(row), "update");
            }
        }
    }

    /// Tells what changed, if anything did.
    pub(crate) fn flush(&mut self, rows: &Rows<P>, status: &Status) -> Option<Output<P>> {
        let nothing = matches!(&self.pending, Pending::Splices(splices) if splices.is_empty());
        let total = self.order.len();
        let same = self.told.as_ref().is_some_and(|(told, of)| told == status && *of == total);
        if nothing && same && self.changes.is_empty() {
            return None;
        }
        let first = self.told.is_none();
        self.told = Some((status.clone(), total));
        let pending = std::mem::replace(&mut self.pending, Pending::Splices(Vec::new()));
        let splices = match pending {
            Pending::Splices(splices) => splices,
            Pending::Everything => {
                let window = self.window();
                let insert = self.order[window].iter().filter_map(|s| rows.at(*s));
                let insert: Vec<P> = insert.map(|row| row.payload.clone()).collect();
                vec![Splice { at: 0, remove: self.shown, insert }]
            }
        };
        self.shown = self.window().len();
        let mut changes = std::mem::take(&mut self.changes);
        if first {
            changes.clear();
        }
        let (live, status) = (self.id, status.clone());
        Some(Output::Live(LiveUpdate { live, splices, changes, total, status }))
    }

    /// Indexes of `order` that are shown.
    fn window(&self) -> std::ops::Range<usize> {
        let start = self.filter.offset.min(self.order.len());
        start..start.saturating_add(self.filter.limit).min(self.order.len())
    }

    /// Finds a row's place, or where it would go; `slot` itself compares as `stand_in`.
    fn search(
        &self,
        rows: &Rows<P>,
        slot: Slot,
        row: &Row<P>,
        stand_in: Option<&Row<P>>,
    ) -> Result<usize, usize> {
        self.order.binary_search_by(|other| {
            let other = if *other == slot { stand_in } else { rows.at(*other) };
            other.map_or(Ordering::Less, |other| self.filter.compare(other, row))
        })
    }

    fn insertion(&self, rows: &Rows<P>, slot: Slot, row: &Row<P>) -> usize {
        self.search(rows, slot, row, None).unwrap_or_else(|at| at)
    }

    fn change_at(&mut self, at: usize, row: Option<&Row<P>>, kind: &'static str) {
        let end = self.filter.offset.saturating_add(self.filter.limit);
        if let Some(row) = row
            && (self.filter.offset..end).contains(&at)
        {
            self.changes.push(RowChange { id: row.id.clone(), kind });
        }
    }

    fn remove(&mut self, rows: &Rows<P>, at: usize) {
        let window = self.window();
        self.order.remove(at);
        if at >= window.end || window.is_empty() {
            return;
        }
        self.splice(at.saturating_sub(window.start), 1, None);
        // what follows the window moves up into its last place
        let last = self.filter.offset.saturating_add(self.filter.limit) - 1;
        if let Some(entering) = self.order.get(last) {
            let payload = rows.at(*entering).map(|row| row.payload.clone());
            self.splice(window.len() - 1, 0, payload);
        }
    }

    fn insert(&mut self, rows: &Rows<P>, at: usize, slot: Slot) {
        let window = self.window();
        self.order.insert(at, slot);
        let end = self.filter.offset.saturating_add(self.filter.limit);
        if at >= end || self.filter.limit == 0 {
            return;
        }
        let full = window.len() == self.filter.limit;
        if full {
            self.splice(window.len() - 1, 1, None);
        }
        let entering = self.order.get(at.max(self.filter.offset));
        if let Some(row) = entering.and_then(|entering| rows.at(*entering)) {
            self.splice(at.saturating_sub(self.filter.offset), 0, Some(row.payload.clone()));
        }
    }

    fn replace(&mut self, rows: &Rows<P>, at: usize) {
        let window = self.window();
        if window.contains(&at)
            && let Some(row) = rows.at(self.order[at])
        {
            self.splice(at - window.start, 1, Some(row.payload.clone()));
        }
    }

    fn splice(&mut self, at: usize, remove: usize, insert: Option<P>) {
        if let Pending::Splices(splices) = &mut self.pending {
            splices.push(Splice { at, remove, insert: insert.into_iter().collect() });
            if splices.len() > SPLICES {
                self.pending = Pending::Everything;
            }
        }
    }
}
