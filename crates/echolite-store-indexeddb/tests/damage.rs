//! What a store does with a database that is damaged, foreign, lost or not to be had.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_cache::{Batch, Term};
use echolite_store::{Store, StoreError};
use js_sys::{Array, Function, Object};
use support::{Row, Rows, ids, new_name, page_key, puts};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::IdbDatabase;

wasm_bindgen_test_configure!(run_in_browser);

/// A database with two resources, and the term that wrote them.
async fn stored() -> (String, Term) {
    let name = new_name();
    let store = Rows::new(&name);
    let term = store.claim().await.unwrap();
    for resource in ["products", "messages"] {
        store.commit(&puts(resource, term, &["a", "b"])).await.unwrap();
    }
    (name, term)
}

fn is_corrupt<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Corrupt { resource, .. }) if &**resource == "products")
}

/// Loads a damaged resource without owning the scope, owning it, and writes it anew.
async fn recovers(name: &str) {
    let follower = Rows::new(name);
    assert!(is_corrupt(&follower.load("products").await));
    assert!(is_corrupt(&follower.load("products").await), "a follower deletes nothing");

    let owner = Rows::new(name);
    let term = owner.claim().await.unwrap();
    let part = puts("products", term, &["c"]);
    assert!(is_corrupt(&owner.commit(&part).await), "a part is not added to what is unknown");
    assert!(is_corrupt(&owner.load("products").await));
    assert_eq!(ids(&owner, "products").await, None);
    assert_eq!(ids(&owner, "messages").await.unwrap(), ["a", "b"]);
    owner.commit(&part).await.unwrap();
    assert_eq!(ids(&Rows::new(name), "products").await.unwrap(), ["c"]);
}

#[wasm_bindgen_test]
async fn unreadable_pages_are_dropped() {
    let slot = |fields: &[JsValue]| fields.iter().collect::<Array>();
    let row = |id: &str| slot(&[id.into(), JsValue::NULL, 0.into(), Object::new().into()]);
    let bad_pages: [JsValue; 6] = [
        "no page".into(),
        Object::new().into(),
        Array::of1(&"no slot".into()).into(),
        Array::of1(&slot(&[7.into(), JsValue::NULL, 0.into()])).into(),
        Array::of1(&slot(&["a".into(), JsValue::TRUE, 0.into()])).into(),
        Array::of2(&row("twice"), &row("twice")).into(),
    ];
    for bad in bad_pages {
        let (name, _) = stored().await;
        support::put(&name, "pages", &page_key("products", 0), &bad).await;
        recovers(&name).await;
    }
}

#[wasm_bindgen_test]
async fn a_missing_page_is_noticed() {
    let (name, _) = stored().await;
    support::remove(&name, "pages", &page_key("products", 0)).await;
    recovers(&name).await;
}

#[wasm_bindgen_test]
async fn an_unknown_description_is_dropped() {
    for bad in [JsValue::NULL, "meta".into(), Array::of2(&1.into(), &1.into()).into()] {
        let (name, _) = stored().await;
        support::put(&name, "meta", &"products".into(), &bad).await;
        recovers(&name).await;
    }
}

#[wasm_bindgen_test]
async fn pages_without_description_are_no_rows() {
    let (name, term) = stored().await;
    support::remove(&name, "meta", &"products".into()).await;
    let store = Rows::new(&name);
    assert_eq!(ids(&store, "products").await, None);
    store.commit(&puts("products", term, &["c"])).await.unwrap();
    assert_eq!(ids(&Rows::new(&name), "products").await.unwrap(), ["c"]);
}

#[wasm_bindgen_test]
async fn a_damaged_resource_is_replaced_by_a_reset() {
    let (name, term) = stored().await;
    support::put(&name, "pages", &page_key("products", 0), &"no page".into()).await;
    support::put(&name, "meta", &"products".into(), &"no meta".into()).await;
    let store = Rows::new(&name);
    store.commit(&Batch { reset: true, ..puts("products", term, &["c"]) }).await.unwrap();
    assert_eq!(ids(&store, "products").await.unwrap(), ["c"]);
}

#[wasm_bindgen_test]
async fn an_unreadable_scope_starts_with_a_later_term() {
    let (name, term) = stored().await;
    support::put(&name, "scope", &"scope".into(), &"no scope".into()).await;
    let store = Rows::new(&name);
    assert!(store.claim().await.unwrap() > term);
}

#[wasm_bindgen_test]
async fn a_foreign_database_is_replaced() {
    for (version, object_store) in [(1, "something"), (1, "pages"), (2, "pages")] {
        let name = new_name();
        support::foreign(&name, version, object_store).await;
        let store = Rows::new(&name);
        assert_eq!(ids(&store, "products").await, None);
        let term = store.claim().await.unwrap();
        store.commit(&puts("products", term, &["a"])).await.unwrap();
        assert_eq!(ids(&Rows::new(&name), "products").await.unwrap(), ["a"]);
    }
}

#[wasm_bindgen_test]
async fn a_database_held_by_another_is_blocked() {
    let name = new_name();
    let held: IdbDatabase = support::hold(&name, 1).await.unchecked_into();
    let store = Rows::new(&name);
    let hurried = support::hurry();
    for _ in 0..3 {
        // a request that waits behind another hears of nothing
        assert_eq!(store.claim().await, Err(StoreError::Blocked));
        assert_eq!(store.load("products").await.err(), Some(StoreError::Blocked));
    }
    hurried.call0(&JsValue::NULL).unwrap();
    held.close();
    store.claim().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_request_given_up_keeps_nobody_from_an_upgrade() {
    let name = new_name();
    let held: IdbDatabase = support::hold(&name, 1).await.unchecked_into();
    let store = Rows::new(&name);
    let hurried = support::hurry();
    assert_eq!(store.claim().await, Err(StoreError::Blocked));
    hurried.call0(&JsValue::NULL).unwrap();
    held.close();
    // waits until all connections are closed, that of the request among them
    support::erase(&name).await;
    store.claim().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_that_never_opens_is_waited_for_a_while() {
    let restore = support::hanging_open();
    let hurried = support::hurry();
    let name = new_name();
    let store = Rows::new(&name);
    assert_eq!(store.claim().await, Err(StoreError::Blocked));
    assert_eq!(store.clear().await, Err(StoreError::Blocked));
    hurried.call0(&JsValue::NULL).unwrap();
    restore.call0(&JsValue::NULL).unwrap();
    Rows::new(&name).claim().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_transaction_that_never_ends_is_waited_for_a_while() {
    let (name, term) = stored().await;
    let store = Rows::new(&name);
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b"]);
    let free: Function = support::occupy(&name).await.unchecked_into();
    let hurried = support::hurry();
    let given_up = store.commit(&puts("products", term, &["c"])).await;
    assert!(matches!(given_up, Err(StoreError::Failed { .. })), "{given_up:?}");
    hurried.call0(&JsValue::NULL).unwrap();
    free.call0(&JsValue::NULL).unwrap();
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b"], "it was given up as a whole");
    store.commit(&puts("products", term, &["c"])).await.unwrap();
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b", "c"]);
}

#[wasm_bindgen_test]
async fn a_connection_lost_is_opened_again() {
    let (name, term) = stored().await;
    let store = Rows::new(&name);
    for error in ["InvalidStateError", "UnknownError"] {
        assert_eq!(ids(&store, "messages").await.unwrap(), ["a", "b"]);
        support::fail_once("IDBDatabase", "transaction", error);
        assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b"]);
        support::fail_once("IDBDatabase", "transaction", error);
        store.commit(&puts("products", term, &["b"])).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_database_deleted_by_another_is_made_anew() {
    let (name, old) = stored().await;
    let store = Rows::new(&name);
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b"]);
    // waits for this store's connection to close: it must close by itself
    support::erase(&name).await;
    assert_eq!(ids(&store, "products").await, None);
    let term = store.claim().await.unwrap();
    assert!(term > old, "terms rise even so");
    store.commit(&puts("products", term, &["c"])).await.unwrap();
    assert_eq!(ids(&store, "products").await.unwrap(), ["c"]);
}

#[wasm_bindgen_test]
async fn a_full_disk_is_told_and_changes_nothing() {
    let (name, term) = stored().await;
    let store = Rows::new(&name);
    support::fail_once("IDBObjectStore", "put", "QuotaExceededError");
    let refused = store.commit(&puts("products", term, &["c"])).await;
    assert_eq!(refused, Err(StoreError::Quota));
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b"]);
    store.commit(&puts("products", term, &["c"])).await.unwrap();
    assert_eq!(ids(&store, "products").await.unwrap(), ["a", "b", "c"]);
}

#[wasm_bindgen_test]
async fn no_storage_is_unavailable() {
    let ways = [
        support::throwing("SecurityError"),
        support::giving(&JsValue::NULL),
        support::giving(&JsValue::UNDEFINED),
    ];
    for way in ways {
        let restore: Function = support::replace_indexed_db(&way);
        let result = Rows::new(&new_name()).claim().await;
        restore.call0(&JsValue::NULL).unwrap();
        assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
    }
    let name = new_name();
    support::fail_once("IDBFactory", "open", "InvalidStateError");
    let result = Rows::new(&name).claim().await;
    assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
}

#[wasm_bindgen_test]
async fn a_row_that_is_no_data_is_refused() {
    let (name, term) = stored().await;
    let store = Rows::new(&name);
    let mut batch = puts("products", term, &["c"]);
    batch.put[0].payload = Some(Row(support::throwing("a function")));
    let refused = store.commit(&batch).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
}
