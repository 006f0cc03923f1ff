//! The client engine: connection, channels and cache as one state machine, sans-IO.
//!
//! Time, randomness and bytes come in as arguments ([`Input`], [`Now`], a seed); what must happen goes
//! out as values ([`Output`]). A driver (the browser's is `echolite-wasm`) translates between them and
//! the world and decides nothing. See `docs/architecture.md` for the walk of one event.

mod backoff;
pub mod cache;
mod channels;
pub mod config;
mod connection;
mod context;
pub mod engine;
pub mod input;
#[cfg(feature = "json")]
pub mod json;
pub mod output;
pub mod payload;
pub mod persist;
mod positions;
pub mod query;
mod sealed;
pub mod status;
pub mod time;
mod user;
pub mod version;

pub use config::{Config, Paging, Reaction, ResourceConfig, VersionMode};
pub use engine::Engine;
pub use input::{
    AuthFailure, Authorization, Command, Frame, Input, PageSignal, ReadFailure, ReadReply,
    SocketInput, StoreInput, UserAuthentication, Verdict,
};
pub use output::{
    Activity, ClientFrame, LiveUpdate, Output, ReadRequest, ReadTarget, RowChange, Splice,
};
pub use payload::{Payload, Scalar};
pub use persist::{Batch, Meta, Stored, StoredRow, Term};
pub use query::{Condition, Order, Query};
pub use status::{Reason, Status, StatusState};
pub use time::{Mono, Now, Wall};
pub use version::{Head, Position, Version};

/// A name (channel, event, resource, row id), shared without copying. Counted so that an engine may move to another
/// thread where its payload may; in a browser that costs nothing.
pub type Name = std::sync::Arc<str>;

/// Correlates a request of the engine with the driver's answer.
pub type RequestId = u32;

/// Tells one socket from the next: frames of a socket given up are ignored.
pub type SocketNumber = u32;

/// A live query, numbered by the application's side.
pub type LiveId = u32;
