//! Rows, tombstones and meta of one resource.

use super::harness::{Harness, batch, contents, listing, loaded, row};
use crate::Store;
use echolite_cache::{Batch, Head, Meta, Name, Position, StoredRow, Version, Wall};

/// Ids, payloads and versions of both kinds come back as they were put.
///
/// # Panics
/// Where the store does otherwise.
pub async fn rows_come_back_whole<P: Clone, H: Harness<P>>(harness: &H) {
    let versions = [
        None,
        Some(Version::Number(0.0)),
        Some(Version::Number(-1.5)),
        Some(Version::Number(9_007_199_254_740_991.0)),
        Some(Version::Text("2026-01-02T03:04:05.678901Z".into())),
        Some(Version::Text("42".into())),
    ];
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = versions.iter().enumerate().map(|(n, version)| StoredRow {
        version: version.clone(),
        ..row(&n.to_string(), harness.payload(&format!("text {n}")))
    });
    store.commit(&Batch { put: put.collect(), ..batch("products", term) }).await.unwrap();

    for store in [&store, &harness.reopen(&store).await] {
        let rows = loaded(store, "products").await.rows;
        assert_eq!(rows.len(), versions.len());
        for row in rows {
            let n: usize = row.id.parse().unwrap();
            assert_eq!(row.version, versions[n]);
            assert_eq!(harness.text(&row.payload.unwrap()), format!("text {n}"));
            assert_eq!(row.deleted_at, Wall(0));
        }
    }
}

/// Every field of the meta comes back, and the last one committed holds.
///
/// # Panics
/// Where the store does otherwise.
pub async fn meta_comes_back<P: Clone, H: Harness<P>>(harness: &H) {
    let position = |epoch: &str, offset| Position { epoch: epoch.into(), offset };
    let full = Meta {
        schema: u32::MAX,
        validator: Some("W/\"ü\\\"1\"".into()),
        as_of: Some(Wall(1_790_000_000_123)),
        reflected: Some(Head { epoch: "e;1".into(), seq: u64::MAX }),
        positions: vec![
            ("private-products".into(), position("a", 0)),
            ("presence-größe".into(), position("", 9_007_199_254_740_993)),
        ],
    };
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let metas = [Meta::default(), full.clone(), Meta { validator: Some("".into()), ..full }];
    for meta in metas.into_iter().cycle().take(4) {
        store.commit(&Batch { meta: meta.clone(), ..batch("products", term) }).await.unwrap();
        assert_eq!(loaded(&store, "products").await.meta, meta);
        let reopened = harness.reopen(&store).await;
        assert_eq!(loaded(&reopened, "products").await.meta, meta);
    }
}

/// A row put again is replaced; one removed is gone, and an unknown one does no harm.
///
/// # Panics
/// Where the store does otherwise.
pub async fn put_replaces_and_remove_forgets<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = ["a", "b", "c"].map(|id| row(id, harness.payload("1"))).to_vec();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let change = Batch {
        put: vec![row("b", harness.payload("2"))],
        remove: vec!["a".into(), "unknown".into()],
        ..batch("products", term)
    };
    store.commit(&change).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "b=2 c=1");
    let reopened = harness.reopen(&store).await;
    assert_eq!(listing(harness, &reopened, "products").await, "b=2 c=1");
}

/// A tombstone keeps its version and time, replaces a row and is replaced by one.
///
/// # Panics
/// Where the store does otherwise.
pub async fn tombstones_come_back<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = ["a", "b"].map(|id| row(id, harness.payload("1"))).to_vec();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let tombstone = |id: &str, version| StoredRow {
        id: id.into(),
        version,
        payload: None,
        deleted_at: Wall(1_790_000_000_000),
    };
    let put = vec![
        tombstone("a", Some(Version::Text("v2".into()))),
        tombstone("x", Some(Version::Number(7.0))),
        tombstone("y", None),
    ];
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();

    let store = harness.reopen(&store).await;
    assert_eq!(listing(harness, &store, "products").await, "a=† b=1 x=† y=†");
    for row in loaded(&store, "products").await.rows {
        let expected = match &*row.id {
            "a" => Some(Version::Text("v2".into())),
            "x" => Some(Version::Number(7.0)),
            _ => None,
        };
        assert_eq!(row.version, expected);
        let deleted_at = if row.payload.is_none() { 1_790_000_000_000 } else { 0 };
        assert_eq!(row.deleted_at, Wall(deleted_at));
    }
    let term = store.claim().await.unwrap();
    let change = Batch {
        put: vec![row("a", harness.payload("3"))],
        remove: vec!["x".into()],
        ..batch("products", term)
    };
    store.commit(&change).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "a=3 b=1 y=†");
}

/// `reset` drops what was there, and puts in the same batch stay.
///
/// # Panics
/// Where the store does otherwise.
pub async fn reset_drops_all_rows<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = (0..450).map(|n| row(&format!("old-{n}"), harness.payload("1"))).collect();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let change = Batch {
        reset: true,
        put: vec![row("old-1", harness.payload("2")), row("new", harness.payload("2"))],
        ..batch("products", term)
    };
    store.commit(&change).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "new=2 old-1=2");
    store.commit(&Batch { reset: true, ..batch("products", term) }).await.unwrap();
    let reopened = harness.reopen(&store).await;
    assert_eq!(listing(harness, &reopened, "products").await, "");
    // a resource without rows is a resource all the same: its meta says what was read
    assert_eq!(reopened.resources().await.unwrap().len(), 1);
}

/// A commit that fails half-way leaves rows and meta as they were, and the store usable.
///
/// # Panics
/// Where the store does otherwise.
pub async fn failed_commit_changes_nothing<P: Clone, H: Harness<P>>(harness: &H) {
    let Some(unstorable) = harness.unstorable() else { return };
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = (0..250).map(|n| row(&format!("{n:03}"), harness.payload("1"))).collect();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let before = listing(harness, &store, "products").await;

    let changed = (0..250).map(|n| row(&format!("{n:03}"), harness.payload("2")));
    for reset in [false, true] {
        let bad = Batch {
            reset,
            put: changed.clone().chain([row("999", unstorable.clone())]).collect(),
            meta: Meta { schema: 7, ..Meta::default() },
            ..batch("products", term)
        };
        assert!(store.commit(&bad).await.is_err());
        let reopened = harness.reopen(&store).await;
        for store in [&store, &reopened] {
            assert_eq!(listing(harness, store, "products").await, before);
            assert_eq!(loaded(store, "products").await.meta.schema, 0);
        }
    }
    let change = Batch { put: changed.take(1).collect(), ..batch("products", term) };
    store.commit(&change).await.unwrap();
    let after = before.replacen("000=1", "000=2", 1);
    assert_eq!(listing(harness, &store, "products").await, after);
}

/// Replacing rows again and again takes no more room.
///
/// # Panics
/// Where the store does otherwise.
pub async fn replacing_does_not_grow<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let rows = |round: usize| {
        (0..500).map(move |n| row(&n.to_string(), harness.payload(&round.to_string())))
    };
    let put = rows(0).collect();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let size = harness.size(&store).await;
    for round in 1..20 {
        let put = rows(round).skip(round * 7 % 100).step_by(3).collect();
        let reset = round % 10 == 0;
        let put = if reset { rows(round).collect() } else { put };
        store.commit(&Batch { reset, put, ..batch("products", term) }).await.unwrap();
    }
    assert_eq!(harness.size(&store).await, size);
    assert_eq!(loaded(&store, "products").await.rows.len(), 500);
}

/// Rows coming and going take no more room than there were rows at a time.
///
/// # Panics
/// Where the store does otherwise.
pub async fn removed_room_is_used_again<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let ids = |round: usize| (round * 50..round * 50 + 450).map(|n| Name::from(n.to_string()));
    let put = ids(0).map(|id| row(&id, harness.payload("0"))).collect();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let size = harness.size(&store).await;
    let mut store = store;
    for round in 1..12 {
        let change = Batch {
            remove: ids(round - 1).take(50).collect(),
            put: ids(round).skip(400).map(|id| row(&id, harness.payload("1"))).collect(),
            ..batch("products", term)
        };
        store.commit(&change).await.unwrap();
        if round % 4 == 0 {
            store = harness.reopen(&store).await;
        }
    }
    assert!(harness.size(&store).await <= size);
    let mut expected: Vec<_> = ids(11).collect();
    expected.sort();
    let stored = contents(harness, &store, "products").await;
    assert_eq!(stored.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), expected);
    let change = Batch { remove: expected, ..batch("products", term) };
    store.commit(&change).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "");
    assert!(harness.size(&store).await < size);
}

/// Ids are any text, and are told apart by every character.
///
/// # Panics
/// Where the store does otherwise.
pub async fn unicode_ids<P: Clone, H: Harness<P>>(harness: &H) {
    let ids =
        ["", " ", "0", "00", "é", "e\u{301}", "ß", "SS", "商品", "🛒", "a\u{0}b", "__proto__"];
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = ids.map(|id| row(id, harness.payload(id))).to_vec();
    store.commit(&Batch { put, ..batch("products", term) }).await.unwrap();
    let store = harness.reopen(&store).await;
    let mut expected = ids.map(|id| (Name::from(id), id.to_string()));
    expected.sort();
    assert_eq!(contents(harness, &store, "products").await, expected);
    let remove = ids.map(Name::from).to_vec();
    store.commit(&Batch { remove, ..batch("products", term) }).await.unwrap();
    assert_eq!(listing(harness, &store, "products").await, "");
}

/// Ten thousand rows come back, and single ones among them can be changed.
///
/// # Panics
/// Where the store does otherwise.
pub async fn many_rows<P: Clone, H: Harness<P>>(harness: &H) {
    let store = harness.fresh().await;
    let term = store.claim().await.unwrap();
    let put = (0..10_000).map(|n| row(&n.to_string(), harness.payload(&n.to_string()))).collect();
    store.commit(&Batch { reset: true, put, ..batch("products", term) }).await.unwrap();
    let store = harness.reopen(&store).await;
    let change = Batch {
        put: (0..10_000)
            .step_by(1_000)
            .map(|n| row(&n.to_string(), harness.payload("changed")))
            .collect(),
        remove: (1..10_000).step_by(1_000).map(|n| Name::from(n.to_string())).collect(),
        ..batch("products", term)
    };
    store.commit(&change).await.unwrap();
    let store = harness.reopen(&store).await;
    let rows = loaded(&store, "products").await.rows;
    assert_eq!(rows.len(), 10_000 - 10);
    for row in rows {
        let n: usize = row.id.parse().unwrap();
        let expected = if n.is_multiple_of(1_000) { "changed" } else { &*row.id };
        assert_ne!(n % 1_000, 1);
        assert_eq!(harness.text(&row.payload.unwrap()), expected);
    }
}
