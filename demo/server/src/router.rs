//! The application: the REST API, the front end's files and the broadcasting server on one port.

use std::path::Path;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use echolite_feed::{Publisher, PublisherOptions};
use echolite_server::{AppConfig, Channels, Config, ConfigError, Echolite, Params, UnknownApp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::api;
use crate::app::App;
use crate::catalogue::Catalogue;
use crate::chat::{self, Chat, Visitor};
use crate::gate::{self, Rules, WebSockets};

/// The broadcasting server would not have it.
#[derive(thiserror::Error, Debug)]
pub(crate) enum EmbedError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    App(#[from] UnknownApp),
}

/// All routes: `/api`, `/demo`, Echolite's own, and the front end from `web`; and the publisher of what the
/// catalogue announces.
pub(crate) fn router(
    (catalogue, chat): (Catalogue, Chat),
    rules: watch::Sender<Rules>,
    web: &Path,
) -> Result<(Router, Publisher), EmbedError> {
    let server =
        Echolite::new(Config::with_app(AppConfig::new("demo", "demo-key", "demo-secret")))?;
    // Whoever asks may read the products; the chat has users.
    let channels = Channels::new().private("products", |_: Visitor, _: Params| async { true });
    let channels = chat::channels(channels, &chat);
    let broadcaster = server.broadcaster("demo")?;
    let publisher = catalogue.feed.publish_to(broadcaster.clone(), PublisherOptions::default());
    let app = App { catalogue, chat, broadcaster, rules };

    // Files with a hash in their name could be kept for ever; a demo is rebuilt often, so all are asked for.
    let no_cache = HeaderValue::from_static("no-cache");
    let files = Router::new()
        .route_service("/chat", ServeFile::new(web.join("chat.html")))
        .fallback_service(ServeDir::new(web))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, no_cache));
    let router = Router::new()
        .merge(api::router())
        .merge(chat::router())
        .route("/demo/network", get(network).post(set_network))
        .merge(channels.router(server.credentials("demo")?))
        .with_state(app)
        .merge(server.router())
        .fallback_service(files);
    Ok((router, publisher))
}

#[derive(Serialize, Deserialize)]
struct Network {
    websockets: WebSockets,
}

async fn network(State(app): State<App>, headers: HeaderMap) -> Json<Network> {
    let visitor = gate::visitor(&headers);
    Json(Network { websockets: app.rules.borrow().of(visitor.as_deref()) })
}

/// Sets the rule of the visitor who asks; of everybody, where a program asks that names no visitor.
async fn set_network(
    State(app): State<App>,
    headers: HeaderMap,
    Json(network): Json<Network>,
) -> Result<Json<Network>, UnknownVisitor> {
    let visitor = gate::visitor(&headers);
    if visitor.is_none() && headers.contains_key(header::ORIGIN) {
        return Err(UnknownVisitor);
    }
    app.rules.send_modify(|rules| rules.set(visitor, network.websockets));
    Ok(Json(network))
}

/// A page asks whose browser sent no cookie: what it asks for itself would be done to everybody.
struct UnknownVisitor;

impl IntoResponse for UnknownVisitor {
    fn into_response(self) -> Response {
        let message = "The network does not know you. Allow cookies for this page, and reload it.";
        (StatusCode::FORBIDDEN, Json(serde_json::json!({ "message": message }))).into_response()
    }
}
