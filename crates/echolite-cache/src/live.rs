//! Live queries: the rows that match, in order, and what changed since they were last reported.

use std::cmp::Ordering;

use crate::filter::Filter;
use crate::key_order::Column;
use crate::rows::{Row, Rows, Slot};
use crate::{LiveId, LiveUpdate, Payload, RowChange, RowChangeKind, Scalar, Splice, Status};

/// More changes than this at once are reported as a whole new list.
const SPLICES: usize = 64;

/// The changes to be reported.
#[derive(Clone, Debug)]
enum Pending<P> {
    /// These changes.
    Splices(Vec<Splice<P>>),
    /// Everything.
    Everything,
}

/// One live query.
#[derive(Clone, Debug)]
struct Live<P> {
    id: LiveId,
    filter: Filter,
    /// All that match, in order.
    order: Vec<Slot>,
    /// The number of rows shown when last reported.
    shown: usize,
    pending: Pending<P>,
    changes: Vec<RowChange>,
    /// The status and total reported last; `None` before the first report.
    reported: Option<(Status, usize)>,
}

/// The live queries of one resource.
#[derive(Clone, Debug)]
pub(crate) struct LiveQueries<P> {
    open: Vec<Live<P>>,
}

impl<P: Payload> LiveQueries<P> {
    pub(crate) const fn new() -> Self {
        Self { open: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Opens a live query, or changes an open one.
    pub(crate) fn open(&mut self, id: LiveId, filter: Filter, rows: &Rows<P>) {
        match self.open.iter_mut().find(|live| live.id == id) {
            Some(live) => live.refilter(filter, rows),
            None => self.open.push(Live::new(id, filter, rows)),
        }
    }

    pub(crate) fn close(&mut self, id: LiveId) {
        self.open.retain(|live| live.id != id);
    }

    /// The columns whose values the queries put in order.
    pub(crate) fn ordered(&self) -> impl Iterator<Item = Column> {
        self.open.iter().flat_map(|live| live.filter.ordered())
    }

    /// A column, and an operand of a query with which none of its values can be compared.
    pub(crate) fn unlike(&self, rows: &Rows<P>) -> Option<(Column, &Scalar)> {
        self.open.iter().find_map(|live| live.filter.unlike(|column| rows.classes(column)))
    }

    /// A row changed: `old` is what was in its slot, the new one is in `rows` (or none).
    pub(crate) fn update(&mut self, rows: &Rows<P>, slot: Slot, old: Option<&Row<P>>) {
        self.open.iter_mut().for_each(|live| live.update(rows, slot, old));
    }

    /// Computes everything anew, after many rows changed.
    pub(crate) fn rebuild(&mut self, rows: &Rows<P>) {
        self.open.iter_mut().for_each(|live| live.rebuild(rows));
    }

    /// Notes rows that differ, for highlighting, after [`Self::rebuild`].
    pub(crate) fn note(&mut self, changes: &[RowChange]) {
        self.open.iter_mut().for_each(|live| live.changes.extend_from_slice(changes));
    }

    /// Nothing is news in a first list.
    pub(crate) fn forget_changes(&mut self) {
        self.open.iter_mut().for_each(|live| live.changes.clear());
    }

    /// Reports what changed, in rows or status, to each query of which something did.
    pub(crate) fn report(
        &mut self,
        rows: &Rows<P>,
        status: &Status,
    ) -> impl Iterator<Item = LiveUpdate<P>> {
        self.open.iter_mut().filter_map(|live| live.report(rows, status))
    }
}

impl<P: Payload> Live<P> {
    fn new(id: LiveId, filter: Filter, rows: &Rows<P>) -> Self {
        let mut live = Self {
            id,
            filter,
            order: Vec::new(),
            shown: 0,
            pending: Pending::Everything,
            changes: Vec::new(),
            reported: None,
        };
        live.rebuild(rows);
        live
    }

    /// Another query under the same id: rows are reported anew.
    fn refilter(&mut self, filter: Filter, rows: &Rows<P>) {
        self.filter = filter;
        self.changes.clear();
        self.rebuild(rows);
        self.reported = None;
    }

    /// Computes everything anew, after many rows changed.
    fn rebuild(&mut self, rows: &Rows<P>) {
        let matching = rows.iter().filter(|(_, row)| self.filter.matches(row));
        let mut order: Vec<(Slot, &Row<P>)> = matching.collect();
        // ids differ, so no two rows are equal
        order.sort_unstable_by(|(_, a), (_, b)| self.filter.compare(a, b));
        self.order = order.into_iter().map(|(slot, _)| slot).collect();
        self.pending = Pending::Everything;
    }

    /// A row changed: `old` is what was in its slot, the new one is in `rows` (or none).
    fn update(&mut self, rows: &Rows<P>, slot: Slot, old: Option<&Row<P>>) {
        let new = rows.at(slot);
        let before = old
            .filter(|old| self.filter.matches(old))
            .and_then(|old| self.search(rows, slot, old, Some(old)).ok());
        let matches_now = new.is_some_and(|new| self.filter.matches(new));
        match (before, new.filter(|_| matches_now)) {
            (None, None) => {}
            (Some(at), None) => {
                self.remove(rows, at);
                self.change_at(at, old.or(new), RowChangeKind::Delete);
            }
            (None, Some(row)) => {
                let at = self.insertion(rows, slot, row);
                self.insert(rows, at, slot);
                self.change_at(at, Some(row), RowChangeKind::Insert);
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
                self.change_at(to, Some(row), RowChangeKind::Update);
            }
        }
    }

    /// Reports what changed, if anything did.
    fn report(&mut self, rows: &Rows<P>, status: &Status) -> Option<LiveUpdate<P>> {
        let nothing = matches!(&self.pending, Pending::Splices(splices) if splices.is_empty());
        let total = self.order.len();
        let same = self.reported.as_ref().is_some_and(|(last, of)| last == status && *of == total);
        if nothing && same && self.changes.is_empty() {
            return None;
        }
        let first = self.reported.is_none();
        self.reported = Some((status.clone(), total));
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
        Some(LiveUpdate { live, splices, changes, total, status })
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

    fn change_at(&mut self, at: usize, row: Option<&Row<P>>, kind: RowChangeKind) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::freshness::Stamp;
    use crate::{Order, Query, ResourceConfig, StatusState};
    use echolite_core::json::Json;
    use serde_json::{Value, json};

    /// Rows by price, of which live query 1 shows some, as an application does.
    struct Shown {
        rows: Rows<Json>,
        lives: LiveQueries<Json>,
        shown: Vec<Value>,
        changes: Vec<(String, RowChangeKind)>,
    }

    fn config() -> ResourceConfig {
        ResourceConfig { indexes: vec!["price".into()], ..ResourceConfig::new("rows", "/rows") }
    }

    impl Shown {
        fn new(offset: usize, limit: usize) -> Self {
            let order = vec![Order { path: "price".into(), descending: false }];
            let query = Query { order, offset, limit: Some(limit), ..Query::default() };
            let (rows, mut lives) = (Rows::new(), LiveQueries::new());
            lives.open(1, Filter::new(query, &config()).unwrap(), &rows);
            Self { rows, lives, shown: Vec::new(), changes: Vec::new() }
        }

        fn put(&mut self, id: u64, price: u64) {
            let row = Row::new(json!({ "id": id, "price": price }).into(), &config(), Stamp::START);
            let (slot, old) = self.rows.put(row.unwrap());
            self.lives.update(&self.rows, slot, old.as_ref());
            self.report();
        }

        fn take(&mut self, id: &str) {
            let (slot, old) = self.rows.take(id).unwrap();
            self.lives.update(&self.rows, slot, Some(&old));
            self.report();
        }

        fn report(&mut self) {
            let status = Status { state: StatusState::Fresh, as_of: None };
            for update in self.lives.report(&self.rows, &status) {
                for splice in update.splices {
                    let insert = splice.insert.iter().map(|row| row.0["price"].clone());
                    self.shown.splice(splice.at..splice.at + splice.remove, insert);
                }
                let changes = update.changes.into_iter();
                self.changes = changes.map(|change| (change.id.to_string(), change.kind)).collect();
            }
        }
    }

    #[test]
    fn rows_stand_in_their_order_and_move_within_it() {
        let mut list = Shown::new(0, 10);
        for (id, price) in [(1, 30), (2, 10), (3, 20)] {
            list.put(id, price);
        }
        assert_eq!(list.shown, [10, 20, 30]);
        list.put(1, 15);
        assert_eq!(list.shown, [10, 15, 20]);
        assert_eq!(list.changes, [("1".into(), RowChangeKind::Update)]);
        list.take("2");
        assert_eq!(list.shown, [15, 20]);
        assert_eq!(list.changes, [("2".into(), RowChangeKind::Delete)]);
    }

    #[test]
    fn a_window_is_filled_from_both_sides() {
        let mut list = Shown::new(1, 2);
        for (id, price) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
            list.put(id, price);
        }
        assert_eq!(list.shown, [20, 30]);
        list.put(5, 5);
        assert_eq!(list.shown, [10, 20], "all moved by one");
        list.take("1");
        assert_eq!(list.shown, [20, 30]);
    }

    #[test]
    fn many_changes_at_once_are_a_new_list() {
        let mut list = Shown::new(0, 1_000);
        list.put(0, 0);
        let before = list.shown.len();
        for id in 1..=2 * SPLICES as u64 {
            let row = Row::new(json!({ "id": id, "price": id }).into(), &config(), Stamp::START);
            let (slot, old) = list.rows.put(row.unwrap());
            list.lives.update(&list.rows, slot, old.as_ref());
        }
        list.report();
        assert_eq!(list.shown.len(), before + 2 * SPLICES);
    }

    #[test]
    fn as_many_changes_as_may_be_are_told_one_by_one() {
        for (changes, told) in [(SPLICES, SPLICES), (SPLICES + 1, 1)] {
            let mut list = Shown::new(0, 1_000);
            list.put(0, 0);
            for id in 1..=changes as u64 {
                let row = json!({ "id": id, "price": id }).into();
                let row = Row::new(row, &config(), Stamp::START).unwrap();
                let (slot, old) = list.rows.put(row);
                list.lives.update(&list.rows, slot, old.as_ref());
            }
            let status = Status { state: StatusState::Fresh, as_of: None };
            let updates = list.lives.report(&list.rows, &status);
            let splices: Vec<usize> = updates.map(|update| update.splices.len()).collect();
            assert_eq!(splices, [told], "{changes} changes");
        }
    }
}
