//! What the browser modules share: they carry what happens to an engine and carry out what it wants. They
//! translate, and decide nothing.
//!
//! A [`Driver`] runs an [`Engine`] and owns its borders: `socket`, `timer`, and the [`EventSink`] through which
//! the page is told by the events of `npm/src/engine/port.ts`. `wire` reads what the page says, `frame` what the
//! server says. Works in a page, a worker and a shared worker.
//!
//! On other targets than the browser this crate is empty, so that the workspace can be checked whole.

#![cfg(target_arch = "wasm32")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod driver;
mod event_sink;
mod frame;
pub mod intern;
pub mod js;
mod panic;
mod payload;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;
mod timer;
pub mod wire;

pub use driver::{Driver, Engine, Moment};
pub use event_sink::EventSink;
pub use panic::refuse_after_panic;
pub use payload::JsPayload;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
