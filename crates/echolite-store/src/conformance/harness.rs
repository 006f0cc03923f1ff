//! The store under test, and what the tests say of it in short.

use crate::Store;
use echolite_cache::{Batch, Meta, Name, Stored, StoredRow, Term, Wall};

/// How the suite makes stores of one kind and payloads for them.
#[allow(async_fn_in_trait, reason = "stores and their users live in one thread")]
pub trait Harness<P: Clone> {
    /// The kind of store.
    type Store: Store<P>;

    /// A store of a scope that nothing was ever stored in.
    async fn fresh(&self) -> Self::Store;

    /// A further connection to the scope of `store`, as after a reload of the page.
    async fn reopen(&self, store: &Self::Store) -> Self::Store;

    /// How much room the scope takes, in whatever unit: it must not grow by replacing rows.
    async fn size(&self, store: &Self::Store) -> usize;

    /// A payload made from a text.
    fn payload(&self, text: &str) -> P;

    /// The text that a payload was made from.
    fn text(&self, payload: &P) -> String;

    /// A payload that the store cannot keep; `None` where it keeps everything.
    fn unstorable(&self) -> Option<P> {
        None
    }
}

/// A batch that changes no rows.
pub(super) fn batch<P>(resource: &str, term: Term) -> Batch<P> {
    let meta = Meta::default();
    Batch {
        resource: resource.into(),
        term,
        reset: false,
        meta,
        put: Vec::new(),
        remove: Vec::new(),
    }
}

/// A row without version.
pub(super) fn row<P>(id: &str, payload: P) -> StoredRow<P> {
    StoredRow { id: id.into(), version: None, payload: Some(payload), deleted_at: Wall(0) }
}

/// What is stored of a resource; fails the test where nothing is.
pub(super) async fn loaded<P: Clone, S: Store<P>>(store: &S, resource: &str) -> Stored<P> {
    let stored = store.load(resource).await.expect("a readable store");
    stored.unwrap_or_else(|| panic!("nothing is stored of {resource}"))
}

/// Ids and texts of what is stored, ordered by id; a tombstone's text is `†`.
pub(super) async fn contents<P: Clone, H: Harness<P>>(
    harness: &H,
    store: &H::Store,
    resource: &str,
) -> Vec<(Name, String)> {
    let rows = loaded(store, resource).await.rows;
    let text = |payload: &Option<P>| payload.as_ref().map_or("†".into(), |it| harness.text(it));
    let mut contents: Vec<_> =
        rows.iter().map(|row| (row.id.clone(), text(&row.payload))).collect();
    contents.sort();
    contents
}

/// The same in short: `a=1 b=†`.
pub(super) async fn listing<P: Clone, H: Harness<P>>(
    harness: &H,
    store: &H::Store,
    resource: &str,
) -> String {
    let contents = contents(harness, store, resource).await;
    contents.iter().map(|(id, text)| format!("{id}={text}")).collect::<Vec<_>>().join(" ")
}
