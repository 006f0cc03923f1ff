//! The base rows of a resource, and the tombstones of those that were deleted.

use std::collections::BTreeMap;

use crate::freshness::Stamp;
use crate::key_order::{Column, class_of};
use crate::rules::{Circumstances, Known};
use crate::{Mono, Name, Payload, ResourceConfig, Scalar, Version, Wall, decimal};

/// News by an event counts as recent for so long (milliseconds): reads that contradict it are suspect.
const RECENT: u64 = 30_000;
/// Tombstones are kept at least this long (milliseconds)…
const TOMBSTONE_AGE: u64 = 24 * 3_600_000;
/// … under this cap.
const TOMBSTONES: usize = 10_000;

/// Where a row lies; stable while the row exists.
pub(crate) type Slot = u32;

/// A row and what was taken out of it once, when it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Row<P> {
    pub(crate) id: Name,
    pub(crate) version: Option<Version>,
    pub(crate) payload: P,
    /// The id's leaf, then the leaves of the declared indexes.
    pub(crate) keys: Box<[Scalar]>,
    pub(crate) touched: Stamp,
    /// The last time that an event of it was ignored, as older.
    pub(crate) ignored: Stamp,
    /// The last time that an event changed it.
    pub(crate) heard: Option<Mono>,
    /// The head of the event that last changed it, where that was in order.
    pub(crate) seq: Option<u64>,
    /// An event painted it that nothing orders.
    pub(crate) unordered: bool,
}

/// A deleted row, or one that is known to be outside of the list.
#[derive(Clone, Debug)]
pub(crate) struct Tombstone {
    pub(crate) version: Option<Version>,
    pub(crate) at: Wall,
    pub(crate) touched: Stamp,
    pub(crate) ignored: Stamp,
    /// The time at which an event deleted it.
    pub(crate) heard: Option<Mono>,
    /// The head of the event that deleted it, where that was in order.
    pub(crate) seq: Option<u64>,
    /// It is not deleted: the application said that it belongs to the list no longer. Its version orders what comes
    /// next, as that of a row does.
    pub(crate) outside: bool,
    /// An event took the row out that nothing orders.
    pub(crate) unordered: bool,
}

impl Tombstone {
    /// Of a row that a read or the store says is gone.
    pub(crate) const fn new(version: Option<Version>, at: Wall, touched: Stamp) -> Self {
        let ignored = Stamp::START;
        let (heard, seq, outside, unordered) = (None, None, false, false);
        Self { version, at, touched, ignored, heard, seq, outside, unordered }
    }
}

/// The reason why a payload is not a row: what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRow(pub(crate) String);

/// Text of an id: ids compare as strings, whether the back end sends numbers or strings.
#[must_use]
pub fn id_text(leaf: &Scalar) -> Option<Name> {
    match leaf {
        Scalar::Text(text) if !text.is_empty() => Some(text.clone()),
        leaf => Some(leaf.integer()?.to_string().into()),
    }
}

/// The words for what may be an id; `npm/src/cache/row-key.ts` says the same of rows that are read.
pub(crate) const AN_ID: &str = "a text, or a whole number below 2^53 (larger ones as texts)";

/// A leaf that is not an id, for people.
pub(crate) fn shown_id(leaf: &Scalar) -> String {
    match leaf {
        Scalar::Null => "null or missing".to_owned(),
        leaf => shown(leaf),
    }
}

/// A leaf, for people.
pub(crate) fn shown(leaf: &Scalar) -> String {
    match leaf {
        Scalar::Null => "none".to_owned(),
        Scalar::Bool(truth) => truth.to_string(),
        Scalar::Number(number) => decimal::text(*number),
        Scalar::Text(text) => format!("'{text}'"),
        Scalar::Other => "an object or a list".to_owned(),
    }
}

impl<P: Payload> Row<P> {
    /// Takes a row out of a payload.
    ///
    /// # Errors
    /// [`NoRow`] when it is no object, or has no id.
    pub(crate) fn new(payload: P, config: &ResourceConfig, touched: Stamp) -> Result<Self, NoRow> {
        if !payload.is_object() {
            return Err(NoRow("a row must be an object".into()));
        }
        let key = payload.leaf(&config.key);
        let id = id_text(&key).ok_or_else(|| {
            let path = &config.key;
            NoRow(format!("'{path}' is {}; expected {AN_ID}: see the option `key`", shown_id(&key)))
        })?;
        let version = config.version.as_ref().and_then(|path| Version::of(payload.leaf(path)));
        let keyed = |path: &Name| {
            let leaf = payload.leaf(path);
            Column::of(config, path).map_or(leaf.clone(), |column| column.key(leaf))
        };
        let keys = std::iter::once(&config.key).chain(&config.indexes).map(keyed).collect();
        let ignored = Stamp::START;
        let (heard, seq, unordered) = (None, None, false);
        Ok(Self { id, version, payload, keys, touched, ignored, heard, seq, unordered })
    }
}

/// Knowledge of an id.
#[derive(Clone, Debug)]
enum Entry<P> {
    Row(Row<P>),
    Tombstone(Name, Tombstone),
}

/// Rows and tombstones, by id.
#[derive(Clone, Debug)]
pub(crate) struct Rows<P> {
    entries: Vec<Option<Entry<P>>>,
    free: Vec<Slot>,
    by_id: BTreeMap<Name, Slot>,
    /// The number of rows among the entries.
    rows: usize,
    classes: Vec<u8>,
    /// The row that left last, where it left none: new ones are compared with it.
    last: Option<P>,
}

impl<P: Payload> Rows<P> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            by_id: BTreeMap::new(),
            rows: 0,
            classes: Vec::new(),
            last: None,
        }
    }

    /// The row that left last, where there is none.
    pub(crate) fn last_seen(&self) -> Option<&P> {
        self.last.as_ref().filter(|_| self.rows == 0)
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Whether not even a deletion is known.
    pub(crate) fn is_blank(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The row in a slot that a caller got from here and that was not removed since.
    pub(crate) fn at(&self, slot: Slot) -> Option<&Row<P>> {
        match self.entries.get(slot as usize)? {
            Some(Entry::Row(row)) => Some(row),
            _ => None,
        }
    }

    /// The slot of an id, if it is known; stays its own while it is.
    pub(crate) fn slot(&self, id: &str) -> Option<Slot> {
        self.by_id.get(id).copied()
    }

    fn entry(&self, id: &str) -> Option<&Entry<P>> {
        self.entries[self.slot(id)? as usize].as_ref()
    }

    /// One more than the greatest slot.
    pub(crate) fn slots(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Row<P>> {
        self.at(self.slot(id)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, &Row<P>)> {
        (0..self.entries.len() as Slot).filter_map(|slot| Some((slot, self.at(slot)?)))
    }

    /// The row with the greatest key of a column, and that key.
    pub(crate) fn last_by(&self, column: Column) -> Option<(&Row<P>, &Scalar)> {
        let keys = self.iter().map(|(_, row)| (row, &row.keys[column.at]));
        keys.max_by(|(_, a), (_, b)| column.compare(a, b))
    }

    /// The classes of values that the rows had at each key so far.
    pub(crate) fn classes(&self, column: Column) -> u8 {
        self.classes.get(column.at).copied().unwrap_or(0)
    }

    pub(crate) fn tombstone(&self, id: &str) -> Option<&Tombstone> {
        match self.entry(id)? {
            Entry::Tombstone(_, tombstone) => Some(tombstone),
            Entry::Row(_) => None,
        }
    }

    pub(crate) fn tombstones(&self) -> impl Iterator<Item = (&Name, &Tombstone)> {
        self.entries.iter().filter_map(|entry| match entry {
            Some(Entry::Tombstone(id, tombstone)) => Some((id, tombstone)),
            _ => None,
        })
    }

    pub(crate) fn known(&self, id: &str) -> Known<'_> {
        match self.entry(id) {
            Some(Entry::Row(row)) => Known::Row(row.version.as_ref()),
            Some(Entry::Tombstone(_, tombstone)) => match tombstone.outside {
                true => Known::Row(tombstone.version.as_ref()),
                false => Known::Tombstone(tombstone.version.as_ref()),
            },
            None => Known::Unknown,
        }
    }

    /// The head of the event that last changed what is known of an id.
    pub(crate) fn seq(&self, id: &str) -> Option<u64> {
        match self.entry(id)? {
            Entry::Row(row) => row.seq,
            Entry::Tombstone(_, tombstone) => tombstone.seq,
        }
    }

    /// The moment at which what is known of an id came to be known.
    pub(crate) fn touched(&self, id: &str) -> Stamp {
        match self.entry(id) {
            Some(Entry::Row(row)) => row.touched,
            Some(Entry::Tombstone(_, tombstone)) => tombstone.touched,
            None => Stamp::START,
        }
    }

    /// Whether an event that nothing orders painted what is known of an id, at `since` or later.
    pub(crate) fn is_painted(&self, id: &str, since: Option<Stamp>) -> bool {
        let (unordered, touched) = match self.entry(id) {
            Some(Entry::Row(row)) => (row.unordered, row.touched),
            Some(Entry::Tombstone(_, tombstone)) => (tombstone.unordered, tombstone.touched),
            None => return false,
        };
        unordered && since.is_some_and(|since| since <= touched)
    }

    /// The heads of events count no longer: their epoch is over, and another counts anew.
    pub(crate) fn forget_seqs(&mut self) {
        for entry in self.entries.iter_mut().flatten() {
            match entry {
                Entry::Row(row) => row.seq = None,
                Entry::Tombstone(_, tombstone) => tombstone.seq = None,
            }
        }
    }

    /// Compares what is known of an id with a read that began at `began`.
    pub(crate) fn circumstances(&self, id: &str, began: Stamp, now: Mono) -> Circumstances {
        let (touched, heard, ignored) = match self.entry(id) {
            Some(Entry::Row(row)) => (row.touched, row.heard, row.ignored),
            Some(Entry::Tombstone(_, dead)) => (dead.touched, dead.heard, dead.ignored),
            None => (Stamp::START, None, Stamp::START),
        };
        Circumstances {
            overlapped: touched > began,
            recent: heard.is_some_and(|at| now - at < RECENT),
            ignored: ignored > began,
        }
    }

    /// An event of this id was older than what is known.
    pub(crate) fn ignore(&mut self, id: &str, at: Stamp) {
        let Some(slot) = self.slot(id) else { return };
        match &mut self.entries[slot as usize] {
            Some(Entry::Row(row)) => row.ignored = at,
            Some(Entry::Tombstone(_, tombstone)) => tombstone.ignored = at,
            None => {}
        }
    }

    /// Inserts or replaces. Returns the slot and the row that was there.
    pub(crate) fn put(&mut self, row: Row<P>) -> (Slot, Option<Row<P>>) {
        let slot = self.slot_for(&row.id);
        self.classes.resize(row.keys.len(), 0);
        for (classes, key) in self.classes.iter_mut().zip(&row.keys) {
            *classes |= class_of(key);
        }
        self.rows += 1;
        (slot, self.replace(slot, Some(Entry::Row(row))))
    }

    /// Removes a row without a trace: the caller buries it where it was deleted.
    pub(crate) fn take(&mut self, id: &str) -> Option<(Slot, Row<P>)> {
        self.get(id)?;
        let slot = self.by_id.remove(id)?;
        self.free.push(slot);
        let row = self.replace(slot, None)?;
        if self.rows == 0 {
            self.last = Some(row.payload.clone());
        }
        Some((slot, row))
    }

    /// Remembers a deletion.
    pub(crate) fn bury(&mut self, id: Name, tombstone: Tombstone) {
        let slot = self.slot_for(&id);
        self.replace(slot, Some(Entry::Tombstone(id, tombstone)));
    }

    fn slot_for(&mut self, id: &Name) -> Slot {
        if let Some(slot) = self.slot(id) {
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            (self.entries.len() - 1) as Slot
        });
        self.by_id.insert(id.clone(), slot);
        slot
    }

    /// Puts an entry in a slot; the row that was there.
    fn replace(&mut self, slot: Slot, entry: Option<Entry<P>>) -> Option<Row<P>> {
        match std::mem::replace(&mut self.entries[slot as usize], entry) {
            Some(Entry::Row(row)) => {
                self.rows -= 1;
                Some(row)
            }
            _ => None,
        }
    }

    /// Forgets tombstones past their age or over the cap, oldest first; returns their ids.
    pub(crate) fn expire(&mut self, now: Wall) -> Vec<Name> {
        let over = self.tombstones().count().saturating_sub(TOMBSTONES);
        let is_old = |at: Wall| now.0.saturating_sub(at.0) > TOMBSTONE_AGE;
        // most commits and reads come by here with nothing to do
        if over == 0 && !self.tombstones().any(|(_, tombstone)| is_old(tombstone.at)) {
            return Vec::new();
        }
        let mut dead: Vec<(Wall, Name)> =
            self.tombstones().map(|(id, tombstone)| (tombstone.at, id.clone())).collect();
        dead.select_nth_unstable_by_key(over, |(at, _)| *at);
        let gone = dead.into_iter().enumerate().filter(|(n, (at, _))| *n < over || is_old(*at));
        let gone: Vec<Name> = gone.map(|(_, (_, id))| id).collect();
        for id in &gone {
            if let Some(slot) = self.by_id.remove(id) {
                self.free.push(slot);
                self.replace(slot, None);
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use echolite_core::json::Json;
    use serde_json::{Value, json};

    fn row(value: Value) -> Row<Json> {
        let (version, indexes) = (Some("v".into()), vec!["price".into()]);
        let config = ResourceConfig { version, indexes, ..ResourceConfig::new("rows", "/rows") };
        Row::new(value.into(), &config, Stamp::START).unwrap()
    }

    fn column(path: &str) -> Column {
        let config = ResourceConfig {
            indexes: vec!["price".into()],
            ..ResourceConfig::new("rows", "/rows")
        };
        Column::of(&config, path).unwrap()
    }

    fn deleted(at: Wall) -> Tombstone {
        Tombstone::new(None, at, Stamp::START)
    }

    #[test]
    fn a_row_is_an_object_with_an_id() {
        let config = ResourceConfig::new("rows", "/rows");
        for (value, id) in [(json!({ "id": 1 }), Some("1")), (json!({ "id": "1" }), Some("1"))] {
            let row = Row::new(Json::from(value), &config, Stamp::START).ok();
            assert_eq!(row.as_ref().map(|row| &*row.id), id);
        }
        for value in [json!([1]), json!({ "id": 1.5 }), json!({ "id": "" }), json!({ "v": 1 })] {
            assert!(Row::new(Json::from(value), &config, Stamp::START).is_err());
        }
    }

    #[test]
    fn a_slot_stays_that_of_its_id_while_anything_is_known_of_it() {
        let mut rows = Rows::new();
        let (slot, old) = rows.put(row(json!({ "id": 1, "price": 5 })));
        assert!(old.is_none());
        assert_eq!(rows.put(row(json!({ "id": 1, "price": 6 }))).0, slot);
        rows.bury("1".into(), deleted(Wall(0)));
        assert_eq!((rows.slot("1"), rows.len(), rows.is_blank()), (Some(slot), 0, false));
        rows.put(row(json!({ "id": 1 })));
        assert_eq!(rows.take("1").map(|(slot, _)| slot), Some(slot));
        assert!(rows.is_blank());
        assert_eq!(rows.put(row(json!({ "id": 2 }))).0, slot, "a free one is used again");
    }

    #[test]
    fn a_row_outside_of_the_list_is_ordered_as_one_in_it() {
        let mut rows: Rows<Json> = Rows::new();
        rows.bury("1".into(), deleted(Wall(0)));
        assert!(matches!(rows.known("1"), Known::Tombstone(None)));
        rows.bury("1".into(), Tombstone { outside: true, ..deleted(Wall(0)) });
        assert!(matches!(rows.known("1"), Known::Row(None)));
        assert!(matches!(rows.known("2"), Known::Unknown));
    }

    #[test]
    fn the_last_row_is_the_one_with_the_greatest_key() {
        let mut rows = Rows::new();
        for (id, price) in [(1, 5), (2, 7), (3, 6)] {
            rows.put(row(json!({ "id": id, "price": price })));
        }
        assert_eq!(rows.last_by(column("price")).map(|(row, _)| &*row.id), Some("2"));
        assert_eq!(rows.last_by(column("id")).map(|(row, _)| &*row.id), Some("3"));
    }

    #[test]
    fn tombstones_go_by_age_and_the_oldest_over_the_cap() {
        let mut rows: Rows<Json> = Rows::new();
        for n in 0..=TOMBSTONES {
            rows.bury(format!("{n}").into(), deleted(Wall(n as u64)));
        }
        assert_eq!(rows.expire(Wall(0)), [Name::from("0")]);
        assert!(rows.expire(Wall(TOMBSTONE_AGE + 1)).is_empty(), "the next is as old as may be");
        assert_eq!(rows.expire(Wall(TOMBSTONE_AGE + 2)), [Name::from("1")]);
    }

    #[test]
    fn only_what_came_after_a_read_began_overlaps_it_and_news_are_recent_for_half_a_minute() {
        let mut freshness = crate::freshness::Freshness::new(crate::Reason::Loading);
        let (before, began, after) = (freshness.now(), freshness.now(), freshness.now());
        let mut rows = Rows::new();
        for (touched, overlapped) in [(before, false), (began, false), (after, true)] {
            let news = Row { touched, heard: Some(Mono(5)), ..row(json!({ "id": 1 })) };
            rows.put(news);
            let then = rows.circumstances("1", began, Mono(5 + RECENT - 1));
            assert_eq!((then.overlapped, then.recent), (overlapped, true));
            assert!(!rows.circumstances("1", began, Mono(5 + RECENT)).recent);
        }
    }

    #[test]
    fn the_oldest_tombstones_go_first_in_whatever_order_they_came() {
        let mut rows: Rows<Json> = Rows::new();
        for n in (0..TOMBSTONES + 2).rev() {
            rows.bury(format!("{n}").into(), deleted(Wall(n as u64)));
        }
        let mut gone = rows.expire(Wall(0));
        gone.sort();
        assert_eq!(gone, [Name::from("0"), Name::from("1")]);
    }
}
