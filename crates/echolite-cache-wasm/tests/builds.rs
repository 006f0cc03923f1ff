//! Builds of different age in one scope, and stores that do not answer: the list goes on in memory.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_cache_wasm::Engine;
use js_sys::Function;
use support::{
    BY_PRICE, PRODUCTS, RESTORED, erase, frame, json, new_name, opened, read_once, recorded,
    stored, until, until_lock, until_stored,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// An engine of a build with the resource declared and a live query on it.
fn of_build(database: &str, build: u32) -> (Engine, Function) {
    support::install_fake_web_socket();
    let config =
        support::with_database(database).replacen('{', &format!(r#"{{"build":{build},"#), 1);
    let (engine, listener) = support::engine(&config, &JsValue::UNDEFINED);
    engine.resource(&json(PRODUCTS));
    engine.live(1, &"products".into(), &json(BY_PRICE));
    (engine, listener)
}

/// The engine shows rows that it has read, though it may not store them.
async fn works(engine: &Engine, listener: &Function) {
    read_once(engine, listener).await;
    until(listener, "live", r#""state":"fresh""#).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_build_that_gives_up_before_the_lock_is_answered_goes_on_in_memory() {
    let database = new_name();
    let (newer, told) = of_build(&database, 2);
    until_lock(&database, true).await.unwrap();
    works(&newer, &told).await;
    until_stored(&database, 2).await.unwrap();
    let (older, listener) = of_build(&database, 1);
    older.retire();
    works(&older, &listener).await;
    assert!(
        !recorded(&listener, "activity").contains("restored"),
        "what it keeps is a newer build's"
    );
    drop(newer);
    until_lock(&database, false).await.unwrap();
    older.page(&"resumed".into());
    older.page(&"resumed".into());
    let gone = r#"{"deleted":true,"client_refresh":{"id":2,"v":2}}"#;
    frame(0, "ProductChanged", Some("products"), &gone.into());
    until(&listener, "live", r#""total":1"#).await.unwrap();
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 2).await.unwrap();
}

#[wasm_bindgen_test]
async fn an_older_build_that_is_resumed_when_the_newer_is_gone_does_not_take_the_store_back() {
    let database = new_name();
    let (older, listener) = of_build(&database, 1);
    until_lock(&database, true).await.unwrap();
    works(&older, &listener).await;
    until_stored(&database, 2).await.unwrap();
    older.release();
    let (newer, told) = of_build(&database, 2);
    until_lock(&database, true).await.unwrap();
    until(&told, "activity", RESTORED).await.unwrap();
    drop(newer);
    until_lock(&database, false).await.unwrap();
    older.page(&"resumed".into());
    until(&listener, "activity", "belongs to a newer build").await.unwrap();
    until_lock(&database, false).await.unwrap();
    let gone = r#"{"deleted":true,"client_refresh":{"id":2,"v":2}}"#;
    frame(0, "ProductChanged", Some("products"), &gone.into());
    older.page(&"resumed".into());
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 2).await.unwrap();
}

#[wasm_bindgen_test]
async fn an_older_build_that_opens_later_reads_at_once() {
    let database = new_name();
    let (newer, told) = of_build(&database, 2);
    until_lock(&database, true).await.unwrap();
    works(&newer, &told).await;
    until_stored(&database, 2).await.unwrap();
    drop(newer);
    until_lock(&database, false).await.unwrap();
    let (older, listener) = of_build(&database, 1);
    works(&older, &listener).await;
    assert!(!recorded(&listener, "activity").contains("restored"));
    until_stored(&database, 2).await.unwrap();
    let (again, listener) = of_build(&database, 2);
    until(&listener, "activity", RESTORED).await.unwrap();
    drop(again);
}

#[wasm_bindgen_test]
async fn a_lock_that_is_never_granted_nor_refused_is_waited_for_a_while() {
    let database = stored().await;
    let restore = support::hanging_locks();
    let hurried = support::hurry();
    let (engine, listener) = opened(&database);
    // the time for the lock is over, that for the database begins
    hurried.call0(&JsValue::NULL).unwrap();
    until(&listener, "activity", RESTORED).await.unwrap();
    works(&engine, &listener).await;
    restore.call0(&JsValue::NULL).unwrap();
}

#[wasm_bindgen_test]
async fn a_database_that_never_opens_is_waited_for_a_while() {
    let restore = support::hanging_open();
    let hurried = support::hurry();
    let (engine, listener) = opened(&new_name());
    until(&listener, "activity", "another tab keeps the store from being opened").await.unwrap();
    hurried.call0(&JsValue::NULL).unwrap();
    works(&engine, &listener).await;
    restore.call0(&JsValue::NULL).unwrap();
}

#[wasm_bindgen_test]
async fn storage_cleared_by_hand_is_filled_again() {
    let database = new_name();
    let (engine, listener) = opened(&database);
    until_lock(&database, true).await.unwrap();
    works(&engine, &listener).await;
    until_stored(&database, 2).await.unwrap();
    erase(&database).await.unwrap();
    let changed = r#"{"client_refresh":{"id":1,"v":2,"price":1}}"#;
    frame(0, "ProductChanged", Some("products"), &changed.into());
    until_stored(&database, 2).await.unwrap();
    let live = recorded(&listener, "live");
    assert!(live.contains(r#"{"id":1,"v":2,"price":1}"#), "{live}");
    assert_eq!(recorded(&listener, "cleared"), "[]", "nobody signed out");
}

#[wasm_bindgen_test]
async fn two_caches_of_one_scope_in_one_page_are_both_right() {
    let database = stored().await;
    let (first, heard) = opened(&database);
    until(&heard, "activity", RESTORED).await.unwrap();
    until_lock(&database, true).await.unwrap();
    let (second, listener) =
        support::engine(&support::with_database(&database), &JsValue::UNDEFINED);
    second.resource(&json(PRODUCTS));
    second.live(1, &"products".into(), &json(BY_PRICE));
    until(&listener, "activity", RESTORED).await.unwrap();
    for (socket, engine, listener) in [(0, &first, &heard), (1, &second, &listener)] {
        support::establish(socket);
        let confirmed = "pusher_internal:subscription_succeeded";
        frame(socket, confirmed, Some("products"), &"{}".into());
        until(listener, "read", "list").await.unwrap();
        let read =
            js_sys::Array::from(&js_sys::Array::from(&json(&recorded(listener, "read"))).pop());
        let rows = r#"{"kind":"list","rows":[{"id":1,"v":7,"price":5}]}"#;
        engine.read_done(read.get(0).as_f64().unwrap() as u32, &json(rows));
        until(listener, "live", r#""total":1,"status":{"state":"fresh""#).await.unwrap();
    }
    drop(first);
    until_lock(&database, true).await.unwrap();
    second.clear(3);
    until(&listener, "cleared", "3").await.unwrap();
    until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_page_in_the_back_forward_cache_during_a_read_is_not_fresh_by_it() {
    let database = new_name();
    let (engine, listener) = opened(&database);
    works(&engine, &listener).await;
    engine.refresh(&"products".into());
    let before = js_sys::Array::from(&json(&recorded(&listener, "read"))).length();
    let read = js_sys::Array::from(&js_sys::Array::from(&json(&recorded(&listener, "read"))).pop());
    engine.release();
    engine.page(&"resumed".into());
    let rows = r#"{"kind":"list","rows":[{"id":1,"v":1,"price":5}]}"#;
    engine.read_done(read.get(0).as_f64().unwrap() as u32, &json(rows));
    let last = support::text(&js_sys::Array::from(&json(&recorded(&listener, "live"))).pop());
    assert!(last.contains(r#""status":{"state":"stale","reason":"resumed""#), "{last}");
    let again = || js_sys::Array::from(&json(&recorded(&listener, "read"))).length() > before;
    while !again() {
        // the read that follows is spread over a quarter of a second
        until(&listener, "read", "list").await.unwrap();
        support::turn().await.unwrap();
    }
}
