//! The base rows of a resource, and the tombstones of those that were deleted.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

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
    /// When an event of it was last ignored, as older.
    pub(crate) ignored: Stamp,
    /// When an event last changed it.
    pub(crate) heard: Option<Mono>,
    /// The head of the event that last changed it, where that was in order.
    pub(crate) seq: Option<u64>,
}

/// A deleted row, or one that is known to be outside of the list.
#[derive(Clone, Debug)]
pub(crate) struct Tombstone {
    pub(crate) version: Option<Version>,
    pub(crate) at: Wall,
    pub(crate) touched: Stamp,
    pub(crate) ignored: Stamp,
    pub(crate) heard: Option<Mono>,
    /// The head of the event that deleted it, where that was in order.
    pub(crate) seq: Option<u64>,
    /// It is not deleted: the application said that it belongs to the list no longer. Its version orders what comes
    /// next, as that of a row does.
    pub(crate) outside: bool,
}

impl Tombstone {
    /// Of a row that a read or the store says is gone.
    pub(crate) const fn new(version: Option<Version>, at: Wall, touched: Stamp) -> Self {
        let ignored = Stamp::START;
        Self { version, at, touched, ignored, heard: None, seq: None, outside: false }
    }
}

/// What is kept as it is in a part of a URL.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as a part of a URL.
pub(crate) fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, PLAIN)
}

/// Where a single row is read, if single rows are.
pub(crate) fn row_url(config: &ResourceConfig, id: &str) -> Option<Name> {
    let prefix = config.row_prefixes.first()?;
    let separator = if prefix.contains('?') || prefix.ends_with('/') { "" } else { "/" };
    Some(format!("{prefix}{separator}{}", encoded(id)).into())
}

/// The id in the URL of a row, as it stands there.
pub(crate) fn id_in<'u>(prefix: &str, url: &'u str) -> Option<&'u str> {
    let id = match prefix.contains('?') {
        true => url.strip_prefix(prefix)?,
        false => url.strip_prefix(prefix.trim_end_matches('/'))?.strip_prefix('/')?,
    };
    (!id.is_empty() && !id.contains(['/', '?', '#', '&'])).then_some(id)
}

/// Why a payload is no row: what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRow(pub(crate) String);

/// Text of an id: ids compare as strings, whether the back end sends numbers or strings.
pub(crate) fn id_text(leaf: &Scalar) -> Option<Name> {
    match leaf {
        Scalar::Text(text) if !text.is_empty() => Some(text.clone()),
        leaf => Some(leaf.integer()?.to_string().into()),
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
        let ignored = Stamp::START;
        Ok(Self { id, version, payload, keys, touched, ignored, heard: None, seq: None })
    }
}

/// What is known of an id.
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
    /// How many of the entries are rows.
    rows: usize,
}

impl<P: Payload> Rows<P> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), by_id: BTreeMap::new(), rows: 0 }
    }

    /// How many rows there are.
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

    /// The row with the greatest key at position `at`, and that key.
    pub(crate) fn last_by(&self, at: usize) -> Option<(&Row<P>, &Scalar)> {
        let keys = self.iter().map(|(_, row)| (row, &row.keys[at]));
        keys.max_by(|(_, a), (_, b)| filter::compare(a, b))
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

    /// When what is known of an id came to be known.
    pub(crate) fn touched(&self, id: &str) -> Stamp {
        match self.entry(id) {
            Some(Entry::Row(row)) => row.touched,
            Some(Entry::Tombstone(_, tombstone)) => tombstone.touched,
            None => Stamp::START,
        }
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

    /// How what is known of an id stands to a read that began at `began`.
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
        self.rows += 1;
        (slot, self.replace(slot, Some(Entry::Row(row))))
    }

    /// Removes without a trace: the caller buries it where it was deleted.
    pub(crate) fn take(&mut self, id: &str) -> Option<(Slot, Row<P>)> {
        self.get(id)?;
        let slot = self.by_id.remove(id)?;
        self.free.push(slot);
        Some((slot, self.replace(slot, None)?))
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
        if over > 0 {
            dead.select_nth_unstable_by_key(over, |(at, _)| *at);
        }
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
