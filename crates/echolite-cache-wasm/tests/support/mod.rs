//! The test's side of a cache's engine.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub(crate) use echolite_wasm_support::testing::*;

use echolite_cache_wasm::Engine;
use js_sys::{Array, Function};
use wasm_bindgen::JsValue;

/// An engine and the listener that hears it.
pub(crate) fn engine(config: &str, also: &JsValue) -> (Engine, Function) {
    let listener = recorder(also);
    let engine = Engine::new(&json(config), listener.clone().into());
    (engine.unwrap_or_else(|_| panic!("the settings fit")), listener)
}

/// An engine that is connected by socket 0.
pub(crate) fn connected(also: &JsValue) -> (Engine, Function) {
    install_fake_web_socket();
    let (engine, listener) = engine(CONFIG, also);
    engine.connect();
    establish(0);
    (engine, listener)
}

/// Settings with a database of this name.
pub(crate) fn with_database(name: &str) -> String {
    CONFIG.replacen('{', &format!(r#"{{"database":"{name}","#), 1)
}

pub(crate) const PRODUCTS: &str = r#"{"name":"products","fingerprint":"[1]","url":"http://a/products",
    "rowPrefixes":["http://a/products/"],"key":"id","version":"v","strict":true,
    "channels":["products"],"on":[["ProductChanged","auto"]],"indexes":["price"],"indexTypes":[],
    "rowField":"client_refresh","deletedField":"deleted","urlField":"url","tagField":"tags","tags":[],"headField":"head",
    "consult":false,"belongs":"all","schema":1,"persist":true}"#;

pub(crate) const BY_PRICE: &str =
    r#"{"conditions":[],"order":[["price",false]],"offset":0,"limit":10}"#;

/// A database name that nobody has used.
pub(crate) fn new_name() -> String {
    format!("driver-{}-{}", js_sys::Date::now(), js_sys::Math::random())
}

/// An engine with the resource declared and a live query on it.
pub(crate) fn opened(database: &str) -> (Engine, Function) {
    install_fake_web_socket();
    let (engine, listener) = engine(&with_database(database), &JsValue::UNDEFINED);
    engine.resource(&json(PRODUCTS));
    engine.live(1, &"products".into(), &json(BY_PRICE));
    (engine, listener)
}

/// Connects and answers the first read.
pub(crate) async fn read_once(engine: &Engine, listener: &Function) {
    establish(0);
    frame(0, "pusher_internal:subscription_succeeded", Some("products"), &"{}".into());
    until(listener, "read", "list").await.unwrap();
    let read = Array::from(&Array::from(&json(&recorded(listener, "read"))).pop());
    let rows = r#"{"kind":"list","rows":[{"id":1,"v":1,"price":5},{"id":2,"v":1,"price":3}]}"#;
    engine.read_done(read.get(0).as_f64().unwrap() as u32, &json(rows));
}

/// A database with two rows, and nobody there any more.
pub(crate) async fn stored() -> String {
    let database = new_name();
    let (engine, listener) = opened(&database);
    read_once(&engine, &listener).await;
    until_stored(&database, 2).await.unwrap();
    until_lock(&database, true).await.unwrap();
    drop(engine);
    until_lock(&database, false).await.unwrap();
    database
}

/// The rows of [`stored`] came from the database.
pub(crate) const RESTORED: &str = r#""type":"restored","resource":"products","rows":2"#;
