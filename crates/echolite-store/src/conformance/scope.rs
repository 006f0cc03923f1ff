//! Terms, connections, resources beside each other.

use super::harness::{Harness, batch, listing, loaded, row};
use crate::{Store, StoreError};
use echolite_cache::persist::DECLARATIONS;
use echolite_cache::{Batch, Meta, Name, Term};

/// Nothing is stored at first.
///
/// # Panics
/// If the store does otherwise.
pub async fn starts_empty<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    assert!(store.load("products").await.unwrap().is_none());
    assert!(store.resources().await.unwrap().is_empty());
}

/// Each claim's term is the next one, whoever claims.
///
/// # Panics
/// If the store does otherwise.
pub async fn claims_rise<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let first = store.claim().await.unwrap();
    assert!(first > Term(0));
    assert_eq!(store.claim().await.unwrap(), Term(first.0 + 1));
    let other = harness.reopen(&store).await;
    assert_eq!(other.claim().await.unwrap(), Term(first.0 + 2));
}

/// A commit of an owner that was superseded changes nothing.
///
/// # Panics
/// If the store does otherwise.
pub async fn older_term_is_refused<P: Clone, H: Harness<P>>(harness: &H) {
    let old = harness.fresh().await;
    let ours = old.claim().await.unwrap();
    let put = vec![row("a", harness.payload("1"))];
    old.commit(&Batch { put, ..batch("products", ours) }).await.unwrap();
    let new = harness.reopen(&old).await;
    let current = new.claim().await.unwrap();

    let late = Batch {
        reset: true,
        put: vec![row("b", harness.payload("2"))],
        meta: Meta { schema: 9, ..Meta::default() },
        ..batch("products", ours)
    };
    let refused = old.commit(&late).await;
    assert_eq!(refused, Err(StoreError::Superseded { ours, current }));
    assert_eq!(listing(harness, &new, "products").await, "a=1");
    assert_eq!(loaded(&new, "products").await.meta.schema, 0);
    new.commit(&batch("products", current)).await.unwrap();
}

/// A commit with a term newer than the stored one is carried out, and its term holds.
///
/// # Panics
/// If the store does otherwise.
pub async fn newer_term_is_taken<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let later = Term(term.0 + 5);
    let put = vec![row("a", harness.payload("1"))];
    store.commit(&Batch { put, ..batch("products", later) }).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "a=1");
    let refused = store.commit(&batch("products", term)).await;
    assert_eq!(refused, Err(StoreError::Superseded { ours: term, current: later }));
    assert_eq!(store.claim().await.unwrap(), Term(later.0 + 1));
}

/// What was committed is there after a reload, and can be changed then.
///
/// # Panics
/// If the store does otherwise.
pub async fn reopening<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = ["a", "b", "c"].map(|id| row(id, harness.payload("1"))).to_vec();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();

    let store = harness.reopen(&store).await;
    let term = store.claim().await.unwrap();
    let change = Batch {
        put: vec![row("b", harness.payload("2")), row("d", harness.payload("2"))],
        remove: vec!["c".into()],
        ..batch("products", term)
    };
    // without a load before: the store finds its rows itself
    store.commit(&change).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "a=1 b=2 d=2");
    let store = harness.reopen(&store).await;
    assert_eq!(listing(harness, &store, "products").await, "a=1 b=2 d=2");
}

/// A connection that has loaded before another wrote does not spoil what the other wrote.
///
/// # Panics
/// If the store does otherwise.
pub async fn two_connections_see_each_other<P: Clone, H: Harness<P>>(harness: &H) {
    let one = harness.fresh().await;
    let term = one.claim().await.unwrap();
    let put = ["a", "b"].map(|id| row(id, harness.payload("1"))).to_vec();
    one.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let two = harness.reopen(&one).await;
    assert_eq!(listing(harness, &two, "products").await, "a=1 b=1");

    let change = Batch {
        put: vec![row("c", harness.payload("2"))],
        remove: vec!["a".into()],
        ..batch("products", term)
    };
    one.commit(&change).await.unwrap();
    let term = two.claim().await.unwrap();
    let put = vec![row("d", harness.payload("3"))];
    two.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    assert_eq!(listing(harness, &one, "products").await, "b=1 c=2 d=3");

    let term = one.clear().await.unwrap();
    let put = vec![row("e", harness.payload("4"))];
    two.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    assert_eq!(listing(harness, &two, "products").await, "e=4");
}

/// Clearing leaves nothing, and an owner that did not clear must not go on as if its rows were there.
///
/// # Panics
/// If the store does otherwise.
pub async fn clear_leaves_nothing_and_raises_the_term<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let old = store.claim().await.unwrap();
    for resource in ["products", "messages"] {
        let put = vec![row("a", harness.payload("1"))];
        store.commit(&Batch { put, ..batch(resource, old) }).await.unwrap();
    }
    let term = harness.reopen(&store).await.clear().await.unwrap();
    assert!(term > old);
    for store in [&store, &harness.reopen(&store).await] {
        assert!(store.resources().await.unwrap().is_empty());
    }
    let other = harness.reopen(&store).await;
    assert!(other.load("products").await.unwrap().is_none());
    assert!(other.load("messages").await.unwrap().is_none());
    let refused = store.commit(&batch("products", old)).await;
    assert_eq!(refused, Err(StoreError::Cleared));
    let put = vec![row("b", harness.payload("2"))];
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "b=2");
}

/// Declarations of one name lie beside each other, and the one that was not written for longest goes first.
///
/// # Panics
/// If the store does otherwise.
pub async fn few_declarations_of_a_name_are_kept<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let write = async |resource: &str| {
        let put = vec![row("a", harness.payload(resource))];
        store.commit(&Batch { put, ..batch(resource, term) }).await.unwrap();
    };
    let declared = |n: usize| format!("p\n[{n}]");
    write("other").await;
    write("p").await;
    for n in 1..DECLARATIONS {
        write(&declared(n)).await;
    }
    // written again, if only that it was looked at, it is no longer the oldest
    store.commit(&batch("p", term)).await.unwrap();
    write(&declared(DECLARATIONS)).await;
    let store = harness.reopen(&store).await;
    let mut stored = store.resources().await.unwrap();
    stored.sort();
    let rest = (2..=DECLARATIONS).map(|n| Name::from(declared(n)));
    let mut expected: Vec<Name> = ["other".into(), "p".into()].into_iter().chain(rest).collect();
    expected.sort();
    assert_eq!(stored, expected);
    assert!(store.load(&declared(1)).await.unwrap().is_none());
    assert_eq!(listing(harness, &store, &declared(2)).await, format!("a={}", declared(2)));
}

/// Whoever looked before another connection cleared hears of it with all that they do, until they clear themselves;
/// whoever comes later does not.
///
/// # Panics
/// If the store does otherwise.
pub async fn a_clearing_is_heard_of<P: Clone, H: Harness<P>>(harness: &H) {
    let one = harness.fresh().await;
    let old = one.claim().await.unwrap();
    let put = vec![row("a", harness.payload("1"))];
    one.commit(&Batch { put, ..batch("products", old) }).await.unwrap();
    let two = harness.reopen(&one).await;
    two.look().await.unwrap();
    two.look().await.unwrap();
    let three = harness.reopen(&one).await;
    assert_eq!(listing(harness, &three, "products").await, "a=1");

    let cleared = one.clear().await.unwrap();
    one.look().await.unwrap();
    for other in [&two, &three] {
        assert_eq!(other.look().await, Err(StoreError::Cleared));
        assert_eq!(other.claim().await, Err(StoreError::Cleared));
        assert_eq!(other.load("products").await.err(), Some(StoreError::Cleared));
        assert_eq!(other.commit(&batch("products", old)).await, Err(StoreError::Cleared));
    }
    let later = harness.reopen(&one).await;
    later.look().await.unwrap();
    let term = later.claim().await.unwrap();
    assert!(term > cleared, "nobody's refusal raised it in secret, nor lowered it");
    let put = vec![row("b", harness.payload("2"))];
    later.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    assert_eq!(listing(harness, &later, "products").await, "b=2");
    assert!(two.clear().await.unwrap() > term, "anybody may clear");
    two.look().await.unwrap();
    assert_eq!(later.look().await, Err(StoreError::Cleared));
}

/// Resources do not touch each other, whatever they are called.
///
/// # Panics
/// If the store does otherwise.
pub async fn resources_are_isolated<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let names: Vec<Name> = ["p", "p/1", "p\u{0}", "P", "", "__proto__", "größe", "商品", "🛒"]
        .map(Name::from)
        .into_iter()
        .chain((0..50).map(|n| format!("resource-{n}").into()))
        .collect();
    for name in &names {
        let put = vec![row("a", harness.payload(name)), row("b", harness.payload(name))];
        store.commit(&Batch { put, ..batch(name, term) }).await.unwrap();
    }
    let change = Batch { reset: true, ..batch("p", term) };
    store.commit(&change).await.unwrap();

    let store = harness.reopen(&store).await;
    let mut stored = store.resources().await.unwrap();
    let mut expected = names.clone();
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected);
    assert_eq!(listing(harness, &store, "p").await, "");
    for name in names.iter().filter(|name| &***name != "p") {
        assert_eq!(listing(harness, &store, name).await, format!("a={name} b={name}"));
    }
}
