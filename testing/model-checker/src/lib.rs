//! Every schedule of a small world, explored by `stateright` against the production engine.
//!
//! The client of that world *is* [`echolite_cache::CacheEngine`], not a copy of its rules: each action of the world becomes
//! an input, and what the engine wants done becomes the next actions. Around it stand a back end (two rows, made and
//! made anew, by writers of whom one publishes through a queue), a server with two channels, a network that may be
//! cut, and a store from which the page may be loaded anew.
//!
//! What must hold is in [`promise`]; what may happen, and how much of it, in [`kinds`](mod@kinds); worlds with habits of their
//! own are in [`habits`].

pub mod back_end;
pub mod canonical;
mod checker;
pub mod client;
pub mod data;
pub mod habits;
pub mod kinds;
mod page;
pub mod promise;
pub mod reads;
mod server;
pub mod store;
pub mod world;

pub use habits::{Habits, KINDS, Kind};
pub use kinds::{BrokenClient, Budget, Facts, Schedules};
