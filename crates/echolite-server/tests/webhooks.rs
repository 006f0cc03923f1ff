//! Webhooks: what an application's address is told, signed, together, again when it fails.
#![cfg(feature = "http-client")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use echolite_server::{WebhookConfig, WebhookEvent};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use support::{TestServer, credentials, within};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const ALL: [WebhookEvent; 7] = [
    WebhookEvent::ChannelOccupied,
    WebhookEvent::ChannelVacated,
    WebhookEvent::MemberAdded,
    WebhookEvent::MemberRemoved,
    WebhookEvent::ClientEvent,
    WebhookEvent::CacheMiss,
    WebhookEvent::SubscriptionCount,
];

type Request = (HeaderMap, String);

/// An application's address.
struct Receiver {
    url: String,
    requests: mpsc::UnboundedReceiver<Request>,
    events: VecDeque<Value>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Answers {
    requests: mpsc::UnboundedSender<Request>,
    /// The statuses of the first answers; afterwards it is 200.
    statuses: Arc<Mutex<VecDeque<u16>>>,
}

async fn receive(State(answers): State<Answers>, headers: HeaderMap, body: String) -> StatusCode {
    answers.requests.send((headers, body)).unwrap();
    let status = answers.statuses.lock().unwrap().pop_front();
    StatusCode::from_u16(status.unwrap_or(200)).unwrap()
}

impl Receiver {
    async fn start(statuses: impl IntoIterator<Item = u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks?x=1", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::unbounded_channel();
        let statuses = Arc::new(Mutex::new(statuses.into_iter().collect()));
        let answers = Answers { requests: sender, statuses };
        let router = Router::new().route("/hooks", post(receive)).with_state(answers);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, requests, events: VecDeque::new(), task }
    }

    async fn request(&mut self) -> Request {
        within(self.requests.recv()).await.unwrap()
    }

    /// The next event, in whatever request.
    async fn event(&mut self) -> Value {
        while self.events.is_empty() {
            let (headers, body) = self.request().await;
            assert_eq!(headers["x-pusher-key"], support::KEY);
            assert_eq!(headers["x-pusher-signature"], credentials().webhook_signature(&body));
            assert_eq!(headers["content-type"], "application/json");
            let body: Value = serde_json::from_str(&body).unwrap();
            self.events.extend(body["events"].as_array().unwrap().iter().cloned());
        }
        self.events.pop_front().unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn server(hook: WebhookConfig, grace: u64) -> TestServer {
    TestServer::with_app(|app| {
        app.webhooks = vec![hook];
        app.presence_grace = grace;
    })
    .await
}

#[tokio::test]
async fn an_application_is_told_of_everything_in_order() {
    let mut receiver = Receiver::start([]).await;
    let server = server(WebhookConfig::new(&receiver.url, ALL), 0).await;
    let room = "presence-cache-room";
    let mut client = server.connect().await;
    client.join(room, json!({ "user_id": 7 })).await;
    client.event("pusher:cache_miss").await;
    client.send(json!({ "event": "client-x", "channel": room, "data": { "a": 1 } })).await;
    client.unsubscribe(room).await;
    client.subscribe("news").await;
    client.expect_nothing().await;
    let whisper = json!({ "name": "client_event", "channel": room, "event": "client-x",
        "data": "{\"a\":1}", "socket_id": client.socket_id, "user_id": "7" });
    client.vanish();
    let expected = [
        json!({ "name": "channel_occupied", "channel": room }),
        json!({ "name": "cache_miss", "channel": room }),
        json!({ "name": "member_added", "channel": room, "user_id": "7" }),
        whisper,
        json!({ "name": "member_removed", "channel": room, "user_id": "7" }),
        json!({ "name": "channel_vacated", "channel": room }),
        json!({ "name": "channel_occupied", "channel": "news" }),
        json!({ "name": "subscription_count", "channel": "news", "subscription_count": 1 }),
        json!({ "name": "subscription_count", "channel": "news", "subscription_count": 0 }),
        json!({ "name": "channel_vacated", "channel": "news" }),
    ];
    for event in expected {
        assert_eq!(receiver.event().await, event);
    }
}

#[tokio::test]
async fn a_request_says_when_who_and_what() {
    let mut receiver = Receiver::start([]).await;
    let mut hook = WebhookConfig::new(&receiver.url, [WebhookEvent::ChannelOccupied]);
    hook.filter_by_prefix = "private-".into();
    hook.headers = [("X-Token".to_owned(), "secret".into())].into();
    let server = server(hook, 5).await;
    let mut client = server.connect().await;
    for channel in ["news", "private-a", "private-b"] {
        client.subscribe(channel).await;
    }
    let (headers, body) = receiver.request().await;
    assert_eq!(headers["x-token"], "secret");
    assert_eq!(headers["x-pusher-signature"], credentials().webhook_signature(&body));
    let body: Value = serde_json::from_str(&body).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    assert!(body["time_ms"].as_u64().unwrap().abs_diff(now) < 60_000);
    // What happens within a moment comes in one request.
    let names: Vec<_> = body["events"].as_array().unwrap().iter().map(|e| &e["channel"]).collect();
    assert_eq!(names, ["private-a", "private-b"]);
}

#[tokio::test]
async fn a_request_that_fails_is_repeated_as_it_was() {
    let mut receiver = Receiver::start([500, 301]).await;
    let server = server(WebhookConfig::new(&receiver.url, ALL), 5).await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    let events =
        |(_, body): Request| serde_json::from_str::<Value>(&body).unwrap()["events"].clone();
    let first = events(receiver.request().await);
    for _ in 0..2 {
        assert_eq!(events(receiver.request().await), first);
    }
    client.subscribe("more").await;
    let more = events(receiver.request().await);
    assert_eq!(more[0], json!({ "name": "channel_occupied", "channel": "more" }));
    let counted = async {
        while server.echolite.stats().webhooks_delivered < 2 {
            tokio::task::yield_now().await;
        }
    };
    within(counted).await;
    assert_eq!(server.echolite.stats().webhook_events_lost, 0);
}

#[tokio::test]
async fn who_reconnects_is_no_news() {
    let mut receiver = Receiver::start([]).await;
    let server = server(WebhookConfig::new(&receiver.url, ALL), 600).await;
    let mut client = server.connect().await;
    client.join("presence-room", json!({ "user_id": 7 })).await;
    client.vanish();
    let gone = async {
        while server.echolite.stats().connections_closed == 0 {
            tokio::task::yield_now().await;
        }
    };
    within(gone).await;
    let mut client = server.connect().await;
    client.join("presence-room", json!({ "user_id": 7 })).await;
    client.subscribe("last").await;
    assert_eq!(receiver.event().await["name"], "channel_occupied");
    assert_eq!(receiver.event().await["name"], "member_added");
    assert_eq!(receiver.event().await["channel"], "last");
}

#[tokio::test]
async fn a_server_that_stops_tells_that_all_are_gone() {
    let mut receiver = Receiver::start([]).await;
    let wanted = [WebhookEvent::MemberRemoved, WebhookEvent::ChannelVacated];
    let server = server(WebhookConfig::new(&receiver.url, wanted), 600).await;
    let mut client = server.connect().await;
    client.join("presence-room", json!({ "user_id": 7 })).await;
    let stopping = tokio::spawn(server.stop());
    assert_eq!(client.closed().await, 4200);
    drop(client);
    assert_eq!(receiver.event().await["name"], "member_removed");
    assert_eq!(receiver.event().await["name"], "channel_vacated");
    within(stopping).await.unwrap();
}
