//! The base rows of a resource, and the tombstones of those that were deleted.

use std::collections::BTreeMap;

use super::filter;
use super::rules::{Circumstances, Known};
use super::trust::Stamp;
use crate::{Mono, Name, Payload, ResourceConfig, Scalar, Version, Wall};

/// What came by an event counts as recent for so long (milliseconds): reads that contradict it are suspect.
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
    /// When an event last changed it.
    pub(crate) heard: Option<Mono>,
}

/// A deleted row.
#[derive(Clone, Debug)]
pub(crate) struct Tombstone {
    pub(crate) version: Option<Version>,
    pub(crate) at: Wall,
    pub(crate) touched: Stamp,
    pub(crate) heard: Option<Mono>,
}

/// Why a payload is no row: what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRow(pub(crate) String);

/// Text of an id: ids compare as strings, whether the back end sends numbers or strings.
pub(crate) fn id_text(leaf: &Scalar) -> Option<Name> {
    match leaf {
        Scalar::Text(text) if !text.is_empty() => Some(text.clone()),
        Scalar::Number(number) if number.trunc() == *number && number.abs() < 9.0e15 => {
            Some((*number as i64).to_string().into())
        }
        _ => None,
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
            NoRow(format!("a row must have an id (text or whole number) at '{}'", config.key))
        })?;
        let version = config.version.as_ref().and_then(|path| Version::of(payload.leaf(path)));
        let keys = std::iter::once(key)
            .chain(config.indexes.iter().map(|path| payload.leaf(path)))
            .collect();
        Ok(Self { id, version, payload, keys, touched, heard: None })
    }
}

/// Rows by id, and tombstones.
#[derive(Debug)]
pub(crate) struct Rows<P> {
    slots: Vec<Option<Row<P>>>,
    free: Vec<Slot>,
    by_id: BTreeMap<Name, Slot>,
    tombstones: BTreeMap<Name, Tombstone>,
}

impl<P: Payload> Rows<P> {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: BTreeMap::new(),
            tombstones: BTreeMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The row in a slot that a caller got from here and that was not removed since.
    pub(crate) fn at(&self, slot: Slot) -> Option<&Row<P>> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Row<P>> {
        self.at(*self.by_id.get(id)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, &Row<P>)> {
        self.by_id.values().filter_map(|slot| Some((*slot, self.at(*slot)?)))
    }

    /// The row with the greatest key at position `at`, and that key.
    pub(crate) fn last_by(&self, at: usize) -> Option<(&Row<P>, &Scalar)> {
        let keys = self.iter().map(|(_, row)| (row, &row.keys[at]));
        keys.max_by(|(_, a), (_, b)| filter::compare(a, b))
    }

    pub(crate) fn tombstone(&self, id: &str) -> Option<&Tombstone> {
        self.tombstones.get(id)
    }

    pub(crate) fn tombstones(&self) -> impl Iterator<Item = (&Name, &Tombstone)> {
        self.tombstones.iter()
    }

    pub(crate) fn known(&self, id: &str) -> Known<'_> {
        if let Some(row) = self.get(id) {
            Known::Row(row.version.as_ref())
        } else if let Some(tombstone) = self.tombstones.get(id) {
            Known::Tombstone(tombstone.version.as_ref())
        } else {
            Known::Unknown
        }
    }

    /// How what is known of an id stands to a read that began at `began`.
    pub(crate) fn circumstances(&self, id: &str, began: Stamp, now: Mono) -> Circumstances {
        let (touched, heard) = match (self.get(id), self.tombstones.get(id)) {
            (Some(row), _) => (row.touched, row.heard),
            (None, Some(tombstone)) => (tombstone.touched, tombstone.heard),
            (None, None) => (Stamp::default(), None),
        };
        Circumstances {
            overlapped: touched > began,
            recent: heard.is_some_and(|at| now - at < RECENT),
        }
    }

    /// Inserts or replaces. Returns the slot and the row that was there.
    pub(crate) fn put(&mut self, row: Row<P>) -> (Slot, Option<Row<P>>) {
        self.tombstones.remove(&row.id);
        if let Some(slot) = self.by_id.get(&row.id) {
            return (*slot, self.slots[*slot as usize].replace(row));
        }
        let id = row.id.clone();
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(row);
                slot
            }
            None => {
                self.slots.push(Some(row));
                (self.slots.len() - 1) as Slot
            }
        };
        self.by_id.insert(id, slot);
        (slot, None)
    }

    /// Removes without a trace: the caller buries it where it was deleted.
    pub(crate) fn take(&mut self, id: &str) -> Option<(Slot, Row<P>)> {
        let slot = self.by_id.remove(id)?;
        let row = self.slots[slot as usize].take()?;
        self.free.push(slot);
        Some((slot, row))
    }

    /// Remembers a deletion.
    pub(crate) fn bury(&mut self, id: Name, tombstone: Tombstone) {
        self.tombstones.insert(id, tombstone);
    }

    /// Forgets tombstones past their age or over the cap, oldest first; returns their ids.
    pub(crate) fn expire(&mut self, now: Wall) -> Vec<Name> {
        let expired = |t: &Tombstone| now.0.saturating_sub(t.at.0) > TOMBSTONE_AGE;
        let mut gone: Vec<Name> = self
            .tombstones
            .iter()
            .filter(|(_, tombstone)| expired(tombstone))
            .map(|(id, _)| id.clone())
            .collect();
        let over = (self.tombstones.len() - gone.len()).saturating_sub(TOMBSTONES);
        if over > 0 {
            let mut rest: Vec<_> = self.tombstones.iter().filter(|(_, t)| !expired(t)).collect();
            rest.sort_by_key(|(_, tombstone)| tombstone.at);
            gone.extend(rest.into_iter().take(over).map(|(id, _)| id.clone()));
        }
        for id in &gone {
            self.tombstones.remove(id);
        }
        gone
    }
}
