//! Where events go.

use std::future::Future;

use crate::event::Outgoing;

/// Publishes events. A `Broadcaster` of `echolite-server` does (feature `server`), in process or over the
/// HTTP API of any Pusher-compatible server.
///
/// It must return only when the event was accepted: what it answers `Ok` for is not sent again. A broadcaster
/// with a queue of its own returns earlier, and must not be used here.
pub trait Publish: Send + Sync + 'static {
    /// Publishes one event.
    ///
    /// # Errors
    /// [`PublishError`] says why it was not accepted, and whether to try again.
    fn publish(&self, event: &Outgoing) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Why an event was not accepted.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
#[error("{reason}")]
pub struct PublishError {
    /// For people.
    pub reason: String,
    /// Whether the same may succeed a little later. What comes after it waits.
    pub is_transient: bool,
}

#[cfg(feature = "server")]
impl Publish for echolite_server::Broadcaster {
    async fn publish(&self, event: &Outgoing) -> Result<(), PublishError> {
        let stored = |error: serde_json::Error| PublishError {
            reason: format!("the outbox has a payload that is no JSON: {error}"),
            is_transient: false,
        };
        let data: &serde_json::value::RawValue =
            serde_json::from_str(&event.data).map_err(stored)?;
        let outgoing = event
            .channels
            .iter()
            .fold(echolite_server::Event::new(&event.name, data), |outgoing, channel| {
                outgoing.channel(channel)
            });
        let sent = self.send(outgoing.to_others(event.socket_id.as_deref())).await;
        sent.map_err(|error| PublishError {
            reason: error.to_string(),
            is_transient: error.is_transient(),
        })
    }
}
