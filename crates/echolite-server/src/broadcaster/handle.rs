//! The handle with which an application publishes.

use super::error::BroadcastError;
#[cfg(feature = "http-client")]
use super::http::{self, HttpOptions};
use super::message::Message;
use super::queue::{self, Queue, QueueOptions};
use super::target::{Pending, Target};
use crate::app::App;
use crate::broadcast::{self, Broadcast, BroadcastModel, Channel, Event, ModelEvent, Notification};
use echolite_protocol::encryption::EncryptionKey;
use std::fmt::Display;
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
pub struct Broadcaster {
    pub(super) backend: Backend,
    /// When set, what is published waits here first.
    queue: Option<queue::QueueSender>,
    master_key: Option<EncryptionKey>,
}

/// Where messages go.
#[derive(Clone, Debug)]
pub(super) enum Backend {
    Local(Arc<App>),
    #[cfg(feature = "http-client")]
    Http(Arc<http::HttpBackend>),
}

impl Broadcaster {
    pub(crate) fn local(app: Arc<App>) -> Self {
        Self { backend: Backend::Local(app), queue: None, master_key: None }
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
        let backend = Backend::Http(Arc::new(http::HttpBackend::new(options)?));
        Ok(Self { backend, queue: None, master_key: None })
    }

    /// Encrypts what goes to encrypted channels.
    ///
    /// The same key belongs to [`Channels`](crate::Channels), which gives a channel's secret to who
    /// may read it. The server never sees either.
    ///
    /// ```
    /// use echolite_server::EncryptionKey;
    /// # async fn example(broadcaster: echolite_server::Broadcaster) -> Result<(), Box<dyn std::error::Error>> {
    /// let key = EncryptionKey::from_base64(&std::env::var("PUSHER_APP_ENCRYPTION_MASTER_KEY")?)?;
    /// let broadcaster = broadcaster.encryption_master_key(key);
    /// broadcaster.encrypted("orders.7").event("OrderPaid", &serde_json::json!({})).send().await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn encryption_master_key(mut self, key: EncryptionKey) -> Self {
        self.master_key = Some(key);
        self
    }

    /// To a public channel.
    pub fn public(&self, channel: &str) -> Target<'_> {
        self.channel(Channel::public(channel))
    }

    /// To a private channel: `products` means `private-products`.
    pub fn private(&self, channel: &str) -> Target<'_> {
        self.channel(Channel::private(channel))
    }

    /// To a presence channel: `room` means `presence-room`.
    pub fn presence(&self, channel: &str) -> Target<'_> {
        self.channel(Channel::presence(channel))
    }

    /// To an encrypted channel, and to no other: `orders` means `private-encrypted-orders`.
    pub fn encrypted(&self, channel: &str) -> Target<'_> {
        self.channel(Channel::encrypted(channel))
    }

    /// To a signed-in user's own connections.
    pub fn user(&self, id: impl Display) -> Target<'_> {
        self.channel(Channel::user(id))
    }

    /// To a channel; text is its full name, prefix included.
    pub fn channel(&self, channel: impl Into<Channel>) -> Target<'_> {
        Target { broadcaster: self, channels: vec![channel.into()] }
    }

    /// An event that says itself where it goes.
    pub fn broadcast(&self, event: &(impl Broadcast + ?Sized)) -> Pending<'_> {
        Pending { broadcaster: self, event: broadcast::event_of(event) }
    }

    /// A change of a model, to the channels that the model says.
    pub fn model(&self, event: ModelEvent, model: &(impl BroadcastModel + ?Sized)) -> Pending<'_> {
        let change = broadcast::model_event(event, model).on(model.broadcast_on(event));
        Pending { broadcaster: self, event: Some(change) }
    }

    /// A notification of a user, on `private-App.Models.User.{user}`.
    pub fn notify(
        &self,
        user: impl Display,
        notification: &(impl Notification + ?Sized),
    ) -> Pending<'_> {
        self.channel(Channel::private(format!("App.Models.User.{user}"))).notification(notification)
    }

    /// Publishes an event.
    ///
    /// # Errors
    /// [`BroadcastError`] says why it was not published.
    pub async fn send(&self, event: Event) -> Result<(), BroadcastError> {
        let message = Message::checked(event, self.master_key.as_ref())?;
        match &self.queue {
            Some(queue) => queue.push(vec![message]),
            None => self.backend.deliver(message).await,
        }
    }

    /// Publishes several events, in order; over HTTP in as few requests as possible.
    ///
    /// # Errors
    /// [`BroadcastError`] says why not all of them were published. When one of them is wrong, or the
    /// queue has no room for all, none is.
    pub async fn send_batch(
        &self,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<(), BroadcastError> {
        let key = self.master_key.as_ref();
        let messages = events.into_iter().map(|event| Message::checked(event, key));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        match &self.queue {
            Some(queue) => queue.push(messages),
            None => self.backend.deliver_all(messages).await,
        }
    }

    /// A broadcaster that queues: sending returns at once, and a task publishes in order, trying
    /// again while the server is away.
    ///
    /// The [`Queue`] is for waiting: until what is queued is sent, or for the end.
    ///
    /// ```
    /// use echolite_server::QueueOptions;
    /// # async fn example(broadcaster: echolite_server::Broadcaster) -> Result<(), echolite_server::BroadcastError> {
    /// let (broadcaster, queue) = broadcaster.queued(QueueOptions::default());
    /// broadcaster.private("products").event("ProductChanged", &7).send().await?;
    /// queue.shutdown().await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    #[must_use]
    pub fn queued(mut self, options: QueueOptions) -> (Self, Queue) {
        let backend = self.backend.clone();
        let deliver = move |message| {
            let backend = backend.clone();
            async move { backend.deliver(message).await }
        };
        let (sender, queue) = queue::open(deliver, options);
        self.queue = Some(sender);
        (self, queue)
    }
}

impl Backend {
    async fn deliver(&self, message: Message) -> Result<(), BroadcastError> {
        match self {
            Self::Local(app) => {
                app.publish(&message.into()).await;
                Ok(())
            }
            #[cfg(feature = "http-client")]
            Self::Http(http) => http.send(&message).await,
        }
    }

    async fn deliver_all(&self, messages: Vec<Message>) -> Result<(), BroadcastError> {
        match self {
            Self::Local(app) => {
                for message in messages {
                    app.publish(&message.into()).await;
                }
                Ok(())
            }
            #[cfg(feature = "http-client")]
            Self::Http(http) => http.send_batch(&messages).await,
        }
    }
}
