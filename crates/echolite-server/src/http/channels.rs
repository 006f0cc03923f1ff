//! What is asked about channels and connections.

use super::error::ApiError;
use super::info::{Info, channel_info};
use super::signed::Signed;
use axum::Json;
use axum::extract::{Path, State};
use echolite_protocol::{Access, ChannelName};
use serde_json::{Map, Value, json};

use crate::server::Echolite;

pub(super) async fn list(request: Signed) -> Result<Json<Value>, ApiError> {
    let asked = Info::parse(request.query.get("info").map(String::as_str));
    let prefix = request.query.get("filter_by_prefix").map_or("", String::as_str);
    if asked.user_count && !prefix.starts_with("presence-") {
        let text =
            "user_count needs filter_by_prefix=presence-: only presence channels have users.";
        return Err(ApiError::BadRequest(text.into()));
    }
    let mut channels = Map::new();
    for hub in request.app.hubs() {
        let found = hub.occupied().filter(|(name, _)| name.as_str().starts_with(prefix));
        for (name, count) in found {
            let about = if asked.subscription_count {
                json!({ "subscription_count": count })
            } else {
                json!({})
            };
            channels.insert(name.to_string(), about);
        }
    }
    Ok(Json(json!({ "channels": channels })))
}

pub(super) async fn show(
    State(_): State<Echolite>,
    Path((_, channel)): Path<(String, String)>,
    request: Signed,
) -> Result<Json<Value>, ApiError> {
    let channel = channel_name(&channel)?;
    let asked = Info::parse(request.query.get("info").map(String::as_str));
    if asked.user_count && channel.access() != Access::Presence {
        return Err(ApiError::BadRequest("Only presence channels have a user_count.".into()));
    }
    Ok(Json(channel_info(&request.app, &channel, asked, true)))
}

pub(super) async fn users(
    Path((_, channel)): Path<(String, String)>,
    _request: Signed,
) -> Result<Json<Value>, ApiError> {
    if channel_name(&channel)?.access() != Access::Presence {
        return Err(ApiError::BadRequest("Only presence channels have users.".into()));
    }
    Ok(Json(json!({ "users": [] })))
}

pub(super) async fn connections(request: Signed) -> Json<Value> {
    Json(json!({ "connections": request.app.connection_count() }))
}

fn channel_name(name: &str) -> Result<ChannelName, ApiError> {
    ChannelName::new(name).map_err(|why| ApiError::BadRequest(why.to_string()))
}
