//! `GET /apps/{id}/channels…`, `/connections` and `/history`.

use super::error::ApiError;
use super::info::{Info, channel_info};
use super::signed::Signed;
use crate::cluster::HistoryUsage;
use axum::Json;
use axum::extract::Path;
use echolite_protocol::{Access, ChannelName};
use serde_json::{Map, Value, json};

pub(super) async fn list(request: Signed) -> Result<Json<Value>, ApiError> {
    let asked = Info::parse(request.query.get("info").map(String::as_str));
    let prefix = request.query.get("filter_by_prefix").map_or("", String::as_str);
    if asked.user_count && !prefix.starts_with("presence-") {
        let text =
            "user_count needs filter_by_prefix=presence-: only presence channels have users.";
        return Err(ApiError::BadRequest(text.into()));
    }
    let mut channels = Map::new();
    for broker in request.app.brokers() {
        let found = broker.occupied().filter(|(name, ..)| name.as_str().starts_with(prefix));
        for (name, subscriptions, users) in found {
            let mut about = Map::new();
            if asked.subscription_count {
                about.insert("subscription_count".into(), subscriptions.into());
            }
            if asked.user_count {
                about.insert("user_count".into(), users.into());
            }
            channels.insert(name.to_string(), about.into());
        }
    }
    Ok(Json(json!({ "channels": channels })))
}

pub(super) async fn show(
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
    request: Signed,
) -> Result<Json<Value>, ApiError> {
    let channel = channel_name(&channel)?;
    if channel.access() != Access::Presence {
        return Err(ApiError::BadRequest("Only presence channels have users.".into()));
    }
    let members: Vec<_> = {
        let broker = request.app.broker(&channel);
        broker.members(&channel).cloned().collect()
    };
    // Without the lock: members may be many.
    let users: Vec<_> = members.iter().map(|user| json!({ "id": user.user_id })).collect();
    Ok(Json(json!({ "users": users })))
}

pub(super) async fn connections(request: Signed) -> Json<Value> {
    Json(json!({ "connections": request.app.connection_count() }))
}

/// What is held of all channels' history (ours alone: neither Pusher nor Reverb has any).
pub(super) async fn history(request: Signed) -> Json<Value> {
    let HistoryUsage { channels, events, bytes } = request.app.held();
    Json(json!({ "channels": channels, "events": events, "bytes": bytes }))
}

fn channel_name(name: &str) -> Result<ChannelName, ApiError> {
    ChannelName::new(name).map_err(|why| ApiError::BadRequest(why.to_string()))
}
