//! `/broadcasting/auth` of a Rust application.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use echolite_server::{Channels, Config, Echolite, Member, Params};
use serde_json::{Value, json};
use support::{TestServer, answer, app_config, credentials};

struct User {
    id: String,
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
        id.map(|id| Self { id: id.to_owned() }).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn server() -> TestServer {
    let echolite = Echolite::new(Config::with_app(app_config())).unwrap();
    let channels = Channels::new()
        .private("products", |_: User, _: Params| async { true })
        .private("user.{id}", |user: User, params: Params| async move { user.id == params["id"] })
        .presence("room.{id}", |user: User, params: Params| async move {
            let name = format!("user {}", user.id);
            (&params["id"] == "1").then(|| Member::new(user.id, &json!({ "name": name })))
        })
        .presence("nameless", |_: User, _: Params| async { true })
        .private("broken", |_: User, _: Params| async { Err::<bool, _>("the database is away") });
    let channels = channels.router(echolite.credentials("app-id").unwrap());
    let router = Router::new().merge(echolite.router()).merge(channels);
    TestServer::serve(echolite, router).await
}

async fn ask(server: &TestServer, user: Option<&str>, channel: &str) -> (u16, Value) {
    let body = format!("socket_id=1.2&channel_name={channel}");
    let request = server.http.post(server.url("/broadcasting/auth")).body(body);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = user.into_iter().fold(request, |request, user| request.header("x-user", user));
    let (status, body) = answer(request).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn who_may_join_gets_a_signature_that_the_server_takes() {
    let server = server().await;
    let (status, body) = ask(&server, Some("7"), "private-user.7").await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({ "auth": credentials().channel_auth("1.2", "private-user.7", None) }));
    assert_eq!(ask(&server, Some("7"), "private-cache-user.7").await.0, 200);
    let mut client = server.connect().await;
    client.subscribe("private-user.7").await;
}

#[tokio::test]
async fn a_presence_channel_is_joined_as_a_member() {
    let server = server().await;
    let mut client = server.connect().await;
    let body = json!({ "socket_id": client.socket_id, "channel_name": "presence-room.1" });
    let request = server.http.post(server.url("/broadcasting/auth")).header("x-user", "7");
    let request = request.header("content-type", "application/json").body(body.to_string());
    let (status, answer) = answer(request).await;
    assert_eq!(status, 200, "{answer}");
    let mut data: Value = serde_json::from_str(&answer).unwrap();
    data["channel"] = "presence-room.1".into();
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    let there = client.event("pusher_internal:subscription_succeeded").await;
    assert_eq!(there["presence"]["hash"], json!({ "7": { "name": "user 7" } }));
    for channel in ["presence-room.2", "presence-nameless", "private-room.1", "presence-products"] {
        assert_eq!(ask(&server, Some("7"), channel).await.0, 403, "{channel}");
    }
}

#[tokio::test]
async fn who_may_not_is_told_which_channel() {
    let server = server().await;
    let channels =
        ["private-user.8", "private-nobody", "private-broken", "products", "private-a/b"];
    for channel in channels {
        let (status, body) = ask(&server, Some("7"), channel).await;
        assert_eq!(status, 403, "{channel}");
        assert!(body["message"].as_str().unwrap().contains(channel), "{body}");
    }
    assert_eq!(ask(&server, None, "private-products").await.0, 401);
}

#[tokio::test]
async fn a_request_that_does_not_fit_is_422() {
    let server = server().await;
    let post = |kind: &'static str, body: &'static str| {
        let request = server.http.post(server.url("/broadcasting/auth")).header("x-user", "7");
        answer(request.header("content-type", kind).body(body))
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(post(form, "channel_name=private-products").await.0, 422);
    assert_eq!(post(form, "socket_id=x&channel_name=private-products").await.0, 422);
    assert_eq!(post(form, "socket_id=1.2").await.0, 422);
    assert_eq!(post("application/json", "{").await.0, 422);
    let json = r#"{"socket_id":"1.2","channel_name":"private-products"}"#;
    assert_eq!(post("application/json", json).await.0, 200);
}

#[tokio::test]
async fn several_channels_are_answered_in_one_request() {
    let server = server().await;
    let request = server.http.post(server.url("/broadcasting/auth")).header("x-user", "7");
    let request = request.header("content-type", "application/json");
    let body = r#"{"socket_id":"1.2","channels":["private-products","private-user.8"]}"#;
    let (status, body) = answer(request.body(body)).await;
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    let auth = credentials().channel_auth("1.2", "private-products", None);
    assert_eq!(body["channels"]["private-products"], json!({ "auth": auth }));
    assert_eq!(body["channels"]["private-user.8"]["status"], 403);
}
