//! A request to the HTTP API whose signature was checked.

use super::error::ApiError;
use crate::app::App;
use crate::state::ServerState;
use axum::RequestPartsExt;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, OriginalUri, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::http::request::Parts;
use echolite_protocol::ApiRequest;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What was asked, by somebody who knows the application's secret.
pub(crate) struct Signed {
    pub(crate) app: Arc<App>,
    pub(crate) query: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl FromRequest<Arc<ServerState>> for Signed {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Arc<ServerState>) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let id = app_id(&mut parts).await;
        let app = server.app_by_id(&id).ok_or(ApiError::NoApp(id))?;
        let body = read(&parts.headers, body, server.config.max_request_size).await?;
        let query = parts.uri.query().unwrap_or_default();
        let path = parts.uri.path();
        let request = ApiRequest { method: parts.method.as_str(), path, query, body: &body };
        let others = other_paths(&parts, &server.config.prefix());
        let others: Vec<_> = others.iter().map(String::as_str).collect();
        request.verify(&app.rules.credentials, unix_now(), &others)?;
        let query = serde_urlencoded::from_str(query).unwrap_or_default();
        Ok(Self { app, query, body })
    }
}

async fn app_id(parts: &mut Parts) -> String {
    let Ok(params) = parts.extract::<RawPathParams>().await else { return String::new() };
    params.iter().find(|(name, _)| *name == "id").map_or_else(String::new, |(_, id)| id.to_owned())
}

async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, ApiError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return Err(ApiError::TooLarge);
    }
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Err(_) => Err(ApiError::Unreadable),
    }
}

/// Paths that may have been signed instead: a proxy or a router adds or strips a prefix, and some
/// clients sign the path unescaped.
fn other_paths(parts: &Parts, prefix: &str) -> Vec<String> {
    let path = parts.uri.path();
    let mut paths = vec![format!("{prefix}{path}")];
    if let Some(OriginalUri(uri)) = parts.extensions.get() {
        paths.push(uri.path().to_owned());
    }
    if let Some(at) = path.find("/apps/") {
        paths.push(path[at..].to_owned());
    }
    let unescaped = |path: &String| {
        percent_encoding::percent_decode_str(path).decode_utf8().map(|path| path.into_owned())
    };
    if path.contains('%') {
        paths.push(path.to_owned());
        let unescaped: Vec<_> = paths.iter().filter_map(|path| unescaped(path).ok()).collect();
        paths.extend(unescaped);
    }
    paths
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
