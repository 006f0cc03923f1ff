//! Channels by inputs and times.

mod rig;

use echolite_core::{Command, Config, Output};
use rig::{Rig, Wire, config};
use serde_json::json;

fn subscribe(rig: &mut Rig, channel: &str) {
    rig.command(Command::Subscribe(channel.into()));
}

fn connected() -> Rig {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.establish();
    rig.outputs.clear();
    rig
}

fn events(rig: &Rig) -> Vec<String> {
    let word = |output: &Output<_>| match output {
        Output::Event { channel, event, .. } => Some(format!("{event} on {channel}")),
        _ => None,
    };
    rig.outputs.iter().filter_map(word).collect()
}

#[test]
fn channels_wanted_before_the_connection_are_joined_in_their_order() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    for channel in ["b", "private-x", "a"] {
        subscribe(&mut rig, channel);
    }
    rig.establish();
    assert_eq!(rig.sent(), ["subscribe b", "subscribe a"]);
    let asked = rig.authorizations();
    assert_eq!(asked[0].1, "private-x");
    rig.authorize(asked[0].0);
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"]);
}

#[test]
fn the_same_again_after_every_reconnect() {
    let mut rig = connected();
    subscribe(&mut rig, "b");
    subscribe(&mut rig, "a");
    rig.confirm("a");
    rig.close(1006);
    rig.pass(2_000);
    rig.outputs.clear();
    rig.establish();
    assert_eq!(rig.sent(), ["subscribe b", "subscribe a"]);
    rig.confirm("a");
    assert_eq!(events(&rig), ["pusher:subscription_succeeded on a"]);
}

#[test]
fn six_signatures_at_once_at_most() {
    let mut rig = connected();
    for n in 0..50 {
        subscribe(&mut rig, &format!("private-{n}"));
    }
    let mut asked = rig.authorizations();
    assert_eq!(asked.len(), 6);
    let mut seen = asked.len();
    while let Some((request, _)) = asked.pop() {
        rig.authorize(request);
        let more = rig.authorizations();
        assert!(more.len() <= 1);
        seen += more.len();
        asked.extend(more);
        assert!(asked.len() <= 6);
    }
    assert_eq!(seen, 50);
    assert_eq!(rig.sent().len(), 50);
}

#[test]
fn where_the_page_batches_all_signatures_are_asked_for_at_once_and_again_together() {
    let mut rig = Rig::new(Config { batch_authorizations: true, ..config() });
    rig.command(Command::Connect);
    for n in 0..50 {
        subscribe(&mut rig, &format!("private-{n}"));
    }
    rig.establish();
    let mut asked = rig.authorizations();
    for _ in 0..3 {
        assert_eq!(asked.len(), 50);
        for (request, _) in asked {
            rig.refuse(request, Some(503));
        }
        // Their pauses differ by chance: who waits goes along with the first.
        let milliseconds = std::iter::from_fn(|| {
            rig.pass(1);
            Some(rig.authorizations())
        });
        asked = milliseconds.take(4_000).find(|asked| !asked.is_empty()).unwrap();
    }
}

#[test]
fn failures_that_may_pass_are_tried_again_and_told_once() {
    for status in [None, Some(419), Some(429), Some(500), Some(503)] {
        let mut rig = connected();
        subscribe(&mut rig, "private-x");
        for round in 1..=5 {
            let asked = rig.authorizations();
            assert_eq!(asked.len(), 1, "{status:?}, round {round}");
            rig.refuse(asked[0].0, status);
            assert_eq!(rig.errors().len(), usize::from(round >= 3), "{status:?}, round {round}");
            rig.pass(30_000);
            rig.frame("pusher:pong", None, json!({}));
        }
    }
}

#[test]
fn inspect_tells_why_a_channel_was_refused() {
    let mut rig = connected();
    subscribe(&mut rig, "news");
    rig.frame("pusher:subscription_error", Some("news"), json!({ "error": "too many channels" }));
    let inspected: serde_json::Value = serde_json::from_str(&rig.engine.inspect()).unwrap();
    let state = json!({ "state": "refused", "why": "too many channels" });
    assert_eq!(inspected["channels"]["news"], state);
}

#[test]
fn a_refusal_is_final_until_the_next_connection() {
    let mut rig = connected();
    subscribe(&mut rig, "private-x");
    let asked = rig.authorizations();
    rig.refuse(asked[0].0, Some(403));
    assert_eq!(rig.errors(), ["private-x Some(403) refused"]);
    rig.pass(20_000);
    assert_eq!(rig.authorizations(), []);
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    assert_eq!(rig.authorizations().len(), 1);
}

#[test]
fn an_answer_after_leave_or_for_an_earlier_socket_falls_to_the_ground() {
    let mut rig = connected();
    subscribe(&mut rig, "private-x");
    let asked = rig.authorizations();
    rig.command(Command::Unsubscribe("private-x".into()));
    rig.authorize(asked[0].0);
    assert_eq!(rig.sent(), Vec::<String>::new());

    subscribe(&mut rig, "private-y");
    let early = rig.authorizations();
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    let late = rig.authorizations();
    rig.sent();
    rig.authorize(early[0].0);
    assert_eq!(rig.sent(), Vec::<String>::new());
    rig.authorize(late[0].0);
    assert_eq!(rig.sent(), ["subscribe private-y app:sig"]);
}

#[test]
fn leaving_a_channel_ends_its_events() {
    let mut rig = connected();
    subscribe(&mut rig, "a");
    rig.confirm("a");
    rig.sent();
    rig.command(Command::Unsubscribe("a".into()));
    assert_eq!(rig.sent(), ["unsubscribe a"]);
    rig.outputs.clear();
    rig.frame("Late", Some("a"), json!({}));
    rig.confirm("a");
    assert_eq!(events(&rig), Vec::<String>::new());
}

#[test]
fn an_invalid_name_is_refused_with_the_reason() {
    let mut rig = connected();
    subscribe(&mut rig, "no spaces");
    assert_eq!(rig.sent(), Vec::<String>::new());
    assert!(rig.errors()[0].contains("allowed are letters"), "{:?}", rig.errors());
}

#[test]
fn a_subscription_nobody_answers_is_told() {
    let mut rig = connected();
    subscribe(&mut rig, "a");
    rig.pass(10_000);
    assert!(rig.errors()[0].contains("within 10 s"), "{:?}", rig.errors());
    rig.outputs.clear();
    rig.confirm("a");
    assert_eq!(events(&rig), ["pusher:subscription_succeeded on a"], "better late");
}

#[test]
fn the_server_refuses() {
    let mut rig = connected();
    subscribe(&mut rig, "private-x");
    let asked = rig.authorizations();
    rig.authorize(asked[0].0);
    let data = json!({ "type": "AuthError", "error": "bad signature", "status": 401 });
    rig.frame("pusher:subscription_error", Some("private-x"), data);
    assert_eq!(rig.errors(), ["private-x Some(401) AuthError: bad signature"]);
}

#[test]
fn a_client_event_without_connection_is_an_error_not_a_loss_in_silence() {
    let mut rig = Rig::new(config());
    rig.command(Command::Trigger {
        channel: "private-x".into(),
        event: "client-typing".into(),
        data: json!({}).into(),
    });
    assert_eq!(
        rig.errors(),
        ["None client-typing on private-x was not sent: there is no connection"]
    );
}
