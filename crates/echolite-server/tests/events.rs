//! From a back end's request, or another client, to the subscribers' sockets.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_server::{BroadcastError, Broadcaster, Event, HttpOptions};
use serde_json::json;
use support::{KEY, TestServer, within};

#[tokio::test]
async fn an_event_reaches_the_subscribers_of_its_channels_only() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("private-products").await;
    b.subscribe("news").await;
    let data = r#"{"id":1,"name":"Böots \"x\""}"#;
    let event = json!({ "name": "ProductChanged", "channels": ["private-products"], "data": data });
    server.publish(event).await;
    let expected =
        json!({ "event": "ProductChanged", "data": data, "channel": "private-products" });
    assert_eq!(a.frame().await, expected);
    b.expect_nothing().await;
}

#[tokio::test]
async fn an_event_skips_the_socket_it_came_from() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("news").await;
    b.subscribe("news").await;
    let event = json!({ "name": "e", "channel": "news", "data": "1", "socket_id": a.socket_id });
    server.publish(event).await;
    assert_eq!(b.frame().await["event"], "e");
    a.expect_nothing().await;
}

#[tokio::test]
async fn events_arrive_in_the_order_of_their_publishing() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    for n in 0..500 {
        broadcaster.public("news").event("e", &n).send().await.unwrap();
    }
    for n in 0..500 {
        assert_eq!(client.event("e").await, n);
    }
}

#[tokio::test]
async fn a_batch_is_published_in_order_or_not_at_all() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("a").await;
    client.subscribe("b").await;
    let event =
        |channel: &str, data: &str| json!({ "name": "e", "channel": channel, "data": data });
    let batch = json!({ "batch": [event("a", "1"), event("b", "2")] }).to_string();
    let answer = server.post("/apps/app-id/batch_events", &batch).await;
    assert_eq!(answer, (200, r#"{"batch":{}}"#.to_owned()));
    assert_eq!(client.event("e").await, 1);
    assert_eq!(client.event("e").await, 2);
    let batch = json!({ "batch": [event("a", "1"), event("no spaces", "2")] }).to_string();
    let (status, body) = server.post("/apps/app-id/batch_events", &batch).await;
    assert_eq!(status, 422);
    assert!(body.contains("batch.1.channel"), "{body}");
    client.expect_nothing().await;
    let batch = json!({ "batch": vec![event("a", "1"); 11] }).to_string();
    assert_eq!(server.post("/apps/app-id/batch_events", &batch).await.0, 422);
}

#[tokio::test]
async fn a_cache_channel_gives_its_last_event_or_says_that_it_has_none() {
    let server = TestServer::start().await;
    for channel in ["cache-news", "private-cache-news"] {
        let mut first = server.connect().await;
        first.subscribe(channel).await;
        assert_eq!(first.frame().await["event"], "pusher:cache_miss");
        server.publish(json!({ "name": "e", "channel": channel, "data": "1" })).await;
        first.event("e").await;
        first.send(json!({ "event": "client-x", "channel": channel, "data": {} })).await;
        first.expect_nothing().await;
        drop(first);
        let mut second = server.connect().await;
        second.subscribe(channel).await;
        assert_eq!(second.event("e").await, 1);
    }
}

#[tokio::test]
async fn a_client_event_goes_to_the_others_of_its_channel() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("private-room").await;
    b.subscribe("private-room").await;
    let event = json!({ "event": "client-typing", "channel": "private-room", "data": {} });
    a.send(event.clone()).await;
    assert_eq!(b.frame().await, event);
    a.expect_nothing().await;
}

#[tokio::test]
async fn after_unsubscribing_nothing_comes_any_more() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    client.send(json!({ "event": "pusher:unsubscribe", "data": { "channel": "news" } })).await;
    client.expect_nothing().await;
    server.publish(json!({ "name": "e", "channel": "news", "data": "1" })).await;
    client.expect_nothing().await;
}

#[tokio::test]
async fn subscribers_are_told_how_many_they_are_if_so_configured() {
    let server = TestServer::with_app(|app| app.subscription_count = true).await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    let count = "pusher_internal:subscription_count";
    a.subscribe("news").await;
    assert_eq!(a.event(count).await["subscription_count"], 1);
    b.subscribe("news").await;
    assert_eq!(a.event(count).await["subscription_count"], 2);
    drop(b);
    assert_eq!(a.event(count).await["subscription_count"], 1);
}

fn remote(server: &TestServer, secret: &str) -> Broadcaster {
    Broadcaster::http(HttpOptions {
        url: server.url(""),
        app_id: "app-id".into(),
        key: KEY.into(),
        secret: secret.into(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_broadcaster_publishes_here_and_over_http_alike() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    for client in [&mut a, &mut b] {
        client.subscribe("private-products").await;
        client.subscribe("news").await;
    }
    let local = server.echolite.broadcaster("app-id").unwrap();
    for broadcaster in [local, remote(&server, "app-secret")] {
        let target = broadcaster.private("products").public("news");
        within(target.event("E", &json!({ "id": 7 })).to_others(&a.socket_id).send())
            .await
            .unwrap();
        for _ in 0..2 {
            assert_eq!(b.event("E").await, json!({ "id": 7 }));
        }
        a.expect_nothing().await;
        let events = (0..25).map(|n| Event::new("N", &n).public("news"));
        within(broadcaster.send_batch(events)).await.unwrap();
        for n in 0..25 {
            assert_eq!(a.event("N").await, n);
            assert_eq!(b.event("N").await, n);
        }
    }
}

/// A server that answers every request with these words.
async fn answering(status: u16, body: String) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let router = axum::Router::new().fallback(move || async move { (status, body) });
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

#[tokio::test]
async fn of_a_long_refusal_the_beginning_is_told_on_one_line_and_no_credentials() {
    let body = format!("<html>\r\n\u{1b}[31mno{}", "x".repeat(5_000_000));
    for (status, transient) in [(502, true), (403, false)] {
        let address = answering(status, body.clone()).await;
        let options = HttpOptions {
            url: format!("http://user:hidden@{address}/ws"),
            app_id: "app-id".into(),
            key: KEY.into(),
            secret: "hidden".into(),
        };
        let debug = format!("{options:?} {}", options.address());
        let remote = Broadcaster::http(options).unwrap();
        let error = within(remote.public("news").event("E", &1).send()).await.unwrap_err();
        assert_eq!(error.is_transient(), transient);
        let text = error.to_string();
        let expected = format!(
            "http://{address}/ws/apps/app-id/events answered {status}: <html>\\r\\n\\u{{1b}}[31mno"
        );
        assert!(
            text.starts_with(&expected) && text.ends_with("x…") && text.len() < 1_000,
            "{text}"
        );
        assert!(!format!("{text}{debug}{remote:?}").contains("hidden"));
    }
    let wrong = HttpOptions {
        url: "ftp://user:hidden@host/x".into(),
        app_id: "1".into(),
        key: "k".into(),
        secret: "s".into(),
    };
    assert!(!Broadcaster::http(wrong).unwrap_err().to_string().contains("hidden"));
}

#[tokio::test]
async fn a_broadcaster_says_what_went_wrong() {
    let server = TestServer::start().await;
    let local = server.echolite.broadcaster("app-id").unwrap();
    let wrong = local.channel("no spaces").event("E", &1).send().await;
    assert!(matches!(wrong, Err(BroadcastError::Channel(_))));
    let wrong = local.send(Event::new("E", &1)).await;
    assert!(matches!(wrong, Err(BroadcastError::NoChannel(_))));
    let refused = within(remote(&server, "wrong").public("news").event("E", &1).send()).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.ends_with("answered 401: Authentication signature invalid."), "{text}");
    assert!(server.echolite.broadcaster("nobody").is_err());
    let remote = remote(&server, "app-secret");
    server.stop().await;
    let gone = within(remote.public("news").event("E", &1).send()).await;
    assert!(matches!(gone, Err(BroadcastError::Unreachable { .. })));
}
