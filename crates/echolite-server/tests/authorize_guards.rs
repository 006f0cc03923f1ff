//! Encrypted channels, typed parameters, several kinds of users, and signing in.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use echolite_protocol::encryption::shared_secret;
use echolite_server::{
    Channels, Config, Echolite, EncryptionKey, Guards, Member, Permission, UserData,
};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{TestServer, answer, app_config, credentials};

struct User(String);
struct Admin;

fn header(parts: &Parts, name: &str) -> Result<String, StatusCode> {
    let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
    value.map(str::to_owned).ok_or(StatusCode::UNAUTHORIZED)
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        header(parts, "x-user").map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        header(parts, "x-admin").map(|_| Self).map_err(|_| (StatusCode::FORBIDDEN, "admins only"))
    }
}

#[derive(Deserialize)]
struct Task {
    team: String,
    id: u32,
}

fn key() -> EncryptionKey {
    EncryptionKey::new([7; 32])
}

async fn server() -> TestServer {
    let echolite = Echolite::new(Config::with_app(app_config())).unwrap();
    let users = Channels::new()
        .private("order.{id}", |_: User, id: u32| async move { id < 100 })
        .private("{team}.task.{id}", |_: User, task: Task| async move {
            task.team == "red" && task.id == 1
        })
        .private("closed", |_: User, ()| async { Permission::DeniedBecause("closed today".into()) })
        .presence(
            "room.{id}",
            |user: User, (_,): (u32,)| async move { Some(Member::new(user.0, &())) },
        )
        .encrypted("order.{id}", |user: User, id: String| async move { user.0 == id })
        .encryption_master_key(key())
        .user(|user: User| async move {
            match user.0.as_str() {
                "banned" => Ok(None),
                "broken" => Err("the database is away"),
                "nameless" => Ok(Some(UserData::new("", &()))),
                id => Ok(Some(UserData::new(id, &json!({ "name": "Zoë" })).watchlist([8, 9]))),
            }
        });
    let admins = Channels::new()
        .private("orders", |_: Admin, ()| async { true })
        .encrypted("audit", |_: Admin, ()| async { true });
    let guards = Guards::new().guard(users).guard(admins);
    let guards = guards.router(echolite.credentials("app-id").unwrap());
    let router = Router::new().merge(echolite.router()).merge(guards);
    TestServer::serve(echolite, router).await
}

async fn post(server: &TestServer, path: &str, who: (&str, &str), body: Value) -> (u16, Value) {
    let request = server.http.post(server.url(path)).header(who.0, who.1);
    let request = request.header("content-type", "application/json").body(body.to_string());
    let (status, body) = answer(request).await;
    (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
}

async fn ask(server: &TestServer, who: (&str, &str), channel: &str) -> (u16, Value) {
    let body = json!({ "socket_id": "1.2", "channel_name": channel });
    post(server, "/broadcasting/auth", who, body).await
}

const USER: (&str, &str) = ("x-user", "7");
const ADMIN: (&str, &str) = ("x-admin", "yes");

#[tokio::test]
async fn parameters_have_the_types_that_the_rule_asks_for() {
    let server = server().await;
    for allowed in ["private-order.7", "private-red.task.1", "presence-room.1"] {
        assert_eq!(ask(&server, USER, allowed).await.0, 200, "{allowed}");
    }
    for (refused, why) in [
        ("private-order.100", "may not subscribe"),
        ("private-order.x", "{id} is \"x\": invalid digit"),
        ("private-blue.task.1", "may not subscribe"),
        ("private-red.task.-1", "invalid digit"),
        ("presence-room.x", "invalid digit"),
        ("private-closed", "closed today"),
    ] {
        let (status, body) = ask(&server, USER, refused).await;
        assert_eq!((status, body["channel"].as_str()), (403, Some(refused)));
        let message = body["message"].as_str().unwrap();
        assert!(message.starts_with(refused) && message.contains(why), "{message}");
    }
}

#[tokio::test]
async fn who_may_read_an_encrypted_channel_gets_its_secret() {
    let server = server().await;
    for channel in ["private-encrypted-order.7", "private-encrypted-cache-order.7"] {
        let (status, body) = ask(&server, USER, channel).await;
        let auth = credentials().channel_auth("1.2", channel, None);
        let secret = shared_secret(channel, &key()).to_base64();
        assert_eq!((status, body), (200, json!({ "auth": auth, "shared_secret": secret })));
    }
    assert_eq!(ask(&server, USER, "private-encrypted-order.8").await.0, 403);
    // These channels were given no key.
    let (status, body) = ask(&server, ADMIN, "private-encrypted-audit").await;
    assert_eq!(status, 403);
    assert!(body["message"].as_str().unwrap().contains("no key"), "{body}");
}

#[tokio::test]
async fn each_kind_of_user_has_its_channels() {
    let server = server().await;
    assert_eq!(ask(&server, ADMIN, "private-orders").await.0, 200);
    let refused = ask(&server, USER, "private-orders").await;
    assert_eq!(refused, (403, Value::String("admins only".into())));
    assert_eq!(ask(&server, ADMIN, "private-order.7").await.0, 401);
    assert_eq!(ask(&server, ADMIN, "private-unknown").await.0, 401);
    assert_eq!(ask(&server, USER, "private-unknown").await.0, 403);
    let channels = ["private-orders", "private-order.7", "private-order.7", "a b"];
    let body = json!({ "socket_id": "1.2", "channels": channels });
    let (status, body) = post(&server, "/broadcasting/auth", USER, body).await;
    assert_eq!(status, 200);
    let answers = body["channels"].as_object().unwrap();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers["private-orders"]["status"], 403);
    let auth = credentials().channel_auth("1.2", "private-order.7", None);
    assert_eq!(answers["private-order.7"], json!({ "auth": auth }));
    assert_eq!(answers["a b"]["status"], 403);
}

#[tokio::test]
async fn a_user_signs_in_as_the_application_says() {
    let server = server().await;
    let sign_in = async |who, socket: &str| {
        post(&server, "/broadcasting/user-auth", who, json!({ "socket_id": socket })).await
    };
    let (status, body) = sign_in(USER, "1.2").await;
    assert_eq!(status, 200, "{body}");
    let data = body["user_data"].as_str().unwrap();
    assert!(
        credentials().verify_user_auth(body["auth"].as_str().unwrap(), "1.2", data).is_ok(),
        "{body}"
    );
    let expected = json!({ "id": "7", "user_info": { "name": "Zoë" }, "watchlist": ["8", "9"] });
    assert_eq!(serde_json::from_str::<Value>(data).unwrap(), expected);
    for refused in ["banned", "broken", "nameless"] {
        let (status, body) = sign_in(("x-user", refused), "1.2").await;
        assert_eq!(status, 403, "{refused}");
        assert!(body["message"].is_string(), "{body}");
    }
    assert_eq!(sign_in(ADMIN, "1.2").await.0, 401);
    assert_eq!(sign_in(USER, "x").await.0, 422);
}

#[tokio::test]
async fn a_signed_in_user_is_reached_by_its_id() {
    let server = server().await;
    let mut client = server.connect().await;
    let body = json!({ "socket_id": client.socket_id });
    let (_, data) = post(&server, "/broadcasting/user-auth", USER, body).await;
    client.send(json!({ "event": "pusher:signin", "data": data })).await;
    while client.frame().await["event"] != "pusher:signin_success" {}
    let channel = json!({ "channel": "#server-to-user-7", "auth": "" });
    client.send(json!({ "event": "pusher:subscribe", "data": channel })).await;
    while client.frame().await["event"] != "pusher_internal:subscription_succeeded" {}
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    broadcaster.user(7).event("Hello", &1).await.unwrap();
    assert_eq!(client.event("Hello").await, 1);
}

#[tokio::test]
async fn without_a_rule_nobody_signs_in() {
    let echolite = Echolite::new(Config::with_app(app_config())).unwrap();
    let channels = Channels::new().private("a", |_: User, ()| async { true });
    let router = echolite.router().merge(channels.router(credentials()));
    let server = TestServer::serve(echolite, router).await;
    let body = json!({ "socket_id": "1.2" });
    assert_eq!(post(&server, "/broadcasting/user-auth", USER, body).await.0, 404);
}
