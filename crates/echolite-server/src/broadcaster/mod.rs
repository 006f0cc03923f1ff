//! Publishing events, in this process or over the HTTP API of any Pusher-compatible server.

mod event;
#[cfg(feature = "http-client")]
mod http;

pub use event::{Event, ToOthers};
#[cfg(feature = "http-client")]
pub use http::HttpOptions;

use crate::app::App;
use serde::Serialize;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

/// Publishes events to the channels of one application. A clone publishes to the same.
///
/// ```
/// # use echolite_server::{AppConfig, Config, Echolite};
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Echolite::new(Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret")))?;
/// # let socket_id = "1.2";
/// let broadcaster = server.broadcaster("shop")?;
/// let product = serde_json::json!({ "id": 7, "name": "Boots" });
/// broadcaster
///     .private("products")
///     .event("ProductChanged", &product)
///     .to_others(socket_id)
///     .send()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Broadcaster(Backend);

#[derive(Clone, Debug)]
enum Backend {
    Local(Arc<App>),
    #[cfg(feature = "http-client")]
    Http(Arc<http::HttpBackend>),
}

/// Why an event was not published.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastError {
    /// The payload cannot be written as JSON.
    #[error("the payload of {event:?} cannot be written as JSON: {source}")]
    Payload {
        /// The event's name.
        event: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The event names no channel.
    #[error("the event {0:?} names no channel; say .public(..), .private(..) or .channel(..)")]
    NoChannel(String),
    /// A channel's name is not valid.
    #[error(transparent)]
    Channel(#[from] echolite_protocol::ChannelNameError),
    /// The options of a remote server do not fit.
    #[error("{0}")]
    Options(String),
    /// The server cannot be reached, or broke off.
    #[cfg(feature = "http-client")]
    #[error("{url} cannot be reached: {reason}; is the server running there?")]
    Unreachable {
        /// The server's address.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused the event.
    #[cfg(feature = "http-client")]
    #[error("{url} answered {status}: {body}")]
    Refused {
        /// The address of the request, without its signature.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        body: String,
    },
}

impl Broadcaster {
    pub(crate) fn local(app: Arc<App>) -> Self {
        Self(Backend::Local(app))
    }

    /// A broadcaster that publishes over the HTTP API: to Echolite, Reverb, Soketi or Pusher.
    ///
    /// ```
    /// use echolite_server::{Broadcaster, HttpOptions};
    /// let broadcaster = Broadcaster::http(HttpOptions {
    ///     url: "http://127.0.0.1:8080".into(),
    ///     app_id: "shop".into(),
    ///     key: "shop-key".into(),
    ///     secret: "shop-secret".into(),
    /// })?;
    /// # Ok::<(), echolite_server::BroadcastError>(())
    /// ```
    ///
    /// # Errors
    /// [`BroadcastError::Options`] when the URL is not one of HTTP.
    #[cfg(feature = "http-client")]
    pub fn http(options: HttpOptions) -> Result<Self, BroadcastError> {
        Ok(Self(Backend::Http(Arc::new(http::HttpBackend::new(options)?))))
    }

    /// To a public channel.
    pub fn public(&self, channel: &str) -> Target<'_> {
        self.channel(channel)
    }

    /// To a private channel: `products` means `private-products`.
    pub fn private(&self, channel: &str) -> Target<'_> {
        self.channel(&format!("private-{channel}"))
    }

    /// To a presence channel: `room` means `presence-room`.
    pub fn presence(&self, channel: &str) -> Target<'_> {
        self.channel(&format!("presence-{channel}"))
    }

    /// To a channel by its full name, prefix included.
    pub fn channel(&self, name: &str) -> Target<'_> {
        Target { broadcaster: self, channels: vec![name.to_owned()] }
    }

    /// Publishes an event.
    ///
    /// # Errors
    /// [`BroadcastError`] says why it was not published.
    pub async fn send(&self, event: Event) -> Result<(), BroadcastError> {
        match &self.0 {
            Backend::Local(app) => {
                app.publish(&event.into_publication()?);
                Ok(())
            }
            #[cfg(feature = "http-client")]
            Backend::Http(http) => http.send(event).await,
        }
    }

    /// Publishes several events, in order; over HTTP in as few requests as possible.
    ///
    /// # Errors
    /// [`BroadcastError`] says why not all of them were published.
    pub async fn send_batch(
        &self,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<(), BroadcastError> {
        match &self.0 {
            Backend::Local(app) => {
                let events = events.into_iter().map(Event::into_publication);
                let events = events.collect::<Result<Vec<_>, _>>()?;
                events.iter().for_each(|event| app.publish(event));
                Ok(())
            }
            #[cfg(feature = "http-client")]
            Backend::Http(http) => http.send_batch(events.into_iter().collect()).await,
        }
    }
}

/// The channels of an event to come.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent without .event(..).send().await"]
pub struct Target<'a> {
    broadcaster: &'a Broadcaster,
    channels: Vec<String>,
}

impl<'a> Target<'a> {
    /// To a public channel too.
    pub fn public(self, channel: &str) -> Self {
        self.channel(channel)
    }

    /// To a private channel too.
    pub fn private(self, channel: &str) -> Self {
        self.channel(&format!("private-{channel}"))
    }

    /// To a presence channel too.
    pub fn presence(self, channel: &str) -> Self {
        self.channel(&format!("presence-{channel}"))
    }

    /// To another channel too, by its full name.
    pub fn channel(mut self, name: &str) -> Self {
        self.channels.push(name.to_owned());
        self
    }

    /// The event: its name as clients listen for it, and its payload.
    ///
    /// Echo's `listen('ProductChanged')` means `App\Events\ProductChanged`; to reach a plain name
    /// the page says `listen('.ProductChanged')`.
    pub fn event(self, name: &str, payload: &(impl Serialize + ?Sized)) -> Pending<'a> {
        let event = Event::new(name, payload);
        let event = self.channels.into_iter().fold(event, |event, name| event.channel(&name));
        Pending { broadcaster: self.broadcaster, event }
    }
}

/// An event about to be sent.
#[derive(Debug)]
#[must_use = "nothing is sent without .send().await"]
pub struct Pending<'a> {
    broadcaster: &'a Broadcaster,
    event: Event,
}

impl<'a> Pending<'a> {
    /// Not to the connection that caused it: the request's `X-Socket-ID`.
    ///
    /// Takes a socket id, or an `Option` of one.
    pub fn to_others(mut self, socket_id: impl Into<ToOthers>) -> Self {
        self.event = self.event.to_others(socket_id);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`BroadcastError`] says why it was not published.
    pub async fn send(self) -> Result<(), BroadcastError> {
        self.broadcaster.send(self.event).await
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
