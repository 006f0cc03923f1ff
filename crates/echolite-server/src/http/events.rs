//! `POST /apps/{id}/events` and `/batch_events`: a back end publishes.

use super::error::ApiError;
use super::info::{Info, channel_info};
use super::signed::Signed;
use crate::app::{App, Publication};
use crate::socket_id::has_socket_id_form;
use axum::Json;
use echolite_protocol::ChannelName;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// An event as a back end writes it.
#[derive(Deserialize)]
struct EventBody<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    channels: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    channel: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    socket_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    info: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct BatchBody<'a> {
    #[serde(borrow, default)]
    batch: Option<Vec<EventBody<'a>>>,
}

pub(super) async fn publish(request: Signed) -> Result<Json<Value>, ApiError> {
    let body: EventBody<'_> = parse(&request.body)?;
    let event = check(&request.app, &body, "")?;
    let info = Info::parse(body.info.as_deref());
    request.app.publish(&event).await;
    if body.info.is_none() {
        return Ok(Json(json!({})));
    }
    let about = |channel: &ChannelName| {
        (channel.to_string(), channel_info(&request.app, channel, info, false))
    };
    let channels: Map<_, _> = event.channels.iter().map(about).collect();
    Ok(Json(json!({ "channels": channels })))
}

pub(super) async fn publish_batch(request: Signed) -> Result<Json<Value>, ApiError> {
    let app = &request.app;
    let BatchBody { batch } = parse(&request.body)?;
    let batch = batch.ok_or_else(|| required("batch"))?;
    let most = app.config().limits.batch;
    if batch.len() > most {
        let text = format!("The batch must not have more than {most} items.");
        return Err(ApiError::invalid("batch", text));
    }
    let checked = batch.iter().enumerate();
    let checked = checked.map(|(at, body)| check(app, body, &format!("batch.{at}.")));
    // All or nothing: a back end that repeats a refused batch must not publish half of it twice.
    let events = checked.collect::<Result<Vec<_>, _>>()?;
    for event in &events {
        app.publish(event).await;
    }
    if batch.iter().all(|body| body.info.is_none()) {
        return Ok(Json(json!({ "batch": {} })));
    }
    let about = |(body, event): (&EventBody<'_>, &Publication)| match event.channels.first() {
        Some(channel) if body.info.is_some() => {
            channel_info(app, channel, Info::parse(body.info.as_deref()), false)
        }
        _ => json!({}),
    };
    let batch: Vec<_> = batch.iter().zip(&events).map(about).collect();
    Ok(Json(json!({ "batch": batch })))
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    // Serde takes an array for a struct too, by the order of its fields.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::invalid("body", "The body must be a JSON object."));
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => ApiError::invalid("body", error.to_string()),
        _ => ApiError::NoJson(error.to_string()),
    })
}

/// Checks an event; `at` is the way to its fields, for the refusal: `batch.0.`.
fn check(app: &App, body: &EventBody<'_>, at: &str) -> Result<Publication, ApiError> {
    let limits = &app.config().limits;
    let field = |name: &str| format!("{at}{name}");
    let name = body.name.as_deref().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| required(&field("name")))?;
    if name.chars().count() > limits.event_name {
        let text = format!("An event name has at most {} characters.", limits.event_name);
        return Err(ApiError::invalid(field("name"), text));
    }
    let data = body.data.ok_or_else(|| required(&field("data")))?;
    if !data.get().starts_with('"') {
        return Err(ApiError::invalid(field("data"), "The data field must be a string."));
    }
    if too_large(data, limits.event_data) {
        return Err(ApiError::TooLarge);
    }
    let channels = channels_of(body, at, limits.channels_per_event)?;
    if let Some(id) = body.socket_id.as_deref().filter(|id| !has_socket_id_form(id)) {
        let text = format!("{id:?} is no socket id; it looks like 123.456.");
        return Err(ApiError::invalid(field("socket_id"), text));
    }
    let except = body.socket_id.as_deref().and_then(|id| id.parse().ok());
    Ok(Publication { name: name.to_owned(), data: data.to_owned().into(), channels, except })
}

fn channels_of(body: &EventBody<'_>, at: &str, most: usize) -> Result<Vec<ChannelName>, ApiError> {
    let single = body.channel.as_ref().map(std::slice::from_ref);
    let (field, names) = match (body.channels.as_deref(), single) {
        (Some(names), _) => ("channels", names),
        (None, Some(name)) => ("channel", name),
        (None, None) => return Err(required(&format!("{at}channels"))),
    };
    if names.len() > most {
        let text = format!("An event goes to at most {most} channels.");
        return Err(ApiError::invalid(format!("{at}{field}"), text));
    }
    let name = |name: &Cow<'_, str>| {
        ChannelName::new(name)
            .map_err(|why| ApiError::invalid(format!("{at}{field}"), why.to_string()))
    };
    names.iter().map(name).collect()
}

/// Whether the text in a JSON string is longer than allowed. Escapes only ever make it longer, so
/// the text itself is needed only when the escaped one is too long.
fn too_large(data: &RawValue, most: usize) -> bool {
    data.get().len() - 2 > most
        && serde_json::from_str::<String>(data.get()).is_ok_and(|text| text.len() > most)
}

fn required(field: &str) -> ApiError {
    ApiError::invalid(field, format!("The {field} field is required."))
}
