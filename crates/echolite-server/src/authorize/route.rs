//! `POST /broadcasting/auth`: a client asks for the signature of a channel, or of several.

use super::{Channels, Kind, Verdict};
use crate::socket_id::has_socket_id_form;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use echolite_protocol::{Access, ChannelName, Credentials};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most channels in one request.
const MOST_CHANNELS: usize = 100;

/// Who decides, and signs.
pub(super) struct Office<U> {
    pub(super) channels: Channels<U>,
    pub(super) credentials: Credentials,
}

/// The request: one channel, as every client asks, or several at once.
#[derive(Deserialize)]
struct Wanted {
    socket_id: String,
    #[serde(default)]
    channel_name: Option<String>,
    #[serde(default)]
    channels: Option<Vec<String>>,
}

pub(super) async fn authorize<U, S>(
    office: Arc<Office<U>>,
    State(state): State<S>,
    request: Request,
) -> Response
where
    U: FromRequestParts<S> + Send + 'static,
    S: Clone + Send + Sync + 'static,
{
    let (mut parts, body) = request.into_parts();
    let body = Request::from_parts(parts.clone(), body);
    let body = match Bytes::from_request(body, &state).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let wanted = match parse(&parts, &body) {
        Ok(wanted) => wanted,
        Err(why) => return message(StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    let socket = &wanted.socket_id;
    match (&wanted.channel_name, wanted.channels) {
        (Some(name), _) => match office.decide(&mut parts, &state, socket, name).await {
            Ok(answer) => Json(answer).into_response(),
            Err(Refusal::Guard(response)) => *response,
            Err(Refusal::Channel(why)) => message(StatusCode::FORBIDDEN, &why),
        },
        (None, Some(names)) => {
            let mut answers = Map::new();
            for name in names {
                let answer = office.decide(&mut parts, &state, socket, &name).await;
                let answer = answer.unwrap_or_else(|refusal| refusal.into_entry());
                answers.insert(name, answer);
            }
            Json(json!({ "channels": answers })).into_response()
        }
        (None, None) => {
            message(StatusCode::UNPROCESSABLE_ENTITY, "The channel_name field is required.")
        }
    }
}

/// Why a channel was refused.
enum Refusal {
    /// The user could not be extracted: the extractor's own answer.
    Guard(Box<Response>),
    /// The user may not join.
    Channel(String),
}

impl Refusal {
    /// As it stands among the answers for several channels.
    fn into_entry(self) -> Value {
        match self {
            Self::Guard(response) => json!({
                "status": response.status().as_u16(),
                "error": "The user could not be identified.",
            }),
            Self::Channel(why) => json!({ "status": 403, "error": why }),
        }
    }
}

impl<U: Send + 'static> Office<U> {
    async fn decide<S>(
        &self,
        parts: &mut Parts,
        state: &S,
        socket: &str,
        name: &str,
    ) -> Result<Value, Refusal>
    where
        U: FromRequestParts<S>,
        S: Send + Sync,
    {
        let user = U::from_request_parts(parts, state).await;
        let user = user.map_err(|rejection| Refusal::Guard(Box::new(rejection.into_response())))?;
        let refused = |why: String| Err(Refusal::Channel(why));
        let channel = match ChannelName::new(name) {
            Ok(channel) => channel,
            Err(why) => return refused(why.to_string()),
        };
        let kind = match channel.access() {
            Access::Private => Kind::Private,
            Access::Presence => Kind::Presence,
            Access::Public | Access::Encrypted | Access::ServerToUser => {
                return refused(format!(
                    "{name}: only private and presence channels are joined here"
                ));
            }
        };
        let Some((rule, params)) = self.channels.rule(kind, channel.base()) else {
            return refused(format!("{name}: no channel is defined for this name"));
        };
        match (kind, (rule.ask)(user, params).await) {
            (Kind::Private, Verdict::Allowed | Verdict::Member(_)) => {
                Ok(json!({ "auth": self.credentials.channel_auth(socket, name, None) }))
            }
            (Kind::Presence, Verdict::Member(member)) => {
                let data = json!(member).to_string();
                let auth = self.credentials.channel_auth(socket, name, Some(&data));
                Ok(json!({ "auth": auth, "channel_data": data }))
            }
            (Kind::Presence, Verdict::Allowed) => {
                tracing::error!(
                    channel = name,
                    "the rule of a presence channel must give a Member"
                );
                refused(format!("{name}: its rule does not say who joins"))
            }
            (_, Verdict::Denied) => refused(format!("{name}: this user may not subscribe to it")),
            (_, Verdict::Failed(reason)) => {
                tracing::error!(channel = name, reason, "the channel's rule failed");
                refused(format!("{name}: it could not be found out whether this user may join"))
            }
        }
    }
}

fn parse(parts: &Parts, body: &[u8]) -> Result<Wanted, String> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let wanted: Wanted = if kind.is_some_and(|kind| kind.contains("json")) {
        serde_json::from_slice(body).map_err(|error| error.to_string())?
    } else {
        serde_urlencoded::from_bytes(body).map_err(|error| error.to_string())?
    };
    if !has_socket_id_form(&wanted.socket_id) {
        return Err("The socket_id must look like 123.456.".to_owned());
    }
    if wanted.channels.as_ref().is_some_and(|channels| channels.len() > MOST_CHANNELS) {
        return Err(format!("At most {MOST_CHANNELS} channels are authorised at once."));
    }
    Ok(wanted)
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
