//! Questions to the application: its answers count in the order of the events, and no wait is endless.

mod rig;

use echolite_cache::{
    Advice, Command, Head, Input, Output, Reaction, ReadReply, RequestId, ResourceConfig,
};
use rig::{Rig, Wire, products, row};
use serde_json::json;

fn asking(rows: &[serde_json::Value]) -> Rig {
    Rig::fresh(ResourceConfig { consult: true, ..products() }, rows)
}

fn asked(rig: &mut Rig) -> Vec<RequestId> {
    let request = |output: &Output<_>| match output {
        Output::Consult { request, .. } => Some(*request),
        _ => None,
    };
    let asked = rig.outputs.iter().filter_map(request).collect();
    rig.outputs.retain(|output| !matches!(output, Output::Consult { .. }));
    asked
}

fn advise(rig: &mut Rig, request: RequestId, reaction: Reaction) {
    rig.input(Input::Consulted(request, Advice::declared(reaction)));
}

#[test]
fn for_50_ms_a_question_alone_changes_no_status() {
    let mut rig = asking(&[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    let request = asked(&mut rig)[0];
    for _ in 0..49 {
        rig.pass(1);
        assert_eq!(rig.state(), "fresh");
    }
    rig.pass(2);
    assert_eq!(rig.state(), "stale(changed)");
    advise(&mut rig, request, Reaction::Auto);
    assert_eq!((rig.state(), rig.versions()), ("fresh".to_owned(), vec![(1, 2)]));
}

#[test]
fn answers_count_in_the_order_of_their_events() {
    let resource = ResourceConfig { consult: true, version: None, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    for v in [2, 3, 4] {
        rig.changed(json!({ "client_refresh": row(1, v) }));
    }
    let asked = asked(&mut rig);
    advise(&mut rig, asked[2], Reaction::Auto);
    advise(&mut rig, asked[1], Reaction::Auto);
    assert_eq!(rig.versions(), [(1, 1)], "the first one is not answered");
    advise(&mut rig, asked[0], Reaction::Auto);
    assert_eq!(rig.versions(), [(1, 4)], "the last event is the last that is painted");
    assert_eq!(rig.outcomes(), ["Patch provisional"; 3]);
}

#[test]
fn a_question_that_nobody_answers_ends_after_four_seconds_in_a_read() {
    let mut rig = asking(&[row(1, 1)]);
    rig.pass(10_000);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.changed(json!({ "client_refresh": row(1, 3) }));
    let asked = asked(&mut rig);
    advise(&mut rig, asked[1], Reaction::Auto);
    rig.no_read(3_999);
    assert_eq!((rig.state(), rig.versions()), ("stale(changed)".to_owned(), vec![(1, 1)]));
    rig.pass(1);
    assert_eq!(rig.outcomes(), ["Refresh queued", "Patch applied"]);
    rig.answer_list(&[row(1, 3), row(2, 1)]);
    assert_eq!(rig.versions(), [(1, 3), (2, 1)]);
    // the answer comes after all
    advise(&mut rig, asked[0], Reaction::Auto);
    assert_eq!(rig.versions(), [(1, 3), (2, 1)]);
}

#[test]
fn each_question_has_its_own_four_seconds() {
    let mut rig = asking(&[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.pass(3_000);
    rig.changed(json!({ "client_refresh": row(1, 3) }));
    rig.pass(1_000);
    assert_eq!(rig.outcomes().len(), 1);
    rig.pass(2_999);
    assert_eq!(rig.outcomes().len(), 1);
    rig.pass(1);
    assert_eq!(rig.outcomes().len(), 2);
}

#[test]
fn a_list_does_not_become_fresh_by_a_read_while_the_application_is_asked() {
    let mut rig = asking(&[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.changed(json!({}));
    let first = asked(&mut rig)[0];
    advise(&mut rig, first, Reaction::Refresh);
    rig.answer(&read, Rig::list(&[row(1, 1)], None));
    let read = rig.read();
    rig.changed(json!({ "client_refresh": row(1, 3) }));
    let request = asked(&mut rig)[0];
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    assert_eq!((rig.state(), rig.versions()), ("stale(changed)".to_owned(), vec![(1, 2)]));
    advise(&mut rig, request, Reaction::Auto);
    assert_eq!((rig.state(), rig.versions()), ("fresh".to_owned(), vec![(1, 3)]));
}

/// The last event of one channel is no last event of the other, which was not joined yet when it came.
#[test]
fn an_event_from_before_all_channels_were_joined_vouches_for_nothing_however_late_its_answer() {
    let channels = ["cache-a", "cache-b"];
    let resource = ResourceConfig {
        consult: true,
        since: false,
        channels: channels.map(Into::into).to_vec(),
        ..products()
    };
    let mut rig = Rig::new(rig::config());
    rig.answers_pings = true;
    rig.declare(resource);
    rig.establish();
    for channel in channels {
        rig.confirm(channel);
    }
    let read = rig.read();
    let head = Some(Head { epoch: "e".into(), seq: 5 });
    rig.answer(&read, ReadReply::List { rows: vec![row(1, 1).into()], validator: None, head });
    assert_eq!(rig.state(), "fresh");
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    let event = |seq: u64| {
        let head = json!({ "epoch": "e", "prev": seq - 1, "seq": seq });
        json!({ "client_refresh": row(1, seq), "head": head })
    };
    rig.confirm("cache-a");
    rig.frame("ProductChanged", Some("cache-a"), event(5));
    rig.confirm("cache-b");
    let request = asked(&mut rig)[0];
    advise(&mut rig, request, Reaction::Auto);
    assert_ne!(rig.state(), "fresh");
    rig.frame("ProductChanged", Some("cache-b"), event(5));
    let request = asked(&mut rig)[0];
    advise(&mut rig, request, Reaction::Auto);
    assert_eq!(rig.state(), "fresh");
}
