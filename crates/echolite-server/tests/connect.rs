//! Admission, the WebSocket, and its end.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_server::{AppConfig, Config, Environment};
use futures_util::StreamExt;
use serde_json::json;
use support::{KEY, TestServer, answer, app_config, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Who is refused gets the upgrade, `pusher:error`, and the same code as a close frame.
async fn assert_refused(server: &TestServer, path: &str, origin: Option<&str>, code: u16) {
    let mut client = server.upgrade_from(path, origin).await;
    assert_eq!(client.event("pusher:error").await["code"], code, "{path}");
    assert_eq!(client.closed().await, code, "{path}");
}

#[tokio::test]
async fn refused_connections_get_their_codes() {
    let disabled = AppConfig { enabled: false, ..AppConfig::new("2", "disabled", "s") };
    let allowed_origins = vec!["*.shop.example".to_owned()];
    let fussy = AppConfig { allowed_origins, ..AppConfig::new("3", "fussy", "s") };
    let config = Config { apps: vec![app_config(), disabled, fussy], ..Config::default() };
    let server = TestServer::with(config).await;
    assert_refused(&server, "/app/nobody?protocol=7", None, 4001).await;
    assert_refused(&server, "/app/disabled?protocol=7", None, 4003).await;
    assert_refused(&server, "/app/fussy?protocol=7", None, 4009).await;
    assert_refused(&server, "/app/fussy?protocol=7", Some("https://evil.example"), 4009).await;
    assert_refused(&server, &format!("/app/{KEY}?protocol=5"), None, 4007).await;
    assert_refused(&server, &format!("/app/{KEY}?protocol=x"), None, 4006).await;
    assert_refused(&server, &format!("/app/{KEY}"), None, 4008).await;
    assert_refused(&server, "/nowhere", None, 4005).await;
    assert_eq!(answer(server.http.get(server.url("/nowhere"))).await.0, 404);
    let origin = Some("https://a.shop.example:444");
    let mut client = server.upgrade_from("/app/fussy?protocol=7", origin).await;
    client.event("pusher:connection_established").await;
    assert_eq!(server.echolite.stats().connections_refused, 8);
}

#[tokio::test]
async fn who_was_refused_cannot_subscribe() {
    let server = TestServer::with_app(|app| app.allowed_origins = vec![]).await;
    let mut client = server.upgrade(&format!("/app/{KEY}?protocol=7")).await;
    client.request_subscription("news").await;
    client.event("pusher:error").await;
    assert_eq!(client.closed().await, 4009);
    assert_eq!(server.get("/apps/app-id/channels", "").await.1, r#"{"channels":{}}"#);
}

#[tokio::test]
async fn the_quota_counts_connections_and_gives_places_back() {
    let server = TestServer::with_app(|app| app.max_connections = Some(1)).await;
    let first = server.connect().await;
    // Transient: a client never comes back after 4004.
    assert_refused(&server, &format!("/app/{KEY}?protocol=7"), None, 4100).await;
    drop(first);
    let empty = async {
        while server.get("/apps/app-id/connections", "").await.1 != r#"{"connections":0}"# {
            tokio::task::yield_now().await;
        }
    };
    within(empty).await;
    server.connect().await;
}

#[tokio::test]
async fn a_request_without_upgrade_is_answered_at_once() {
    let server = TestServer::start().await;
    let url = server.url(&format!("/app/{KEY}?protocol=7"));
    assert_eq!(answer(server.http.get(&url)).await.0, 426);
    assert_eq!(answer(server.http.post(&url)).await.0, 426);
    let half = server.http.get(&url).header("connection", "upgrade").header("upgrade", "websocket");
    assert_eq!(answer(half).await.0, 426);
    let up = answer(server.http.get(server.url("/up"))).await;
    assert_eq!(up, (200, r#"{"health":"OK"}"#.to_owned()));
}

#[tokio::test]
async fn bad_messages_are_answered_and_subscriptions_stay() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    client.send_text("{nonsense").await;
    assert_eq!(client.event("pusher:error").await["code"], 4200);
    client.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(client.event("pusher:error").await["code"], 4200);
    client.send(json!({ "event": "pusher:nonsense", "data": {} })).await;
    assert_eq!(client.event("pusher:error").await["code"], 4200);
    client.request_subscription("no spaces").await;
    assert_eq!(client.event("pusher:subscription_error").await["status"], 400);
    server.publish(json!({ "name": "e", "channel": "news", "data": "1" })).await;
    assert_eq!(client.frame().await["data"], "1");
}

#[tokio::test]
async fn a_message_over_the_limit_closes_with_1009_and_hurts_nobody_else() {
    let server = TestServer::start().await;
    let (mut large, mut other) = (server.connect().await, server.connect().await);
    other.subscribe("news").await;
    large.send_text(&"x".repeat(10_000)).await;
    large.event("pusher:error").await;
    large.send_text(&"x".repeat(1_000_000)).await;
    assert_eq!(large.closed().await, 1009);
    server.publish(json!({ "name": "e", "channel": "news", "data": "1" })).await;
    assert_eq!(other.frame().await["data"], "1");
}

#[tokio::test]
async fn only_a_user_s_own_channel_may_begin_with_a_hash() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    for channel in ["#room", "#private-a", "#presence-a", "#server-to-user", "#"] {
        client.request_subscription(channel).await;
        let refused = client.event("pusher:subscription_error").await;
        assert_eq!(refused["type"], "InvalidChannel", "{channel}: {refused}");
    }
    assert_eq!(server.get("/apps/app-id/channels", "").await.1, r#"{"channels":{}}"#);
}

/// A server that takes five messages a minute, and a client that has sent four.
async fn almost_limited(terminate: bool) -> (TestServer, support::Client) {
    let server = TestServer::with_app(|app| {
        app.rate_limiting.enabled = true;
        app.rate_limiting.max_attempts = 5;
        app.rate_limiting.terminate_on_limit = terminate;
    })
    .await;
    let mut client = server.connect().await;
    for _ in 0..4 {
        client.expect_nothing().await;
    }
    (server, client)
}

/// Messages before the end are about the limit as well.
async fn ends_with_4301(client: &mut support::Client) {
    loop {
        match client.message().await {
            Message::Close(Some(frame)) if u16::from(frame.code) == 4301 => return,
            said => assert!(said.to_string().contains("4301"), "{said:?}"),
        }
    }
}

#[tokio::test]
async fn the_rate_limit_counts_whatever_comes() {
    let part =
        |last: bool, data: Data| Message::Frame(Frame::message(&b""[..], OpCode::Data(data), last));
    let begun =
        || [part(false, Data::Text), part(false, Data::Continue), part(false, Data::Continue)];
    let kinds: [Vec<Message>; 4] = [
        vec![Message::binary(vec![1]), Message::binary(vec![2])],
        begun().into(),
        vec![Message::Ping(vec![1].into()), Message::Ping(vec![2].into())],
        vec![Message::Pong(vec![1].into()), Message::Pong(vec![2].into())],
    ];
    for messages in kinds {
        for terminate in [false, true] {
            let (_server, mut client) = almost_limited(terminate).await;
            for message in messages.clone() {
                client.send_message(message).await;
            }
            let mut error = client.event("pusher:error").await;
            // The first binary message is within the limit, and still no message of the protocol.
            if error["code"] == 4200 {
                error = client.event("pusher:error").await;
            }
            assert_eq!(error["code"], 4301, "{messages:?}");
            if terminate {
                ends_with_4301(&mut client).await;
            }
        }
    }
}

#[tokio::test]
async fn a_message_in_one_piece_is_counted_once() {
    let (_server, mut client) = almost_limited(false).await;
    client.expect_nothing().await;
    client.send(json!({ "event": "pusher:ping", "data": {} })).await;
    assert_eq!(client.event("pusher:error").await["code"], 4301);
}

#[tokio::test]
async fn joining_and_leaving_in_a_loop_is_limited() {
    let server = TestServer::with_app(|app| app.limits.leaves_per_minute = 20).await;
    let (mut looping, mut other) = (server.connect().await, server.connect().await);
    // Many channels are no loop.
    for n in 0..50 {
        looping.subscribe(&format!("news-{n}")).await;
    }
    for n in 0..21 {
        looping.unsubscribe(&format!("news-{n}")).await;
        // a channel that was not joined is not left
        looping.unsubscribe("never-joined").await;
    }
    looping.request_subscription("news-0").await;
    let refused = looping.event("pusher:subscription_error").await;
    assert_eq!(
        (&refused["type"], &refused["status"]),
        (&"LimitReached".into(), &429.into()),
        "{refused}"
    );
    // Those that it has stay, and others are not concerned.
    server.publish(json!({ "name": "e", "channel": "news-49", "data": "1" })).await;
    assert_eq!(looping.event("e").await, 1);
    other.subscribe("news-0").await;
}

#[tokio::test]
async fn invalid_utf_8_closes_with_1007() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    client.send_message(Message::Frame(frame)).await;
    assert_eq!(client.closed().await, 1007);
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload_among_other_frames() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    for n in 0..200_u8 {
        client.send_message(Message::Ping(vec![n].into())).await;
    }
    client.send(json!({ "event": "pusher:ping", "data": {} })).await;
    let mut pongs = vec![];
    let all = async {
        loop {
            match client.socket.next().await.unwrap().unwrap() {
                Message::Pong(payload) => pongs.push(payload[0]),
                Message::Text(text) => assert!(text.contains("pusher:pong")),
                other => panic!("{other:?}"),
            }
            if pongs.last() == Some(&199) {
                break;
            }
        }
    };
    within(all).await;
    assert!(pongs.is_sorted());
}

#[tokio::test]
async fn a_fragmented_message_is_one_message() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let (text, rest) = (OpCode::Data(Data::Text), OpCode::Data(Data::Continue));
    client.send_message(Message::Frame(Frame::message(&br#"{"event":"#[..], text, false))).await;
    client.send_ping().await;
    client
        .send_message(Message::Frame(Frame::message(&br#""pusher:ping"}"#[..], rest, true)))
        .await;
    client.event("pusher:pong").await;
}

#[tokio::test]
async fn frames_behind_the_handshake_in_the_same_packet_are_read() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let mut bytes = format!(
        "GET /app/{KEY}?protocol=7 HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes();
    // A text frame, masked with zeros.
    let ping = br#"{"event":"pusher:ping"}"#;
    bytes.extend([0x81, 0x80 | ping.len() as u8, 0, 0, 0, 0]);
    bytes.extend(ping);
    stream.write_all(&bytes).await.unwrap();
    let mut received = Vec::new();
    let pong = async {
        while !String::from_utf8_lossy(&received).contains("pusher:pong") {
            assert!(stream.read_buf(&mut received).await.unwrap() > 0);
        }
    };
    within(pong).await;
    // The worked example of RFC 6455.
    assert!(String::from_utf8_lossy(&received).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
}

#[tokio::test]
async fn a_silent_client_is_pinged_then_closed_with_4201() {
    let server = TestServer::with_app(|app| {
        app.ping_interval = 1;
        app.activity_timeout = 1;
    })
    .await;
    let mut client = server.connect().await;
    client.event("pusher:ping").await;
    client.send(json!({ "event": "pusher:pong", "data": {} })).await;
    client.event("pusher:ping").await;
    assert_eq!(client.event("pusher:error").await["code"], 4201);
    assert_eq!(client.closed().await, 4201);
}

#[tokio::test]
async fn the_client_s_close_is_answered_with_its_code() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    within(client.socket.close(None)).await.unwrap();
    assert_eq!(server.echolite.stats().connections_opened, 1);
    within(async {
        while server.echolite.stats().connections_closed == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn stopping_sends_what_is_queued_then_closes_with_4200() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    broadcaster.public("news").event("last", &1).send().await.unwrap();
    let stopping = tokio::spawn(server.stop());
    assert_eq!(client.frame().await["event"], "last");
    assert_eq!(client.closed().await, 4200);
    // Answers the close frame, so the server need not wait.
    drop(client);
    within(stopping).await.unwrap();
}

#[tokio::test]
async fn a_consumer_too_slow_for_its_queue_is_closed_with_4100_and_counted() {
    let mut config = Config::with_app(app_config());
    config.server.max_queue_size = 100_000;
    let server = TestServer::with(config).await;
    let (mut slow, mut fast) = (server.connect().await, server.connect().await);
    slow.subscribe("news").await;
    fast.subscribe("other").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    let payload = "x".repeat(10_000);
    while server.echolite.stats().slow_consumers == 0 {
        broadcaster.public("news").event("e", &payload).send().await.unwrap();
        tokio::task::yield_now().await;
    }
    fast.expect_nothing().await;
    let closed = async {
        loop {
            match slow.message().await {
                Message::Close(Some(frame)) => break u16::from(frame.code),
                message => assert!(message.is_text()),
            }
        }
    };
    assert_eq!(within(closed).await, 4100);
}

#[tokio::test]
async fn a_consumer_that_never_reads_is_gone_in_the_end() {
    let mut config = Config::with_app(app_config());
    config.server.max_queue_size = 100_000;
    let server = TestServer::with(config).await;
    let mut dead = server.connect().await;
    dead.subscribe("news").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    let payload = "x".repeat(10_000);
    let gone = async {
        while server.echolite.stats().connections_closed == 0 {
            broadcaster.public("news").event("e", &payload).send().await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    within(gone).await;
    assert_eq!(server.get("/apps/app-id/channels", "").await.1, r#"{"channels":{}}"#);
    // Stopping need not wait for it for ever, either.
    server.stop().await;
    drop(dead);
}

#[tokio::test]
async fn a_path_prefix_serves_below_it_and_at_the_root() {
    let mut config = Config::with_app(app_config());
    config.server.path = "ws/".into();
    let server = TestServer::with(config).await;
    for prefix in ["", "/ws"] {
        let path = format!("{prefix}/app/{KEY}?protocol=7");
        server.upgrade(&path).await.event("pusher:connection_established").await;
        let path = format!("{prefix}/apps/app-id/channels");
        assert_eq!(server.get(&path, "").await.0, 200);
        // A proxy adds or strips the prefix after the back end has signed.
        for signed in ["/ws/apps/app-id/channels", "/apps/app-id/channels"] {
            let url = server.sign("GET", signed, "", b"");
            let (_, query) = url.split_once('?').unwrap();
            let url = server.url(&format!("{path}?{query}"));
            assert_eq!(answer(server.http.get(url)).await.0, 200, "{signed} at {path}");
        }
    }
}

#[tokio::test]
async fn a_server_from_the_environment_serves() {
    let environment = Environment::from_pairs([
        ("PUSHER_APP_ID", "app-id"),
        ("PUSHER_APP_KEY", KEY),
        ("PUSHER_APP_SECRET", "app-secret"),
    ]);
    let mut config = Config::default();
    environment.apply(&mut config).unwrap();
    let server = TestServer::with(config).await;
    server.connect().await.subscribe("private-a").await;
}
