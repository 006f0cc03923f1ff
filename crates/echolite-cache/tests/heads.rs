//! Heads: gaps, lagging reads, reconnects that cost no read.

mod rig;

use echolite_cache::{Command, Head, Membership, Reaction, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, Wire, products, row};
use serde_json::{Value, json};

const CHANNEL: &str = "private-cache-products";

fn resource() -> ResourceConfig {
    ResourceConfig { channels: vec![CHANNEL.into()], since: false, ..products() }
}

fn list(rows: &[Value], seq: u64) -> ReadReply<echolite_core::json::Json> {
    epoch_list(rows, "e", seq)
}

fn epoch_list(rows: &[Value], epoch: &str, seq: u64) -> ReadReply<echolite_core::json::Json> {
    let rows = rows.iter().cloned().map(Into::into).collect();
    let head = Some(Head { epoch: epoch.into(), seq });
    ReadReply::List { rows, validator: Some("etag".into()), head }
}

fn join(rig: &mut Rig) {
    rig.establish();
    let request = rig.authorizations()[0].0;
    rig.authorize(request);
    rig.confirm(CHANNEL);
}

/// Fresh at head `e;5`.
fn fresh(resource: ResourceConfig, rows: &[Value]) -> Rig {
    let mut rig = Rig::new(rig::config());
    rig.answers_pings = true;
    rig.declare(resource);
    join(&mut rig);
    let read = rig.read();
    rig.answer(&read, list(rows, 5));
    assert_eq!(rig.state(), "fresh");
    rig.outputs.clear();
    rig.changes.clear();
    rig
}

fn reconnect(rig: &mut Rig) {
    rig.close(1006);
    rig.pass(2_000);
    join(rig);
}

fn event(rig: &mut Rig, prev: u64, seq: u64, data: Value) {
    let mut data = data;
    data["head"] = json!({ "epoch": "e", "prev": prev, "seq": seq });
    rig.frame("ProductChanged", Some(CHANNEL), data);
}

#[test]
fn an_event_that_follows_is_final_whatever_the_versions_say() {
    let mut rig = fresh(resource(), &[row(1, 9)]);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 3) }));
    event(&mut rig, 6, 7, json!({ "client_refresh": row(2, 1) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3), (2, 1)], "fresh".to_owned()));
    event(&mut rig, 7, 8, json!({ "deleted": 2 }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
    rig.no_read(30_000);
}

#[test]
fn an_event_that_the_rows_include_changes_nothing() {
    let mut rig = fresh(resource(), &[row(1, 9)]);
    event(&mut rig, 4, 5, json!({ "client_refresh": row(1, 8) }));
    event(&mut rig, 2, 3, json!({ "deleted": 1 }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 9)], "fresh".to_owned()));
}

#[test]
fn writer_order_nine_before_eight() {
    // the event of head 7 comes before that of head 6
    let mut rig = fresh(resource(), &[row(1, 1)]);
    event(&mut rig, 6, 7, json!({ "client_refresh": row(1, 7) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "stale(gap)".to_owned()));
    rig.pass(900);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7)], "fresh".to_owned()));
    rig.no_read(10_000);
}

#[test]
fn a_gap_waits_a_second_then_the_list_is_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    rig.pass(5_000);
    event(&mut rig, 6, 7, json!({ "client_refresh": row(1, 7) }));
    rig.no_read(999);
    rig.pass(1);
    assert_eq!(rig.state(), "stale(missed)");
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 7)], 7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7)], "fresh".to_owned()));
}

#[test]
fn a_reconnect_with_nothing_missed_costs_no_read() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
    for _ in 0..3 {
        reconnect(&mut rig);
        assert_ne!(rig.state(), "fresh", "not before the head is seen");
        event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
        assert_eq!(rig.state(), "fresh");
    }
    rig.no_read(60_000);
}

#[test]
fn a_reconnect_with_something_missed_costs_exactly_one() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    event(&mut rig, 7, 8, json!({ "client_refresh": row(1, 8) }));
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"));
    rig.answer(&read, list(&[row(1, 8), row(2, 7)], 8));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn a_reconnect_that_missed_only_the_last_event_costs_none() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    reconnect(&mut rig);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_cache_miss_or_silence_or_no_head_leads_to_one_conditional_read() {
    for case in 0..3 {
        let mut rig = fresh(resource(), &[row(1, 1)]);
        reconnect(&mut rig);
        match case {
            0 => rig.frame("pusher:cache_miss", Some(CHANNEL), json!(null)),
            1 => rig.frame("ProductChanged", Some(CHANNEL), json!({ "id": 1 })),
            _ => rig.no_read(1_999),
        }
        let told = rig.now.mono;
        let read = rig.read();
        assert!(rig.now.mono - told <= 300, "{case}: no longer than a broadcast's read waits");
        assert_eq!(read.validator.as_deref(), Some("etag"), "{case}");
        let head = Some(Head { epoch: "e".into(), seq: 5 });
        rig.answer(&read, ReadReply::NotModified { head });
        assert_eq!(rig.state(), "fresh", "{case}");
        rig.no_read(60_000);
    }
}

/// After a reconnect the channel's last event carries a row and no head: it says nothing of what was missed.
#[test]
fn a_last_event_without_head_vouches_for_nothing() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    reconnect(&mut rig);
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "client_refresh": row(1, 7) }));
    assert_eq!(rig.versions(), [(1, 7), (2, 1)]);
    assert_ne!(rig.state(), "fresh", "head 6 may have changed row 2");
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 7), row(2, 6)], 7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7), (2, 6)], "fresh".to_owned()));
}

#[test]
fn on_a_channel_that_keeps_nothing_a_reconnect_reads() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.reconnect("products");
    rig.pass(300);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn the_last_event_says_nothing_of_rows_that_are_in_doubt_for_themselves() {
    let url = "https://shop.test/api/products?published=1".into();
    let membership = Membership::Undeclared;
    let mut rig = fresh(ResourceConfig { url, membership, ..resource() }, &[row(1, 1)]);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
    assert_eq!(rig.state(), "stale(membership)", "it may belong no longer");
    reconnect(&mut rig);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 6) }));
    assert_ne!(rig.state(), "fresh");
    let read = rig.read();
    rig.answer(&read, list(&[], 6));
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}

#[test]
fn a_read_of_a_lagging_replica_is_seen_by_its_head() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    event(&mut rig, 5, 8, json!({}));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 6)], 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "stale(lagging-read)".to_owned()));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 4)], 4));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "stale(lagging-read)".to_owned()));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 8)], 8));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 8)], "fresh".to_owned()));
}

#[test]
fn events_up_to_a_reads_head_are_in_it_and_later_ones_are_over_it() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    event(&mut rig, 5, 6, json!({}));
    let read = rig.read();
    event(&mut rig, 6, 7, json!({ "client_refresh": row(1, 7) }));
    event(&mut rig, 7, 8, json!({ "client_refresh": row(2, 8) }));
    assert_eq!(rig.versions(), [(1, 1), (2, 1)], "they wait for head 6");
    rig.answer(&read, list(&[row(1, 7), row(2, 1)], 7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7), (2, 8)], "fresh".to_owned()));
}

#[test]
fn a_url_read_that_reaches_its_events_head_settles_it() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    event(&mut rig, 5, 6, json!({ "url": "/api/products/2" }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    let head = Some(Head { epoch: "e".into(), seq: 6 });
    rig.answer(&read, ReadReply::Row { row: row(2, 6).into(), validator: None, head });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 6)], "fresh".to_owned()));
    rig.no_read(30_000);
}

/// A row is read alone at head 8, then the list from a replica that is at head 7.
#[test]
fn a_row_that_was_read_later_than_the_list() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    event(&mut rig, 5, 6, json!({ "url": "/api/products/1" }));
    let read = rig.read();
    let head = Some(Head { epoch: "e".into(), seq: 8 });
    rig.answer(&read, ReadReply::Row { row: row(1, 8).into(), validator: None, head });
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 7)], 7));
    assert_eq!(rig.versions(), [(1, 8)]);
}

/// Head 6 leaves a row as it was; a backup of head 3 is restored, in the same epoch; head 4 changes the row, unheard.
#[test]
fn a_backup_that_counts_again_in_the_same_epoch() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 1) }));
    rig.command(Command::Refresh("products".into()));
    for state in ["stale(lagging-read)", "stale(lagging-read)", "fresh"] {
        let read = rig.read();
        rig.answer(&read, list(&[row(1, 1)], 3));
        assert_eq!(rig.state(), state);
    }
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 4)], 4));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 4)], "fresh".to_owned()));
}

#[test]
fn two_events_of_one_transaction_are_both_heard() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    event(&mut rig, 5, 7, json!({ "client_refresh": row(1, 7) }));
    event(&mut rig, 5, 7, json!({ "client_refresh": row(2, 7) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 7), (2, 7)], "fresh".to_owned()));
}

#[test]
fn a_new_epoch_is_read_and_the_old_one_not_heard_again() {
    let mut rig = fresh(resource(), &[row(1, 1)]);
    let head = json!({ "epoch": "f", "prev": 0, "seq": 1 });
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "head": head }));
    assert_eq!(rig.state(), "stale(epoch-changed)");
    let read = rig.read();
    rig.answer(&read, epoch_list(&[row(1, 20)], "f", 1));
    assert_eq!(rig.state(), "fresh");
    event(&mut rig, 5, 6, json!({ "client_refresh": row(1, 99) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 20)], "fresh".to_owned()));
}

#[test]
fn a_resource_that_answers_since_is_asked_only_for_what_changed() {
    let mut rig = fresh(ResourceConfig { since: true, ..resource() }, &[row(1, 1), row(2, 1)]);
    reconnect(&mut rig);
    event(&mut rig, 7, 8, json!({}));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "the event asked for the list");
    rig.answer(&read, list(&[row(1, 1), row(2, 8)], 8));

    reconnect(&mut rig);
    rig.frame("pusher:cache_miss", Some(CHANNEL), json!(null));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Since);
    assert_eq!(&*read.url, "https://shop.test/api/products?since=e%3B8");
    rig.take_changes();
    let head = Head { epoch: "e".into(), seq: 10 };
    let changed = vec![row(3, 9).into()];
    rig.answer(&read, ReadReply::Since { changed, deleted: vec!["1".into()], head });
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 8), (3, 9)], "fresh".to_owned()));
    assert_eq!(rig.take_changes(), ["insert 3", "delete 1"]);
}

#[test]
fn heads_of_several_resources_come_in_one_event() {
    let on = vec![("Moved".into(), Reaction::Auto)];
    let mut rig = fresh(ResourceConfig { on, ..resource() }, &[row(1, 1)]);
    let heads = json!({
        "orders": { "epoch": "o", "prev": 1, "seq": 2 },
        "products": { "epoch": "e", "prev": 5, "seq": 6 },
    });
    rig.frame("Moved", Some(CHANNEL), json!({ "client_refresh": row(1, 6), "heads": heads }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "fresh".to_owned()));
    assert!(rig.engine.inspect().contains(r#""reflected":"e;6""#), "{}", rig.engine.inspect());
}

#[test]
fn the_fields_of_events_have_the_names_that_the_application_gives() {
    let mut rig = fresh(
        ResourceConfig {
            row_path: "product".into(),
            deleted_path: "gone".into(),
            head_path: "meta.head".into(),
            ..resource()
        },
        &[row(1, 1), row(2, 1)],
    );
    let meta = |prev, seq| json!({ "head": { "epoch": "e", "prev": prev, "seq": seq } });
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "product": row(1, 6), "meta": meta(5, 6) }));
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "gone": 2, "meta": meta(6, 7) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "fresh".to_owned()));
    assert!(rig.engine.inspect().contains(r#""reflected":"e;7""#), "{}", rig.engine.inspect());
}

#[test]
fn a_last_event_that_was_missed_is_not_taken_for_its_sibling() {
    // two events of one transaction, of which the connection lost the second
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    event(&mut rig, 5, 7, json!({ "client_refresh": row(1, 7) }));
    reconnect(&mut rig);
    event(&mut rig, 5, 7, json!({ "client_refresh": row(2, 1) }));
    assert_eq!(rig.state(), "fresh", "the row is as the event says");
    reconnect(&mut rig);
    event(&mut rig, 5, 7, json!({ "client_refresh": { "id": 2, "v": 1, "name": "other" } }));
    assert_ne!(rig.state(), "fresh", "it is not, and nothing orders the two");
}

#[test]
fn a_head_is_whole_numbers_or_their_text() {
    let with_seq = |seq: Value| {
        let mut rig = fresh(resource(), &[row(1, 9)]);
        let head = json!({ "epoch": "e", "seq": seq });
        let data = json!({ "client_refresh": row(1, 3), "head": head });
        rig.frame("ProductChanged", Some(CHANNEL), data);
        rig.versions()
    };
    for seq in [json!(6), json!(6.0), json!("6")] {
        assert_eq!(with_seq(seq.clone()), [(1, 3)], "{seq} orders the event");
    }
    let beyond = 9_000_000_000_000_000_u64;
    for seq in [json!(-6), json!(6.5), json!(beyond), json!("six"), json!(true), json!(null)] {
        assert_eq!(with_seq(seq.clone()), [(1, 9)], "{seq} is none, versions order it");
    }
}

/// An event names two rows; the list is read meanwhile, past the event; then a replica that lags answers for a row.
#[test]
fn a_row_of_a_replica_that_lags_behind_the_list() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    event(&mut rig, 5, 7, json!({ "url": ["/api/products/1", "/api/products/2"] }));
    rig.answer(&read, list(&[row(1, 6), row(2, 7)], 7));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    let head = Some(Head { epoch: "e".into(), seq: 5 });
    rig.answer(&read, ReadReply::Row { row: row(1, 1).into(), validator: None, head });
    assert_eq!(rig.versions(), [(1, 6), (2, 7)], "the list is younger");
    assert_ne!(rig.state(), "fresh");
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 6), row(2, 7)], 7));
    assert_eq!(rig.state(), "fresh");
}

/// A row is being read for an earlier event when the next one names another row: only *its* read includes that event.
#[test]
fn the_read_of_another_row_does_not_include_an_event() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    event(&mut rig, 5, 6, json!({ "url": "/api/products/1" }));
    rig.answer(&read, list(&[row(1, 6), row(2, 1)], 6));
    let read = rig.read();
    event(&mut rig, 6, 7, json!({ "url": "/api/products/2" }));
    let head = Some(Head { epoch: "e".into(), seq: 7 });
    rig.answer(&read, ReadReply::Row { row: row(1, 6).into(), validator: None, head });
    let inspected = rig.engine.inspect();
    assert!(inspected.contains(r#""reflected":"e;6""#), "row 2 is missing yet: {inspected}");
}

#[test]
fn an_event_that_names_two_rows_is_one_read_of_the_list() {
    let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
    event(&mut rig, 5, 6, json!({ "url": ["/api/products/1", "/api/products/2"] }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "the head of one row says nothing of the other");
    rig.answer(&read, list(&[row(1, 6), row(2, 6)], 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6), (2, 6)], "fresh".to_owned()));
    rig.no_read(20_000);
}

#[test]
fn reads_between_the_rows_and_what_is_known_are_accepted_when_three_agree() {
    for (heads, fresh_after) in [([7, 7, 7, 7, 7], 3), ([6, 7, 7, 7, 7], 5), ([6, 7, 8, 9, 10], 5)]
    {
        let mut rig = fresh(resource(), &[row(1, 5)]);
        event(&mut rig, 9, 10, json!({ "client_refresh": row(1, 10) }));
        for (reads, seq) in (1..).zip(&heads[..fresh_after]) {
            let read = rig.read();
            rig.answer(&read, list(&[row(1, *seq)], *seq));
            assert_eq!(rig.versions(), [(1, *seq)]);
            let is_fresh = rig.state() == "fresh";
            assert_eq!(is_fresh, reads == fresh_after, "{heads:?} {reads}: {}", rig.state());
        }
        rig.no_read(20_000);
        let seq = heads[fresh_after - 1];
        event(&mut rig, seq, seq + 1, json!({}));
        assert_eq!(rig.state(), "stale(changed)", "nothing lags any more");
    }
}

#[test]
fn the_last_event_of_a_channel_was_heard_only_if_the_rows_show_all_of_it() {
    let heard = json!({ "client_refresh": row(1, 6) });
    for (last, is_fresh) in [
        (heard.clone(), true),
        // siblings of the same transaction, which were missed
        (json!({ "client_refresh": row(2, 6) }), false),
        (json!({ "client_refresh": row(1, 6), "url": "/api/products/2" }), false),
        (json!({ "client_refresh": row(1, 6), "url": 7 }), false),
        (json!({ "client_refresh": { "id": 1, "v": 6 } }), false),
    ] {
        let mut rig = fresh(resource(), &[row(1, 1), row(2, 1)]);
        event(&mut rig, 5, 6, heard.clone());
        reconnect(&mut rig);
        event(&mut rig, 5, 6, last.clone());
        assert_eq!(rig.state() == "fresh", is_fresh, "{last}: {}", rig.state());
    }
}

#[test]
fn a_read_that_lags_behind_an_event_takes_nothing_back_though_no_read_had_a_head_before() {
    let mut rig = fresh(resource(), &[row(1, 5)]);
    // rows of unknown head
    rig.command(Command::Refresh("products".into()));
    rig.answer_list(&[row(1, 5)]);
    event(&mut rig, 7, 8, json!({ "client_refresh": row(1, 6) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "fresh".to_owned()));
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 5)], 7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "stale(lagging-read)".to_owned()));
}

#[test]
fn a_row_that_was_deleted_at_an_older_version_is_not_brought_back_by_one_from_between() {
    let mut rig = fresh(resource(), &[row(1, 5)]);
    event(&mut rig, 5, 6, json!({ "deleted": { "id": 1, "v": 3 } }));
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
    rig.frame("ProductChanged", Some(CHANNEL), json!({ "client_refresh": row(1, 4) }));
    assert_eq!(rig.versions(), []);
}

#[test]
fn a_row_that_lives_again_at_the_head_of_a_read_is_taken_though_it_was_deleted_meanwhile() {
    for lives_again_at in [6, 7] {
        let mut rig = fresh(resource(), &[row(1, 5)]);
        rig.command(Command::Refresh("products".into()));
        let read = rig.read();
        event(&mut rig, 5, 6, json!({ "deleted": { "id": 1, "v": 6 } }));
        assert_eq!(rig.versions(), []);
        rig.answer(&read, list(&[row(1, lives_again_at)], 7));
        assert_eq!(rig.versions(), [(1, lives_again_at)]);
        assert_eq!(rig.state(), "fresh");
        rig.no_read(30_000);
    }
}

/// It was deleted, and made anew outside of the list, while the list was read: the event of the second came after the
/// answer that includes it, and says nothing more.
#[test]
fn a_row_deleted_and_made_anew_while_the_list_was_read_is_asked_for() {
    let resource = ResourceConfig { membership: Membership::Undeclared, ..resource() };
    let mut rig = fresh(resource, &[row(1, 1), row(2, 3)]);
    reconnect(&mut rig);
    let read = rig.read();
    event(&mut rig, 5, 6, json!({ "client_refresh": row(2, 3), "deleted": true }));
    rig.answer(&read, list(&[row(1, 1)], 7));
    event(&mut rig, 6, 7, json!({ "client_refresh": row(2, 4) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
    rig.command(Command::Get(9, "products".into(), "2".into()));
    let read = rig.read();
    assert_eq!((read.target, rig.got(9)), (ReadTarget::Entry, None));
}

/// The row was read by its URL at a later head than the list shows, and left the list with that: the event of that head,
/// which waited for one before it, does not say so.
#[test]
fn a_row_read_at_a_later_head_than_the_list_owes_a_list_of_that_head() {
    for lists_it in [false, true] {
        left_at_a_later_head(lists_it);
    }
}

fn left_at_a_later_head(lists_it: bool) {
    let resource = ResourceConfig { membership: Membership::Undeclared, ..resource() };
    let mut rig = fresh(resource, &[row(1, 1), row(2, 2)]);
    event(&mut rig, 5, 6, json!({ "url": "/api/products/2" }));
    let read = rig.read();
    let head = Some(Head { epoch: "e".into(), seq: 9 });
    rig.answer(&read, ReadReply::Row { row: row(2, 3).into(), validator: None, head });
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    event(&mut rig, 8, 9, json!({ "deleted": true, "id": 3, "v": 1 }));
    let rows = [row(1, 8), row(2, 2)];
    rig.answer(&read, list(if lists_it { &rows } else { &rows[..1] }, 8));
    assert_ne!(rig.state(), "fresh", "{lists_it}");
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 8)], 9));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 8)], "fresh".to_owned()));
}
