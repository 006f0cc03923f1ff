//! An event to publish.

use super::channel::Channel;
use super::payload::Payload;
use super::to_others::ToOthers;
use serde::Serialize;

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
    pub(crate) name: String,
    pub(crate) payload: Payload,
    pub(crate) channels: Vec<Channel>,
    pub(crate) except: ToOthers,
}

impl Event {
    /// An event with a payload, for no channel yet.
    pub fn new(name: &str, payload: &(impl Serialize + ?Sized)) -> Self {
        Self::with_payload(name.to_owned(), Payload::of(payload))
    }

    pub(crate) fn with_payload(name: String, payload: Payload) -> Self {
        Self { name, payload, channels: Vec::new(), except: ToOthers::default() }
    }

    /// To a public channel.
    pub fn public(self, channel: &str) -> Self {
        self.channel(Channel::public(channel))
    }

    /// To a private channel: `products` means `private-products`.
    pub fn private(self, channel: &str) -> Self {
        self.channel(Channel::private(channel))
    }

    /// To a presence channel: `room` means `presence-room`.
    pub fn presence(self, channel: &str) -> Self {
        self.channel(Channel::presence(channel))
    }

    /// To an encrypted channel, and to no other: `orders` means `private-encrypted-orders`.
    pub fn encrypted(self, channel: &str) -> Self {
        self.channel(Channel::encrypted(channel))
    }

    /// To a channel; text is its full name, prefix included.
    pub fn channel(mut self, channel: impl Into<Channel>) -> Self {
        self.channels.push(channel.into());
        self
    }

    /// To several channels.
    pub fn on(mut self, channels: impl IntoIterator<Item = Channel>) -> Self {
        self.channels.extend(channels);
        self
    }

    /// Not to the connection that caused it: the request's `X-Socket-ID`.
    pub fn to_others(mut self, socket_id: impl Into<ToOthers>) -> Self {
        self.except = socket_id.into();
        self
    }
}
