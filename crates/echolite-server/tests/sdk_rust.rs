//! Pusher's SDK for Rust, the crate `pusher`, against our HTTP API, authorisations and webhooks.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::HashMap;

use pusher::{Member, PusherBuilder};
use serde_json::{Value, json};
use support::{KEY, TestServer, credentials};

/// The SDK's own type names its HTTP client, which is no dependency of ours: so a macro.
macro_rules! sdk {
    ($server:expr, $secret:expr) => {
        PusherBuilder::new("app-id", KEY, $secret).host(&$server.address.to_string()).finalize()
    };
}

#[tokio::test]
async fn it_triggers_to_one_channel_to_several_and_to_others() {
    let server = TestServer::start().await;
    let pusher = sdk!(server, "app-secret");
    let mut client = server.connect().await;
    client.subscribe("news").await;
    client.subscribe("prices").await;
    pusher.trigger("news", "first", json!({ "id": 1 })).await.unwrap();
    assert_eq!(client.event("first").await, json!({ "id": 1 }));
    pusher.trigger_multi(&["news", "prices"], "second", 2).await.unwrap();
    assert_eq!((client.event("second").await, client.event("second").await), (json!(2), json!(2)));
    pusher.trigger_exclusive("news", "third", 3, &client.socket_id).await.unwrap();
    client.expect_nothing().await;
}

#[tokio::test]
async fn it_reads_channels_and_users() {
    let server = TestServer::start().await;
    let pusher = sdk!(server, "app-secret");
    let (mut client, mut member) = (server.connect().await, server.connect().await);
    client.subscribe("news").await;
    member.join("presence-room", json!({ "user_id": "7" })).await;
    let channels = pusher.channels().await.unwrap().channels;
    assert_eq!(channels.len(), 2);
    let attributes = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let mut query = attributes("filter_by_prefix", "presence-");
    query.extend(attributes("info", "user_count"));
    let channels = pusher.channels_with_options(query).await.unwrap().channels;
    assert_eq!(channels["presence-room"].user_count, Some(1));
    let channel = pusher.channel("news").await.unwrap();
    assert_eq!(channel.occupied, Some(true));
    let users = pusher.channel_users("presence-room").await.unwrap().users;
    assert_eq!(users.into_iter().map(|user| user.id).collect::<Vec<_>>(), ["7"]);
}

#[tokio::test]
async fn it_signs_what_our_server_accepts() {
    let server = TestServer::start().await;
    let pusher = sdk!(server, "app-secret");
    let mut client = server.connect().await;
    let signed = pusher.authenticate_private_channel("private-orders", &client.socket_id).unwrap();
    let mut data: Value = serde_json::from_str(&signed).unwrap();
    data["channel"] = json!("private-orders");
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    assert_eq!(client.frame().await["event"], "pusher_internal:subscription_succeeded");
    let user_info = Some(HashMap::from([("name", "Ada")]));
    let member = Member { user_id: "7", user_info };
    let signed =
        pusher.authenticate_presence_channel("presence-room", &client.socket_id, &member).unwrap();
    let mut data: Value = serde_json::from_str(&signed).unwrap();
    data["channel"] = json!("presence-room");
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    assert_eq!(client.frame().await["event"], "pusher_internal:subscription_succeeded");
}

#[tokio::test]
async fn it_is_refused_with_a_wrong_secret() {
    let server = TestServer::start().await;
    let pusher = sdk!(server, "another-secret");
    let refused = pusher.trigger("news", "e", 1).await.unwrap_err();
    assert!(refused.contains("signature"), "{refused}");
}

#[test]
fn it_believes_the_signatures_of_our_webhooks() {
    let pusher = PusherBuilder::new("app-id", KEY, "app-secret").finalize();
    let body = r#"{"time_ms":1,"events":[{"name":"channel_occupied","channel":"news"}]}"#;
    let signature = credentials().webhook_signature(body);
    let webhook = pusher.webhook(KEY, &signature, body).unwrap();
    assert_eq!(webhook.events[0]["channel"], "news");
    assert!(pusher.webhook(KEY, &signature, &body.replace("news", "olds")).is_err());
}
