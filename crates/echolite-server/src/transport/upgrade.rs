//! The WebSocket handshake (RFC 6455, section 4.2).

use crate::transport::socket::Socket;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;

/// A request that asks for a WebSocket, ready to be answered.
pub(crate) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
}

impl Upgrade {
    /// Checks a request.
    ///
    /// # Errors
    /// The answer for who does not ask for a WebSocket, or asks wrongly: a 4xx.
    pub(crate) fn of(request: &mut Request) -> Result<Self, Box<Response>> {
        let headers = request.headers();
        let asks = contains(headers, header::CONNECTION, "upgrade")
            && contains(headers, header::UPGRADE, "websocket");
        if request.method() != Method::GET || !asks {
            let text = "This is a WebSocket endpoint: the request must ask for an upgrade.";
            let upgrade = [(header::UPGRADE, "websocket"), (header::CONNECTION, "upgrade")];
            return Err(Box::new((StatusCode::UPGRADE_REQUIRED, upgrade, text).into_response()));
        }
        if !contains(headers, header::SEC_WEBSOCKET_VERSION, "13") {
            let version = [(header::SEC_WEBSOCKET_VERSION, "13")];
            let text = "Only WebSocket version 13 is spoken here.";
            return Err(Box::new((StatusCode::UPGRADE_REQUIRED, version, text).into_response()));
        }
        let refused = |text| Box::new((StatusCode::BAD_REQUEST, text).into_response());
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        let accept = key.map(|key| derive_accept_key(key.as_bytes()));
        let accept = accept.and_then(|accept| HeaderValue::try_from(accept).ok());
        let accept = accept.ok_or_else(|| refused("The header Sec-WebSocket-Key is missing."))?;
        let on_upgrade = request.extensions_mut().remove::<OnUpgrade>();
        let on_upgrade = on_upgrade
            .ok_or_else(|| refused("This connection cannot be upgraded; is it HTTP/1.1?"))?;
        Ok(Self { accept, on_upgrade })
    }

    /// The answer that begins the WebSocket, and what becomes the connection once it is sent.
    pub(crate) fn accept(self) -> (Response, OnUpgrade) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        (response, self.on_upgrade)
    }
}

/// What a connection became after its handshake.
pub(crate) enum Upgraded {
    /// A TCP connection, taken out of the HTTP server's wrappings.
    Tcp(Socket<TcpStream>),
    /// Anything else: TLS, or a server of the embedder's own.
    Other(Socket<TokioIo<hyper::upgrade::Upgraded>>),
    /// The client left during the handshake.
    Gone,
}

impl Upgraded {
    /// Waits for the handshake to be sent. A message will have at most `max_message` bytes.
    pub(crate) async fn from(upgrade: OnUpgrade, max_message: usize) -> Self {
        let upgraded = match upgrade.await {
            Ok(upgraded) => upgraded,
            Err(error) => {
                tracing::debug!(%error, "the client left during the handshake");
                return Self::Gone;
            }
        };
        match downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => {
                let stream = parts.io.into_inner();
                // Frames are written when they are complete, so there is nothing to wait for.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
                // Copied: the bytes themselves would keep the HTTP server's read buffer alive.
                let received = parts.read_buf.to_vec();
                Self::Tcp(Socket::new(stream, received, max_message))
            }
            Err(upgraded) => {
                Self::Other(Socket::new(TokioIo::new(upgraded), Vec::new(), max_message))
            }
        }
    }
}

/// Whether a header's comma separated list contains a token.
fn contains(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let mut tokens = values.flat_map(|value| value.split(',')).map(str::trim);
    tokens.any(|found| found.eq_ignore_ascii_case(token))
}
