//! The broadcasting server: Pusher protocol 7 on axum, a drop-in for Laravel Reverb.
//!
//! Three ways to use it:
//! - the binary: `echolite start`, configured by the `REVERB_*` variables of a Laravel application;
//! - embedded: [`Echolite`] gives a [`Router`](axum::Router) to merge, a [`Broadcaster`] to publish
//!   with, and [`Channels`] to say who may join what;
//! - against another server: [`Broadcaster::http`] publishes to anything Pusher-compatible.
//!
//! ```no_run
//! use axum::Router;
//! use echolite_server::{AppConfig, Config, Echolite};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Echolite::new(Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret")))?;
//! let app = Router::new().merge(server.router());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app).await?;
//! # Ok(()) }
//! ```
//!
//! Inside, `broker` (what is sent to whom) and `session` (one connection's protocol) are pure;
//! `transport` moves the bytes; `http` is the API that back ends publish with.

mod admission;
mod app;
mod authorize;
mod broadcast;
mod broadcaster;
mod broker;
mod clock;
mod cluster;
mod config;
mod delivery;
mod dialect;
mod http;
mod hub;
mod presence_grace;
mod rate;
mod run;
mod server;
mod session;
mod shards;
mod shown;
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub mod simulation;
mod socket_id;
mod state;
mod stats;
mod timers;
mod transport;
mod users;
mod webhooks;

pub use authorize::{Channels, Guards, Member, Params, PatternError, Permission, SignIn, UserData};
pub use broadcast::{
    Broadcast, BroadcastModel, Channel, Event, ModelEvent, Notification, Payload, ToOthers,
};
#[cfg(feature = "http-client")]
pub use broadcaster::HttpOptions;
pub use broadcaster::{
    BroadcastError, Broadcaster, ChannelInfo, Pending, Queue, QueueOptions, QueueStats, Target,
};
pub use config::{
    AppConfig, ClientEventPolicy, Config, ConfigError, Environment, HistoryConfig, RateLimiting,
    ScalingConfig, Secret, ServerConfig, ValueFault, WebhookConfig, WebhookEvent,
};
pub use echolite_protocol::encryption::{EncryptionKey, KeyError};
pub use echolite_protocol::{Credentials, Limits};
pub use run::{app, run};
pub use server::{Echolite, UnknownApp};
pub use socket_id::{SocketId, SocketIdError};
pub use stats::{HistoryStats, StatsSnapshot};

/// The examples of README and guides compile.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/broadcasting.md")]
    struct Broadcasting;
    #[doc = include_str!("../../../docs/server.md")]
    struct Server;
}
