//! Broadcasting from Rust: events, models, notifications, encryption, the queue, and questions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use echolite_protocol::encryption::{open, shared_secret};
use echolite_server::{
    Broadcast, BroadcastError, BroadcastModel, Broadcaster, Channel, EncryptionKey, Event,
    HttpOptions, ModelEvent, Notification, Payload, QueueOptions, ToOthers,
};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use support::{Client, KEY, TestServer, credentials, within};
use tokio::net::TcpListener;

fn remote(url: String) -> Broadcaster {
    let (app_id, key, secret) = ("app-id".into(), KEY.into(), "app-secret".into());
    Broadcaster::http(HttpOptions { url, app_id, key, secret }).unwrap()
}

/// A broadcaster in this process, and one over HTTP.
fn both(server: &TestServer) -> [Broadcaster; 2] {
    [server.echolite.broadcaster("app-id").unwrap(), remote(server.url(""))]
}

/// What the client gets next: the event's name and its data.
async fn heard(client: &mut Client) -> (String, Value) {
    let frame = client.frame().await;
    let data = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
    (frame["event"].as_str().unwrap().to_owned(), data)
}

#[derive(Serialize)]
struct OrderShipped {
    id: u64,
    carrier: &'static str,
}

impl Broadcast for OrderShipped {
    fn broadcast_on(&self) -> Vec<Channel> {
        vec![Channel::private(format!("orders.{}", self.id)), Channel::public("news")]
    }

    fn broadcast_when(&self) -> bool {
        self.id > 0
    }
}

#[derive(Serialize)]
struct Renamed;

impl Broadcast for Renamed {
    fn broadcast_on(&self) -> Vec<Channel> {
        vec![Channel::private("orders.7").cached()]
    }

    fn broadcast_as(&self) -> Cow<'static, str> {
        "order.renamed".into()
    }

    fn broadcast_with(&self) -> Payload {
        Payload::of(&json!({ "short": true }))
    }
}

#[tokio::test]
async fn an_event_says_itself_where_it_goes_and_what_it_is_called() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    for client in [&mut a, &mut b] {
        client.subscribe("private-orders.7").await;
        client.subscribe("news").await;
    }
    let shipped = OrderShipped { id: 7, carrier: "DHL" };
    let expected = ("App\\Events\\OrderShipped".into(), json!({ "id": 7, "carrier": "DHL" }));
    for broadcaster in both(&server) {
        within(broadcaster.broadcast(&shipped).to_others(&a.socket_id).send()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(heard(&mut b).await, expected);
        }
        let never = OrderShipped { id: 0, carrier: "" };
        within(broadcaster.broadcast(&never).send()).await.unwrap();
        a.expect_nothing().await;
    }
    server.echolite.broadcaster("app-id").unwrap().broadcast(&Renamed).await.unwrap();
    b.subscribe("private-cache-orders.7").await;
    assert_eq!(heard(&mut b).await, ("order.renamed".into(), json!({ "short": true })));
}

#[derive(Serialize)]
struct Product {
    id: u64,
}

impl BroadcastModel for Product {
    fn broadcast_key(&self) -> String {
        self.id.to_string()
    }
}

#[tokio::test]
async fn a_model_tells_of_its_changes_as_laravel_does() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("private-App.Models.Product.7").await;
    client.subscribe("private-products").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    let events = [
        (ModelEvent::Created, "ProductCreated"),
        (ModelEvent::Updated, "ProductUpdated"),
        (ModelEvent::Trashed, "ProductTrashed"),
        (ModelEvent::Restored, "ProductRestored"),
        (ModelEvent::Deleted, "ProductDeleted"),
    ];
    for (event, name) in events {
        broadcaster.model(event, &Product { id: 7 }).await.unwrap();
        broadcaster.private("products").model(event, &Product { id: 7 }).await.unwrap();
        for channel in ["private-App.Models.Product.7", "private-products"] {
            let frame = client.frame().await;
            assert_eq!((&frame["event"], &frame["channel"]), (&json!(name), &json!(channel)));
            assert_eq!(frame["data"], r#"{"model":{"id":7}}"#);
        }
    }
}

#[derive(Serialize)]
#[serde(transparent)]
struct InvoicePaid(Value);

impl Notification for InvoicePaid {}

#[tokio::test]
async fn a_notification_reaches_a_user_as_laravels_does() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("private-App.Models.User.7").await;
    client.subscribe("private-user.7").await;
    let broadcaster = server.echolite.broadcaster("app-id").unwrap();
    let paid = InvoicePaid(json!({ "invoice": 12 }));
    broadcaster.notify(7, &paid).await.unwrap();
    broadcaster.private("user.7").notification(&paid).await.unwrap();
    for _ in 0..2 {
        let (name, mut data) = heard(&mut client).await;
        assert_eq!(name, "Illuminate\\Notifications\\Events\\BroadcastNotificationCreated");
        assert_eq!(data["id"].take().as_str().unwrap().len(), 36);
        let expected =
            json!({ "id": null, "type": "App\\Notifications\\InvoicePaid", "invoice": 12 });
        assert_eq!(data, expected);
    }
    let wrong = broadcaster.notify(7, &InvoicePaid(json!(1))).await;
    assert!(matches!(wrong, Err(BroadcastError::Payload { .. })));
}

#[tokio::test]
async fn what_goes_to_an_encrypted_channel_is_encrypted() {
    let server = TestServer::start().await;
    let channel = "private-encrypted-orders.7";
    let mut client = server.connect().await;
    client.subscribe(channel).await;
    let key = EncryptionKey::new([7; 32]);
    let secret = shared_secret(channel, &key);
    for broadcaster in both(&server) {
        let target = broadcaster.encrypted("orders.7");
        let no_key = within(target.event("E", &1).send()).await;
        assert!(matches!(no_key, Err(BroadcastError::NoMasterKey(_))), "{no_key:?}");
        let broadcaster = broadcaster.encryption_master_key(key.clone());
        let mut nonces = Vec::new();
        for _ in 0..2 {
            let paid = json!({ "paid": true });
            within(broadcaster.encrypted("orders.7").event("E", &paid).send()).await.unwrap();
            let data = client.event("E").await;
            let [nonce, text] = ["nonce", "ciphertext"].map(|name| data[name].as_str().unwrap());
            assert_eq!(open(&secret, nonce, text).unwrap(), r#"{"paid":true}"#);
            nonces.push(nonce.to_owned());
        }
        assert_ne!(nonces[0], nonces[1]);
        let others = broadcaster.encrypted("orders.7").public("news").event("E", &1);
        let others = within(others.send()).await;
        assert!(matches!(others, Err(BroadcastError::EncryptedWithOthers(_))), "{others:?}");
    }
}

async fn join(server: &TestServer, user: &str) -> Client {
    let mut client = server.connect().await;
    let (channel, member) = ("presence-room.1", json!({ "user_id": user }).to_string());
    let auth = credentials().channel_auth(&client.socket_id, channel, Some(&member));
    let data = json!({ "channel": channel, "auth": auth, "channel_data": member });
    client.send(json!({ "event": "pusher:subscribe", "data": data })).await;
    client.event("pusher_internal:subscription_succeeded").await;
    client
}

#[tokio::test]
async fn who_is_there_is_answered_here_and_over_http_alike() {
    let server = TestServer::start().await;
    let _members = [join(&server, "7").await, join(&server, "7").await, join(&server, "8").await];
    let mut listener = server.connect().await;
    listener.subscribe("news").await;
    for broadcaster in both(&server) {
        let room = Channel::presence("room.1");
        let mut members = within(broadcaster.members(&room)).await.unwrap();
        members.sort();
        assert_eq!(members, ["7", "8"]);
        let info = within(broadcaster.channel_info(&room)).await.unwrap();
        assert!(info.occupied);
        assert_eq!((info.subscription_count, info.user_count), (Some(3), Some(2)));
        let info = within(broadcaster.channel_info("nobody")).await.unwrap();
        assert_eq!((info.occupied, info.user_count), (false, None));
        let all = within(broadcaster.channels("")).await.unwrap();
        assert_eq!(all.keys().collect::<Vec<_>>(), ["news", "presence-room.1"]);
        let rooms = within(broadcaster.channels("presence-")).await.unwrap();
        assert_eq!(rooms["presence-room.1"].user_count, Some(2));
        let wrong = within(broadcaster.members("news")).await;
        assert!(matches!(wrong, Err(BroadcastError::NotPresence(_))));
        let wrong = within(broadcaster.channel_info("no spaces")).await;
        assert!(matches!(wrong, Err(BroadcastError::Channel(_))));
    }
}

#[tokio::test]
async fn bad_input_is_an_error_with_a_name() {
    let server = TestServer::start().await;
    for broadcaster in both(&server) {
        let sent = within(broadcaster.public("news").event("", &1).send()).await;
        assert!(matches!(sent, Err(BroadcastError::NoName)));
        let keyed = [([1, 2], 3)].into_iter().collect::<std::collections::BTreeMap<_, _>>();
        let sent = within(broadcaster.public("news").event("E", &keyed).send()).await;
        assert!(matches!(sent, Err(BroadcastError::Payload { .. })));
    }
    // What a page sends as its socket id must not stop an event.
    assert_eq!(ToOthers::from("nonsense"), ToOthers::default());
    assert_ne!(ToOthers::from("1.2"), ToOthers::default());
}

/// A stand-in for a server that is in trouble: it refuses the first requests.
async fn troubled(refusals: usize) -> (String, Arc<Mutex<Vec<Value>>>) {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (bodies, left) = (taken.clone(), Arc::new(Mutex::new(refusals)));
    let take = async move |body: String| {
        let mut left = left.lock();
        if *left > 0 {
            *left -= 1;
            return (StatusCode::SERVICE_UNAVAILABLE, "busy");
        }
        bodies.lock().push(serde_json::from_str(&body).unwrap());
        (StatusCode::OK, "{}")
    };
    let router = Router::new().route("/apps/app-id/events", post(take));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, taken)
}

#[tokio::test]
async fn a_queued_broadcaster_outlives_a_server_in_trouble() {
    let (url, taken) = troubled(2).await;
    let pause = Duration::from_millis(1);
    let options = QueueOptions { first_pause: pause, ..QueueOptions::default() };
    let (broadcaster, queue) = remote(url).queued(options);
    for n in 0..3 {
        broadcaster.public("news").event("N", &n).send().await.unwrap();
    }
    let wrong = broadcaster.channel("no spaces").event("N", &3).send().await;
    assert!(matches!(wrong, Err(BroadcastError::Channel(_))));
    within(queue.flush()).await;
    let stats = queue.stats();
    assert_eq!((stats.sent, stats.failed, stats.retried), (3, 0, 2));
    let batch = [3, 4].map(|n| Event::new("N", &n).public("news"));
    broadcaster.send_batch(batch).await.unwrap();
    within(queue.shutdown()).await;
    let data: Vec<_> = taken.lock().iter().map(|event| event["data"].clone()).collect();
    assert_eq!(data, ["0", "1", "2", "3", "4"]);
    let closed = broadcaster.public("news").event("N", &5).send().await;
    assert!(matches!(closed, Err(BroadcastError::QueueClosed)));
}
