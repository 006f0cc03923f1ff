//! What a store keeps of a resource, and what is committed together.

use crate::{Head, Name, Position, Version, Wall};

/// Raised at each take-over of a scope; a commit with an older term is refused by the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(pub u64);

/// So many declarations of one name are kept in a store: the one that was not written for longest goes first.
pub const DECLARATIONS: usize = 4;

/// Stands between a name and a fingerprint, which is JSON and has none.
const BETWEEN: char = '\n';

/// The name under which a store keeps the rows of a declaration.
pub(crate) fn stored_as(name: &Name, fingerprint: &Name) -> Name {
    match fingerprint.is_empty() {
        true => name.clone(),
        false => [&**name, &**fingerprint].join(&*BETWEEN.to_string()).into(),
    }
}

/// The resource's name in the name under which its rows are stored.
#[must_use]
pub fn name_of(stored: &str) -> &str {
    match stored.rsplit_once(BETWEEN) {
        Some((name, fingerprint)) if fingerprint.starts_with('[') => name,
        _ => stored,
    }
}

/// One atomic change of a resource's stored form: rows, validator, head and positions together.
#[derive(Clone, Debug)]
pub struct Batch<P> {
    /// The resource, by the name under which its rows are stored ([`ResourceConfig::stored_as`](crate::ResourceConfig::stored_as)).
    pub resource: Name,
    /// The writer's term.
    pub term: Term,
    /// Drop all stored rows of the resource first.
    pub reset: bool,
    /// What describes the rows.
    pub meta: Meta,
    /// Rows (and tombstones) to insert or replace, each id at most once.
    pub put: Vec<StoredRow<P>>,
    /// Ids to forget altogether (expired tombstones, too).
    pub remove: Vec<Name>,
}

/// What describes the stored rows as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// `schema` of the resource when they were stored.
    pub schema: u32,
    /// The list's validator (`ETag`), where it still describes them.
    pub validator: Option<Name>,
    /// When the read that they rest on began.
    pub as_of: Option<Wall>,
    /// The head that they include.
    pub reflected: Option<Head>,
    /// Where each channel stood.
    pub positions: Vec<(Name, Position)>,
}

/// A row or, without payload, a tombstone.
#[derive(Clone, Debug)]
pub struct StoredRow<P> {
    /// Its id.
    pub id: Name,
    /// Its version, or the version at which it was deleted.
    pub version: Option<Version>,
    /// The row; `None` for a tombstone.
    pub payload: Option<P>,
    /// When it was deleted; `Wall(0)` for a row.
    pub deleted_at: Wall,
}

/// What a store gives back of a resource.
#[derive(Clone, Debug)]
pub struct Stored<P> {
    /// What describes the rows.
    pub meta: Meta,
    /// Rows and tombstones, in no particular order.
    pub rows: Vec<StoredRow<P>>,
}
