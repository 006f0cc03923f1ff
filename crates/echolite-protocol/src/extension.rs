//! The Echolite extension of the protocol, version 1: positions, and recovery of what was missed.
//!
//! Asked for by [`PARAMETER`] in the connect URL. Who does not ask sees none of it.

use crate::server_frame::{Frame, frame, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The parameter of the connect URL that asks for the extension: `echolite=1`.
pub const PARAMETER: &str = "echolite";

/// The version spoken here.
pub const VERSION: u32 = 1;

/// How far into a channel's events somebody is.
///
/// Offsets of different epochs cannot be compared: an epoch ends when the channel's history is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which history it is.
    pub epoch: String,
    /// The number of the last event, counted from 1; 0 before the first.
    pub offset: u64,
}

impl Position {
    /// Reads what a client's `recover` says.
    ///
    /// ```
    /// use echolite_protocol::extension::Position;
    /// let asked = serde_json::json!({ "epoch": "a-1", "offset": 41 });
    /// assert_eq!(Position::parse(&asked).unwrap().offset, 41);
    /// assert!(Position::parse(&serde_json::json!({ "epoch": "a-1", "offset": -1 })).is_err());
    /// ```
    ///
    /// # Errors
    /// What does not fit.
    pub fn parse(recover: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(recover)
    }
}

/// What the confirmation of a subscription says to who asked for the extension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SubscriptionPosition {
    /// Where the channel is, if it keeps history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Whether what was missed follows, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered: Option<bool>,
}

/// `pusher:connection_established` for who asked for the extension.
///
/// ```
/// use echolite_protocol::extension::connection_established;
/// assert!(connection_established("1.2", 30).contains(r#"\"echolite\":{\"version\":1,\"recovery\":true}"#));
/// ```
#[must_use]
pub fn connection_established(socket_id: &str, activity_timeout: u64) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        socket_id: &'a str,
        activity_timeout: u64,
        echolite: Offer,
    }
    #[derive(Serialize)]
    struct Offer {
        version: u32,
        recovery: bool,
    }
    let echolite = Offer { version: VERSION, recovery: true };
    let data = json(&Data { socket_id, activity_timeout, echolite });
    frame("pusher:connection_established", &data, None)
}

/// The data of `subscription_succeeded`, as JSON text, of a channel that is not presence.
///
/// On presence channels it is [`crate::member::presence_data_with`].
#[must_use]
pub fn subscription_data(position: &SubscriptionPosition) -> String {
    json(position)
}

/// A published event with its place in the channel's history.
#[must_use]
pub fn event(channel: &str, event: &str, data: &RawValue, offset: u64) -> String {
    json(&Frame::new(event, data, Some(channel)).at(offset))
}

/// `echolite:position`: a channel is there now, though this connection got no event; it caused the
/// event itself, and was excluded.
#[must_use]
pub fn position(channel: &str, offset: u64) -> String {
    frame("echolite:position", &format!("{{\"offset\":{offset}}}"), Some(channel))
}

/// `echolite:position` with an epoch: from here on the channel's offsets count anew.
#[must_use]
pub fn new_epoch(channel: &str, position: &Position) -> String {
    frame("echolite:position", &json(position), Some(channel))
}

/// `echolite:uncertain`: events may have been lost, and positions mean nothing until the channel's
/// new epoch is told.
#[must_use]
pub fn uncertain(reason: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        reason: &'a str,
    }
    frame("echolite:uncertain", &json(&Data { reason }), None)
}

/// `echolite:certain`: every event comes again. The new epochs of channels with history were told before.
#[must_use]
pub fn certain() -> String {
    frame("echolite:certain", "{}", None)
}
