//! Publishing to a server, over its HTTP API.

use echolite_feed::{Event, Outgoing, Publish, PublisherOptions, ResourceFeed};
use echolite_server::{AppConfig, Broadcaster, Config, Echolite, HttpOptions};
use rusqlite::Connection;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// More than a server takes in one event.
const LARGE: usize = 20_000;

async fn server() -> (Broadcaster, JoinHandle<()>) {
    let app = AppConfig::new("shop", "shop-key", "shop-secret");
    let server = Echolite::new(Config::with_app(app)).expect("a server");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it has one"));
    let serving = tokio::spawn(async move {
        axum::serve(listener, server.router()).await.expect("it serves");
    });
    let broadcaster = Broadcaster::http(HttpOptions {
        url,
        app_id: "shop".into(),
        key: "shop-key".into(),
        secret: "shop-secret".into(),
    });
    (broadcaster.expect("a URL"), serving)
}

#[tokio::test]
async fn a_row_that_is_too_large_for_the_server_does_not_hold_up_its_head() {
    let (broadcaster, serving) = server().await;
    let text = "x".repeat(LARGE);
    let event = Outgoing {
        name: "ProductChanged".into(),
        channels: vec!["private-cache-products".into()],
        data: json!({ "text": text }).to_string(),
        socket_id: None,
    };
    let refused = broadcaster.publish(&event).await.expect_err("it is too large");
    assert!(!refused.is_transient, "{refused}");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.sqlite");
    let mut database = Connection::open(&path).expect("a database");
    let feed = ResourceFeed::sqlite(&path);
    feed.install(&mut database, &["products"]).expect("tables");
    let mut change = feed.begin(&mut database, &["products"]).expect("a change");
    change.changed("products", 7).expect("a head");
    let event = Event::new("ProductChanged", &json!({ "client_refresh": { "text": text } }));
    change.announce(event.private("cache-products")).expect("an event");
    change.commit().expect("it is committed");

    feed.publish_to(broadcaster, PublisherOptions::default()).shutdown().await;
    let left = "SELECT count(*) FROM echolite_outbox";
    let left: i64 = database.query_row(left, [], |row| row.get(0)).expect("an outbox");
    assert_eq!(left, 0, "the server has taken its head");
    serving.abort();
}

#[tokio::test]
async fn a_server_that_is_away_is_worth_another_try() {
    let (broadcaster, serving) = server().await;
    serving.abort();
    assert!(serving.await.is_err_and(|ended| ended.is_cancelled()));
    let event = Outgoing {
        name: "ProductChanged".into(),
        channels: vec!["private-cache-products".into()],
        data: "{}".into(),
        socket_id: None,
    };
    let failed = broadcaster.publish(&event).await.expect_err("nobody listens");
    assert!(failed.is_transient, "{failed}");
}
