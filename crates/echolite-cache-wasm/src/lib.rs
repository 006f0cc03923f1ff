//! The cache's module: the engine of lists kept right by events and reads, in a browser.
//!
//! [`Engine`] is what JavaScript sees; its methods are the commands of `npm/src/engine/port.ts`, and it calls
//! `onevent` with the port's events. Behind it a driver (`echolite-wasm-support`) runs the engine; `store_queue`
//! and `lock` are the scope's store and the right to write to it.
//!
//! On other targets than the browser this crate is empty, so that the workspace can be checked whole.

#![cfg(target_arch = "wasm32")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests"))]

mod cached;
mod engine;
mod events;
mod lock;
mod store_queue;
mod wire;

pub use engine::Engine;
