//! What a store keeps of a resource, and what is committed together.

use crate::{Head, Name, Position, Version, Wall};

/// Raised at each take-over of a scope; a commit with an older term is refused by the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(pub u64);

/// One atomic change of a resource's stored form: rows, validator, head and positions together.
#[derive(Clone, Debug)]
pub struct Batch<P> {
    /// The resource's name.
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
