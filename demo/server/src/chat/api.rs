//! The chat's REST side.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{ChatError, LONGEST};
use super::people::User;
use super::session::{Visitor, cookie, token};
use super::store::{Message, Reader};
use crate::app::App;

/// The routes of sessions and of conversations, under `/api`.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/api/session", get(session).post(sign_in).delete(sign_out))
        .route("/api/conversations", get(conversations))
        .route("/api/conversations/{id}/messages", get(messages).post(send))
        .route("/api/conversations/{id}/members", get(members))
        .route("/api/conversations/{id}/read", post(read))
}

type Result<T> = std::result::Result<T, ChatError>;
type Body<T> = std::result::Result<Json<T>, JsonRejection>;

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

async fn session(State(app): State<App>, visitor: Visitor) -> Result<Json<Value>> {
    Ok(Json(json!({ "user": visitor.into_user(), "users": app.chat.users().await? })))
}

#[derive(Deserialize)]
struct SignIn {
    user_id: i64,
}

async fn sign_in(State(app): State<App>, body: Body<SignIn>) -> Result<Response> {
    let token = app.chat.sign_in(body?.0.user_id).await?.ok_or(ChatError::NoUser)?;
    Ok(with_cookie(Some(&token)))
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    if let Some(token) = token(&headers) {
        app.chat.sign_out(token).await?;
    }
    Ok(with_cookie(None))
}

fn with_cookie(token: Option<&str>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = cookie(token) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A list with its tag, or 304 to who has it already.
fn tagged<T: Serialize>(headers: &HeaderMap, tag: &str, data: T) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, "private, no-cache")];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, Json(Data { data })).into_response()
}

async fn conversations(State(app): State<App>, user: User, headers: HeaderMap) -> Result<Response> {
    // The tag is read first: a change in between makes it too old, never too new.
    let tag = app.chat.tag().await?;
    Ok(tagged(&headers, &tag, app.chat.conversations(user.id).await?))
}

async fn members(
    State(app): State<App>,
    Path(id): Path<i64>,
    user: User,
    headers: HeaderMap,
) -> Result<Response> {
    admit(&app, &user, id).await?;
    let tag = app.chat.tag().await?;
    let members: Vec<Reader> = app.chat.readers(id).await?;
    Ok(tagged(&headers, &tag, members))
}

#[derive(Deserialize)]
struct After {
    after: Option<i64>,
}

async fn messages(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(After { after }): Query<After>,
    user: User,
    headers: HeaderMap,
) -> Result<Response> {
    admit(&app, &user, id).await?;
    let (tag, messages) = app.chat.messages(id, after.unwrap_or(0)).await?;
    // What is new since a message is not the list, so it has no tag of it.
    Ok(match after {
        Some(_) => Json(Data { data: messages }).into_response(),
        None => tagged(&headers, &tag, messages),
    })
}

#[derive(Deserialize)]
struct Draft {
    text: String,
    /// What the sender calls it: sent twice under one key, it is one message.
    key: String,
}

async fn send(
    State(app): State<App>,
    Path(id): Path<i64>,
    user: User,
    body: Body<Draft>,
) -> Result<(StatusCode, Json<Data<Message>>)> {
    let Draft { text, key } = body?.0;
    admit(&app, &user, id).await?;
    let text = text.trim().to_owned();
    if !(1..=LONGEST).contains(&text.chars().count()) {
        return Err(ChatError::Length);
    }
    let sent = app.chat.send(user.id, id, text, key).await?;
    if sent.is_new {
        app.announce_sent(&sent).await;
    }
    Ok((StatusCode::CREATED, Json(Data { data: sent.message })))
}

#[derive(Deserialize)]
struct UpTo {
    up_to: i64,
}

async fn read(
    State(app): State<App>,
    Path(id): Path<i64>,
    user: User,
    body: Body<UpTo>,
) -> Result<StatusCode> {
    let UpTo { up_to } = body?.0;
    admit(&app, &user, id).await?;
    if let Some((reader, conversation)) = app.chat.read(user.id, id, up_to).await? {
        app.announce_read(&reader, &conversation).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Lets members pass; others hear which conversation is none of theirs.
async fn admit(app: &App, user: &User, id: i64) -> Result<()> {
    let seen = app.chat.conversation(user.id, id).await?;
    match seen.ok_or(ChatError::NoConversation)? {
        conversation if conversation.is_member => Ok(()),
        conversation => Err(ChatError::NotMember(conversation.title)),
    }
}
