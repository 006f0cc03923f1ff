//! Handlers of `POST /broadcasting/auth` and `/broadcasting/user-auth`.

use super::authorizers::Authorizers;
use super::channel_authorizer::Refusal;
use crate::socket_id::{has_socket_id_form, not_a_socket_id};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The most channels in one request.
const MOST_CHANNELS: usize = 100;

/// The request: one channel, as every client asks, or several at once; or none, to sign in.
#[derive(Deserialize)]
struct AuthForm {
    socket_id: String,
    #[serde(default)]
    channel_name: Option<String>,
    #[serde(default)]
    channels: Option<Vec<String>>,
}

/// Answers `/broadcasting/auth`.
pub(super) async fn authorize<S>(
    authorizers: &Authorizers<S>,
    state: &S,
    request: Request,
) -> Response
where
    S: Clone + Send + Sync + 'static,
{
    let (mut parts, form) = match read(state, request).await {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let socket = &form.socket_id;
    match (&form.channel_name, form.channels) {
        (Some(name), _) => match authorizers.decide(&mut parts, state, (socket, name)).await {
            Ok(answer) => Json(answer).into_response(),
            Err(Refusal::Guard(response)) => *response,
            Err(Refusal::Denied(why)) => {
                let body = json!({ "message": why, "channel": name });
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
        },
        (None, Some(names)) => {
            let mut answers = Map::new();
            for name in names {
                let answer = authorizers.decide(&mut parts, state, (socket, &name)).await;
                answers.insert(name, answer.unwrap_or_else(Refusal::into_entry));
            }
            Json(json!({ "channels": answers })).into_response()
        }
        (None, None) => {
            message(StatusCode::UNPROCESSABLE_ENTITY, "The channel_name field is required.")
        }
    }
}

/// Answers `/broadcasting/user-auth`.
pub(super) async fn sign_in<S>(
    authorizers: &Authorizers<S>,
    state: &S,
    request: Request,
) -> Response
where
    S: Clone + Send + Sync + 'static,
{
    let (mut parts, form) = match read(state, request).await {
        Ok(read) => read,
        Err(response) => return *response,
    };
    match authorizers.sign_in(&mut parts, state, &form.socket_id).await {
        Ok(answer) => Json(answer).into_response(),
        Err(Refusal::Guard(response)) => *response,
        Err(Refusal::Denied(why)) => message(StatusCode::FORBIDDEN, &why),
    }
}

impl Refusal {
    /// As it stands among the answers for several channels.
    fn into_entry(self) -> Value {
        match self {
            Self::Guard(response) => json!({
                "status": response.status().as_u16(),
                "error": "The user could not be identified.",
            }),
            Self::Denied(why) => json!({ "status": 403, "error": why }),
        }
    }
}

/// Takes a request apart; an answer when it does not fit.
async fn read<S>(state: &S, request: Request) -> Result<(Parts, AuthForm), Box<Response>>
where
    S: Clone + Send + Sync + 'static,
{
    let (parts, body) = request.into_parts();
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
    let body = body.map_err(|rejection| Box::new(rejection.into_response()))?;
    let wrong = |why: String| Box::new(message(StatusCode::UNPROCESSABLE_ENTITY, &why));
    let form = parse(&parts, &body).map_err(wrong)?;
    Ok((parts, form))
}

fn parse(parts: &Parts, body: &[u8]) -> Result<AuthForm, String> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let form: AuthForm = if kind.is_some_and(|kind| kind.contains("json")) {
        serde_json::from_slice(body).map_err(|error| error.to_string())?
    } else {
        serde_urlencoded::from_bytes(body).map_err(|error| error.to_string())?
    };
    if !has_socket_id_form(&form.socket_id) {
        return Err(format!("The socket_id does not fit: {}", not_a_socket_id(&form.socket_id)));
    }
    if form.channels.as_ref().is_some_and(|channels| channels.len() > MOST_CHANNELS) {
        return Err(format!("At most {MOST_CHANNELS} channels are authorised at once."));
    }
    Ok(form)
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
