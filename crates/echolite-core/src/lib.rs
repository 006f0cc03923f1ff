//! The client engine: connection, channels and user as one state machine, sans-IO.
//!
//! Time, randomness and bytes come in as arguments ([`Input`], [`Now`], a seed); what must happen goes
//! out as values ([`Output`]). A driver (the browser's is `echolite-wasm-support`) translates between them and
//! the world and decides nothing. The cache is a layer above, in the crate `echolite-cache`; what it
//! lives by is handed to it as [`Notice`]s. See `docs/architecture.md` for the walk of one event.

// Pure: neither clock nor randomness, and the same order in every run.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod backoff;
mod channels;
pub mod config;
mod connection;
mod context;
pub mod engine;
mod ids;
pub mod input;
pub mod inspect;
#[cfg(feature = "json")]
pub mod json;
pub mod notice;
pub mod output;
pub mod payload;
mod positions;
mod sealed;
pub mod time;
pub mod timers;
mod user;

pub use channels::{Channels, SubscriptionState};
pub use config::Config;
pub use engine::{Engine, Shared};
pub use ids::{Name, RequestId, SocketNumber};
pub use input::{
    AuthFailure, Authorization, Command, Frame, Input, PageSignal, SocketInput, UserAuthentication,
};
pub use notice::{Notice, Step};
pub use output::{ClientFrame, Output};
pub use payload::{Payload, Scalar};
pub use positions::{Followed, Position};
pub use time::{Mono, Now, Wall};
pub use timers::Timeout;
