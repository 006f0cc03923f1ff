//! The test's side of a cache's engine.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub(crate) use echolite_wasm_support::testing::*;

use echolite_cache_wasm::Engine;
use js_sys::Function;
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
    "channels":["products"],"on":[["ProductChanged","auto"]],"indexes":["price"],
    "rowField":"client_refresh","deletedField":"deleted","urlField":"url","tagField":"tags","tags":[],"headField":"head",
    "consult":false,"schema":1,"persist":true}"#;

pub(crate) const BY_PRICE: &str =
    r#"{"conditions":[],"order":[["price",false]],"offset":0,"limit":10}"#;
