//! Users: signing in, what is sent to them, who watches them, and their end.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Client, TestServer, within};

const WATCHED: &str = "pusher_internal:watchlist_events";

async fn signed_in(server: &TestServer, user: Value) -> Client {
    let mut client = server.connect().await;
    client.sign_in(user).await;
    client
}

async fn terminate(server: &TestServer, user: &str) {
    let path = format!("/apps/app-id/users/{user}/terminate_connections");
    assert_eq!(server.post(&path, "{}").await, (200, "{}".to_owned()));
}

async fn assert_terminated(client: &mut Client) {
    assert_eq!(client.event("pusher:error").await["code"], 4009);
    assert_eq!(client.closed().await, 4009);
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
async fn a_user_is_reached_on_every_signed_in_connection_and_nobody_else() {
    let server = TestServer::start().await;
    let own = "#server-to-user-7";
    let mut tabs = [
        signed_in(&server, json!({ "id": "7" })).await,
        signed_in(&server, json!({ "id": "7" })).await,
    ];
    for tab in &mut tabs {
        tab.subscribe(own).await;
    }
    let mut other = signed_in(&server, json!({ "id": "8" })).await;
    other.request_subscription(own).await;
    assert_eq!(other.event("pusher:subscription_error").await["type"], "AuthError");
    server.publish(json!({ "name": "e", "channels": [own], "data": "1" })).await;
    for tab in &mut tabs {
        assert_eq!(tab.event("e").await, 1);
    }
    other.expect_nothing().await;
}

#[tokio::test]
async fn a_sign_in_that_is_refused_leaves_the_connection() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    let data = json!({ "auth": "app-key:00", "user_data": "{\"id\":\"7\"}" });
    client.send(json!({ "event": "pusher:signin", "data": data })).await;
    assert_eq!(client.event("pusher:error").await["code"], 4009);
    client.sign_in(json!({ "id": "7" })).await;
}

#[tokio::test]
async fn a_presence_channel_is_joined_as_the_signed_in_user() {
    let server = TestServer::start().await;
    let mut client = signed_in(&server, json!({ "id": "7", "user_info": { "name": "Zoë" } })).await;
    let auth = support::credentials().channel_auth(&client.socket_id, "presence-room", None);
    let data = json!({ "channel": "presence-room", "auth": auth });
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    let there = client.event("pusher_internal:subscription_succeeded").await;
    let hash = json!({ "7": { "name": "Zoë" } });
    assert_eq!(there["presence"], json!({ "ids": ["7"], "hash": hash, "count": 1 }));
}

#[tokio::test]
async fn a_user_s_end_is_4009_for_all_their_connections_and_no_others() {
    let server = TestServer::start().await;
    let mut signed = signed_in(&server, json!({ "id": "7" })).await;
    let mut member = server.connect().await;
    member.join("presence-room", json!({ "user_id": 7 })).await;
    let mut other = server.connect().await;
    other.join("presence-room", json!({ "user_id": 8 })).await;
    assert_eq!(member.event("pusher_internal:member_added").await["user_id"], "8");
    terminate(&server, "7").await;
    assert_terminated(&mut signed).await;
    assert_terminated(&mut member).await;
    // A terminated connection does not return, so it has no grace time.
    assert_eq!(other.event("pusher_internal:member_removed").await["user_id"], "7");
    terminate(&server, "nobody").await;
    other.expect_nothing().await;
    assert_eq!(server.echolite.terminate_connections("app-id", "8"), Ok(1));
    assert_terminated(&mut other).await;
    assert!(server.echolite.terminate_connections("nobody", "8").is_err());
}

#[tokio::test]
async fn ids_with_signs_of_their_own_can_be_terminated() {
    let server = TestServer::start().await;
    let mut client = signed_in(&server, json!({ "id": "auth0|a b" })).await;
    terminate(&server, "auth0%7Ca%20b").await;
    assert_terminated(&mut client).await;
}

#[tokio::test]
async fn who_terminates_must_know_the_secret() {
    let server = TestServer::start().await;
    let mut client = signed_in(&server, json!({ "id": "7" })).await;
    let url = server.url("/apps/app-id/users/7/terminate_connections");
    assert_eq!(support::answer(server.http.post(url)).await.0, 401);
    client.expect_nothing().await;
}

#[tokio::test]
async fn who_watches_is_told_who_is_there_who_comes_and_who_goes() {
    let server = TestServer::with_app(|app| app.presence_grace = 0).await;
    let change = |name: &str, id: &str| json!({ "events": [{ "name": name, "user_ids": [id] }] });
    let max = signed_in(&server, json!({ "id": "max" })).await;
    let mut zoe = signed_in(&server, json!({ "id": "zoe", "watchlist": ["max", "eva"] })).await;
    assert_eq!(zoe.event(WATCHED).await, change("online", "max"));
    let first = signed_in(&server, json!({ "id": "eva" })).await;
    assert_eq!(zoe.event(WATCHED).await, change("online", "eva"));
    let second = signed_in(&server, json!({ "id": "eva" })).await;
    first.vanish();
    ended(&server, 1).await;
    zoe.expect_nothing().await;
    second.vanish();
    assert_eq!(zoe.event(WATCHED).await, change("offline", "eva"));
    max.vanish();
    assert_eq!(zoe.event(WATCHED).await, change("offline", "max"));
}

#[tokio::test]
async fn a_user_who_signs_in_again_in_time_was_never_offline() {
    let server = TestServer::with_app(|app| app.presence_grace = 600).await;
    let mut watcher = signed_in(&server, json!({ "id": "zoe", "watchlist": ["max"] })).await;
    let max = signed_in(&server, json!({ "id": "max" })).await;
    assert_eq!(watcher.event(WATCHED).await["events"][0]["name"], "online");
    max.vanish();
    ended(&server, 1).await;
    let mut max = signed_in(&server, json!({ "id": "max", "watchlist": ["max"] })).await;
    assert_eq!(max.event(WATCHED).await["events"][0]["name"], "online");
    watcher.expect_nothing().await;
    // A terminated connection has no grace time to wait for.
    terminate(&server, "max").await;
    assert_eq!(watcher.event(WATCHED).await["events"][0]["name"], "offline");
}
