//! From a back end's request to the subscribers' sockets.

mod support;

use serde_json::json;
use support::TestServer;

#[tokio::test]
async fn an_event_reaches_the_subscribers_of_its_channels_only() {
    let server = TestServer::start().await;
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("private-products").await;
    b.subscribe("news").await;
    let data = r#"{"id":1,"name":"Böots \"x\""}"#;
    server
        .publish(json!({ "name": "ProductChanged", "channels": ["private-products"], "data": data }))
        .await;
    let frame = a.frame().await;
    let expected =
        json!({ "event": "ProductChanged", "data": data, "channel": "private-products" });
    assert_eq!(frame, expected);
    b.expect_nothing().await;
    server.stop().await;
}
