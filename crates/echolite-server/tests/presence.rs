//! Presence channels: who is there, who comes, who goes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_protocol::Limits;
use serde_json::{Value, json};
use support::{Client, TestServer, within};

const ADDED: &str = "pusher_internal:member_added";
const REMOVED: &str = "pusher_internal:member_removed";

async fn join(server: &TestServer, channel: &str, member: Value) -> (Client, Value) {
    let mut client = server.connect().await;
    let there = client.join(channel, member).await;
    (client, there)
}

#[tokio::test]
async fn members_see_who_is_there_who_comes_and_who_goes() {
    let server = TestServer::with_app(|app| app.presence_grace = 0).await;
    let info = json!({ "name": "Zoë" });
    let (mut zoe, there) =
        join(&server, "presence-room", json!({ "user_id": 7, "user_info": info })).await;
    assert_eq!(there, json!({ "ids": ["7"], "hash": { "7": info }, "count": 1 }));
    let (max, there) = join(&server, "presence-room", json!({ "user_id": "0" })).await;
    let both = json!({ "ids": ["0", "7"], "hash": { "0": null, "7": info }, "count": 2 });
    assert_eq!(there, both);
    assert_eq!(zoe.event(ADDED).await, json!({ "user_id": "0", "user_info": null }));
    // A second connection of the same user comes and goes unnoticed.
    let (second, there) = join(&server, "presence-room", json!({ "user_id": 0 })).await;
    assert_eq!(there, both);
    drop(second);
    zoe.expect_nothing().await;
    drop(max);
    assert_eq!(zoe.event(REMOVED).await, json!({ "user_id": "0" }));
}

#[tokio::test]
async fn unsubscribing_departs_too() {
    let server = TestServer::start().await;
    let (mut a, _) = join(&server, "presence-room", json!({ "user_id": "a" })).await;
    let (mut b, _) = join(&server, "presence-room", json!({ "user_id": "b" })).await;
    a.event(ADDED).await;
    b.unsubscribe("presence-room").await;
    assert_eq!(a.event(REMOVED).await, json!({ "user_id": "b" }));
    b.expect_nothing().await;
}

#[tokio::test]
async fn a_full_channel_refuses_new_members_and_says_so() {
    let limits = Limits { presence_members: 1, ..Limits::default() };
    let server = TestServer::with_app(|app| app.limits = limits).await;
    let (mut a, _) = join(&server, "presence-room", json!({ "user_id": "a" })).await;
    let mut b = server.connect().await;
    b.request_presence("presence-room", json!({ "user_id": "b" })).await;
    assert_eq!(b.event("pusher:subscription_error").await["type"], "LimitReached");
    a.expect_nothing().await;
    drop(a);
    b.join("presence-other", json!({ "user_id": "b" })).await;
}

#[tokio::test]
async fn a_whisper_names_its_sender() {
    let server = TestServer::start().await;
    let (mut a, _) = join(&server, "presence-room", json!({ "user_id": "a" })).await;
    let (mut b, _) = join(&server, "presence-room", json!({ "user_id": "b" })).await;
    a.event(ADDED).await;
    b.send(json!({ "event": "client-x", "channel": "presence-room", "data": 7 })).await;
    let whisper = json!({
        "event": "client-x", "channel": "presence-room", "data": 7, "user_id": "b",
    });
    assert_eq!(a.frame().await, whisper);
}

#[tokio::test]
async fn the_last_event_of_a_presence_cache_channel_is_an_event() {
    let server = TestServer::with_app(|app| app.presence_grace = 0).await;
    let channel = "presence-cache-room";
    let (mut a, _) = join(&server, channel, json!({ "user_id": "a" })).await;
    a.event("pusher:cache_miss").await;
    server.publish(json!({ "name": "e", "channel": channel, "data": "1" })).await;
    a.event("e").await;
    let (b, _) = join(&server, channel, json!({ "user_id": "b" })).await;
    a.event(ADDED).await;
    drop(b);
    a.event(REMOVED).await;
    let (mut c, _) = join(&server, channel, json!({ "user_id": "c" })).await;
    assert_eq!(c.event("e").await, 1);
}

#[tokio::test]
async fn back_ends_are_told_the_users() {
    let server = TestServer::start().await;
    let (_a, _) = join(&server, "presence-room", json!({ "user_id": "a" })).await;
    let (_b, _) = join(&server, "presence-room", json!({ "user_id": "a" })).await;
    let get = async |path: &str, query: &str| -> Value {
        let (status, body) = server.get(&format!("/apps/app-id/channels{path}"), query).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    };
    let users = get("/presence-room/users", "").await;
    assert_eq!(users, json!({ "users": [{ "id": "a" }] }));
    let room = get("/presence-room", "info=user_count,subscription_count").await;
    assert_eq!(room, json!({ "occupied": true, "user_count": 1, "subscription_count": 2 }));
    let event = json!({ "name": "e", "channels": ["presence-room", "news"], "data": "1",
        "info": "user_count,subscription_count" });
    let (status, told) = server.post("/apps/app-id/events", &event.to_string()).await;
    let expected = json!({ "channels": {
        "presence-room": { "user_count": 1, "subscription_count": 2 },
        "news": { "subscription_count": 0 },
    } });
    assert_eq!((status, serde_json::from_str(&told).ok()), (200, Some(expected)));
    let all = get("", "filter_by_prefix=presence-&info=user_count").await;
    assert_eq!(all, json!({ "channels": { "presence-room": { "user_count": 1 } } }));
}

/// Waits until so many connections have ended.
async fn ended(server: &TestServer, connections: u64) {
    let ended = async {
        while server.echolite.stats().connections_closed < connections {
            tokio::task::yield_now().await;
        }
    };
    within(ended).await;
}

#[tokio::test]
async fn who_reconnects_within_the_grace_time_was_never_gone() {
    let server = TestServer::with_app(|app| app.presence_grace = 600).await;
    let (mut zoe, _) = join(&server, "presence-room", json!({ "user_id": "zoe" })).await;
    let (max, _) = join(&server, "presence-room", json!({ "user_id": "max" })).await;
    zoe.event(ADDED).await;
    max.vanish();
    ended(&server, 1).await;
    let (mut max, there) = join(&server, "presence-room", json!({ "user_id": "max" })).await;
    assert_eq!(there["count"], 2);
    zoe.expect_nothing().await;
    max.unsubscribe("presence-room").await;
    assert_eq!(zoe.event(REMOVED).await, json!({ "user_id": "max" }));
}

#[tokio::test]
async fn who_does_not_return_is_gone_after_the_grace_time_once() {
    let server = TestServer::with_app(|app| app.presence_grace = 1).await;
    let (mut zoe, _) = join(&server, "presence-room", json!({ "user_id": "zoe" })).await;
    let (first, _) = join(&server, "presence-room", json!({ "user_id": "max" })).await;
    zoe.event(ADDED).await;
    let (second, _) = join(&server, "presence-room", json!({ "user_id": "max" })).await;
    first.vanish();
    second.vanish();
    ended(&server, 2).await;
    zoe.expect_nothing().await;
    assert_eq!(zoe.event(REMOVED).await, json!({ "user_id": "max" }));
    zoe.expect_nothing().await;
}

#[tokio::test]
async fn joining_twice_and_leaving_while_joining_end_as_they_should() {
    let server = TestServer::start().await;
    let (mut zoe, _) = join(&server, "presence-room", json!({ "user_id": "zoe" })).await;
    let mut max = server.connect().await;
    let channel = "presence-room";
    let max_is = || json!({ "user_id": "max" });
    // Said in one breath, without waiting for an answer.
    max.request_presence(channel, max_is()).await;
    max.unsubscribe(channel).await;
    max.request_presence(channel, max_is()).await;
    max.request_presence(channel, max_is()).await;
    for event in [ADDED, REMOVED, ADDED] {
        assert_eq!(zoe.event(event).await["user_id"], "max");
    }
    for _ in 0..2 {
        let there = max.event("pusher_internal:subscription_succeeded").await;
        assert_eq!(there["presence"]["count"], 2);
    }
    assert_eq!(max.event("pusher:subscription_error").await["type"], "AlreadySubscribed");
    max.unsubscribe(channel).await;
    assert_eq!(zoe.event(REMOVED).await["user_id"], "max");
    zoe.expect_nothing().await;
}
