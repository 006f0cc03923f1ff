//! Positions and recovery: what who was away gets when it comes back, and who sees nothing of it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_server::{Config, HistoryConfig};
use serde_json::{Value, json};
use std::sync::Arc;
use support::{Client, KEY, TestServer, app_config, credentials, within};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::Message;

const CHANNEL: &str = "private-cache-products";
const SUCCEEDED: &str = "pusher_internal:subscription_succeeded";
const MISS: &str = "pusher:cache_miss";

/// A client that asks for the extension.
async fn connect(server: &TestServer) -> Client {
    let mut client = server.upgrade(&format!("/app/{KEY}?protocol=7&echolite=1")).await;
    let greeting = client.event("pusher:connection_established").await;
    assert_eq!(greeting["echolite"], json!({ "version": 1, "recovery": true }));
    client.socket_id = greeting["socket_id"].as_str().unwrap().to_owned();
    client
}

fn auth(client: &Client, channel: &str) -> String {
    credentials().channel_auth(&client.socket_id, channel, None)
}

async fn ask(client: &mut Client, channel: &str, auth: &str, recover: &Value) {
    let mut data = json!({ "channel": channel, "auth": auth });
    if !recover.is_null() {
        data["recover"] = recover.clone();
    }
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
}

/// Subscribes to [`CHANNEL`]; gives what the confirmation says.
async fn subscribe(client: &mut Client, recover: &Value) -> Value {
    let auth = auth(client, CHANNEL);
    ask(client, CHANNEL, &auth, recover).await;
    client.event(SUCCEEDED).await
}

/// A client that has joined the channel, which has no last event; and where the channel is.
async fn joined(server: &TestServer) -> (Client, Value) {
    let mut client = connect(server).await;
    let position = subscribe(&mut client, &Value::Null).await["position"].take();
    client.event(MISS).await;
    (client, position)
}

async fn publish(server: &TestServer, n: u64) {
    let data = n.to_string();
    server.publish(json!({ "name": "e", "channel": CHANNEL, "data": data })).await;
}

/// The next frame is the event published as the `n`th, and says so.
async fn expect(client: &mut Client, n: u64) {
    let data = n.to_string();
    let event = json!({ "event": "e", "channel": CHANNEL, "data": data, "offset": n });
    assert_eq!(client.frame().await, event);
}

fn after(position: &Value, offset: u64) -> Value {
    json!({ "epoch": position["epoch"], "offset": offset })
}

async fn text(client: &mut Client) -> String {
    match client.message().await {
        Message::Text(text) => text.to_string(),
        other => panic!("expected a frame, got {other:?}"),
    }
}

#[tokio::test]
async fn who_did_not_ask_for_the_extension_sees_nothing_of_it() {
    let server = TestServer::start().await;
    let (mut extended, _) = joined(&server).await;
    for version in ["", "&echolite=2", "&echolite=true"] {
        let mut stock = server.upgrade(&format!("/app/{KEY}?protocol=7{version}")).await;
        let greeting = text(&mut stock).await;
        let id = greeting.split("\\\"").nth(3).unwrap().to_owned();
        let expected = format!(
            r#"{{"event":"pusher:connection_established","data":"{{\"socket_id\":\"{id}\",\"activity_timeout\":30}}"}}"#
        );
        assert_eq!(greeting, expected);
        stock.socket_id = id;
        let signature = auth(&stock, CHANNEL);
        ask(&mut stock, CHANNEL, &signature, &json!({ "epoch": "a-1", "offset": 0 })).await;
        let succeeded = r#"{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"private-cache-products"}"#;
        assert_eq!(text(&mut stock).await, succeeded);
        // no event yet; later on none that outlived the uncertainty
        let miss =
            r#"{"event":"pusher:cache_miss","data":"{}","channel":"private-cache-products"}"#;
        assert_eq!(text(&mut stock).await, miss);
        publish(&server, 1).await;
        let event = r#"{"event":"e","data":"1","channel":"private-cache-products"}"#;
        assert_eq!(text(&mut stock).await, event);
        extended.frame().await;
        let event = json!({ "name": "e", "channel": CHANNEL, "data": "1" });
        let mut excluded = event.clone();
        excluded["socket_id"] = stock.socket_id.as_str().into();
        server.publish(excluded).await;
        extended.frame().await;
        server.echolite.declare_uncertain("app-id", "a test").unwrap();
        extended.event("echolite:uncertain").await;
        server.echolite.declare_certain("app-id").unwrap();
        extended.event("echolite:position").await;
        extended.event("echolite:certain").await;
        stock.expect_nothing().await;
    }
}

#[tokio::test]
async fn events_are_numbered_and_who_is_excluded_learns_the_number() {
    let server = TestServer::start().await;
    let ((mut a, at), mut b) = (joined(&server).await, connect(&server).await);
    assert_eq!(at["offset"], 0);
    publish(&server, 1).await;
    expect(&mut a, 1).await;
    assert_eq!(subscribe(&mut b, &Value::Null).await, json!({ "position": after(&at, 1) }));
    // The last event is the channel's state, told to who comes: no event that it could have missed.
    assert_eq!(b.frame().await, json!({ "event": "e", "channel": CHANNEL, "data": "1" }));
    let excluding = |client: &Client| {
        let id = client.socket_id.as_str();
        json!({ "name": "e", "channel": CHANNEL, "data": "2", "socket_id": id })
    };
    server.publish(excluding(&a)).await;
    expect(&mut b, 2).await;
    assert_eq!(a.event("echolite:position").await, json!({ "offset": 2 }));
    // Nobody learns the position of a channel that it is not in.
    let mut outside = connect(&server).await;
    server.publish(excluding(&outside)).await;
    outside.expect_nothing().await;
    for client in [&mut a, &mut b] {
        assert_eq!(client.frame().await["offset"], 3);
    }
}

#[tokio::test]
async fn what_was_missed_comes_once_in_order_and_before_what_is_live() {
    let server = TestServer::start().await;
    let (mut client, at) = joined(&server).await;
    publish(&server, 1).await;
    expect(&mut client, 1).await;
    client.vanish();
    for n in 2..=4 {
        publish(&server, n).await;
    }
    let mut client = connect(&server).await;
    let confirmed = subscribe(&mut client, &after(&at, 1)).await;
    assert_eq!(confirmed, json!({ "position": after(&at, 4), "recovered": true }));
    publish(&server, 5).await;
    for n in 2..=5 {
        expect(&mut client, n).await;
    }
    client.vanish();
    // With nothing missed there is nothing to replay, the last event included.
    let mut client = connect(&server).await;
    let confirmed = subscribe(&mut client, &after(&at, 5)).await;
    assert_eq!(confirmed, json!({ "position": after(&at, 5), "recovered": true }));
    client.expect_nothing().await;
    let stats = server.echolite.stats();
    assert_eq!((stats.replays_served, stats.events_replayed, stats.replays_refused), (2, 3, 0));
}

#[tokio::test]
async fn what_is_not_covered_is_not_replayed() {
    let server = TestServer::with_app(|app| app.history[0].max_events = 2).await;
    let (client, at) = joined(&server).await;
    client.vanish();
    for n in 1..=4 {
        publish(&server, n).await;
    }
    for recover in [
        after(&at, 1),
        after(&at, 5),
        json!({ "epoch": "another", "offset": 4 }),
        json!({ "epoch": "", "offset": 0 }),
    ] {
        let mut client = connect(&server).await;
        let confirmed = subscribe(&mut client, &recover).await;
        assert_eq!(confirmed, json!({ "position": after(&at, 4), "recovered": false }));
        // As to whoever comes anew.
        assert_eq!(client.frame().await, json!({ "event": "e", "channel": CHANNEL, "data": "4" }));
        client.expect_nothing().await;
    }
    assert_eq!(server.echolite.stats().replays_refused, 4);
    let mut client = connect(&server).await;
    assert_eq!(subscribe(&mut client, &after(&at, 2)).await["recovered"], true);
    expect(&mut client, 3).await;
    expect(&mut client, 4).await;
}

#[tokio::test]
async fn a_channel_without_history_has_no_position() {
    let server = TestServer::start().await;
    let mut client = connect(&server).await;
    ask(&mut client, "news", "", &json!({ "epoch": "a", "offset": 0 })).await;
    assert_eq!(client.event(SUCCEEDED).await, json!({ "recovered": false }));
    ask(&mut client, "sports", "", &Value::Null).await;
    assert_eq!(client.event(SUCCEEDED).await, json!({}));
    server.publish(json!({ "name": "e", "channel": "news", "data": "1" })).await;
    assert_eq!(client.frame().await, json!({ "event": "e", "channel": "news", "data": "1" }));
}

#[tokio::test]
async fn who_may_not_join_is_told_nothing_of_what_happened_there() {
    let server = TestServer::start().await;
    let (mut client, at) = joined(&server).await;
    publish(&server, 1).await;
    expect(&mut client, 1).await;
    let mut other = connect(&server).await;
    // No signature, somebody else's, and one for another channel.
    for signature in ["", &auth(&client, CHANNEL), &auth(&other, "private-cache-other")] {
        ask(&mut other, CHANNEL, signature, &after(&at, 0)).await;
        let refused = other.event("pusher:subscription_error").await;
        assert_eq!((&refused["type"], &refused["status"]), (&"AuthError".into(), &401.into()));
        other.expect_nothing().await;
    }
    let signature = auth(&other, CHANNEL);
    ask(&mut other, CHANNEL, &signature, &json!({ "epoch": 1 })).await;
    assert_eq!(other.event("pusher:subscription_error").await["type"], "InvalidRecover");
    other.expect_nothing().await;
    assert_eq!(server.echolite.stats().events_replayed, 0);
}

#[tokio::test]
async fn what_clients_say_has_no_number_and_is_not_replayed() {
    let server = TestServer::start().await;
    let ((mut a, at), mut b) = (joined(&server).await, connect(&server).await);
    subscribe(&mut b, &Value::Null).await;
    b.event(MISS).await;
    let whisper = json!({ "event": "client-typing", "channel": CHANNEL, "data": {} });
    a.send(whisper.clone()).await;
    assert_eq!(b.frame().await, whisper);
    publish(&server, 1).await;
    expect(&mut b, 1).await;
    let mut late = connect(&server).await;
    assert_eq!(subscribe(&mut late, &after(&at, 0)).await["recovered"], true);
    expect(&mut late, 1).await;
    late.expect_nothing().await;
}

#[tokio::test]
async fn a_presence_channel_tells_its_position_beside_who_is_there() {
    let server =
        TestServer::with_app(|app| app.history = vec![HistoryConfig::new(["presence-*"])]).await;
    let mut client = connect(&server).await;
    client.request_presence("presence-room", json!({ "user_id": 7 })).await;
    let confirmed = client.event(SUCCEEDED).await;
    assert_eq!(confirmed["presence"]["ids"], json!(["7"]));
    assert_eq!(confirmed["position"]["offset"], 0);
    // Who comes and goes is no event of the channel.
    let mut other = server.connect().await;
    other.join("presence-room", json!({ "user_id": 8 })).await;
    client.event("pusher_internal:member_added").await;
    server.publish(json!({ "name": "e", "channel": "presence-room", "data": "1" })).await;
    assert_eq!(client.frame().await["offset"], 1);
    assert!(other.frame().await.get("offset").is_none());
}

#[tokio::test]
async fn a_subscription_that_is_there_already_is_told_where_its_channel_is() {
    let server = TestServer::start().await;
    let (mut client, at) = joined(&server).await;
    publish(&server, 1).await;
    expect(&mut client, 1).await;
    let again = subscribe(&mut client, &after(&at, 0)).await;
    assert_eq!(again, json!({ "position": after(&at, 1), "recovered": false }));
    client.expect_nothing().await;
}

#[tokio::test]
async fn a_server_that_started_again_has_another_epoch() {
    let server = TestServer::start().await;
    let (client, before) = joined(&server).await;
    client.vanish();
    publish(&server, 1).await;
    server.stop().await;
    let server = TestServer::start().await;
    publish(&server, 1).await;
    let mut client = connect(&server).await;
    let confirmed = subscribe(&mut client, &after(&before, 0)).await;
    assert_eq!(confirmed["recovered"], false);
    assert_eq!(confirmed["position"]["offset"], 1);
    assert_ne!(confirmed["position"]["epoch"], before["epoch"]);
}

#[tokio::test]
async fn what_does_not_fit_in_the_queue_is_not_replayed() {
    let mut config = Config::with_app(app_config());
    config.server.max_queue_size = 4_096;
    let server = TestServer::with(config).await;
    let (client, at) = joined(&server).await;
    client.vanish();
    let data = "x".repeat(400);
    for _ in 0..10 {
        server.publish(json!({ "name": "e", "channel": CHANNEL, "data": data })).await;
    }
    let mut client = connect(&server).await;
    assert_eq!(subscribe(&mut client, &after(&at, 0)).await["recovered"], false);
    client.frame().await;
    client.expect_nothing().await;
    let mut client = connect(&server).await;
    assert_eq!(subscribe(&mut client, &after(&at, 7)).await["recovered"], true);
    for n in 8..=10 {
        assert_eq!(client.frame().await["offset"], n);
    }
}

#[tokio::test]
async fn while_delivery_is_uncertain_there_are_no_positions_and_afterwards_new_ones() {
    let server = TestServer::start().await;
    let (mut client, before) = joined(&server).await;
    // A second channel, so that telling once a connection shows.
    let other = auth(&client, "private-cache-other");
    ask(&mut client, "private-cache-other", &other, &Value::Null).await;
    client.event(SUCCEEDED).await;
    client.event(MISS).await;
    publish(&server, 1).await;
    expect(&mut client, 1).await;
    server.echolite.declare_uncertain("app-id", "the queue overflowed").unwrap();
    let reason = json!({ "reason": "the queue overflowed" });
    assert_eq!(client.event("echolite:uncertain").await, reason);
    publish(&server, 2).await;
    assert_eq!(client.frame().await, json!({ "event": "e", "channel": CHANNEL, "data": "2" }));
    let mut late = connect(&server).await;
    let confirmed = subscribe(&mut late, &after(&before, 1)).await;
    assert_eq!(confirmed, json!({ "recovered": false }));
    assert_eq!(late.event("echolite:uncertain").await, reason);
    late.frame().await;
    server.echolite.declare_certain("app-id").unwrap();
    let mut told = [client.frame().await, client.frame().await];
    told.sort_by_key(|frame| frame["channel"].to_string());
    assert_eq!(told[1]["channel"], CHANNEL);
    assert_eq!(told[1]["event"], "echolite:position");
    let position: Value = serde_json::from_str(told[1]["data"].as_str().unwrap()).unwrap();
    assert_eq!(late.event("echolite:position").await, position);
    assert_eq!(position["offset"], 0);
    assert_ne!(position["epoch"], before["epoch"]);
    assert_eq!(client.event("echolite:certain").await, json!({}));
    assert_eq!(late.event("echolite:certain").await, json!({}));
    publish(&server, 1).await;
    expect(&mut client, 1).await;
    expect(&mut late, 1).await;
    late.vanish();
    let mut late = connect(&server).await;
    assert_eq!(subscribe(&mut late, &position).await["recovered"], true);
    expect(&mut late, 1).await;
}

#[tokio::test]
async fn what_is_held_can_be_seen() {
    let server = TestServer::start().await;
    let (_client, at) = joined(&server).await;
    publish(&server, 1).await;
    publish(&server, 2).await;
    server.publish(json!({ "name": "e", "channel": "news", "data": "1" })).await;
    let held = server.echolite.history("app-id").unwrap();
    assert_eq!((held.channels, held.events), (1, 2));
    assert!(server.echolite.history("nobody").is_err());
    let (status, body) = server.get("/apps/app-id/history", "").await;
    let expected = json!({ "channels": 1, "events": 2, "bytes": held.bytes });
    assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, expected));
    let path = format!("/apps/app-id/channels/{CHANNEL}");
    let (status, body) = server.get(&path, "info=history").await;
    let expected = json!({
        "occupied": true,
        "history": { "epoch": at["epoch"], "offset": 2, "events": 2, "bytes": held.bytes },
    });
    assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, expected));
    let (_, body) = server.get("/apps/app-id/channels/news", "info=history").await;
    assert_eq!(body, r#"{"occupied":false}"#);
}

/// How many events are published, and how many may be on their way or missed at once.
const EVENTS: usize = 3_000;
const WINDOW: usize = 100;

/// Publishes without a pause from two tasks, as far ahead of the reader as the window allows.
fn publish_all(server: &TestServer, window: &Arc<Semaphore>) {
    for _ in 0..2 {
        let broadcaster = server.echolite.broadcaster("app-id").unwrap();
        let window = window.clone();
        tokio::spawn(async move {
            for n in 0..EVENTS / 2 {
                window.acquire().await.unwrap().forget();
                let target = broadcaster.private("cache-products");
                target.event("e", &n).send().await.unwrap();
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_published_while_others_are_replayed_come_behind_them_and_none_is_lost() {
    let server = TestServer::start().await;
    let (client, at) = joined(&server).await;
    client.vanish();
    let window = Arc::new(Semaphore::new(WINDOW));
    publish_all(&server, &window);
    let (mut seen, mut replayed, mut live, mut rounds) = (0, 0, 0, 0);
    while seen < EVENTS as u64 {
        let mut client = connect(&server).await;
        let confirmed = subscribe(&mut client, &after(&at, seen)).await;
        assert_eq!(confirmed["recovered"], true, "{confirmed} after {seen}");
        let until = confirmed["position"]["offset"].as_u64().unwrap();
        // A few live events behind each replay, then the connection is lost once more.
        let stop = (until + 20).min(EVENTS as u64);
        replayed += until - seen;
        live += stop - until;
        rounds += 1;
        while seen < stop {
            assert_eq!(within(client.frame()).await["offset"], seen + 1);
            seen += 1;
            window.add_permits(1);
        }
        client.vanish();
    }
    assert!(replayed > 0 && live > 0 && rounds > 10, "{replayed} {live} {rounds}");
    assert_eq!(server.echolite.stats().events_replayed, replayed);
}
