//! The browser driver: carries what happens to an [`echolite_cache::CacheEngine`] and carries out what it
//! wants. It translates, and decides nothing.
//!
//! [`Engine`] is what JavaScript sees; its methods are the commands of `npm/src/engine/port.ts`, and it calls
//! `onevent` with the port's events. Behind it `driver` runs the engine; `socket`, `timer` and `keeper`
//! (Web Lock and store) are its borders; `wire` reads what the page says and `tell` says what the
//! engine does. Works in a page, a worker and a shared worker.
//!
//! On other targets than the browser this crate is empty, so that the workspace can be checked whole.

#![cfg(target_arch = "wasm32")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod driver;
mod engine;
mod frame;
mod intern;
mod js;
mod keeper;
mod lock;
mod panic;
mod payload;
mod perform;
mod socket;
mod tell;
mod timer;
mod wire;

pub use engine::Engine;
pub use payload::JsPayload;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
