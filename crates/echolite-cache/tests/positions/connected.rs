//! Gaps, repetitions, new epochs and uncertainty while connected.

use echolite_cache::{Command, ReadReply, ResourceConfig};
use echolite_core::Output as CoreOutput;
use serde_json::json;

use super::rig::{Rig, Wire, row, standing};
use super::{CHANNEL, OTHER, changed, fresh, one_read, reconnect, resource};

#[test]
fn a_gap_is_told_and_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 3) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "stale(missed)".to_owned()));
    rig.answer_list(&[row(1, 3)]);
    assert_eq!(rig.state(), "fresh");
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;43"]);
}

#[test]
fn what_comes_twice_counts_once() {
    let mut rig = fresh(ResourceConfig { version: None, ..resource() }, &[row(1, 1)]);
    rig.subscribe(CHANNEL);
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    rig.answer_list(&[row(1, 2)]);
    rig.outputs.clear();
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    changed(&mut rig, 41, json!({ "client_refresh": row(1, 1) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    let told = rig.take(|output| matches!(output, CoreOutput::Event { .. }).then_some(()));
    assert_eq!(told, []);
    rig.no_read(60_000);
}

#[test]
fn what_a_cache_was_excluded_from_is_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.frame("echolite:position", Some(CHANNEL), json!({ "offset": 42 }));
    assert_eq!(rig.state(), "stale(missed)");
    one_read(&mut rig);
}

#[test]
fn a_new_epoch_of_the_channel_is_told_and_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.frame("echolite:position", Some(CHANNEL), json!({ "epoch": "e", "offset": 41 }));
    assert_eq!(rig.state(), "fresh", "nothing new");
    rig.frame("echolite:position", Some(CHANNEL), json!({ "epoch": "f", "offset": 0 }));
    assert_eq!(rig.state(), "stale(epoch-changed)");
    one_read(&mut rig);
    changed(&mut rig, 1, json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.sent();
    reconnect(&mut rig);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after f;1"]);
}

#[test]
fn an_uncertain_server_is_polled_and_nothing_is_fresh_until_it_counts_anew() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    assert_eq!(rig.state(), "stale(uncertain)");
    for _ in 0..3 {
        let read = rig.read();
        rig.answer(&read, ReadReply::NotModified { head: None });
        assert_eq!(rig.state(), "stale(uncertain)", "what another node publishes may not come");
        rig.pass(4_000);
    }
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "stale(uncertain)".to_owned()));
    rig.reads();
    rig.frame("echolite:position", Some(CHANNEL), json!({ "epoch": "f", "offset": 0 }));
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn a_list_of_channels_without_history_is_told_of_the_end_too() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    rig.pass(1_000);
    rig.frame("echolite:certain", None, json!({}));
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

/// Nobody shows the list any more.
fn close(rig: &mut Rig) {
    rig.command(Command::CloseLive(1));
    rig.command(Command::CloseResource("products".into()));
    rig.shown.clear();
}

/// Nobody shows the list any more, and its channel is left.
fn leave(rig: &mut Rig) {
    close(rig);
    assert_eq!(rig.sent(), ["unsubscribe private-products"]);
}

/// Somebody shows the list again; the server is asked for its channel.
fn open(rig: &mut Rig) {
    rig.declare(resource());
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
}

#[test]
fn a_list_opened_again_is_as_certain_as_its_confirmation_says() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.sent();
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    leave(&mut rig);
    // what was on its way before the channel was left is not of the next subscription either
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    // the server is certain again meanwhile, and tells those who follow a channel
    open(&mut rig);
    rig.confirm_with(CHANNEL, standing("f", 0));
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_list_opened_again_hears_with_its_confirmation_that_the_server_is_uncertain_still() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.sent();
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    leave(&mut rig);
    open(&mut rig);
    rig.confirm(CHANNEL);
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "stale(uncertain)");
}

#[test]
fn one_of_two_channels_that_stays_keeps_what_the_server_said() {
    let channels = vec![CHANNEL.into(), OTHER.into()];
    let mut rig = fresh(ResourceConfig { channels, ..resource() }, &[row(1, 1)]);
    rig.subscribe(OTHER);
    rig.frame("echolite:uncertain", None, json!({ "reason": "Redis is away" }));
    close(&mut rig);
    open(&mut rig);
    rig.confirm(CHANNEL);
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "stale(uncertain)");
}

#[test]
fn positions_of_before_an_uncertainty_are_trusted_no_more() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.frame("echolite:uncertain", None, json!({}));
    rig.close(1006);
    rig.pass(2_000);
    rig.establish_recovering();
    assert_eq!(rig.sent(), ["subscribe private-products app:sig"]);
    rig.confirm_with(CHANNEL, standing("f", 0));
    one_read(&mut rig);
}
