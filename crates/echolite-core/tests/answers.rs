//! Answers of the server and of the back end count only for the subscription that they answer.

mod rig;

use echolite_core::{Authorization, Command, Input, Output, SubscriptionState};
use echolite_protocol::encryption::{Encrypted, EncryptionKey, seal, shared_secret};
use rig::{Rig, Wire, config, recovered, standing};
use serde_json::json;

fn leave(rig: &mut Rig, channel: &str) {
    rig.command(Command::Unsubscribe(channel.into()));
}

/// A page that does not run for so long (milliseconds): its timers come first when it runs again.
fn freeze(rig: &mut Rig, time: u64) {
    rig.now.mono = rig.now.mono + time;
    rig.now.wall.0 += time;
    rig.input(Input::Tick);
}

fn is_subscribed(rig: &Rig, channel: &str) -> bool {
    rig.engine.channels().subscription(channel) == SubscriptionState::Subscribed
}

fn error(rig: &mut Rig, channel: &str) {
    let data = json!({ "type": "AuthError", "error": "no", "status": 401 });
    rig.frame("pusher:subscription_error", Some(channel), data);
}

/// Subscribes to a private channel up to the frame to the server.
fn ask(rig: &mut Rig, channel: &str) {
    rig.subscribe(channel);
    let asked = rig.authorizations();
    assert_eq!(asked.len(), 1, "{asked:?}");
    rig.authorize(asked[0].0);
}

fn events(rig: &Rig) -> Vec<String> {
    let word = |output: &Output<_>| match output {
        Output::Event { event, .. } => Some(event.to_string()),
        _ => None,
    };
    rig.outputs.iter().filter_map(word).collect()
}

#[test]
fn the_confirmation_of_a_private_channel_that_was_left_does_not_confirm_the_next() {
    let mut rig = Rig::connected();
    ask(&mut rig, "private-x");
    leave(&mut rig, "private-x");
    rig.subscribe("private-x");
    let second = rig.authorizations();
    assert_eq!(rig.sent(), ["subscribe private-x app:sig", "unsubscribe private-x"]);
    rig.confirm("private-x");
    assert!(!is_subscribed(&rig, "private-x"), "that one was left");
    rig.authorize(second[0].0);
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"]);
    rig.confirm("private-x");
    assert!(is_subscribed(&rig, "private-x"));
    assert_eq!(events(&rig), ["pusher:subscription_succeeded"], "told once");
}

#[test]
fn what_is_owed_is_counted_however_often_a_channel_was_left() {
    for times in 1..=4 {
        let mut rig = Rig::connected();
        for _ in 0..times {
            rig.subscribe("news");
            leave(&mut rig, "news");
        }
        rig.subscribe("news");
        assert_eq!(rig.sent().len(), 2 * times + 1, "each is asked for at once");
        for answer in 0..times {
            rig.confirm("news");
            assert!(!is_subscribed(&rig, "news"), "answer {answer} of {times}");
        }
        rig.confirm("news");
        assert!(is_subscribed(&rig, "news"), "{times}");
        assert_eq!(events(&rig), ["pusher:subscription_succeeded"], "{times}");
    }
}

#[test]
fn a_late_refusal_does_not_refuse_the_next_subscription() {
    for channel in ["news", "private-x", "presence-x"] {
        let mut rig = Rig::connected();
        let ask = if channel == "news" { Rig::subscribe } else { ask };
        ask(&mut rig, channel);
        leave(&mut rig, channel);
        ask(&mut rig, channel);
        error(&mut rig, channel);
        assert_eq!(rig.errors(), Vec::<String>::new(), "{channel}");
        rig.confirm(channel);
        assert!(is_subscribed(&rig, channel), "{channel}");
        // and the other way round
        leave(&mut rig, channel);
        ask(&mut rig, channel);
        leave(&mut rig, channel);
        ask(&mut rig, channel);
        rig.confirm(channel);
        error(&mut rig, channel);
        assert_eq!(rig.errors().len(), 1, "{channel}: the second was refused");
        assert!(!is_subscribed(&rig, channel), "{channel}");
    }
}

#[test]
fn a_confirmed_subscription_owes_nothing_when_it_is_left() {
    let mut rig = Rig::connected();
    for _ in 0..3 {
        rig.subscribe("news");
        rig.confirm("news");
        assert!(is_subscribed(&rig, "news"));
        leave(&mut rig, "news");
    }
}

#[test]
fn what_an_earlier_connection_owed_does_not_count_on_the_next() {
    let mut rig = Rig::connected();
    rig.subscribe("news");
    leave(&mut rig, "news");
    rig.subscribe("news");
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    rig.confirm("news");
    assert!(is_subscribed(&rig, "news"));
}

#[test]
fn one_channel_owes_nothing_for_another() {
    let mut rig = Rig::connected();
    rig.subscribe("a");
    leave(&mut rig, "a");
    rig.subscribe("b");
    rig.subscribe("a");
    rig.confirm("b");
    assert!(is_subscribed(&rig, "b") && !is_subscribed(&rig, "a"));
}

#[test]
fn a_layer_above_that_leaves_and_joins_again_waits_for_its_own_answer() {
    let mut rig = Rig::connected();
    let follow = || Command::Follow { channel: "news".into(), from: None };
    rig.command(follow());
    rig.command(Command::Unfollow("news".into()));
    rig.command(follow());
    rig.confirm("news");
    assert!(!is_subscribed(&rig, "news"));
    rig.confirm("news");
    assert!(is_subscribed(&rig, "news"));
}

#[test]
fn a_server_that_answers_no_subscription_that_was_left_is_asked_once_more() {
    let mut rig = Rig::connected();
    rig.subscribe("news");
    leave(&mut rig, "news");
    rig.subscribe("news");
    rig.sent();
    // the one answer of such a server: nobody can tell which subscription it is of
    rig.confirm("news");
    rig.pass(9_999);
    assert_eq!(rig.errors(), Vec::<String>::new());
    rig.pass(1);
    assert_eq!(rig.sent(), ["unsubscribe news", "subscribe news"]);
    rig.confirm("news");
    assert!(is_subscribed(&rig, "news"));
    assert_eq!(rig.errors(), Vec::<String>::new());
}

#[test]
fn answers_that_came_while_the_page_was_frozen_are_heard_before_the_server_is_asked_again() {
    let mut rig = Rig::connected();
    rig.subscribe("news");
    leave(&mut rig, "news");
    rig.subscribe("news");
    // the first answer, and a page that is frozen before the second is handled
    rig.confirm("news");
    rig.sent();
    freeze(&mut rig, 20_000);
    assert_eq!(rig.sent(), Vec::<String>::new(), "its timers come first");
    rig.confirm("news");
    assert!(is_subscribed(&rig, "news"));
    rig.pass(20_000);
    assert_eq!(rig.errors(), Vec::<String>::new());
}

#[test]
fn a_server_that_answered_nothing_while_the_page_was_frozen_is_told_within_a_second() {
    let mut rig = Rig::connected();
    rig.subscribe("news");
    freeze(&mut rig, 12_000);
    rig.pass(999);
    assert_eq!(rig.errors(), Vec::<String>::new());
    // as late as a browser's timers are in the background: it is not put off for ever
    freeze(&mut rig, 5_000);
    assert_eq!(rig.errors().len(), 1);
}

#[test]
fn an_answer_that_nobody_asked_for_joins_and_refuses_nothing() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    let asked = rig.authorizations();
    rig.confirm("private-x");
    error(&mut rig, "private-x");
    assert_eq!((rig.errors(), is_subscribed(&rig, "private-x")), (Vec::new(), false));
    rig.authorize(asked[0].0);
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"]);
    error(&mut rig, "private-x");
    assert_eq!(rig.errors().len(), 1);
    rig.confirm("private-x");
    assert!(!is_subscribed(&rig, "private-x"), "refused is refused");
}

#[test]
fn a_signature_asked_for_by_the_subscription_before_is_not_sent() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    let first = rig.authorizations()[0].0;
    leave(&mut rig, "private-x");
    rig.subscribe("private-x");
    let second = rig.authorizations()[0].0;
    rig.authorize(first);
    rig.refuse(first, Some(403));
    assert_eq!((rig.sent(), rig.errors()), (Vec::new(), Vec::new()));
    rig.authorize(second);
    rig.refuse(second, Some(403));
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"], "an authoriser that answers twice");
    assert_eq!(rig.errors(), Vec::<String>::new());
}

#[test]
fn members_who_come_and_go_before_the_confirmation_are_the_old_subscriptions() {
    let mut rig = Rig::connected();
    ask(&mut rig, "presence-x");
    rig.confirm("presence-x");
    leave(&mut rig, "presence-x");
    ask(&mut rig, "presence-x");
    rig.outputs.clear();
    for event in ["pusher_internal:member_added", "pusher_internal:member_removed"] {
        rig.frame(event, Some("presence-x"), json!({ "user_id": "7" }));
    }
    assert_eq!(events(&rig), Vec::<String>::new());
    rig.confirm("presence-x");
    rig.frame("pusher_internal:member_added", Some("presence-x"), json!({ "user_id": "8" }));
    assert_eq!(events(&rig), ["pusher:subscription_succeeded", "pusher:member_added"]);
}

#[test]
fn numbered_events_and_positions_of_the_subscription_before_count_for_nothing() {
    let mut rig = Rig::new(echolite_core::Config { recover: true, ..config() });
    rig.command(Command::Connect);
    rig.establish_recovering();
    rig.subscribe("news");
    rig.confirm_with("news", standing("e", 41));
    leave(&mut rig, "news");
    rig.subscribe("news");
    rig.outputs.clear();
    rig.numbered("news", 42, "Late", json!({}));
    rig.frame("echolite:position", Some("news"), json!({ "epoch": "f", "offset": 7 }));
    assert!(rig.engine.channels().followed("news").is_none());
    rig.confirm_with("news", recovered("e", 42, false));
    rig.numbered("news", 43, "Live", json!({}));
    assert_eq!(events(&rig), ["pusher:subscription_succeeded", "Live"]);
}

#[test]
fn events_that_waited_for_a_key_go_with_the_subscription_that_they_came_by() {
    const CHANNEL: &str = "private-encrypted-x";
    let mut rig = Rig::connected();
    let key = |byte| shared_secret(CHANNEL, &EncryptionKey::new([byte; 32]));
    let grant = |rig: &mut Rig, request, byte| {
        let shared_secret = Some(key(byte).to_base64().into());
        let auth = Authorization { auth: "app:sig".into(), channel_data: None, shared_secret };
        rig.input(Input::Authorized(request, Ok(auth)));
    };
    rig.subscribe(CHANNEL);
    let first = rig.authorizations()[0].0;
    grant(&mut rig, first, 1);
    rig.confirm(CHANNEL);
    let Encrypted { nonce, ciphertext } = seal(&key(2), [9; 24], "1");
    rig.frame("Old", Some(CHANNEL), json!({ "nonce": nonce, "ciphertext": ciphertext }));
    let again = rig.authorizations()[0].0;
    leave(&mut rig, CHANNEL);
    rig.subscribe(CHANNEL);
    let second = rig.authorizations()[0].0;
    rig.outputs.clear();
    grant(&mut rig, again, 2);
    assert_eq!(events(&rig), Vec::<String>::new());
    grant(&mut rig, second, 2);
    assert_eq!(rig.sent(), [format!("subscribe {CHANNEL} app:sig")]);
}

#[test]
fn joining_again_after_a_refusal_asks_again() {
    let mut rig = Rig::connected();
    // the back end refuses
    rig.subscribe("private-x");
    for round in 1..=3 {
        let asked = rig.authorizations();
        assert_eq!(asked.len(), 1, "{round}");
        rig.refuse(asked[0].0, Some(401));
        assert_eq!(rig.errors().len(), round);
        rig.pass(60_000);
        assert_eq!(rig.authorizations(), [], "not by itself");
        rig.subscribe("private-x");
    }
    // the server refuses
    let asked = rig.authorizations();
    rig.authorize(asked[0].0);
    error(&mut rig, "private-x");
    rig.sent();
    ask(&mut rig, "private-x");
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"]);
    rig.confirm("private-x");
    assert!(is_subscribed(&rig, "private-x"));
    rig.subscribe("private-x");
    assert_eq!((rig.authorizations(), rig.sent()), (vec![], vec![]), "joined is joined");
}

#[test]
fn joining_again_does_not_wait_for_the_next_try() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    let asked = rig.authorizations();
    rig.refuse(asked[0].0, Some(503));
    assert_eq!(rig.authorizations(), []);
    rig.subscribe("private-x");
    assert_eq!(rig.authorizations().len(), 1);
}

#[test]
fn joining_again_after_silence_leaves_first_and_counts_the_answer_that_is_owed() {
    let mut rig = Rig::connected();
    rig.subscribe("news");
    rig.pass(10_000);
    assert_eq!(rig.errors().len(), 1);
    rig.sent();
    rig.subscribe("news");
    assert_eq!(rig.sent(), ["unsubscribe news", "subscribe news"]);
    rig.confirm("news");
    assert!(!is_subscribed(&rig, "news"), "the answer that was late");
    rig.confirm("news");
    assert!(is_subscribed(&rig, "news"));
}

#[test]
fn a_name_that_cannot_be_is_refused_each_time() {
    let mut rig = Rig::connected();
    for round in 1..=2 {
        rig.subscribe("no spaces");
        assert_eq!(rig.errors().len(), round);
    }
}

#[test]
fn a_layer_above_that_keeps_following_does_not_ask_again_and_one_that_begins_does() {
    let mut rig = Rig::connected();
    let follow = || Command::Follow { channel: "private-x".into(), from: None };
    rig.command(follow());
    let asked = rig.authorizations();
    rig.refuse(asked[0].0, Some(403));
    rig.command(follow());
    assert_eq!(rig.authorizations(), []);
    rig.command(Command::Unfollow("private-x".into()));
    rig.command(follow());
    assert_eq!(rig.authorizations().len(), 1);
}
