//! An event in the making: its channels, then its name and payload, then sending.

use super::error::BroadcastError;
use super::handle::Broadcaster;
use crate::broadcast::{self, BroadcastModel, Channel, Event, ModelEvent, Notification, ToOthers};
use serde::Serialize;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// The channels of an event to come.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent without .event(..).send().await"]
pub struct Target<'a> {
    pub(super) broadcaster: &'a Broadcaster,
    pub(super) channels: Vec<Channel>,
}

impl<'a> Target<'a> {
    /// To a public channel too.
    pub fn public(self, channel: &str) -> Self {
        self.channel(Channel::public(channel))
    }

    /// To a private channel too.
    pub fn private(self, channel: &str) -> Self {
        self.channel(Channel::private(channel))
    }

    /// To a presence channel too.
    pub fn presence(self, channel: &str) -> Self {
        self.channel(Channel::presence(channel))
    }

    /// To another channel too; text is its full name, prefix included.
    pub fn channel(mut self, channel: impl Into<Channel>) -> Self {
        self.channels.push(channel.into());
        self
    }

    /// The event: its name as clients listen for it, and its payload.
    ///
    /// Echo's `listen('ProductChanged')` means `App\Events\ProductChanged`; to reach a plain name
    /// the page says `listen('.ProductChanged')`.
    pub fn event(self, name: &str, payload: &(impl Serialize + ?Sized)) -> Pending<'a> {
        self.pending(Event::new(name, payload))
    }

    /// A change of a model, to these channels and not to the model's own.
    pub fn model(self, event: ModelEvent, model: &(impl BroadcastModel + ?Sized)) -> Pending<'a> {
        self.pending(broadcast::model_event(event, model))
    }

    /// A notification.
    pub fn notification(self, notification: &(impl Notification + ?Sized)) -> Pending<'a> {
        self.pending(broadcast::notification_event(notification))
    }

    fn pending(self, event: Event) -> Pending<'a> {
        Pending { broadcaster: self.broadcaster, event: Some(event.on(self.channels)) }
    }
}

/// An event about to be sent.
#[derive(Debug)]
#[must_use = "nothing is sent without .send().await"]
pub struct Pending<'a> {
    pub(super) broadcaster: &'a Broadcaster,
    /// `None` for one that says itself that it is not to be sent.
    pub(super) event: Option<Event>,
}

impl<'a> Pending<'a> {
    /// Not to the connection that caused it: the request's `X-Socket-ID`.
    ///
    /// Takes a socket id, or an `Option` of one.
    pub fn to_others(mut self, socket_id: impl Into<ToOthers>) -> Self {
        self.event = self.event.map(|event| event.to_others(socket_id));
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`BroadcastError`] says why it was not published.
    pub async fn send(self) -> Result<(), BroadcastError> {
        match self.event {
            Some(event) => self.broadcaster.send(event).await,
            None => Ok(()),
        }
    }
}

/// `.await` does what `.send().await` does.
impl<'a> IntoFuture for Pending<'a> {
    type Output = Result<(), BroadcastError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
