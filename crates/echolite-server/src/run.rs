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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AppConfig;
    use crate::delivery::Outbox;
    use echolite_protocol::CloseCode;
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    const HANDSHAKE: &str = "GET /app/k?protocol=7 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    fn server() -> (Echolite, Router) {
        app(Config::with_app(AppConfig::new("1", "k", "s"))).unwrap()
    }

    /// A client whose handshake ends only when the server stops. The process may end when `run` has returned; so the
    /// refusal must be over then, with its close frame.
    #[tokio::test]
    async fn no_connection_is_left_when_the_server_has_stopped() {
        let (server, router) = server();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let running = tokio::spawn(run(listener, server.clone(), router, stopped));
        let mut client = TcpStream::connect(address).await.unwrap();
        let (first, rest) = HANDSHAKE.split_at(40);
        client.write_all(first.as_bytes()).await.unwrap();
        // The server has what the client sent: it has answered who came later.
        let mut later = TcpStream::connect(address).await.unwrap();
        later.write_all(b"GET /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
        later.read_to_end(&mut Vec::new()).await.unwrap();
        stop.send(()).unwrap();
        while !server.state().is_closing() {
            tokio::task::yield_now().await;
        }
        client.write_all(rest.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let code = CloseCode::Reconnect.code().to_be_bytes();
        while !received.windows(2).any(|bytes| bytes == code) {
            assert!(client.read_buf(&mut received).await.unwrap() > 0, "closed without 4200");
        }
        // The client does not answer the close frame, so the refusal is not over at once.
        running.await.unwrap().unwrap();
        assert!(server.state().tasks.is_empty());
    }

    #[test]
    fn who_comes_when_the_queues_were_closed_is_not_admitted() {
        let (server, _) = server();
        let app = server.state().app_by_key("k").unwrap();
        assert!(app.stop_admitting().is_empty());
        let outbox = Arc::new(Outbox::new(100_000, Arc::default()));
        assert_eq!(app.open_connection(&outbox), Err(CloseCode::Reconnect));
    }
}
