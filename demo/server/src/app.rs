//! The application: the REST API, the front end's files and the broadcasting server on one port.

use std::path::Path;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use axum::{Json, Router};
use echolite_server::{
    AppConfig, Broadcaster, Channels, Config, ConfigError, Echolite, Params, UnknownApp,
};
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
    pub(crate) broadcaster: Broadcaster,
    pub(crate) websockets: watch::Sender<WebSockets>,
}

/// The broadcasting server would not have it.
#[derive(thiserror::Error, Debug)]
pub(crate) enum EmbedError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    App(#[from] UnknownApp),
}

/// All routes: `/api`, `/demo`, Echolite's own, and the front end from `web`.
pub(crate) fn router(
    catalogue: Catalogue,
    websockets: watch::Sender<WebSockets>,
    web: &Path,
) -> Result<Router, EmbedError> {
    let server =
        Echolite::new(Config::with_app(AppConfig::new("demo", "demo-key", "demo-secret")))?;
    // A demo has no users: whoever asks may read the products.
    let channels = Channels::new().private("products", |(), _: Params| async { true });
    let app = App { catalogue, broadcaster: server.broadcaster("demo")?, websockets };

    // Files with a hash in their name could be kept for ever; a demo is rebuilt often, so all are asked for.
    let no_cache = HeaderValue::from_static("no-cache");
    let files =
        SetResponseHeader::if_not_present(ServeDir::new(web), header::CACHE_CONTROL, no_cache);
    Ok(Router::new()
        .merge(api::router())
        .route("/demo/network", get(network).post(set_network))
        .with_state(app)
        .merge(channels.router(server.credentials("demo")?))
        .merge(server.router())
        .fallback_service(files))
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
