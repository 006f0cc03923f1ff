//! Serving: a listener, an application, and what ends it.

use crate::config::{Config, ConfigError};
use crate::http;
use crate::server::Echolite;
use axum::Router;
use axum::serve::ListenerExt;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long requests in progress may take once the server is told to stop.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// A standalone server's application: the routes below the configured path, and at the root too, for
/// proxies that strip the path.
///
/// # Errors
/// [`ConfigError`] names what is wrong with the configuration.
pub fn app(config: Config) -> Result<(Echolite, Router), ConfigError> {
    let server = Echolite::new(config)?;
    let router = match server.state().config.prefix() {
        prefix if prefix.is_empty() => server.router(),
        _ => server.router().merge(http::router(server.state(), "")),
    };
    let router = router.merge(http::nowhere(server.state()));
    Ok((server, router))
}

/// Serves `router` on `listener` until `shutdown` is done, then closes `server`'s connections.
///
/// ```no_run
/// use echolite_server::{AppConfig, Config, app, run};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let (server, router) = app(Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret")))?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// run(listener, server, router, async { let _ = tokio::signal::ctrl_c().await; }).await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// When the listener fails.
pub async fn run(
    listener: TcpListener,
    server: Echolite,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let until = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let listener = listener.tap_io(|stream| {
        // Frames are written when they are complete, so there is nothing to wait for.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(until(stopped.clone()));
    let closing = async {
        shutdown.await;
        tracing::info!("stopping: connections are closed with 4200");
        let _ = stop.send(true);
        server.shutdown().await;
    };
    let overdue = async {
        until(stopped).await;
        tokio::time::sleep(DRAIN_TIME).await;
    };
    let serving = async {
        tokio::select! {
            result = serving => result,
            () = overdue => Ok(()),
        }
    };
    let (served, ()) = tokio::join!(serving, closing);
    // A client whose handshake came while the server stopped is told 4200 as well, before the process may end.
    server.connections_ended().await;
    served
}
