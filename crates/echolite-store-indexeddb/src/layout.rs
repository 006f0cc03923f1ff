//! The layout of the database: its object stores, keys and records.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `scope` | `"scope"` | `[term, sequence, cleared, build]` |
//! | `meta` | resource, with the fingerprint of its declaration | `[sequence, pages, schema, validator, asOf, epoch, seq, [[channel, epoch, offset], …]]` |
//! | `pages` | `[resource, number]` | slots: `[id, version, deletedAt, payload]`, or `null` for a free one |
//!
//! The record of the scope is the one that outlives an upgrade, and grows only at its end: `cleared` is the term to which
//! the last clearing raised the scope's, `build` the newest build of the application that has claimed it (`null`: none
//! that says its number). `sequence` counts the commits of the scope; that of a resource's meta is its last commit, by which a
//! connection knows whether the places that it has in memory still hold. A slot of three elements is a
//! tombstone. Whole numbers beyond 2^53 are stored as text. All records are arrays: their fields' names
//! would cost more code than the records are worth.

use echolite_cache::{Head, Meta, Name, Position, StoredRow, Term, Version, Wall};
use js_sys::{Array, Number};
use wasm_bindgen::{JsCast, JsValue};

/// The database's version: raised when this layout changes. An upgrade removes what an older layout holds; a database
/// of a newer one is left alone.
pub(crate) const FORMAT: u32 = 2;

/// The object stores.
pub(crate) const STORES: [&str; 3] = [SCOPE, META, PAGES];
/// Holds one record, of the same name.
pub(crate) const SCOPE: &str = "scope";
/// Holds a record for each resource.
pub(crate) const META: &str = "meta";
/// Holds the rows.
pub(crate) const PAGES: &str = "pages";

/// Rows in a page.
pub(crate) const PAGE: u32 = 200;

/// The record of the scope.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) term: Term,
    pub(crate) sequence: u64,
    pub(crate) cleared: Term,
    pub(crate) build: Option<f64>,
}

impl Scope {
    pub(crate) fn encode(self) -> JsValue {
        let build = self.build.map_or(JsValue::NULL, JsValue::from_f64);
        let (term, cleared) = (whole(self.term.0), whole(self.cleared.0));
        Array::of4(&term, &whole(self.sequence), &cleared, &build).into()
    }

    /// A scope that nothing was stored in, or an unreadable one, starts at the wall clock: so that
    /// terms rise even where the browser evicted the database, or it was deleted for damage.
    pub(crate) fn decode(record: &JsValue) -> Self {
        let fields = record.dyn_ref::<Array>();
        let field = |n| fields.and_then(|fields| to_whole(&fields.get(n)));
        let (term, sequence) = field(0).zip(field(1)).unwrap_or_else(|| {
            let now = js_sys::Date::now() as u64;
            (now, now)
        });
        let cleared = Term(field(2).unwrap_or_default());
        let build = fields.and_then(|fields| fields.get(3).as_f64());
        Self { term: Term(term), sequence, cleared, build }
    }
}

/// The record that describes a resource's rows.
pub(crate) struct MetaRecord {
    pub(crate) sequence: u64,
    pub(crate) pages: u32,
    pub(crate) meta: Meta,
}

impl MetaRecord {
    pub(crate) fn encode(sequence: u64, pages: u32, meta: &Meta) -> JsValue {
        let positions = Array::new();
        for (channel, Position { epoch, offset }) in &meta.positions {
            positions.push(&Array::of3(&text(channel), &text(epoch), &whole(*offset)));
        }
        let (epoch, seq) = match &meta.reflected {
            Some(head) => (text(&head.epoch), whole(head.seq)),
            None => (JsValue::NULL, JsValue::NULL),
        };
        let fields = [
            whole(sequence),
            pages.into(),
            meta.schema.into(),
            meta.validator.as_ref().map_or(JsValue::NULL, text),
            meta.as_of.map_or(JsValue::NULL, |as_of| whole(as_of.0)),
            epoch,
            seq,
            positions.into(),
        ];
        fields.into_iter().collect::<Array>().into()
    }

    /// `None` for a record that this store has not written.
    pub(crate) fn decode(record: &JsValue) -> Option<Self> {
        let fields = record.dyn_ref::<Array>()?;
        let head = |epoch| Some(Head { epoch, seq: to_whole(&fields.get(6))? });
        let position = |entry: JsValue| {
            let entry = entry.dyn_into::<Array>().ok()?;
            let offset = to_whole(&entry.get(2))?;
            Some((to_name(&entry.get(0))?, Position { epoch: to_name(&entry.get(1))?, offset }))
        };
        let positions = fields.get(7).dyn_into::<Array>().ok()?;
        let meta = Meta {
            schema: u32::try_from(to_whole(&fields.get(2))?).ok()?,
            validator: optional(&fields.get(3), to_name)?,
            as_of: optional(&fields.get(4), to_whole)?.map(Wall),
            reflected: match optional(&fields.get(5), to_name)? {
                Some(epoch) => Some(head(epoch)?),
                None => None,
            },
            positions: positions.iter().map(position).collect::<Option<_>>()?,
        };
        let pages = u32::try_from(to_whole(&fields.get(1))?).ok()?;
        Some(Self { sequence: to_whole(&fields.get(0))?, pages, meta })
    }
}

/// A slot with a row or a tombstone.
pub(crate) fn encode_row<P: AsRef<JsValue>>(row: &StoredRow<P>) -> JsValue {
    let version = match &row.version {
        None => JsValue::NULL,
        Some(Version::Number(number)) => JsValue::from_f64(*number),
        Some(Version::Text(version)) => text(version),
    };
    let (id, deleted_at) = (text(&row.id), whole(row.deleted_at.0));
    match &row.payload {
        Some(payload) => Array::of4(&id, &version, &deleted_at, payload.as_ref()).into(),
        None => Array::of3(&id, &version, &deleted_at).into(),
    }
}

/// The row in a slot; `None` for what this store has not written.
pub(crate) fn decode_row<P: From<JsValue>>(slot: &Array) -> Option<StoredRow<P>> {
    let version = slot.get(1);
    let version = match version.as_string() {
        Some(text) => Some(Version::Text(text.into())),
        None => optional(&version, JsValue::as_f64)?.map(Version::Number),
    };
    Some(StoredRow {
        id: to_name(&slot.get(0))?,
        version,
        payload: (slot.length() > 3).then(|| P::from(slot.get(3))),
        deleted_at: Wall(to_whole(&slot.get(2))?),
    })
}

/// The key of a page.
pub(crate) fn page_key(resource: &str, number: u32) -> JsValue {
    Array::of2(&resource.into(), &number.into()).into()
}

fn text(text: &Name) -> JsValue {
    JsValue::from_str(text)
}

fn to_name(value: &JsValue) -> Option<Name> {
    value.as_string().map(Name::from)
}

fn whole(number: u64) -> JsValue {
    // beyond 2^53 a double would round it
    if number <= Number::MAX_SAFE_INTEGER as u64 {
        JsValue::from_f64(number as f64)
    } else {
        JsValue::from_str(&number.to_string())
    }
}

fn to_whole(value: &JsValue) -> Option<u64> {
    match value.as_f64() {
        Some(number) => {
            let whole = (0.0..=Number::MAX_SAFE_INTEGER).contains(&number) && number.fract() == 0.0;
            whole.then_some(number as u64)
        }
        None => value.as_string()?.parse().ok(),
    }
}

/// `Some(None)` for `null`; `None` where the value is there and cannot be read.
fn optional<T>(value: &JsValue, read: impl Fn(&JsValue) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { read(value).map(Some) }
}
