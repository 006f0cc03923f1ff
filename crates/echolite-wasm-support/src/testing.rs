//! The test's side of an engine: a server behind a WebSocket that is none, and a page.
#![allow(missing_docs, reason = "the names say it; fake.js has the bodies")]

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(module = "/src/fake.js")]
extern "C" {
    #[wasm_bindgen(js_name = installFakeWebSocket)]
    pub fn install_fake_web_socket();
    #[wasm_bindgen(js_name = socketCount)]
    pub fn socket_count() -> u32;
    pub fn sent(socket: u32) -> String;
    #[wasm_bindgen(js_name = heldSockets)]
    pub fn held_sockets() -> u32;
    #[wasm_bindgen(js_name = isClosed)]
    pub fn is_closed(socket: u32) -> bool;
    #[wasm_bindgen(js_name = openSocket)]
    pub fn open_socket(socket: u32);
    #[wasm_bindgen(js_name = closeSocket)]
    pub fn close_socket(socket: u32, code: u16);
    pub fn say(socket: u32, data: &JsValue);
    pub fn recorder(also: &JsValue) -> Function;
    pub fn recorded(listener: &Function, name: &str) -> String;
    pub fn until(listener: &Function, name: &str, text: &str) -> Promise;
    pub fn json(text: &str) -> JsValue;
    pub fn text(value: &JsValue) -> String;
    #[wasm_bindgen(js_name = catchReports)]
    pub fn catch_reports() -> Function;
    pub fn throwing(name: &str) -> JsValue;
    pub fn commanding(name: &str, command: &JsValue) -> JsValue;
    #[wasm_bindgen(js_name = untilLock)]
    pub fn until_lock(name: &str, held: bool) -> Promise;
    #[wasm_bindgen(js_name = untilStored)]
    pub fn until_stored(database: &str, count: i32) -> Promise;
    #[wasm_bindgen(js_name = withoutIndexedDb)]
    pub fn without_indexed_db() -> Function;
    #[wasm_bindgen(js_name = withoutLocks)]
    pub fn without_locks() -> Function;
    #[wasm_bindgen(js_name = hangingLocks)]
    pub fn hanging_locks() -> Function;
    #[wasm_bindgen(js_name = hangingOpen)]
    pub fn hanging_open() -> Function;
    pub fn hurry() -> Function;
    pub fn turn() -> Promise;
    pub fn erase(database: &str) -> Promise;
    #[wasm_bindgen(js_name = stealLock)]
    pub fn steal_lock(name: &str) -> Promise;
}

pub const CONFIG: &str = r#"{"key":"app","host":"localhost","wsPort":1,"wssPort":1,
    "path":"","tls":false,"allowWs":true,"allowWss":true}"#;

/// What the server says first.
pub fn establish(socket: u32) {
    open_socket(socket);
    let data = r#"{"socket_id":"1.1","activity_timeout":30}"#;
    frame(socket, "pusher:connection_established", None, &JsValue::from_str(data));
}

/// A frame from the server.
pub fn frame(socket: u32, event: &str, channel: Option<&str>, data: &JsValue) {
    let channel = channel.map_or(String::new(), |name| format!(r#""channel":"{name}","#));
    let frame = format!(r#"{{"event":"{event}",{channel}"data":{}}}"#, text(data));
    say(socket, &frame.into());
}
