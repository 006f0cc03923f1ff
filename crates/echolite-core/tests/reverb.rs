//! What Laravel Reverb sends, as it was seen (`tests/fixtures/reverb.json`), and what the engine makes of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod rig;

use echolite_core::json::Json;
use echolite_core::{Command, Frame, Output, SocketInput};
use rig::{Rig, Wire, config};
use serde_json::{Value, json};

/// A frame, both layers of JSON parsed, as the browser's driver does.
fn seen(name: &str) -> SocketInput<Json> {
    let fixture: Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/reverb.json")).unwrap();
    let text = fixture["frames"][name].as_str().unwrap_or_else(|| panic!("no frame {name}"));
    let frame: Value = serde_json::from_str(text).unwrap();
    let data = match &frame["data"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        data => data.clone(),
    };
    SocketInput::Frame(Frame {
        event: frame["event"].as_str().unwrap().into(),
        channel: frame["channel"].as_str().map(Into::into),
        data: data.into(),
        user_id: frame["user_id"].as_str().map(Into::into),
        offset: None,
    })
}

fn connecting() -> Rig {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.socket(SocketInput::Opened);
    rig.connections();
    rig
}

/// Connected to Reverb, and asked by the application for some channels.
fn connected(channels: &[&str]) -> Rig {
    let mut rig = connecting();
    rig.socket(seen("established"));
    for channel in channels {
        rig.command(Command::Subscribe((*channel).into()));
    }
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
    rig.outputs.clear();
    rig
}

/// What listeners are told: event, channel, data, sender.
fn told(rig: &Rig) -> Vec<Value> {
    let word = |output: &Output<Json>| match output {
        Output::Event { channel, event, data, user_id, .. } => {
            Some(json!([**event, **channel, data.0.as_ref(), user_id.as_deref()]))
        }
        _ => None,
    };
    rig.outputs.iter().filter_map(word).collect()
}

#[test]
fn channels_are_joined_and_their_events_told() {
    let mut rig = connected(&["orders", "private-chat", "presence-room", "private-cache-last"]);
    let frames = [
        "subscribed",
        "joined",
        "member_added",
        "member_removed",
        "cache_miss",
        "event",
        "event_of_a_batch",
        "whisper",
        "empty_whisper",
        "pong",
    ];
    for frame in frames {
        rig.socket(seen(frame));
    }
    let members = json!({ "count": 1, "ids": ["ann"], "hash": { "ann": { "name": "ann" } } });
    let bob = json!({ "user_id": "bob", "user_info": { "name": "bob" } });
    let expected = [
        json!(["pusher:subscription_succeeded", "private-chat", {}, null]),
        json!(["pusher:subscription_succeeded", "presence-room", { "presence": members }, null]),
        json!(["pusher:member_added", "presence-room", bob, null]),
        json!(["pusher:member_removed", "presence-room", { "user_id": "bob" }, null]),
        json!(["pusher:cache_miss", "private-cache-last", null, null]),
        json!(["App\\Events\\OrderShipped", "orders", { "id": 1, "text": "Grüße" }, null]),
        json!(["batched", "orders", { "n": 0 }, null]),
        json!(["client-wave", "presence-room", { "hand": "left" }, "ann"]),
        json!(["client-typing", "private-chat", [], null]),
    ];
    assert_eq!(told(&rig), expected);
    assert_eq!(rig.errors(), Vec::<String>::new());
}

#[test]
fn an_unknown_key_is_refused_for_good_though_the_socket_stays_open() {
    let mut rig = connecting();
    rig.outputs.clear();
    rig.socket(seen("unknown_key"));
    assert_eq!(rig.errors(), ["Some(4001) Application does not exist"]);
    assert_eq!(rig.connections(), ["failed"]);
    rig.pass(120_000);
    assert_eq!(rig.opened(), 0);
}

#[test]
fn errors_on_a_connection_are_told_and_end_nothing() {
    let mut rig = connected(&["private-chat"]);
    for (frame, said) in [
        (
            "whisper_to_a_channel_not_joined",
            "Some(4009) The client is not a member of the specified channel.",
        ),
        ("sign_in", "Some(4200) Invalid message format"),
    ] {
        rig.socket(seen(frame));
        assert_eq!(rig.errors(), [said]);
        rig.outputs.clear();
    }
    rig.socket(seen("subscribed"));
    assert_eq!(told(&rig).len(), 1);
    assert_eq!(rig.connections(), Vec::<&str>::new());
}

#[test]
fn a_refusal_that_names_no_channel_is_told_to_the_channel_in_the_end() {
    let mut rig = connected(&["private-chat"]);
    rig.socket(seen("subscription_refused"));
    assert_eq!(rig.errors(), ["Some(4009) Connection is unauthorized"]);
    rig.outputs.clear();
    rig.pass(10_000);
    let errors = rig.errors();
    assert!(errors[0].starts_with("private-chat None the server did not confirm"), "{errors:?}");
}
