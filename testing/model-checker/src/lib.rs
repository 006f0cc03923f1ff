//! Every schedule of a small world, explored by `stateright` against the production engine.
//!
//! The client of that world *is* [`echolite_cache::CacheEngine`], not a copy of its rules: each action of the world becomes
//! an input, and what the engine wants done becomes the next actions. Around it stand a back end (two rows, made and
//! made anew, by writers of whom one publishes through a queue), a server with two channels, a network that may be
//! cut, and a store from which the page may be loaded anew.
//!
//! What must hold is in [`promise`]; what may happen, and how much of it, in [`kinds`].

pub mod back_end;
pub mod canonical;
mod checker;
pub mod client;
pub mod data;
pub mod kinds;
pub mod promise;
pub mod reads;
pub mod store;
pub mod world;

pub use kinds::{BrokenClient, Budget, Facts, Schedules};
