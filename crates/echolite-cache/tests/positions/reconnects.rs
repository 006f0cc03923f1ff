//! What a server is asked for, and what a reconnect costs.

use echolite_cache::{Advice, Command, Head, Input, Output, Reaction, ReadReply, ResourceConfig};
use echolite_core::Output as CoreOutput;
use echolite_core::json::Json;
use serde_json::json;

use super::rig::{Rig, Wire, config, products, recovered, row, standing};
use super::{CHANNEL, OTHER, changed, fresh, one_read, reconnect, recovering, resource};

#[test]
fn a_server_that_offers_nothing_is_asked_for_nothing() {
    let mut rig = Rig::new(recovering());
    rig.declare(resource());
    let opened = |o: &Output<Json>| matches!(o, Output::Core(CoreOutput::OpenSocket(_, url)) if url.ends_with("&flash=false&echolite=1"));
    assert!(rig.outputs.iter().any(opened));
    for _ in 0..2 {
        rig.establish();
        let request = rig.authorizations()[0].0;
        rig.authorize(request);
        // a position nobody asked for changes nothing
        rig.confirm_with(CHANNEL, json!({}));
        changed(&mut rig, 7, json!({ "client_refresh": row(1, 1) }));
        assert_eq!(rig.sent(), ["subscribe private-products app:sig"]);
        rig.close(1006);
        rig.pass(2_000);
    }
}

#[test]
fn switched_off_nothing_is_asked_even_of_a_server_that_offers_it() {
    let mut rig = Rig::new(config());
    rig.declare(resource());
    let opened = |o: &Output<Json>| matches!(o, Output::Core(CoreOutput::OpenSocket(_, url)) if url.contains("echolite="));
    assert!(!rig.outputs.iter().any(opened));
    for _ in 0..2 {
        rig.establish_recovering();
        rig.confirm_with(CHANNEL, standing("e", 41));
        assert_eq!(rig.sent(), ["subscribe private-products app:sig"]);
        rig.close(1006);
        rig.pass(2_000);
    }
}

#[test]
fn a_reconnect_that_missed_nothing_costs_no_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    let as_of = rig.status.as_ref().unwrap().as_of;
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;41"]);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.status.as_ref().unwrap().as_of, as_of, "no change was shown to be published");
    rig.no_read(60_000);
    rig.pass(240_000);
    assert_eq!(rig.reads().len(), 1, "the verification stays");
}

#[test]
fn what_was_missed_is_replayed_and_costs_no_read() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;42"]);
    rig.confirm_with(CHANNEL, recovered("e", 45, true));
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 3) }));
    rig.numbered(CHANNEL, 44, "SomethingElse", json!({}));
    assert_ne!(rig.state(), "fresh", "the replay is not over");
    changed(&mut rig, 45, json!({ "deleted": true, "id": 2, "v": 9 }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
    changed(&mut rig, 46, json!({ "client_refresh": row(1, 4) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 4)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_connection_lost_during_the_replay_goes_on_where_it_was() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 44, true));
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    rig.sent();
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;42"]);
    rig.confirm_with(CHANNEL, recovered("e", 44, true));
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 3) }));
    changed(&mut rig, 44, json!({ "client_refresh": row(1, 4) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 4)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_replay_that_is_not_to_be_had_costs_one_conditional_read() {
    let told =
        [recovered("e", 45, false), recovered("f", 3, false), recovered("f", 41, true), json!({})];
    for told in told {
        let mut rig = fresh(resource(), &[row(1, 1)]);
        reconnect(&mut rig);
        rig.confirm_with(CHANNEL, told);
        assert_ne!(rig.state(), "fresh");
        one_read(&mut rig);
    }
}

#[test]
fn a_replay_asked_for_a_list_that_changed_ends_in_one_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 44, true));
    for offset in 42..=43 {
        changed(&mut rig, offset, json!({ "id": 1 }));
        rig.no_read(1_000);
    }
    changed(&mut rig, 44, json!({ "id": 1 }));
    one_read(&mut rig);
}

#[test]
fn a_replay_that_does_not_come_is_not_waited_for_for_ever() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 44, true));
    rig.no_read(9_000);
    rig.pass(2_000);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn of_two_channels_of_which_one_was_missed_the_list_is_read() {
    let channels = vec![CHANNEL.into(), OTHER.into()];
    let mut rig = fresh(ResourceConfig { channels, ..products() }, &[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    rig.confirm_with(OTHER, recovered("e", 45, false));
    assert_ne!(rig.state(), "fresh");
    one_read(&mut rig);

    reconnect(&mut rig);
    rig.sent();
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    rig.confirm_with(OTHER, recovered("e", 45, true));
    assert_ne!(rig.state(), "fresh", "one replay is not over");
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn a_channel_that_keeps_no_history_makes_no_promise_for_the_other() {
    let channels = vec![CHANNEL.into(), OTHER.into()];
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { channels, ..products() });
    rig.establish_recovering();
    rig.confirm_with(CHANNEL, standing("e", 41));
    rig.confirm_with(OTHER, json!({}));
    rig.answer_list(&[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    rig.confirm_with(OTHER, json!({}));
    one_read(&mut rig);
}

#[test]
fn a_refused_subscription_is_not_fresh_whatever_stood() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    let refused = json!({ "type": "AuthError", "error": "no", "status": 403 });
    rig.frame("pusher:subscription_error", Some(CHANNEL), refused);
    assert_eq!(rig.state(), "stale(refused)");
}

#[test]
fn polls_that_change_nothing_leave_a_replay_possible() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "stale(polling)");
    rig.pass(2_000);
    rig.reads();
    rig.establish_recovering();
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;41"]);
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_list_read_while_there_was_no_socket_is_not_painted_over_by_a_replay() {
    let mut rig = fresh(ResourceConfig { version: None, ..resource() }, &[row(1, 1)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 9)], Some("etag")));
    assert_eq!(rig.state(), "stale(polling)");
    rig.sent();
    rig.pass(5_000);
    let polled = rig.reads();
    rig.establish_recovering();
    polled.iter().for_each(|read| rig.answer(read, ReadReply::NotModified { head: None }));
    assert_eq!(rig.sent(), ["subscribe private-products app:sig"], "no replay is asked for");
    rig.confirm_with(CHANNEL, standing("e", 45));
    one_read(&mut rig);
    assert_eq!(rig.versions(), [(1, 9)]);
}

#[test]
fn a_head_saves_the_read_where_no_replay_was_to_be_had() {
    let channel = "private-cache-products";
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { channels: vec![channel.into()], ..products() });
    rig.establish_recovering();
    rig.confirm_with(channel, standing("e", 41));
    let read = rig.read();
    let head = Some(Head { epoch: "h".into(), seq: 5 });
    let rows = vec![row(1, 1).into()];
    rig.answer(&read, ReadReply::List { rows, validator: None, head });
    assert_eq!(rig.state(), "fresh");
    for covered in [false, true] {
        rig.close(1006);
        rig.pass(2_000);
        rig.establish_recovering();
        rig.confirm_with(channel, recovered("e", 45, covered));
        let head = json!({ "head": { "epoch": "h", "prev": 4, "seq": 5 } });
        if covered {
            assert_eq!(rig.state(), "fresh", "nothing came after what the rows include");
        } else {
            // the last event, told to whoever joins
            rig.numbered(channel, 45, "ProductChanged", head);
        }
        assert_eq!(rig.state(), "fresh");
        rig.no_read(60_000);
    }
}

#[test]
fn the_first_event_of_a_replay_is_not_the_last_of_a_cache_channel() {
    let channel = "private-cache-products";
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { channels: vec![channel.into()], ..products() });
    rig.establish_recovering();
    rig.confirm_with(channel, standing("e", 41));
    let read = rig.read();
    let head = Some(Head { epoch: "h".into(), seq: 5 });
    rig.answer(&read, ReadReply::List { rows: vec![row(1, 1).into()], validator: None, head });
    reconnect(&mut rig);
    rig.confirm_with(channel, recovered("e", 43, true));
    let event = |seq: u64| {
        let head = json!({ "epoch": "h", "prev": seq - 1, "seq": seq });
        json!({ "client_refresh": row(1, seq), "head": head })
    };
    rig.numbered(channel, 42, "ProductChanged", event(6));
    assert_ne!(rig.state(), "fresh");
    rig.numbered(channel, 43, "ProductChanged", event(7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7)], "fresh".to_owned()));
    rig.no_read(60_000);
}

/// A 304 that spoke of rows that an event changed meanwhile settles nothing, and it comes after the connection was lost.
#[test]
fn an_answer_that_settled_nothing_is_not_made_good_by_a_replay() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.pass(300_000);
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"));
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    assert_eq!(rig.state(), "fresh");
    rig.close(1006);
    rig.answer(&read, ReadReply::NotModified { head: None });
    rig.pass(2_000);
    rig.establish_recovering();
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    assert_eq!(rig.state(), "stale(changing)");
    let read = rig.answer_list(&[row(1, 2)]);
    assert_eq!(read.validator, None);
    assert_eq!((rig.state(), rig.versions()), ("fresh".into(), vec![(1, 2)]));
}

#[test]
fn a_read_while_subscribed_leaves_the_position_where_it_is() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    rig.answer_list(&[row(1, 2), row(2, 1)]);
    assert_eq!(rig.state(), "fresh");
    rig.sent();
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;41"]);
}

/// Rows that a poll changed may include events that a replay would paint over; rows that it did not change may not.
#[test]
fn a_poll_that_changes_nothing_leaves_the_position_where_it_is() {
    for (rows, asked) in [
        ([row(1, 1)], "subscribe private-products app:sig after e;41"),
        ([row(1, 2)], "subscribe private-products app:sig"),
    ] {
        let mut rig = fresh(resource(), &[row(1, 1)]);
        rig.sent();
        rig.close(1006);
        rig.pass(2_000);
        rig.close(1006);
        rig.answer_list(&rows);
        rig.pass(4_000);
        rig.establish_recovering();
        assert_eq!(rig.sent(), [asked]);
    }
}

/// Simulation, kind all, seed 5 (with applications that are asked).
#[test]
fn missed_events_about_which_the_application_is_asked_count_when_it_has_answered() {
    let mut rig = fresh(ResourceConfig { consult: true, ..resource() }, &[row(1, 1)]);
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    rig.outputs.clear();
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    assert_ne!(rig.state(), "fresh", "nothing was painted yet");
    let request = rig.outputs.iter().find_map(|output| match output {
        Output::Consult { request, .. } => Some(*request),
        _ => None,
    });
    rig.input(Input::Consulted(request.unwrap(), Advice::declared(Reaction::Auto)));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}
