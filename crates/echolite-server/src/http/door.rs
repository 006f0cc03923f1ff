//! `GET /app/{key}`: lets clients in, or says why not.

use crate::admission::{Knock, admit};
use crate::server::Echolite;
use crate::transport::{self, Upgrade};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use echolite_protocol::CloseCode;

pub(super) async fn connect(
    State(server): State<Echolite>,
    Path(key): Path<String>,
    mut request: Request,
) -> Response {
    let upgrade = match Upgrade::of(&mut request) {
        Ok(upgrade) => upgrade,
        Err(refusal) => return *refusal,
    };
    let (response, socket) = upgrade.accept();
    let app = server.app_by_key(&key);
    let protocol = protocol_of(request.uri().query());
    let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let knock = Knock { protocol: protocol.as_deref(), origin };
    let admitted = if server.is_closing() {
        Err(CloseCode::Reconnect)
    } else {
        admit(app.as_ref().map(|app| app.config()), knock)
    };
    match (admitted, app) {
        (Ok(()), Some(app)) => server.spawn(transport::serve(socket, app, server.outbox())),
        (refused, _) => {
            let code = refused.err().unwrap_or(CloseCode::AppNotFound);
            tracing::info!(%key, origin, code = code.code(), "refused: {}", code.message());
            server.counters().connections_refused.add(1);
            server.spawn(transport::refuse(socket, code));
        }
    }
    response
}

/// A path that nothing is served at: 4005 for WebSockets, 404 for the rest.
pub(crate) async fn nowhere(State(server): State<Echolite>, mut request: Request) -> Response {
    let Ok(upgrade) = Upgrade::of(&mut request) else {
        return (StatusCode::NOT_FOUND, "Not found.").into_response();
    };
    let (response, socket) = upgrade.accept();
    server.counters().connections_refused.add(1);
    server.spawn(transport::refuse(socket, CloseCode::PathNotFound));
    response
}

fn protocol_of(query: Option<&str>) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query?).ok()?;
    pairs.into_iter().find(|(name, _)| name == "protocol").map(|(_, value)| value)
}
