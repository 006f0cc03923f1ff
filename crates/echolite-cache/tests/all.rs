//! All the tests of this folder in one program, which `cargo mutants` builds and runs more than a thousand times: one
//! program costs a third of eleven. An ordinary `cargo test` runs them one by one, and not this one.
//!
//! A unit test of `xtask/src/mutants.rs` sees that none is missing.

// each file brings the rig along for when it is a program of its own
#![allow(clippy::duplicate_mod)]

#[path = "cache.rs"]
mod cache;
#[path = "entries.rs"]
mod entries;
#[path = "epochs.rs"]
mod epochs;
#[path = "heads.rs"]
mod heads;
#[path = "live.rs"]
mod live;
#[path = "membership.rs"]
mod membership;
#[path = "pages.rs"]
mod pages;
#[path = "positions/main.rs"]
mod positions;
#[path = "regressions.rs"]
mod regressions;
#[path = "store.rs"]
mod store;
#[path = "tags.rs"]
mod tags;
#[path = "versions.rs"]
mod versions;
