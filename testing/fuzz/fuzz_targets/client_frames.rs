//! What a client says to the server, a frame a line: the parser, the session, the hub, and recovery.
#![no_main]

use std::time::Duration;

use echolite_protocol::extension::Position;
use echolite_protocol::{ChannelName, ClientFrame};
use echolite_server::simulation::{Node, Outgoing};
use echolite_server::{AppConfig, ClientEventPolicy, SocketId};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    let mut app = AppConfig::new("shop", "k", "secret");
    app.accept_client_events_from = ClientEventPolicy::All;
    let mut node = Node::new(app, 1, Duration::ZERO);
    let now = Duration::from_secs(1);
    let (first, second) = (SocketId::from_random(1), SocketId::from_random(2));
    node.open(now, first, Some("1"));
    node.open(now, second, None);
    publish(&mut node, now);
    for line in text.lines() {
        if let Ok(ClientFrame::Subscribe(subscribe)) = ClientFrame::parse(line)
            && let Some(Ok(position)) = subscribe.recover.as_ref().map(Position::parse)
        {
            let again = serde_json::to_value(&position).expect("a position is JSON");
            assert_eq!(Position::parse(&again).ok(), Some(position));
        }
        node.text(now, first, line);
        node.text(now, second, line);
    }
    publish(&mut node, now);
    while let Some(outgoing) = node.poll() {
        if let Outgoing::Frame { text, .. } = outgoing {
            assert!(serde_json::from_str::<&RawValue>(&text).is_ok(), "no JSON: {text}");
        }
    }
});

fn publish(node: &mut Node, now: Duration) {
    let channel = ChannelName::new("private-cache-a").expect("a name that is allowed");
    let data = RawValue::from_string("\"{}\"".into()).expect("a string of JSON").into();
    node.publish(now, &channel, ("Changed", &data), None);
}
