//! Builds of different age in one database: an older one never harms what a newer one keeps, and an upgrade leaves
//! nothing behind.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_cache::Term;
use echolite_store::{Store, StoreError};
use js_sys::Array;
use support::{Rows, ids, new_name, page_key, puts};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn is_newer<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Newer))
}

/// A layout that is not known yet, with something in it.
async fn of_the_future() -> String {
    let name = new_name();
    support::foreign(&name, 99, "rows").await;
    support::put(&name, "rows", &"products".into(), &"of a newer build".into()).await;
    name
}

#[wasm_bindgen_test]
async fn a_newer_layout_is_left_alone() {
    let name = of_the_future().await;
    for build in [None, Some(1.0), Some(7.0)] {
        let store = Rows::of_build(&name, build);
        for _ in 0..2 {
            assert!(is_newer(store.claim().await));
            assert!(is_newer(store.load("products").await));
            assert!(is_newer(store.commit(&puts("products", Term(u64::MAX / 4), &["a"])).await));
            assert!(is_newer(store.resources().await));
            assert!(is_newer(store.look().await));
        }
    }
    assert_eq!(support::contents(&name).await, r#"99 {"rows":["of a newer build"]}"#);
}

#[wasm_bindgen_test]
async fn clearing_leaves_nothing_of_a_newer_layout_either() {
    let name = of_the_future().await;
    Rows::new(&name).clear().await.unwrap();
    let store = Rows::new(&name);
    let term = store.claim().await.unwrap();
    store.commit(&puts("products", term, &["a"])).await.unwrap();
    assert!(!support::contents(&name).await.contains("of a newer build"));
}

#[wasm_bindgen_test]
async fn an_upgrade_removes_what_is_older_and_keeps_the_term() {
    let name = new_name();
    support::older(&name).await;
    let store = Rows::new(&name);
    assert_eq!(ids(&store, "products").await, None);
    assert_eq!(store.resources().await.unwrap().len(), 0);
    assert_eq!(store.claim().await.unwrap(), Term(8), "the older layout was at term 7");
    let left = support::contents(&name).await;
    assert_eq!(left, r#"2 {"meta":[],"pages":[],"scope":[[8,20,0,null]]}"#);
}

#[wasm_bindgen_test]
async fn an_upgrade_closes_connections_of_the_older_build() {
    let name = new_name();
    let old = Rows::new(&name);
    let term = old.claim().await.unwrap();
    old.commit(&puts("products", term, &["a"])).await.unwrap();
    // a build with a newer layout opens it
    support::foreign(&name, 99, "rows").await;
    assert!(is_newer(old.commit(&puts("products", term, &["b"])).await));
    assert!(is_newer(old.claim().await));
    let left = support::contents(&name).await;
    assert!(left.starts_with("99 "), "{left}");
}

#[wasm_bindgen_test]
async fn of_three_builds_only_the_newest_writes() {
    let name = new_name();
    let [one, two, three] = [1.0, 2.0, 3.5].map(|build| Rows::of_build(&name, Some(build)));
    let old = one.claim().await.unwrap();
    one.commit(&puts("products", old, &["a"])).await.unwrap();
    two.claim().await.unwrap();
    assert!(is_newer(one.claim().await));
    assert!(is_newer(one.load("products").await));
    let term = three.claim().await.unwrap();
    three.commit(&puts("products", term, &["b"])).await.unwrap();
    for older in [&one, &two] {
        // resumed later, or opened beside it
        assert!(is_newer(older.look().await));
        assert!(is_newer(older.claim().await));
        let refused = older.commit(&puts("products", old, &["z"])).await;
        assert_eq!(refused, Err(StoreError::Superseded { ours: old, current: term }));
    }
    assert!(is_newer(Rows::of_build(&name, Some(3.0)).claim().await));
    let same = Rows::of_build(&name, Some(3.5));
    assert_eq!(ids(&same, "products").await.unwrap(), ["a", "b"]);
    same.claim().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_build_that_does_not_say_its_number_is_neither_older_nor_newer() {
    let name = new_name();
    let numbered = Rows::of_build(&name, Some(2.0));
    numbered.claim().await.unwrap();
    Rows::new(&name).claim().await.unwrap();
    numbered.claim().await.unwrap();
    assert!(is_newer(Rows::of_build(&name, Some(1.0)).claim().await), "it is not forgotten");
}

#[wasm_bindgen_test]
async fn an_older_build_deletes_nothing_that_it_cannot_read() {
    let name = new_name();
    let newer = Rows::of_build(&name, Some(2.0));
    let term = newer.claim().await.unwrap();
    newer.commit(&puts("products", term, &["a"])).await.unwrap();
    let page = Array::of1(&"another shape".into());
    support::put(&name, "pages", &page_key("products", 0), &page).await;
    support::put(&name, "meta", &"products".into(), &JsValue::from("another shape")).await;
    let before = support::contents(&name).await;
    let older = Rows::of_build(&name, Some(1.0));
    assert!(is_newer(older.load("products").await));
    assert!(is_newer(older.claim().await));
    assert!(older.load("products").await.is_err());
    assert_eq!(support::contents(&name).await, before);
}

#[wasm_bindgen_test]
async fn a_clearing_keeps_the_build() {
    let name = new_name();
    let newer = Rows::of_build(&name, Some(2.0));
    newer.claim().await.unwrap();
    let older = Rows::of_build(&name, Some(1.0));
    older.clear().await.unwrap();
    assert_eq!(newer.look().await, Err(StoreError::Cleared));
    assert!(is_newer(older.claim().await));
}
