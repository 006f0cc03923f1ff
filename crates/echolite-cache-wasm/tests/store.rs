//! The driver with a database: who owns the scope, and what is there after a reload.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{
    PRODUCTS, RESTORED, engine, frame, json, new_name, opened, read_once, recorded, stored, until,
    with_database,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn rows_are_there_after_a_reload_and_cleared_on_demand() {
    let database = stored().await;
    let (engine, listener) = opened(&database);
    until(&listener, "activity", RESTORED).await.unwrap();
    let shown = recorded(&listener, "live");
    assert!(shown.contains(r#"{"id":1,"v":1,"price":5}"#), "{shown}");
    engine.clear(5);
    until(&listener, "cleared", "5").await.unwrap();
    assert_eq!(recorded(&listener, "cleared"), r#"[[5,"(undefined)"]]"#);
    support::until_stored(&database, 0).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_second_engine_paints_and_takes_over_when_the_first_goes() {
    let database = stored().await;
    let (first, _) = opened(&database);
    support::until_lock(&database, true).await.unwrap();
    let (second, listener) = opened(&database);
    until(&listener, "activity", RESTORED).await.unwrap();
    drop(first);
    // the first read of the second changes a row, which only an owner may store
    support::establish(0);
    frame(0, "pusher_internal:subscription_succeeded", Some("products"), &"{}".into());
    let gone = r#"{"deleted":true,"client_refresh":{"id":2,"v":2}}"#;
    frame(0, "ProductChanged", Some("products"), &gone.into());
    support::until_lock(&database, true).await.unwrap();
    drop(second);
    support::until_lock(&database, false).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_scope_given_up_is_asked_for_again() {
    let database = new_name();
    let (only, _listener) = opened(&database);
    support::until_lock(&database, true).await.unwrap();
    only.release();
    support::until_lock(&database, false).await.unwrap();
    only.page(&"resumed".into());
    support::until_lock(&database, true).await.unwrap();
    only.release();
    only.release();
    support::until_lock(&database, false).await.unwrap();
}

#[wasm_bindgen_test]
async fn without_indexeddb_the_engine_goes_on() {
    let restore = support::without_indexed_db();
    let (engine, listener) = opened(&new_name());
    let failed = r#""type":"store-failed","message":"no durable storage"#;
    until(&listener, "activity", failed).await.unwrap();
    read_once(&engine, &listener).await;
    until(&listener, "live", r#""state":"fresh""#).await.unwrap();
    restore.call0(&JsValue::NULL).unwrap();
}

#[wasm_bindgen_test]
async fn without_web_locks_the_last_to_come_owns_the_scope() {
    let restore = support::without_locks();
    let database = new_name();
    let (first, listener) = opened(&database);
    read_once(&first, &listener).await;
    support::until_stored(&database, 2).await.unwrap();

    let (second, heard) = engine(&with_database(&database), &JsValue::UNDEFINED);
    second.resource(&json(PRODUCTS));
    until(&heard, "activity", RESTORED).await.unwrap();
    let gone = r#"{"deleted":true,"client_refresh":{"id":2,"v":2}}"#;
    frame(0, "ProductChanged", Some("products"), &gone.into());
    until(&listener, "activity", "the store belongs to another tab now").await.unwrap();
    restore.call0(&JsValue::NULL).unwrap();
}

#[wasm_bindgen_test]
async fn a_lock_stolen_is_asked_for_again() {
    let database = new_name();
    let (engine, listener) = opened(&database);
    support::until_lock(&database, true).await.unwrap();
    support::steal_lock(&database).await.unwrap();
    support::until_lock(&database, true).await.unwrap();
    read_once(&engine, &listener).await;
    support::until_stored(&database, 2).await.unwrap();
}
