//! The test's side of an engine: a server behind a WebSocket that is none, and a page.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use echolite_wasm::Engine;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(module = "/tests/support/fake.js")]
extern "C" {
    #[wasm_bindgen(js_name = installFakeWebSocket)]
    pub(crate) fn install_fake_web_socket();
    #[wasm_bindgen(js_name = socketCount)]
    pub(crate) fn socket_count() -> u32;
    pub(crate) fn sent(socket: u32) -> String;
    #[wasm_bindgen(js_name = isClosed)]
    pub(crate) fn is_closed(socket: u32) -> bool;
    #[wasm_bindgen(js_name = openSocket)]
    pub(crate) fn open_socket(socket: u32);
    #[wasm_bindgen(js_name = closeSocket)]
    pub(crate) fn close_socket(socket: u32, code: u16);
    pub(crate) fn say(socket: u32, data: &JsValue);
    pub(crate) fn recorder(also: &JsValue) -> Function;
    pub(crate) fn recorded(listener: &Function, name: &str) -> String;
    pub(crate) fn until(listener: &Function, name: &str, text: &str) -> Promise;
    pub(crate) fn json(text: &str) -> JsValue;
    pub(crate) fn text(value: &JsValue) -> String;
    #[wasm_bindgen(js_name = catchReports)]
    pub(crate) fn catch_reports() -> Function;
    pub(crate) fn throwing(name: &str) -> JsValue;
    pub(crate) fn commanding(name: &str, command: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = untilLock)]
    pub(crate) fn until_lock(name: &str, held: bool) -> Promise;
    #[wasm_bindgen(js_name = untilStored)]
    pub(crate) fn until_stored(database: &str, count: i32) -> Promise;
    #[wasm_bindgen(js_name = withoutIndexedDb)]
    pub(crate) fn without_indexed_db() -> Function;
    #[wasm_bindgen(js_name = withoutLocks)]
    pub(crate) fn without_locks() -> Function;
    #[wasm_bindgen(js_name = stealLock)]
    pub(crate) fn steal_lock(name: &str) -> Promise;
}

pub(crate) const CONFIG: &str = r#"{"key":"app","host":"localhost","wsPort":1,"wssPort":1,
    "path":"","tls":false,"allowWs":true,"allowWss":true}"#;

/// Settings with a database of this name.
pub(crate) fn with_database(name: &str) -> String {
    CONFIG.replacen('{', &format!(r#"{{"database":"{name}","#), 1)
}

/// An engine and the listener that hears it.
pub(crate) fn engine(config: &str, also: &JsValue) -> (Engine, Function) {
    let listener = recorder(also);
    let engine = Engine::new(&json(config), listener.clone().into());
    (engine.unwrap_or_else(|_| panic!("the settings fit")), listener)
}

/// What the server says first.
pub(crate) fn establish(socket: u32) {
    open_socket(socket);
    let data = r#"{"socket_id":"1.1","activity_timeout":30}"#;
    frame(socket, "pusher:connection_established", None, &JsValue::from_str(data));
}

/// A frame from the server.
pub(crate) fn frame(socket: u32, event: &str, channel: Option<&str>, data: &JsValue) {
    let channel = channel.map_or(String::new(), |name| format!(r#""channel":"{name}","#));
    let frame = format!(r#"{{"event":"{event}",{channel}"data":{}}}"#, text(data));
    say(socket, &frame.into());
}

/// Subscribes and has the server agree.
pub(crate) fn subscribed(engine: &Engine, channel: &str) {
    engine.subscribe(&channel.into());
    frame(0, "pusher_internal:subscription_succeeded", Some(channel), &"{}".into());
}

pub(crate) const PRODUCTS: &str = r#"{"name":"products","url":"http://a/products",
    "rowPrefixes":["http://a/products/"],"key":"id","version":"v","strict":true,
    "channels":["products"],"on":[["ProductChanged","auto"]],"indexes":["price"],
    "rowField":"client_refresh","deletedField":"deleted","urlField":"url","tagField":"tags","tags":[],"headField":"head",
    "consult":false,"schema":1,"persist":true}"#;

pub(crate) const BY_PRICE: &str =
    r#"{"conditions":[],"order":[["price",false]],"offset":0,"limit":10}"#;
