//! The application: the REST API, the front end's files and the broadcasting server on one port.

use std::path::Path;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeader;

use crate::api;
use crate::catalogue::Catalogue;
use crate::gate::WebSockets;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) catalogue: Catalogue,
    pub(crate) websockets: watch::Sender<WebSockets>,
}

/// All routes: `/api`, `/demo`, Echolite's own, and the front end from `web`.
pub(crate) fn router(app: App, web: &Path) -> Router {
    // Files with a hash in their name could be kept for ever; a demo is rebuilt often, so all are asked for.
    let no_cache = HeaderValue::from_static("no-cache");
    let files =
        SetResponseHeader::if_not_present(ServeDir::new(web), header::CACHE_CONTROL, no_cache);
    Router::new()
        .merge(api::router())
        .route("/demo/network", get(network).post(set_network))
        .with_state(app)
        .fallback_service(files)
}

#[derive(Serialize, Deserialize)]
struct Network {
    websockets: WebSockets,
}

async fn network(State(app): State<App>) -> Json<Network> {
    Json(Network { websockets: *app.websockets.borrow() })
}

async fn set_network(State(app): State<App>, Json(network): Json<Network>) -> Json<Network> {
    app.websockets.send_replace(network.websockets);
    Json(network)
}
