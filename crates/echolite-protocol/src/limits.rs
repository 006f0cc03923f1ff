//! Limits, in one table: what is refused, and beyond which figure.
//!
//! The defaults are Pusher's documented limits. A server may be configured otherwise.

use std::time::Duration;

/// The limits of an application. Sizes in bytes, names in bytes (their alphabets are ASCII).
///
/// ```
/// let limits = echolite_protocol::Limits { batch: 50, ..Default::default() };
/// assert_eq!(limits.channels_per_event, 100);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Limits {
    /// The longest event name.
    pub event_name: usize,
    /// The largest data of an event published over HTTP.
    pub event_data: usize,
    /// The most channels one published event may name.
    pub channels_per_event: usize,
    /// The most events of one batch.
    pub batch: usize,
    /// The most client events a connection may send in a second.
    pub client_events_per_second: u32,
    /// The most members of a presence channel.
    pub presence_members: usize,
    /// The largest `user_info` of a presence member.
    pub user_info: usize,
    /// The longest `user_id`.
    pub user_id: usize,
    /// The most users one connection may watch.
    pub watchlist: usize,
    /// The most channels one connection may be subscribed to.
    pub channels_per_connection: usize,
    /// The most channels one connection may leave in a minute; over it, it may not join until the minute is over.
    pub leaves_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_name: 200,
            event_data: 10_240,
            channels_per_event: 100,
            batch: 10,
            client_events_per_second: 10,
            presence_members: 100,
            user_info: 1_024,
            user_id: 128,
            watchlist: 100,
            channels_per_connection: 10_000,
            leaves_per_minute: 600,
        }
    }
}

/// How far a signed request's `auth_timestamp` may be from the server's time, either way.
pub const TIMESTAMP_WINDOW: Duration = Duration::from_secs(600);

/// The protocol version spoken here.
pub const PROTOCOL_VERSION: u32 = 7;
