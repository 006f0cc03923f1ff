//! The examples, as their users would go through them: log in, join, say something.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/cookie_session.rs"]
mod cookie_session;
#[path = "../examples/jwt.rs"]
mod jwt;
mod support;

use serde_json::{Value, json};
use support::{Client, TestServer, answer, app_config, credentials, within};

/// The header that says who somebody is.
type Proof = (&'static str, String);

const ZOE: &str = r#"{"name":"zoe","password":"sesame"}"#;
const MAX: &str = r#"{"name":"max","password":"hidden"}"#;
const STRANGER: &str = r#"{"name":"zoe","password":"guess"}"#;

async fn log_in(server: &TestServer, who: &'static str) -> reqwest::Response {
    let request = server.http.post(server.url("/login")).body(who);
    within(request.header("content-type", "application/json").send()).await.unwrap()
}

async fn cookie(server: &TestServer, who: &'static str) -> Proof {
    let response = log_in(server, who).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    ("cookie", cookie.split(';').next().unwrap().to_owned())
}

async fn token(server: &TestServer, who: &'static str) -> Proof {
    let body = within(log_in(server, who).await.text()).await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    ("authorization", format!("Bearer {}", body["token"].as_str().unwrap()))
}

async fn auth(server: &TestServer, proof: &Proof, socket: &str, channel: &str) -> (u16, String) {
    let body = format!("socket_id={socket}&channel_name={channel}");
    let request = server.http.post(server.url("/broadcasting/auth")).header(proof.0, &proof.1);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    answer(request.body(body)).await
}

/// Subscribes with the application's answer, which must verify.
async fn join(server: &TestServer, proof: &Proof, client: &mut Client, channel: &str) -> Value {
    let (status, body) = auth(server, proof, &client.socket_id, channel).await;
    assert_eq!(status, 200, "{body}");
    let mut data: Value = serde_json::from_str(&body).unwrap();
    let signature = data["auth"].as_str().unwrap();
    let member = data["channel_data"].as_str();
    let verified = credentials().verify_channel_auth(signature, &client.socket_id, channel, member);
    assert_eq!(verified, Ok(()));
    data["channel"] = channel.into();
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    client.event("pusher_internal:subscription_succeeded").await
}

async fn walk(server: &TestServer, zoe: Proof, max: Proof) {
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    join(server, &zoe, &mut a, "private-user.7").await;
    assert_eq!(auth(server, &zoe, "1.2", "private-user.8").await.0, 403);
    let nobody = ("x-nobody", String::new());
    assert_eq!(auth(server, &nobody, "1.2", "private-user.7").await.0, 401);
    join(server, &zoe, &mut a, "presence-room.1").await;
    let there = join(server, &max, &mut b, "presence-room.1").await;
    let hash = json!({ "7": { "name": "zoe" }, "8": { "name": "max" } });
    assert_eq!(there["presence"]["hash"], hash);
    a.event("pusher_internal:member_added").await;
    let request = server.http.post(server.url("/rooms/1/messages")).header(zoe.0, &zoe.1);
    let request = request.header("x-socket-id", &a.socket_id).body(r#"{"text":"Hello"}"#);
    let (status, body) = answer(request.header("content-type", "application/json")).await;
    assert_eq!(status, 204, "{body}");
    let message = b.event("App\\Events\\MessageSent").await;
    assert_eq!(message, json!({ "from": "zoe", "text": "Hello" }));
    a.expect_nothing().await;
}

#[tokio::test]
async fn cookie_sessions() {
    let (echolite, router) = cookie_session::app(app_config()).unwrap();
    let server = TestServer::serve(echolite, router).await;
    assert_eq!(log_in(&server, STRANGER).await.status().as_u16(), 401);
    let (zoe, max) = (cookie(&server, ZOE).await, cookie(&server, MAX).await);
    walk(&server, zoe, max).await;
}

#[tokio::test]
async fn bearer_tokens() {
    let (echolite, router) = jwt::app(app_config(), b"a long random text").unwrap();
    let server = TestServer::serve(echolite, router).await;
    assert_eq!(log_in(&server, STRANGER).await.status().as_u16(), 401);
    let (zoe, max) = (token(&server, ZOE).await, token(&server, MAX).await);
    let forged = ("authorization", format!("{}x", zoe.1));
    assert_eq!(auth(&server, &forged, "1.2", "private-user.7").await.0, 401);
    let request = server.http.post(server.url("/broadcasting/user-auth")).header(zoe.0, &zoe.1);
    let (status, body) = answer(request.body("socket_id=1.2")).await;
    assert_eq!(status, 200, "{body}");
    walk(&server, zoe, max).await;
}
