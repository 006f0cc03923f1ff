//! `GET /app/{key}`: admits a client's WebSocket, or closes it with the reason.

use crate::admission::{ConnectRequest, admit};
use crate::dialect::Dialect;
use crate::shown::shown;
use crate::state::ServerState;
use crate::transport::{self, Upgrade};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use echolite_protocol::{CloseCode, extension};
use std::sync::Arc;

/// So many characters of a key or an origin are logged.
const SHOWN: usize = 100;

pub(super) async fn connect(
    State(server): State<Arc<ServerState>>,
    Path(key): Path<String>,
    mut request: Request,
) -> Response {
    let upgrade = match Upgrade::of(&mut request) {
        Ok(upgrade) => upgrade,
        Err(refusal) => return *refusal,
    };
    let (response, socket) = upgrade.accept();
    let app = server.app_by_key(&key);
    let parameters = parameters(request.uri().query());
    let parameter = |name| parameters.iter().find(|(found, _)| found == name);
    let parameter = |name| parameter(name).map(|(_, value)| value.as_str());
    let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let asked = ConnectRequest { protocol: parameter("protocol"), origin };
    let dialect = Dialect::asked_for(parameter(extension::PARAMETER));
    let admitted = if server.is_closing() {
        Err(CloseCode::Reconnect)
    } else {
        admit(app.as_ref().map(|app| app.config()), asked)
    };
    match (admitted, app) {
        (Ok(()), Some(app)) => {
            server.spawn(transport::serve(socket, app, server.outbox(), dialect));
        }
        (refused, _) => {
            let code = refused.err().unwrap_or(CloseCode::AppNotFound);
            let (key, origin) = (shown(&key, SHOWN), origin.map(|origin| shown(origin, SHOWN)));
            tracing::info!(key, origin, code = code.code(), "refused: {}", code.message());
            server.stats.connections_refused.add(1);
            server.spawn(transport::refuse(socket, code));
        }
    }
    response
}

/// A path that nothing is served at: 4005 for WebSockets, 404 for the rest.
pub(crate) async fn nowhere(
    State(server): State<Arc<ServerState>>,
    mut request: Request,
) -> Response {
    let Ok(upgrade) = Upgrade::of(&mut request) else {
        return (StatusCode::NOT_FOUND, "Not found.").into_response();
    };
    let (response, socket) = upgrade.accept();
    server.stats.connections_refused.add(1);
    server.spawn(transport::refuse(socket, CloseCode::PathNotFound));
    response
}

/// A query that is no form has no parameters.
fn parameters(query: Option<&str>) -> Vec<(String, String)> {
    serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default()
}
