//! Broadcasting to Laravel Reverb: its answers, as they were seen (`tests/fixtures/reverb.json`).
#![cfg(feature = "http-client")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use echolite_protocol::{ApiRequest, Credentials};
use echolite_server::{BroadcastError, Broadcaster, Channel, Event, HttpOptions};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;
use support::within;
use tokio::net::TcpListener;

/// What a request's head takes of Reverb's limit, about.
const HEAD: usize = 400;

fn seen() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/reverb.json")).unwrap()
}

/// Answers as Reverb did, and keeps what it was asked.
#[derive(Clone)]
struct StandIn {
    seen: Arc<Value>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl StandIn {
    async fn start() -> (Self, String) {
        let stand_in = Self { seen: Arc::new(seen()), asked: Arc::default() };
        let router = Router::new().fallback(answer).with_state(stand_in.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stand_in, url)
    }

    /// The bodies of the requests to an endpoint.
    fn bodies(&self, endpoint: &str) -> Vec<Value> {
        let asked = self.asked.lock();
        let bodies = asked.iter().filter(|(ask, _)| ask.ends_with(endpoint));
        bodies.map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }
}

async fn answer(
    State(stand_in): State<StandIn>,
    method: Method,
    uri: Uri,
    body: String,
) -> (StatusCode, String) {
    let query = uri.query().unwrap_or_default();
    let own: Vec<_> = query
        .split('&')
        .filter(|parameter| !parameter.starts_with("auth_") && !parameter.starts_with("body_md5"))
        .collect();
    let mark = if own.is_empty() { "" } else { "?" };
    let own = own.join("&");
    let own = percent_encoding::percent_decode_str(&own).decode_utf8_lossy();
    let ask = format!("{method} {}{mark}{own}", uri.path());
    let seen = &stand_in.seen;
    let found = seen["http"].as_array().unwrap().iter().find(|known| known["ask"] == ask);
    let Some(found) = found else { return (StatusCode::NOT_IMPLEMENTED, ask) };
    let limit = seen["too_large"]["bytes_with_head"].as_u64().unwrap() as usize;
    let is_known = found["status"] != 404 || found["body"] == "{}";
    let answer = if body.len() + HEAD > limit {
        &seen["too_large"]
    } else if is_known && !is_signed(&method, &uri, &body) {
        &seen["wrong_signature"]
    } else {
        stand_in.asked.lock().push((ask, body));
        found
    };
    let status = StatusCode::from_u16(answer["status"].as_u64().unwrap() as u16).unwrap();
    (status, answer["body"].as_str().unwrap().to_owned())
}

fn is_signed(method: &Method, uri: &Uri, body: &str) -> bool {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let request = ApiRequest { method: method.as_str(), path, query, body: body.as_bytes() };
    let mut parameters = query.split('&');
    let sent_at = parameters.find_map(|parameter| parameter.strip_prefix("auth_timestamp="));
    let app = Credentials::new("shop-key", "shop-secret");
    sent_at.is_some_and(|at| request.verify(&app, at.parse().unwrap(), &[path]).is_ok())
}

fn broadcaster(url: &str, app_id: &str, secret: &str) -> Broadcaster {
    let (url, app_id, key) = (url.into(), app_id.into(), "shop-key".into());
    Broadcaster::http(HttpOptions { url, app_id, key, secret: secret.into() }).unwrap()
}

#[tokio::test]
async fn events_are_taken_one_by_one_and_in_batches() {
    let (reverb, url) = StandIn::start().await;
    let broadcaster = broadcaster(&url, "1001", "shop-secret");
    let event = broadcaster.public("orders").event("OrderShipped", &1).to_others("1.2");
    within(event.send()).await.unwrap();
    let small = (0..25).map(|n| Event::new("N", &n).public("orders"));
    within(broadcaster.send_batch(small)).await.unwrap();
    let sizes = |bodies: Vec<Value>| {
        bodies.iter().map(|body| body["batch"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(reverb.bodies("/events")[0]["socket_id"], "1.2");
    assert_eq!(sizes(reverb.bodies("/batch_events")), [10, 10, 5]);
}

#[tokio::test]
async fn a_batch_is_no_larger_than_a_request_may_be() {
    let (reverb, url) = StandIn::start().await;
    let broadcaster = broadcaster(&url, "1001", "shop-secret");
    let text = "x".repeat(1_500);
    let events = (0..12).map(|n| Event::new("N", &(n, &text)).public("orders"));
    within(broadcaster.send_batch(events)).await.unwrap();
    let bodies = reverb.bodies("/batch_events");
    let sent = bodies.iter().flat_map(|body| body["batch"].as_array().unwrap());
    let numbers: Vec<u64> = sent
        .map(|event| {
            let data: Value = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
            data[0].as_u64().unwrap()
        })
        .collect();
    assert_eq!(numbers, (0..12).collect::<Vec<_>>(), "all of them, in order");
    assert_eq!(bodies.len(), 3);
    // Nothing helps one that is too large alone, and what it is refused with is said.
    let too_large = [Event::new("N", &"x".repeat(12_000)).public("orders")];
    let refused = within(broadcaster.send_batch(too_large)).await;
    let Err(BroadcastError::Refused { status: 413, body, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(body, "Payload too large.");
}

#[tokio::test]
async fn who_is_there_is_told_as_far_as_it_is_known() {
    let (_, url) = StandIn::start().await;
    let broadcaster = broadcaster(&url, "1001", "shop-secret");
    let all = within(broadcaster.channels("")).await.unwrap();
    assert_eq!(all["orders"].subscription_count, Some(2));
    assert!(all["presence-room"].occupied);
    let rooms = within(broadcaster.channels("presence-")).await.unwrap();
    assert_eq!(rooms["presence-room"].user_count, Some(2));
    assert!(within(broadcaster.channels("nothing")).await.unwrap().is_empty(), "[] is no channel");
    let orders = within(broadcaster.channel_info(Channel::public("orders"))).await.unwrap();
    assert_eq!((orders.occupied, orders.subscription_count), (true, Some(2)));
    let room = within(broadcaster.channel_info(Channel::presence("room"))).await.unwrap();
    assert_eq!((room.user_count, room.subscription_count), (Some(2), None));
    let empty = within(broadcaster.channel_info(Channel::presence("empty"))).await.unwrap();
    assert!(!empty.occupied);
    let members = within(broadcaster.members(Channel::presence("room"))).await.unwrap();
    assert_eq!(members, ["7", "bob"]);
    let nobody = within(broadcaster.members(Channel::presence("empty"))).await.unwrap();
    assert!(nobody.is_empty(), "a 404 that says nothing is an empty room");
}

#[tokio::test]
async fn refusals_are_handed_on_with_their_words() {
    let (_, url) = StandIn::start().await;
    let wrong = [
        (url.clone(), "7", "shop-secret", 404, "No matching application for ID [7]."),
        (url.clone(), "1001", "wrong", 401, "Authentication signature invalid."),
        (format!("{url}/prefix"), "1001", "shop-secret", 404, "Not found."),
    ];
    for (url, app_id, secret, expected, said) in wrong {
        let broadcaster = broadcaster(&url, app_id, secret);
        let refused = within(broadcaster.public("orders").event("E", &1).send()).await;
        let Err(BroadcastError::Refused { status, body, .. }) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!((status, body.as_str()), (expected, said));
    }
    let unknown = broadcaster(&url, "7", "shop-secret");
    let refused = within(unknown.members(Channel::presence("room"))).await;
    assert!(matches!(refused, Err(BroadcastError::Refused { status: 404, .. })), "{refused:?}");
}
