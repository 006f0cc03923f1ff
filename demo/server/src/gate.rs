//! The network before the application: a reverse proxy that can refuse WebSockets, as some companies'
//! proxies do. Neither the application nor the client knows of it.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// What the network does with WebSockets.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WebSockets {
    /// Lets them through.
    Open,
    /// Answers 403 to upgrades, and cuts what was upgraded before.
    Blocked,
}

/// Where the gate leads, and the rule it keeps.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) application: SocketAddr,
    pub(crate) websockets: watch::Receiver<WebSockets>,
}

/// Why a request did not reach the application.
#[derive(thiserror::Error, Debug)]
enum GateError {
    #[error("the application does not listen: {0}")]
    Connect(#[from] std::io::Error),
    #[error("the application did not answer: {0}")]
    Forward(#[from] hyper::Error),
}

impl IntoResponse for GateError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_GATEWAY, self.to_string()).into_response()
    }
}

/// A router that passes every request on.
pub(crate) fn router(gate: Gate) -> axum::Router {
    axum::Router::new().fallback(pass).with_state(gate)
}

async fn pass(State(gate): State<Gate>, mut request: Request) -> Result<Response, GateError> {
    let is_upgrade = request.headers().contains_key(header::UPGRADE);
    if is_upgrade && *gate.websockets.borrow() == WebSockets::Blocked {
        return Ok((StatusCode::FORBIDDEN, "WebSockets are not allowed here.\n").into_response());
    }
    let client = hyper::upgrade::on(&mut request);
    let mut response = forward(gate.application, request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let application = hyper::upgrade::on(&mut response);
        tokio::spawn(tunnel(client, application, gate.websockets));
    }
    Ok(response.map(Body::new))
}

async fn forward(
    application: SocketAddr,
    request: Request,
) -> Result<hyper::Response<hyper::body::Incoming>, GateError> {
    let stream = TcpStream::connect(application).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection.with_upgrades());
    Ok(sender.send_request(request).await?)
}

/// Carries bytes both ways until a side ends or the rule changes; then both are dropped, and so cut.
async fn tunnel(
    client: OnUpgrade,
    application: OnUpgrade,
    mut websockets: watch::Receiver<WebSockets>,
) {
    let (Ok(client), Ok(application)) = tokio::join!(client, application) else { return };
    let (mut client, mut application) = (TokioIo::new(client), TokioIo::new(application));
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut application) => {}
        _ = websockets.wait_for(|rule| *rule == WebSockets::Blocked) => {}
    }
}
