//! `POST /apps/{id}/events` and `/batch_events`: a back end publishes.

use super::error::{ApiError, Invalid};
use super::info::{Info, channel_info};
use super::signed::Signed;
use crate::app::{App, Publication};
use crate::socket_id::{SocketId, has_socket_id_form, not_a_socket_id};
use axum::Json;
use echolite_protocol::{ChannelName, Limits, reserved_prefix};
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// An event as a back end writes it. Fields are read one by one, so that all that are wrong can be named.
#[derive(Deserialize)]
struct EventBody<'a> {
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    channels: Option<&'a RawValue>,
    #[serde(borrow, default)]
    channel: Option<&'a RawValue>,
    #[serde(borrow, default)]
    socket_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    info: Option<&'a RawValue>,
}

/// An event that was checked, and what is asked about its channels.
struct Checked {
    event: Publication,
    info: Option<Info>,
}

#[derive(Deserialize)]
struct BatchBody<'a> {
    #[serde(borrow, default)]
    batch: Option<Vec<EventBody<'a>>>,
}

pub(super) async fn publish(request: Signed) -> Result<Json<Value>, ApiError> {
    let body: EventBody<'_> = parse(&request.body)?;
    let Checked { event, info } = check_all(&request.app, &[body], |_| String::new())?.remove(0);
    request.app.publish(&event).await;
    let Some(info) = info else { return Ok(Json(json!({}))) };
    let about = |channel: &ChannelName| {
        (channel.to_string(), channel_info(&request.app, channel, info, false))
    };
    let channels: Map<_, _> = event.channels.iter().map(about).collect();
    Ok(Json(json!({ "channels": channels })))
}

pub(super) async fn publish_batch(request: Signed) -> Result<Json<Value>, ApiError> {
    let app = &request.app;
    let BatchBody { batch } = parse(&request.body)?;
    let batch = batch.ok_or_else(|| ApiError::invalid("batch", required("batch")))?;
    let most = app.config().limits.batch;
    if batch.len() > most {
        let text = format!("The batch must not have more than {most} items.");
        return Err(ApiError::invalid("batch", text));
    }
    // All or nothing: a back end that repeats a refused batch must not publish half of it twice.
    let batch = check_all(app, &batch, |at| format!("batch.{at}."))?;
    for Checked { event, .. } in &batch {
        app.publish(event).await;
    }
    if batch.iter().all(|checked| checked.info.is_none()) {
        return Ok(Json(json!({ "batch": {} })));
    }
    let about = |Checked { event, info }: &Checked| match (event.channels.first(), *info) {
        (Some(channel), Some(info)) => channel_info(app, channel, info, false),
        _ => json!({}),
    };
    let batch: Vec<_> = batch.iter().map(about).collect();
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

/// Checks events; `at` gives the way to an event's fields, for the refusal: `batch.0.`.
///
/// # Errors
/// All fields that do not fit, as Laravel's validator has them; a payload that is too large only where that is all.
fn check_all(
    app: &App,
    bodies: &[EventBody<'_>],
    at: impl Fn(usize) -> String,
) -> Result<Vec<Checked>, ApiError> {
    let mut invalid = Invalid::default();
    let mut checked = Vec::with_capacity(bodies.len());
    let mut is_too_large = false;
    for (number, body) in bodies.iter().enumerate() {
        let at = at(number);
        let mut fields = Fields { limits: &app.config().limits, at: &at, invalid: &mut invalid };
        checked.extend(fields.check(body));
        is_too_large |=
            body.data.is_some_and(|data| too_large(data, app.config().limits.event_data));
    }
    invalid.into_result()?;
    if is_too_large { Err(ApiError::TooLarge) } else { Ok(checked) }
}

/// The fields of one event, and what is wrong with them.
struct Fields<'a> {
    limits: &'a Limits,
    /// The way to them: `batch.0.`.
    at: &'a str,
    invalid: &'a mut Invalid,
}

impl Fields<'_> {
    /// The event; `None` where something is wrong, which was noted.
    fn check(&mut self, body: &EventBody<'_>) -> Option<Checked> {
        let name = self.name(body);
        let data = self.data(body);
        let channels = self.channels(body);
        let except = self.socket_id(body);
        let info = self.text("info", body.info);
        let info = info.map(|info| info.map(|info| Info::parse(Some(&info))));
        let (name, data, channels) = (name?, data?, channels?);
        let event = Publication { name, data: data.to_owned().into(), channels, except: except? };
        Some(Checked { event, info: info? })
    }

    fn name(&mut self, body: &EventBody<'_>) -> Option<String> {
        let name = self.text("name", body.name)?.filter(|name| !name.is_empty());
        let Some(name) = name else {
            self.wrong("name", required(&format!("{}name", self.at)));
            return None;
        };
        if name.chars().count() > self.limits.event_name {
            let most = self.limits.event_name;
            self.wrong("name", format!("An event name has at most {most} characters."));
            return None;
        }
        if let Some(prefix) = reserved_prefix(&name) {
            let text = "events of the protocol are the server's alone; choose another name.";
            self.wrong("name", format!("An event name must not begin with {prefix}: {text}"));
            return None;
        }
        Some(name)
    }

    fn data<'a>(&mut self, body: &EventBody<'a>) -> Option<&'a RawValue> {
        match body.data {
            None => self.wrong("data", required(&format!("{}data", self.at))),
            Some(data) if !data.get().starts_with('"') => self.wrong("data", not_text("data")),
            data => return data,
        }
        None
    }

    fn channels(&mut self, body: &EventBody<'_>) -> Option<Vec<ChannelName>> {
        let several = match body.channels.map(|raw| serde_json::from_str::<Vec<String>>(raw.get()))
        {
            Some(Err(_)) => {
                self.wrong("channels", "The channels field must be an array of strings.");
                return None;
            }
            Some(Ok(names)) => Some(names).filter(|names| !names.is_empty()),
            None => None,
        };
        let (field, names) = match (several, self.text("channel", body.channel)?) {
            (Some(names), _) => ("channels", names),
            (None, Some(name)) => ("channel", vec![name]),
            (None, None) => {
                for (field, other) in [("channels", "channel"), ("channel", "channels")] {
                    let text =
                        format!("The {field} field is required when {other} is not present.");
                    self.wrong(field, text);
                }
                return None;
            }
        };
        let most = self.limits.channels_per_event;
        if names.len() > most {
            self.wrong(field, format!("An event goes to at most {most} channels."));
            return None;
        }
        let mut channels = Vec::with_capacity(names.len());
        for name in &names {
            match ChannelName::new(name) {
                Ok(channel) => channels.push(channel),
                Err(why) => self.wrong(field, why.to_string()),
            }
        }
        (channels.len() == names.len()).then_some(channels)
    }

    /// The connection that is left out; `Some(None)` where it is nobody of this server.
    fn socket_id(&mut self, body: &EventBody<'_>) -> Option<Option<SocketId>> {
        let Some(id) = self.text("socket_id", body.socket_id)? else { return Some(None) };
        if !has_socket_id_form(&id) {
            self.wrong("socket_id", not_a_socket_id(&id));
            return None;
        }
        Some(id.parse().ok())
    }

    /// A field that is text, or not there; `None` where it is something else, which was noted.
    fn text(&mut self, field: &str, raw: Option<&RawValue>) -> Option<Option<String>> {
        let text = raw.map(|raw| serde_json::from_str(raw.get())).transpose();
        if text.is_err() {
            self.wrong(field, not_text(field));
        }
        text.ok()
    }

    fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.invalid.add(format!("{}{field}", self.at), message);
    }
}

/// Whether the text in a JSON string is longer than allowed. Escapes only ever make it longer, so
/// the text itself is counted only when the escaped one is too long.
fn too_large(data: &RawValue, most: usize) -> bool {
    data.get().len().saturating_sub(2) > most && text_length(data.get()) > most
}

/// The bytes of the text that a JSON string stands for, in UTF-8. Half of a surrogate pair, which is no text and of
/// which Serde makes none, has three like any other character of its size.
fn text_length(json: &str) -> usize {
    let inner = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or(json);
    let mut length = 0;
    let mut escapes = inner.split('\\');
    length += escapes.next().map_or(0, str::len);
    let mut high = false;
    while let Some(part) = escapes.next() {
        // An escaped backslash: the part behind it is none of an escape.
        if part.is_empty() {
            length += 1 + escapes.next().map_or(0, str::len);
            high = false;
            continue;
        }
        let unit =
            part.strip_prefix('u').and_then(|part| u16::from_str_radix(part.get(..4)?, 16).ok());
        let (bytes, taken) = match unit {
            None => (1, 1),
            Some(0..0x80) => (1, 5),
            Some(0x80..0x800) => (2, 5),
            // With the half before it, four bytes.
            Some(0xdc00..0xe000) if high => (1, 5),
            Some(_) => (3, 5),
        };
        let rest = part.len() - taken;
        length += bytes + rest;
        high = rest == 0 && unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
    }
    length
}

fn required(field: &str) -> String {
    format!("The {field} field is required.")
}

fn not_text(field: &str) -> String {
    format!("The {field} field must be a string.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_text_is_that_of_what_its_escapes_stand_for() {
        let texts = [
            "",
            "abc",
            "\"",
            "\\",
            "\\\\n",
            "a\nb\t/",
            "ä",
            "日本",
            "😀",
            "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}",
            "\u{10ffff}x\u{10000}",
            "\\u0041",
            "\\\\u0041",
        ];
        for text in texts {
            let plain = serde_json::to_string(text).unwrap();
            let escaped: String =
                text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let escaped = format!("\"{escaped}\"");
            assert_eq!(text_length(&plain), text.len(), "{plain}");
            assert_eq!(text_length(&escaped), text.len(), "{escaped}");
        }
        let halves = [
            (r#""\ud83d""#, 3),
            (r#""\ude00""#, 3),
            (r#""\ude00\ud83d""#, 6),
            (r#""\ud83dx\ude00""#, 7),
            (r#""\ud83d\ud83d\ude00""#, 7),
            (r#""\ud83d\\\ude00""#, 7),
        ];
        for (json, length) in halves {
            assert_eq!(text_length(json), length, "{json}");
        }
    }
}
