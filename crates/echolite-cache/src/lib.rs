//! The cache: lists kept right by events and reads, as one state machine above the connection, sans-IO.
//!
//! [`CacheEngine`] owns the engine of one connection (`echolite-core`) and the resources that live by it. As there,
//! time, randomness and bytes come in as arguments, and what must happen goes out as values ([`Output`]). See
//! `docs/architecture.md` for the walk of one event.

// Pure: neither clock nor randomness, and the same order in every run.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

mod answers;
mod cache;
pub mod config;
mod context;
pub mod engine;
mod entries;
mod events;
mod filter;
mod heads;
pub mod input;
mod inspect;
mod link;
mod live;
pub mod output;
mod pages;
mod paging;
pub mod persist;
mod positions;
pub mod query;
mod reaction;
mod reading;
mod reads;
mod reconcile;
mod resource;
mod rows;
pub mod rules;
mod saving;
mod schedule;
pub mod status;
mod telling;
mod trust;
pub mod version;

pub use config::{Config, Paging, Reaction, ResourceConfig, VersionMode};
pub use engine::CacheEngine;
pub use input::{Command, Input, ReadFailure, ReadReply, StoreInput, Verdict};
pub use output::{Activity, LiveUpdate, Output, ReadRequest, ReadTarget, RowChange, Splice};
pub use persist::{Batch, Meta, Stored, StoredRow, Term};
pub use query::{Condition, Order, Query};
pub use status::{Reason, Status, StatusState};
pub use version::{Head, Version};

/// The words of the crate below that stand in this one's types.
pub use echolite_core::{
    Frame, Mono, Name, Now, PageSignal, Payload, Position, RequestId, Scalar, Wall,
};

/// A live query, numbered by the application's side.
pub type LiveId = u32;
