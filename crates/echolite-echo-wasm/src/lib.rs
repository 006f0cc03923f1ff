//! Echo's module: the engine of a connection, its channels and its user, in a page.
//!
//! [`Engine`] is what JavaScript sees; its methods are the commands of `npm/src/engine/port.ts`, and it calls
//! `onevent` with the port's events. Behind it a driver (`echolite-wasm-support`) runs the engine.
//!
//! On other targets than the browser this crate is empty, so that the workspace can be checked whole.

#![cfg(target_arch = "wasm32")]

mod connected;
mod engine;

pub use engine::Engine;
