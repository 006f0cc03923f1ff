//! The HTTP API: what it tells, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_protocol::ApiRequest;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use support::{TestServer, answer, credentials};

const EVENTS: &str = "/apps/app-id/events";

fn parsed((status, body): (u16, String)) -> Value {
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn channels_and_their_counts_are_told() {
    let server = TestServer::start().await;
    let path = "/apps/app-id/channels";
    assert_eq!(server.get(path, "").await.1, r#"{"channels":{}}"#);
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("news").await;
    b.subscribe("news").await;
    b.subscribe("private-a").await;
    let all = parsed(server.get(path, "info=subscription_count").await);
    let expected = json!({ "channels": {
        "news": { "subscription_count": 2 }, "private-a": { "subscription_count": 1 },
    } });
    assert_eq!(all, expected);
    let some = parsed(server.get(path, "filter_by_prefix=private-").await);
    assert_eq!(some, json!({ "channels": { "private-a": {} } }));
    let one = parsed(server.get(&format!("{path}/news"), "info=subscription_count").await);
    assert_eq!(one, json!({ "occupied": true, "subscription_count": 2 }));
    let none = parsed(server.get(&format!("{path}/empty"), "").await);
    assert_eq!(none, json!({ "occupied": false }));
    let connections = parsed(server.get("/apps/app-id/connections", "").await);
    assert_eq!(connections, json!({ "connections": 2 }));
}

#[tokio::test]
async fn what_only_presence_channels_have_is_refused_for_others() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/apps/app-id/channels", "info=user_count").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/news", "info=user_count").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/news/users", "").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/no spaces", "").await.0, 400);
}

#[tokio::test]
async fn publishing_tells_about_its_channels_if_asked() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    let body = json!({ "name": "e", "channels": ["news", "cache-a"], "data": "{}",
        "info": "subscription_count,cache" });
    let told = parsed(server.post(EVENTS, &body.to_string()).await);
    let expected = json!({ "channels": {
        "news": { "subscription_count": 1 },
        "cache-a": { "subscription_count": 0, "cache": "{}" },
    } });
    assert_eq!(told, expected);
    let told = parsed(server.get("/apps/app-id/channels/cache-a", "info=cache").await);
    assert_eq!(told, json!({ "occupied": false, "cache": "{}" }));
    let batch = json!({ "batch": [
        { "name": "e", "channel": "news", "data": "1", "info": "subscription_count" },
        { "name": "e", "channel": "news", "data": "2" },
    ] });
    let told = parsed(server.post("/apps/app-id/batch_events", &batch.to_string()).await);
    assert_eq!(told, json!({ "batch": [{ "subscription_count": 1 }, {}] }));
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_400_or_422_and_names_the_field() {
    let server = TestServer::start().await;
    for body in ["", "{", "nonsense", "\u{0}"] {
        assert_eq!(server.post(EVENTS, body).await.0, 400, "{body}");
    }
    let long = "x".repeat(201);
    let many = vec!["a"; 101];
    let cases = [
        (json!([]), "body"),
        (json!({ "name": 5 }), "body"),
        (json!({ "data": "1", "channel": "a" }), "name"),
        (json!({ "name": "", "data": "1", "channel": "a" }), "name"),
        (json!({ "name": long, "data": "1", "channel": "a" }), "name"),
        (json!({ "name": "e", "channel": "a" }), "data"),
        (json!({ "name": "e", "data": {}, "channel": "a" }), "data"),
        (json!({ "name": "e", "data": "1" }), "channels"),
        (json!({ "name": "e", "data": "1", "channel": "a b" }), "channel"),
        (json!({ "name": "e", "data": "1", "channels": ["a", long] }), "channels"),
        (json!({ "name": "e", "data": "1", "channels": many }), "channels"),
        (json!({ "name": "e", "data": "1", "channel": "a", "socket_id": "x" }), "socket_id"),
    ];
    for (body, field) in cases {
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        assert_eq!(status, 422, "{body}: {answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer[field][0].is_string(), "{body}: {answer}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_chunked_or_not() {
    let server = TestServer::start().await;
    let body = json!({ "name": "e", "channel": "a", "data": "x".repeat(10_000) }).to_string();
    let too_large = (413, "Payload too large.".to_owned());
    assert_eq!(server.post(EVENTS, &body).await, too_large);
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    assert_eq!(chunked(&server, &url, &body).await, 413);
    let body = json!({ "name": "e", "channel": "a", "data": "x" }).to_string();
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    assert_eq!(chunked(&server, &url, &body).await, 200);
}

/// Posts a body in two chunks, without a length; gives the status.
async fn chunked(server: &TestServer, url: &str, body: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let target = url.split_once(&server.address.to_string()).unwrap().1;
    let (first, second) = body.split_at(body.len() / 2);
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    support::within(stream.read_to_end(&mut response)).await.unwrap();
    String::from_utf8_lossy(&response)[9..12].parse().unwrap()
}

#[tokio::test]
async fn what_is_signed_wrongly_is_refused_with_reverb_s_words() {
    let server = TestServer::start().await;
    let body = r#"{"name":"e","channel":"a","data":"1"}"#;
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    let post = |url: String, body: &str| answer(server.http.post(url).body(body.to_owned()));
    let invalid = "Authentication signature invalid.";
    let wrong_app = post(url.replace("app-id", "nobody"), body).await;
    assert_eq!(wrong_app, (404, "No matching application for ID [nobody].".to_owned()));
    let refused = (401, invalid.to_owned());
    assert_eq!(post(url.replace("app%2Dkey", "other"), body).await, refused);
    assert_eq!(post(format!("{url}0"), body).await, refused);
    assert_eq!(post(format!("{url}&info=1"), body).await, refused);
    assert_eq!(post(server.url(EVENTS), body).await.0, 401);
    let (status, text) = post(url.clone(), r#"{"name":"x","channel":"a","data":"1"}"#).await;
    assert_eq!((status, text.starts_with(invalid)), (401, true), "{text}");
    assert_eq!(post(url, body).await.0, 200);
    for shift in [-700, 700] {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let request = ApiRequest { method: "POST", path: EVENTS, query: "", body: body.as_bytes() };
        let query = request.sign(&credentials(), now.saturating_add_signed(shift));
        let (status, text) = post(server.url(&format!("{EVENTS}?{query}")), body).await;
        assert_eq!((status, text.starts_with(invalid)), (401, true), "{text}");
    }
}

#[tokio::test]
async fn values_verify_encoded_and_bare() {
    let server = TestServer::start().await;
    let path = "/apps/app-id/channels";
    let query = "filter_by_prefix=presence-&info=user_count,subscription_count";
    let url = server.sign("GET", path, query, b"");
    assert!(url.contains("%2C"));
    assert_eq!(answer(server.http.get(&url)).await.0, 200);
    let bare = url.replace("%2C", ",").replace("%5F", "_").replace("%2D", "-");
    assert_eq!(answer(server.http.get(bare)).await.0, 200);
}
