//! The cache: lists kept right by events and reads, as one state machine above the connection, sans-IO.
//!
//! [`CacheEngine`] owns the engine of one connection (`echolite-core`) and the resources that live by it. As there,
//! time, randomness and bytes come in as arguments, and what must happen goes out as values ([`Output`]). See
//! `docs/architecture.md` for the walk of one event.
//!
//! Two floors. Below, machines that know no resource, each in a file of its own: rows and live queries, the order of
//! events, freshness, the schedule of reads, pages, single rows, positions, unsaved changes; `rules` decides about
//! single rows. Above, `resource/` wires them. A file of the lower floor never imports from `resource/`.

// Pure: neither clock nor randomness, and the same order in every run.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

mod cache;
pub mod config;
mod consultations;
mod context;
mod decimal;
pub mod engine;
mod event_order;
mod filter;
mod flight;
mod freshness;
mod heads;
pub mod input;
mod key_order;
mod last_read;
mod link;
mod live;
pub mod outcome;
pub mod output;
mod outsiders;
mod pages;
pub mod persist;
mod plan;
pub mod query;
mod read_schedule;
mod reconcile;
mod resource;
mod row_positions;
mod row_url;
mod rows;
pub mod rules;
mod second_read;
mod single_rows;
pub mod status;
mod status_log;
mod subscription;
mod surroundings;
mod timestamp;
mod unsaved;
mod verification;
pub mod version;
pub mod warnings;

pub use config::{Config, FieldType, Membership, Paging, Reaction, ResourceConfig, VersionMode};
pub use engine::CacheEngine;
pub use input::{Advice, Command, Input, ReadFailure, ReadReply, StoreInput};
pub use outcome::{EventOutcome, ReadOutcome, RowChangeKind};
pub use output::{Activity, LiveUpdate, Output, ReadRequest, ReadTarget, RowChange, Splice};
pub use persist::{Batch, Meta, Stored, StoredRow, Term};
pub use query::{Condition, LiveId, Order, Query};
pub use rows::id_text;
pub use status::{Reason, Status, StatusState};
pub use version::{Head, Version};
pub use warnings::WarningCode;

/// Words of the crate below that stand in this one's types.
pub use echolite_core::{
    Frame, Mono, Name, Now, PageSignal, Payload, Position, RequestId, Scalar, Timeout, Wall,
};
