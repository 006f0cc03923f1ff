//! The test's side of Echo's engine.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub(crate) use echolite_wasm_support::testing::*;

use echolite_echo_wasm::Engine;
use js_sys::Function;
use wasm_bindgen::JsValue;

/// An engine and the listener that hears it.
pub(crate) fn engine(config: &str, also: &JsValue) -> (Engine, Function) {
    let listener = recorder(also);
    let engine = Engine::new(&json(config), listener.clone().into());
    (engine.unwrap_or_else(|_| panic!("the settings fit")), listener)
}

/// Subscribes and has the server agree.
pub(crate) fn subscribed(engine: &Engine, channel: &str) {
    engine.subscribe(&channel.into());
    frame(0, "pusher_internal:subscription_succeeded", Some(channel), &"{}".into());
}
