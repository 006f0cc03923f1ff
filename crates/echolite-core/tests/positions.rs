//! Positions and recovery by inputs and times: listeners hear what was missed.

mod rig;

use echolite_core::json::Json;
use echolite_core::{Command, Config, Output};
use rig::{Rig, Wire, config, recovered, standing};
use serde_json::json;

const CHANNEL: &str = "private-products";

fn recovering() -> Config {
    Config { recover: true, ..config() }
}

/// Events told to listeners, and whether they are told as recovered.
fn events(rig: &Rig) -> Vec<(String, bool)> {
    let word = |output: &Output<Json>| match output {
        Output::Event { event, recovered, .. } => Some((event.to_string(), *recovered)),
        _ => None,
    };
    rig.outputs.iter().filter_map(word).collect()
}

#[test]
fn listeners_hear_what_was_missed_in_order_and_once() {
    let mut rig = Rig::new(recovering());
    rig.command(Command::Connect);
    rig.command(Command::Subscribe(CHANNEL.into()));
    rig.establish_recovering();
    rig.confirm_with(CHANNEL, standing("e", 41));
    rig.numbered(CHANNEL, 42, "A", json!({}));
    rig.close(1006);
    rig.pass(2_000);
    rig.establish_recovering();
    assert_eq!(rig.sent().last().unwrap(), "subscribe private-products app:sig after e;42");
    rig.outputs.clear();
    rig.confirm_with(CHANNEL, recovered("e", 44, true));
    for (offset, event) in [(43, "B"), (44, "C"), (44, "C"), (45, "D")] {
        rig.numbered(CHANNEL, offset, event, json!({}));
    }
    rig.frame("client-typing", Some(CHANNEL), json!({}));
    let heard = events(&rig);
    let heard: Vec<_> = heard.iter().map(|(event, recovered)| (&**event, *recovered)).collect();
    let expected = [
        ("pusher:subscription_succeeded", false),
        ("B", true),
        ("C", true),
        ("D", false),
        ("client-typing", false),
    ];
    assert_eq!(heard, expected);
}

#[test]
fn a_channel_left_and_joined_again_begins_anew() {
    let mut rig = Rig::new(recovering());
    rig.command(Command::Connect);
    rig.command(Command::Subscribe("news".into()));
    rig.establish_recovering();
    rig.confirm_with("news", standing("e", 41));
    rig.command(Command::Unsubscribe("news".into()));
    rig.command(Command::Subscribe("news".into()));
    assert_eq!(rig.sent(), ["subscribe news", "unsubscribe news", "subscribe news"]);
}

#[test]
fn the_socket_that_was_excluded_has_no_hole() {
    let mut rig = Rig::new(recovering());
    rig.command(Command::Connect);
    rig.command(Command::Subscribe(CHANNEL.into()));
    rig.establish_recovering();
    rig.confirm_with(CHANNEL, standing("e", 41));
    rig.outputs.clear();
    rig.frame("echolite:position", Some(CHANNEL), json!({ "offset": 42 }));
    rig.numbered(CHANNEL, 43, "ProductChanged", json!({}));
    assert_eq!(events(&rig), [("ProductChanged".to_owned(), false)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.establish_recovering();
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;43"]);
}
