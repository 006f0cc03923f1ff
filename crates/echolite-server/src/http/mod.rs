//! The HTTP routes: the WebSocket endpoint, and the API that back ends publish with.

mod channels;
mod connect;
mod error;
mod events;
mod info;
mod rest;
mod signed;
mod users;

use crate::state::ServerState;
use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use std::sync::Arc;

/// The routes below a prefix, which is empty or begins with a slash.
pub(crate) fn router(server: &Arc<ServerState>, prefix: &str) -> Router {
    let at = |path: &str| format!("{prefix}{path}");
    Router::new()
        .route(&at("/app/{key}"), any(connect::connect))
        .route(&at("/apps/{id}/events"), post(events::publish))
        .route(&at("/apps/{id}/batch_events"), post(events::publish_batch))
        .route(&at("/apps/{id}/channels"), get(channels::list))
        .route(&at("/apps/{id}/channels/{channel}"), get(channels::show))
        .route(&at("/apps/{id}/channels/{channel}/users"), get(channels::users))
        .route(
            &at("/apps/{id}/users/{user}/terminate_connections"),
            post(users::terminate_connections),
        )
        .route(&at("/apps/{id}/connections"), get(channels::connections))
        .route(&at("/apps/{id}/history"), get(channels::history))
        .route(&at("/up"), get(up))
        .layer(middleware::from_fn(rest::take_rest))
        .with_state(server.clone())
}

/// The answer to every other path, for a server that has the address to itself.
pub(crate) fn nowhere(server: &Arc<ServerState>) -> Router {
    let nowhere = Router::new().fallback(connect::nowhere);
    nowhere.layer(middleware::from_fn(rest::take_rest)).with_state(server.clone())
}

async fn up() -> impl IntoResponse {
    axum::Json(serde_json::json!({ "health": "OK" }))
}
