//! Publishing events, in this process or over the HTTP API of any Pusher-compatible server.

mod error;
mod handle;
#[cfg(feature = "http-client")]
mod http;
mod message;
mod query;
mod queue;
mod target;

pub use error::BroadcastError;
pub use handle::Broadcaster;
#[cfg(feature = "http-client")]
pub use http::HttpOptions;
pub use query::ChannelInfo;
pub use queue::{Queue, QueueOptions, QueueStats};
pub use target::{Pending, Target};
