//! What webhooks are told, as Pusher words it.

use crate::config::WebhookEvent;
use crate::socket_id::SocketId;
use echolite_protocol::ChannelName;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

/// Something that webhooks are told, now or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// An event.
    Event(Event),
    /// A channel has its first subscriber.
    Occupied(ChannelName, SocketId),
    /// A channel's last subscription ended at this time: its members stay as long from then.
    Vacated(ChannelName, Duration, SocketId),
}

/// The cause of an event. Where too much waits, it goes at the cost of who caused the most of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    User(String),
    Connection(String),
    Channel(String),
}

/// An event for webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Event {
    pub(super) name: WebhookEvent,
    pub(super) channel: String,
    #[serde(flatten)]
    about: About,
    /// The connection that caused it, where `about` does not say it.
    #[serde(skip)]
    by: Option<SocketId>,
}

/// What is told beside the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum About {
    Channel {},
    Member { user_id: String },
    Client(ClientEvent),
    Count { subscription_count: usize },
}

/// A client event, and who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ClientEvent {
    /// Its name.
    pub(crate) event: String,
    /// Its data as text: the text itself where it is a string, else JSON.
    pub(crate) data: String,
    /// The sender.
    pub(crate) socket_id: String,
    /// The sending member of a presence channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<String>,
}

impl Event {
    /// Something happened to a channel: it was occupied or vacated, or had no last event.
    pub(crate) fn channel(name: WebhookEvent, channel: &str) -> Self {
        Self::about(name, channel, About::Channel {})
    }

    /// A member was added or removed.
    pub(crate) fn member(name: WebhookEvent, channel: &str, user_id: &str) -> Self {
        let about = About::Member { user_id: user_id.to_owned() };
        Self::about(name, channel, about)
    }

    /// A client sent an event.
    pub(crate) fn client(channel: &str, event: ClientEvent) -> Self {
        let about = About::Client(event);
        Self::about(WebhookEvent::ClientEvent, channel, about)
    }

    /// The number of subscribers changed.
    pub(crate) fn count(channel: &str, subscription_count: usize) -> Self {
        let about = About::Count { subscription_count };
        Self::about(WebhookEvent::SubscriptionCount, channel, about)
    }

    /// The same, caused by a connection.
    pub(crate) fn by(self, socket: SocketId) -> Self {
        Self { by: Some(socket), ..self }
    }

    fn about(name: WebhookEvent, channel: &str, about: About) -> Self {
        Self { name, channel: channel.to_owned(), about, by: None }
    }

    /// A user with many connections, or a connection with many channels, is one source.
    pub(super) fn source(&self) -> Source {
        match (&self.about, self.by) {
            (About::Member { user_id }, _) => Source::User(user_id.clone()),
            (About::Client(event), _) => Source::Connection(event.socket_id.clone()),
            (_, Some(socket)) => Source::Connection(socket.to_string()),
            (_, None) => Source::Channel(self.channel.clone()),
        }
    }
}

/// The data of a client event as webhooks are told it.
pub(crate) fn data_text(data: Option<&RawValue>) -> String {
    let json = data.map_or("null", RawValue::get);
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// The body of a request. `time_ms` is the Unix time of the first event.
pub(crate) fn body(time_ms: u64, events: &[Arc<Event>]) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        time_ms: u64,
        events: Vec<&'a Event>,
    }
    let events = events.iter().map(|event| &**event).collect();
    serde_json::to_string(&Body { time_ms, events }).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_pusher_writes_it() {
        let whisper = ClientEvent {
            event: "client-typing".into(),
            data: data_text(Some(&RawValue::from_string(r#"{"a": 1}"#.into()).unwrap())),
            socket_id: "1.2".into(),
            user_id: Some("7".into()),
        };
        let events = [
            Event::channel(WebhookEvent::ChannelOccupied, "presence-a"),
            Event::member(WebhookEvent::MemberAdded, "presence-a", "7"),
            Event::client("presence-a", whisper),
            Event::count("news", 3),
        ];
        let expected = concat!(
            r#"{"time_ms":1700000000000,"events":["#,
            r#"{"name":"channel_occupied","channel":"presence-a"},"#,
            r#"{"name":"member_added","channel":"presence-a","user_id":"7"},"#,
            r#"{"name":"client_event","channel":"presence-a","event":"client-typing","#,
            r#""data":"{\"a\": 1}","socket_id":"1.2","user_id":"7"},"#,
            r#"{"name":"subscription_count","channel":"news","subscription_count":3}]}"#,
        );
        assert_eq!(body(1_700_000_000_000, &events.map(Arc::new)), expected);
    }

    #[test]
    fn data_that_is_text_is_told_as_that_text() {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        assert_eq!(data_text(Some(&raw(r#""a \"b\"""#))), r#"a "b""#);
        assert_eq!(data_text(Some(&raw("[1]"))), "[1]");
        assert_eq!(data_text(None), "null");
    }
}
