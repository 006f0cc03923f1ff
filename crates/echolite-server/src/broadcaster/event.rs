//! An event to publish.

use super::BroadcastError;
use crate::app::Publication;
use echolite_protocol::ChannelName;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// An event: a name, a payload, its channels.
///
/// ```
/// use echolite_server::Event;
/// # async fn example(broadcaster: echolite_server::Broadcaster) -> Result<(), echolite_server::BroadcastError> {
/// let changed = Event::new("ProductChanged", &serde_json::json!({ "id": 7 })).private("products");
/// let deleted = Event::new("ProductDeleted", &serde_json::json!({ "id": 8 })).private("products");
/// broadcaster.send_batch([changed, deleted]).await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent without Broadcaster::send"]
pub struct Event {
    name: String,
    /// The payload's JSON as a JSON string, as it travels.
    data: Result<Box<RawValue>, serde_json::Error>,
    channels: Vec<String>,
    except: ToOthers,
}

/// Whom an event leaves out: the connection that caused it, if it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToOthers(pub(crate) Option<String>);

/// What the HTTP API takes.
#[derive(Debug, Serialize)]
pub(super) struct Wire {
    pub(super) name: String,
    pub(super) data: Box<RawValue>,
    pub(super) channels: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) socket_id: Option<String>,
}

impl Event {
    /// An event with a payload, for no channel yet.
    pub fn new(name: &str, payload: &(impl Serialize + ?Sized)) -> Self {
        let data = serde_json::to_string(payload).and_then(|text| to_raw_value(&text));
        Self { name: name.to_owned(), data, channels: Vec::new(), except: ToOthers(None) }
    }

    /// To a public channel.
    pub fn public(self, channel: &str) -> Self {
        self.channel(channel)
    }

    /// To a private channel: `products` means `private-products`.
    pub fn private(self, channel: &str) -> Self {
        self.channel(&format!("private-{channel}"))
    }

    /// To a presence channel: `room` means `presence-room`.
    pub fn presence(self, channel: &str) -> Self {
        self.channel(&format!("presence-{channel}"))
    }

    /// To a channel by its full name, prefix included.
    pub fn channel(mut self, name: &str) -> Self {
        self.channels.push(name.to_owned());
        self
    }

    /// Not to the connection that caused it: the request's `X-Socket-ID`.
    pub fn to_others(mut self, socket_id: impl Into<ToOthers>) -> Self {
        self.except = socket_id.into();
        self
    }

    pub(super) fn into_wire(self) -> Result<Wire, BroadcastError> {
        if self.channels.is_empty() {
            return Err(BroadcastError::NoChannel(self.name));
        }
        match self.data {
            Err(source) => Err(BroadcastError::Payload { event: self.name, source }),
            Ok(data) => Ok(Wire {
                name: self.name,
                data,
                channels: self.channels,
                socket_id: self.except.0,
            }),
        }
    }

    pub(super) fn into_publication(self) -> Result<Publication, BroadcastError> {
        let Wire { name, data, channels, socket_id } = self.into_wire()?;
        let channels = channels.iter().map(|name| ChannelName::new(name));
        let channels = channels.collect::<Result<_, _>>()?;
        let except = socket_id.and_then(|id| id.parse().ok());
        Ok(Publication { name, data: data.into(), channels, except })
    }
}

impl From<&str> for ToOthers {
    fn from(id: &str) -> Self {
        Self(Some(id.to_owned()))
    }
}

impl From<String> for ToOthers {
    fn from(id: String) -> Self {
        Self(Some(id))
    }
}

impl From<&String> for ToOthers {
    fn from(id: &String) -> Self {
        Self(Some(id.clone()))
    }
}

impl From<Option<&str>> for ToOthers {
    fn from(id: Option<&str>) -> Self {
        Self(id.map(str::to_owned))
    }
}

impl From<Option<String>> for ToOthers {
    fn from(id: Option<String>) -> Self {
        Self(id)
    }
}
