//! Frames to a client, as JSON text. `data` is a JSON string inside the JSON: stock clients insist.

use crate::close_code::CloseCode;
use serde::Serialize;
use serde_json::value::RawValue;

/// The keys in Reverb's order; nothing depends on it.
#[derive(Serialize)]
pub(crate) struct Frame<'a, D: Serialize> {
    event: &'a str,
    data: D,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    /// Only for who asked for the [extension](crate::extension).
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
}

impl<'a, D: Serialize> Frame<'a, D> {
    pub(crate) fn new(event: &'a str, data: D, channel: Option<&'a str>) -> Self {
        Self { event, data, channel, user_id: None, offset: None }
    }

    pub(crate) fn at(self, offset: u64) -> Self {
        Self { offset: Some(offset), ..self }
    }
}

/// `pusher:connection_established`. `activity_timeout` is in seconds and must be over 0.
///
/// ```
/// use echolite_protocol::server_frame::connection_established;
/// assert_eq!(
///     connection_established("1.2", 30),
///     r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":30}"}"#
/// );
/// ```
#[must_use]
pub fn connection_established(socket_id: &str, activity_timeout: u64) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        socket_id: &'a str,
        activity_timeout: u64,
    }
    let data = json(&Data { socket_id, activity_timeout });
    frame("pusher:connection_established", &data, None)
}

/// `pusher:ping`
#[must_use]
pub fn ping() -> String {
    frame("pusher:ping", "{}", None)
}

/// `pusher:pong`
#[must_use]
pub fn pong() -> String {
    frame("pusher:pong", "{}", None)
}

/// `pusher_internal:subscription_succeeded`; `data` is JSON text, `{}` but for presence channels.
#[must_use]
pub fn subscription_succeeded(channel: &str, data: &str) -> String {
    frame("pusher_internal:subscription_succeeded", data, Some(channel))
}

/// `pusher_internal:subscription_count`
#[must_use]
pub fn subscription_count(channel: &str, count: usize) -> String {
    let data = format!("{{\"subscription_count\":{count}}}");
    frame("pusher_internal:subscription_count", &data, Some(channel))
}

/// `pusher:subscription_error`. `kind` is Pusher's `type`: `AuthError`, `LimitReached`, …
#[must_use]
pub fn subscription_error(channel: &str, kind: &str, error: &str, status: u16) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        r#type: &'a str,
        error: &'a str,
        status: u16,
    }
    let data = json(&Data { r#type: kind, error, status });
    frame("pusher:subscription_error", &data, Some(channel))
}

/// `pusher_internal:member_added`, once a user, not once a connection.
#[must_use]
pub fn member_added(channel: &str, user_id: &str, user_info: Option<&RawValue>) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        user_id: &'a str,
        user_info: Option<&'a RawValue>,
    }
    let data = json(&Data { user_id, user_info });
    frame("pusher_internal:member_added", &data, Some(channel))
}

/// `pusher_internal:member_removed`, when a user's last connection left.
#[must_use]
pub fn member_removed(channel: &str, user_id: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        user_id: &'a str,
    }
    frame("pusher_internal:member_removed", &json(&Data { user_id }), Some(channel))
}

/// `pusher:signin_success`, with `user_data` exactly as it was signed.
#[must_use]
pub fn signin_success(user_data: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        user_data: &'a str,
    }
    frame("pusher:signin_success", &json(&Data { user_data }), None)
}

/// `pusher_internal:watchlist_events`: which of the watched users came, or went.
#[must_use]
pub fn watchlist_events(change: Watched, user_ids: &[&str]) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        events: [Event<'a>; 1],
    }
    #[derive(Serialize)]
    struct Event<'a> {
        name: &'a str,
        user_ids: &'a [&'a str],
    }
    let name = match change {
        Watched::Online => "online",
        Watched::Offline => "offline",
    };
    let data = json(&Data { events: [Event { name, user_ids }] });
    frame("pusher_internal:watchlist_events", &data, None)
}

/// What happened to a watched user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The user's first connection signed in, or had done so before.
    Online,
    /// The user's last connection is gone.
    Offline,
}

/// `pusher:cache_miss`
#[must_use]
pub fn cache_miss(channel: &str) -> String {
    frame("pusher:cache_miss", "{}", Some(channel))
}

/// `pusher:error` with a code and a message.
#[must_use]
pub fn error(code: u16, message: &str) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        code: u16,
        message: &'a str,
    }
    frame("pusher:error", &json(&Data { code, message }), None)
}

/// `pusher:error` of a close code, with its own message.
#[must_use]
pub fn refusal(code: CloseCode) -> String {
    error(code.code(), code.message())
}

/// A published event. `data` is a JSON string as it was received: its escapes are kept.
#[must_use]
pub fn event(channel: &str, event: &str, data: &RawValue) -> String {
    json(&Frame::new(event, data, Some(channel)))
}

/// A client event, relayed. `data` stays as the sender wrote it, object, number or string.
#[must_use]
pub fn client_event(
    channel: &str,
    event: &str,
    data: Option<&RawValue>,
    user_id: Option<&str>,
) -> String {
    json(&Frame { user_id, ..Frame::new(event, data, Some(channel)) })
}

pub(crate) fn frame(event: &str, data: &str, channel: Option<&str>) -> String {
    json(&Frame::new(event, data, channel))
}

#[allow(clippy::expect_used, reason = "strings, numbers and raw JSON always serialise")]
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("strings, numbers and raw JSON always serialise")
}
