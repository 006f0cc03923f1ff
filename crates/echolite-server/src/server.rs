//! The server as a handle: made from a configuration, merged into an application, shut down.

use crate::broadcaster::Broadcaster;
use crate::config::{Config, ConfigError};
use crate::http;
use crate::state::ServerState;
use crate::stats::{HistoryStats, StatsSnapshot};
use echolite_protocol::{CloseCode, Credentials};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How many connections are closed at once when shutting down, and the pause between: their clients
/// come back at once, and must not come back together.
const CLOSED_TOGETHER: usize = 100;
const CLOSING_PAUSE: Duration = Duration::from_millis(10);
/// How long shutting down waits for connections to end.
const SHUTDOWN_TIME: Duration = Duration::from_secs(5);

/// A broadcasting server. A clone is another handle to the same one.
///
/// ```
/// use echolite_server::{AppConfig, Config, Echolite};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Echolite::new(Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret")))?;
/// let app: axum::Router = axum::Router::new().merge(server.router());
///
/// let broadcaster = server.broadcaster("shop")?;
/// broadcaster.private("products").event("ProductChanged", &serde_json::json!({ "id": 7 })).send().await?;
///
/// server.shutdown().await;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Echolite(Arc<ServerState>);

/// No application has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no application has the id {0:?}; it is the app_id of the configuration")]
pub struct UnknownApp(pub String);

impl Echolite {
    /// Makes a server. Nothing is opened: the router does the serving.
    ///
    /// # Errors
    /// [`ConfigError`] names what is wrong with the configuration.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.validate()?;
        ServerState::new(config).map(|state| Self(Arc::new(state)))
    }

    /// The routes, below the configured path: `/app/{key}`, `/apps/{id}/…` and `/up`.
    pub fn router(&self) -> axum::Router {
        http::router(&self.0, &self.0.config.prefix())
    }

    /// A broadcaster that publishes in this process.
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn broadcaster(&self, app_id: &str) -> Result<Broadcaster, UnknownApp> {
        self.0.app_by_id(app_id).map(Broadcaster::local).ok_or_else(|| UnknownApp(app_id.into()))
    }

    /// The key and secret of an application, for [`crate::Channels`].
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn credentials(&self, app_id: &str) -> Result<Credentials, UnknownApp> {
        let app = self.0.app_by_id(app_id).ok_or_else(|| UnknownApp(app_id.into()))?;
        Ok(app.rules.credentials.clone())
    }

    /// Closes all connections of a user with 4009, so that their clients do not come back: those
    /// signed in as the user, and those that are members of presence channels as the user.
    ///
    /// Gives how many they were. What a back end does when it logs somebody out.
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn terminate_connections(&self, app_id: &str, user_id: &str) -> Result<usize, UnknownApp> {
        let app = self.0.app_by_id(app_id).ok_or_else(|| UnknownApp(app_id.into()))?;
        Ok(app.terminate_connections(user_id))
    }

    /// What has been counted so far.
    #[must_use]
    pub fn stats(&self) -> StatsSnapshot {
        self.0.stats.snapshot()
    }

    /// What an application holds of its channels' history.
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn history(&self, app_id: &str) -> Result<HistoryStats, UnknownApp> {
        let app = self.0.app_by_id(app_id).ok_or_else(|| UnknownApp(app_id.into()))?;
        let held = app.held();
        let (channels, events, bytes) = (held.channels, held.events, held.bytes);
        Ok(HistoryStats { channels, events, bytes })
    }

    /// Says that events may not reach this server, because a queue before it overflowed or a backup
    /// is being restored.
    ///
    /// Clients that follow positions are told the reason. All history is forgotten, and there are no
    /// positions and no recovery until [`Self::declare_certain`].
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn declare_uncertain(&self, app_id: &str, reason: &str) -> Result<(), UnknownApp> {
        let app = self.0.app_by_id(app_id).ok_or_else(|| UnknownApp(app_id.into()))?;
        app.mark_uncertain(reason);
        Ok(())
    }

    /// Says that every event reaches this server again. Clients are told their channels' new epochs.
    ///
    /// # Errors
    /// [`UnknownApp`] when no application has this id.
    pub fn declare_certain(&self, app_id: &str) -> Result<(), UnknownApp> {
        let app = self.0.app_by_id(app_id).ok_or_else(|| UnknownApp(app_id.into()))?;
        app.mark_certain();
        Ok(())
    }

    /// Closes every connection with 4200, so that its client comes back at once, here or elsewhere.
    ///
    /// What is queued is sent first. The order is random and the closing spread out. Afterwards new
    /// clients are refused with the same code. Returns when all are gone and the webhooks know it, or
    /// after five seconds and three more.
    pub async fn shutdown(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        let mut outboxes: Vec<_> = self.0.apps().flat_map(|app| app.stop_admitting()).collect();
        fastrand::shuffle(&mut outboxes);
        for (at, together) in outboxes.chunks(CLOSED_TOGETHER).enumerate() {
            if at > 0 {
                tokio::time::sleep(CLOSING_PAUSE).await;
            }
            together.iter().for_each(|outbox| outbox.close(CloseCode::Reconnect));
        }
        self.0.tasks.close();
        self.connections_ended().await;
        let finishing = self.0.apps().map(|app| app.finish());
        futures_util::future::join_all(finishing).await;
    }

    /// Waits for a while until every connection has ended, those that were refused included.
    pub(crate) async fn connections_ended(&self) {
        if tokio::time::timeout(SHUTDOWN_TIME, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.0.tasks.len(), "connections did not close in time");
        }
    }

    pub(crate) fn state(&self) -> &Arc<ServerState> {
        &self.0
    }
}
