//! `clear()` leaves nothing, in any tab, whatever was under way.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_cache_wasm::Engine;
use js_sys::Function;
use support::{
    PRODUCTS, RESTORED, frame, json, new_name, opened, read_once, recorded, stored, until,
    until_lock, until_stored,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Rows are changed by an event, which whoever owns the scope commits.
fn change(version: u32) {
    let data = format!(r#"{{"client_refresh":{{"id":1,"v":{version},"price":1}}}}"#);
    frame(0, "ProductChanged", Some("products"), &data.as_str().into());
}

/// The engine has told that it forgot all, and shows nothing.
async fn is_over(listener: &Function, request: u32) {
    until(listener, "cleared", &format!(r#"[{request},"(undefined)"]"#)).await.unwrap();
    let last = js_sys::Array::from(&json(&recorded(listener, "live"))).pop();
    let last = support::text(&last);
    assert!(last.contains(r#""total":0,"status":{"state":"empty","reason":"cleared""#), "{last}");
}

/// An engine that owns a scope of two rows and shows them, connected by socket 0.
async fn owning(database: &str) -> (Engine, Function) {
    let (engine, listener) = opened(database);
    until_lock(database, true).await.unwrap();
    read_once(&engine, &listener).await;
    until_stored(database, 2).await.unwrap();
    (engine, listener)
}

#[wasm_bindgen_test]
async fn a_read_in_flight_and_an_open_query_bring_nothing_back() {
    let database = new_name();
    let (engine, listener) = owning(&database).await;
    engine.refresh(&"products".into());
    let read = js_sys::Array::from(&js_sys::Array::from(&json(&recorded(&listener, "read"))).pop());
    engine.clear(5);
    let rows = r#"{"kind":"list","rows":[{"id":1,"v":1,"price":5},{"id":2,"v":1,"price":3}]}"#;
    engine.read_done(read.get(0).as_f64().unwrap() as u32, &json(rows));
    is_over(&listener, 5).await;
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 0).await.unwrap();
    assert!(support::is_closed(0), "and hears nothing any more");
}

#[wasm_bindgen_test]
async fn a_commit_that_is_queued_is_not_carried_out() {
    let database = new_name();
    let (engine, listener) = owning(&database).await;
    // the first is under way, the second waits for it
    change(2);
    change(3);
    engine.clear(5);
    is_over(&listener, 5).await;
    drop(engine);
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn another_tab_that_holds_the_lock_does_not_write_its_rows_again() {
    let database = new_name();
    let (owner, heard) = owning(&database).await;
    let (other, listener) =
        support::engine(&support::with_database(&database), &JsValue::UNDEFINED);
    other.resource(&json(PRODUCTS));
    until(&listener, "activity", RESTORED).await.unwrap();
    other.clear(7);
    until(&listener, "cleared", "7").await.unwrap();
    // the owner has not heard of it but by what is stored
    change(4);
    is_over(&heard, 0).await;
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 0).await.unwrap();
    drop(owner);
}

#[wasm_bindgen_test]
async fn another_tab_that_is_told_forgets_at_once() {
    let database = new_name();
    let (owner, heard) = owning(&database).await;
    change(2);
    owner.forget();
    is_over(&heard, 0).await;
    until_lock(&database, false).await.unwrap();
    // it forgets, and leaves the rows to whoever clears
    owner.clear(9);
    until(&heard, "cleared", "9").await.unwrap();
    until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_tab_that_was_frozen_notices_when_it_is_back() {
    let database = new_name();
    let (frozen, heard) = owning(&database).await;
    frozen.release();
    let (other, listener) =
        support::engine(&support::with_database(&database), &JsValue::UNDEFINED);
    other.clear(7);
    until(&listener, "cleared", "7").await.unwrap();
    drop(other);
    until_lock(&database, false).await.unwrap();
    frozen.page(&"resumed".into());
    is_over(&heard, 0).await;
    until_lock(&database, false).await.unwrap();
    until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_follower_that_was_frozen_notices_too() {
    let database = new_name();
    let (_owner, _) = owning(&database).await;
    let (follower, heard) = opened(&database);
    until(&heard, "activity", RESTORED).await.unwrap();
    let (other, listener) =
        support::engine(&support::with_database(&database), &JsValue::UNDEFINED);
    other.clear(7);
    until(&listener, "cleared", "7").await.unwrap();
    follower.look();
    is_over(&heard, 0).await;
}

#[wasm_bindgen_test]
async fn before_anything_was_opened_there_is_nothing_left_either() {
    let database = stored().await;
    let (engine, listener) = opened(&database);
    engine.clear(1);
    is_over(&listener, 1).await;
    until_stored(&database, 0).await.unwrap();
    until_lock(&database, false).await.unwrap();
}

#[wasm_bindgen_test]
async fn twice_is_as_good_as_once() {
    let database = new_name();
    let (engine, listener) = owning(&database).await;
    engine.clear(5);
    engine.clear(6);
    until(&listener, "cleared", "5").await.unwrap();
    is_over(&listener, 6).await;
    until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_new_cache_of_the_scope_begins_from_nothing() {
    let database = new_name();
    let (old, told) = owning(&database).await;
    old.clear(5);
    until(&told, "cleared", "5").await.unwrap();
    let (next, listener) = opened(&database);
    until_lock(&database, true).await.unwrap();
    assert!(!recorded(&listener, "activity").contains("restored"));
    read_once(&next, &listener).await;
    until_stored(&database, 2).await.unwrap();
    next.look();
    until(&listener, "live", r#""state":"fresh""#).await.unwrap();
    assert_eq!(recorded(&listener, "cleared"), "[]");
    drop(old);
}

#[wasm_bindgen_test]
async fn a_store_that_does_not_answer_is_said() {
    let restore = support::hanging_open();
    let (engine, listener) = opened(&new_name());
    let hurried = support::hurry();
    engine.clear(5);
    until(&listener, "cleared", "another tab keeps the store from being opened").await.unwrap();
    hurried.call0(&JsValue::NULL).unwrap();
    restore.call0(&JsValue::NULL).unwrap();
    engine.clear(6);
    is_over(&listener, 6).await;
}

#[wasm_bindgen_test]
async fn without_a_store_there_is_nothing_to_clear() {
    let restore = support::without_indexed_db();
    let (engine, listener) = opened(&new_name());
    engine.clear(5);
    is_over(&listener, 5).await;
    restore.call0(&JsValue::NULL).unwrap();
    let (in_memory, listener) = support::connected(&JsValue::UNDEFINED);
    in_memory.clear(6);
    assert_eq!(recorded(&listener, "cleared"), r#"[[6,"(undefined)"]]"#);
    in_memory.forget();
    assert_eq!(recorded(&listener, "cleared"), r#"[[6,"(undefined)"]]"#, "it has ended");
}
