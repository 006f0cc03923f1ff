//! The shortest schedules that break a naive engine, one a trap. Each first comment line is
//! the schedule.

mod rig;

use echolite_cache::{
    Command, Head, Output, PageSignal, Reaction, ReadReply, ResourceConfig, StoreInput, Term,
    VersionMode,
};
use rig::{Rig, Wire, head, products, row};
use serde_json::json;

/// Two updates share a second: event A (v1), event B (v1), whichever came last need not be the last.
#[test]
fn two_updates_in_one_second() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 2, "name": "second" } }));
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 2, "name": "first" } }));
    assert_eq!(rig.state(), "stale(provisional)");
    rig.answer_list(&[json!({ "id": 1, "v": 2, "name": "second" })]);
    assert_eq!(rig.shown[0]["name"], "second");
    assert_eq!(rig.state(), "fresh");
}

/// Two updates share a second; a read made between them is answered after the event of the second one.
#[test]
fn a_read_between_two_updates_of_one_second() {
    let named = |name| json!({ "id": 1, "v": 2, "name": name });
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.changed(json!({ "client_refresh": named("second") }));
    rig.answer(&read, Rig::list(&[named("first")], None));
    assert_eq!(rig.shown[0]["name"], "second");
    assert_ne!(rig.state(), "fresh", "which of them is the last cannot be said");
    rig.answer_list(&[named("second")]);
    assert_eq!((rig.shown[0]["name"].as_str(), rig.state()), (Some("second"), "fresh".to_owned()));
}

/// Update to v5 is known; the delete that followed carries v4, the version its writer had loaded.
#[test]
fn delete_with_the_old_timestamp() {
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    rig.changed(json!({ "deleted": true, "client_refresh": row(1, 4) }));
    assert_ne!(rig.state(), "fresh");
    rig.answer_list(&[]);
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
    // with the same timestamp it wins, and is confirmed: the row may have been made anew in that second
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    rig.changed(json!({ "deleted": true, "client_refresh": row(1, 5) }));
    assert_eq!((rig.versions(), rig.state()), (vec![], "stale(provisional)".to_owned()));
    rig.answer_list(&[]);
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}

/// Patch to v2; its revert is missed with the socket; the next read asks with the validator of v1: 304.
#[test]
fn not_modified_after_a_patch_and_a_missed_revert() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.reconnect("products");
    let read = rig.read();
    assert_eq!(read.validator, None, "the validator of v1 must not vouch for v2");
    // even a back end that answers 304 all the same is not believed
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_ne!(rig.state(), "fresh");
}

/// A read begins, an event patches the row, the read ends with the row as it was before.
#[test]
fn a_read_that_overlaps_an_event_does_not_undo_it() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.answer(&read, Rig::list(&[row(1, 1)], Some("old")));
    assert_eq!(rig.versions(), [(1, 2)]);
    let next = {
        rig.changed(json!({}));
        rig.read()
    };
    assert_eq!(next.validator, None, "the read's validator spoke of the older row");
}

/// A read begins, the row is deleted by an event, the read ends and still lists it.
#[test]
fn a_read_that_overlaps_a_deletion_does_not_raise_the_dead() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.changed(json!({ "deleted": true, "client_refresh": row(2, 1) }));
    rig.answer(&read, Rig::list(&[row(1, 1), row(2, 1)], None));
    assert_eq!(rig.versions(), [(1, 1)]);
}

/// `deleted` goes at once, `updated` was queued and comes after it.
#[test]
fn zombie_after_a_queued_update() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 3)]);
    rig.changed(json!({ "deleted": true, "client_refresh": row(2, 3) }));
    rig.changed(json!({ "client_refresh": row(2, 3) }));
    assert_eq!(rig.versions(), [(1, 1)], "it is not shown, not for a moment");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
    // without versions the cache cannot tell, so it shows nothing and asks
    let resource = echolite_cache::ResourceConfig { version: None, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1), row(2, 3)]);
    rig.changed(json!({ "deleted": 2 }));
    rig.changed(json!({ "client_refresh": row(2, 3) }));
    assert_eq!(rig.versions(), [(1, 1)]);
    rig.answer_list(&[row(1, 1)]);
    // a row made anew may not be visible yet (rule 4d)
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "stale(lagging-read)".to_owned()));
    rig.answer_list(&[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// The delete was missed, and a read no longer lists the row; then comes its queued update.
#[test]
fn zombie_after_a_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 3)]);
    rig.changed(json!({}));
    rig.answer_list(&[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(2, 2) }));
    assert_eq!(rig.versions(), [(1, 1)], "it is not shown, not for a moment");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// The back end is restored from a backup: every read shows older rows from now on.
#[test]
fn restored_backup() {
    let mut rig = Rig::fresh(products(), &[row(1, 9)]);
    for suspect in ["stale(lagging-read)", "stale(lagging-read)", "fresh"] {
        rig.changed(json!({}));
        let read = loop {
            rig.pass(100);
            if let Some(read) = rig.reads().pop() {
                break read;
            }
        };
        rig.answer(&read, Rig::list(&[row(1, 3)], None));
        assert_eq!(rig.state(), suspect);
    }
    assert_eq!(rig.versions(), [(1, 3)], "three reads agree: it is the truth");
}

/// v2 is known; the back end is restored from a backup of v1 while nobody listens, and makes another v2.
#[test]
fn restored_backup_that_counts_again() {
    let strict = ResourceConfig { version_mode: VersionMode::Strict, ..products() };
    let mut rig = Rig::fresh(strict, &[json!({ "id": 1, "v": 2, "name": "lost" })]);
    rig.reconnect("products");
    rig.answer_list(&[json!({ "id": 1, "v": 2, "name": "kept" })]);
    assert_eq!((rig.shown[0]["name"].as_str(), rig.state()), (Some("kept"), "fresh".to_owned()));
}

/// An event brings v2, the read that follows goes to a replica that still has v1.
#[test]
fn lagging_replica() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.changed(json!({}));
    rig.answer_list(&[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "stale(lagging-read)".to_owned()));
    // this one shows nothing new to whoever said only that something changed, and one more decides
    rig.answer_list(&[row(1, 2)]);
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// Subscribed to two channels; the second is confirmed late, an event on it was missed before.
#[test]
fn two_channels_of_which_one_was_missed() {
    let channels = vec!["products".into(), "prices".into()];
    let mut rig = Rig::new(rig::config());
    rig.declare(echolite_cache::ResourceConfig { channels, ..products() });
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    rig.confirm("prices");
    rig.answer_list(&[row(1, 2)]);
    rig.reconnect("products");
    assert_ne!(rig.state(), "fresh");
    rig.confirm("prices");
    assert_ne!(rig.state(), "fresh");
    rig.answer_list(&[row(1, 3)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
}

/// The machine sleeps for an hour: the wall clock jumps, the other stands still, the socket seems open.
#[test]
fn sleep_of_an_hour() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.now.wall.0 += 3_600_000;
    rig.pass(10);
    assert_eq!(rig.state(), "stale(slept)");
    assert_eq!(rig.sent(), ["ping"], "and the socket is asked");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
}

/// The page comes back from the back/forward cache.
#[test]
fn back_from_the_dead_page() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.page(PageSignal::Resumed);
    assert_eq!(rig.state(), "stale(resumed)");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

/// A read begins, the socket is lost and found, the read ends: it began before the confirmation.
#[test]
fn a_read_from_before_the_confirmation_earns_nothing() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let early = rig.read();
    rig.reconnect("products");
    rig.answer(&early, Rig::list(&[row(1, 1)], None));
    assert_ne!(rig.state(), "fresh");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// Within one second: the row is deleted and made anew; the read that overlaps the late event of the deletion
/// lists it with the deletion's own timestamp.
#[test]
fn made_anew_within_the_second_of_its_deletion() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.changed(json!({ "deleted": true, "client_refresh": row(1, 2) }));
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    assert_ne!(rig.state(), "fresh", "which came last cannot be said");
    for _ in 0..3 {
        rig.answer_list(&[row(1, 2)]);
    }
    assert_eq!(
        (rig.versions(), rig.state()),
        (vec![(1, 2)], "fresh".to_owned()),
        "three reads agree"
    );
}

/// Page 1 is read; its first row is deleted, the first of page 2 moves up to page 1; page 2 is read. The event of
/// the deletion comes after the read. The row that moved is on neither page as it was read.
#[test]
fn row_that_falls_between_two_pages() {
    let paging = Some(echolite_cache::Paging::Number);
    let mut rig = Rig::new(rig::config());
    rig.declare(echolite_cache::ResourceConfig { paging, ..products() });
    rig.establish();
    rig.confirm("products");
    let (first, second) =
        ("https://shop.test/api/products", "https://shop.test/api/products?page=2");
    let answer = |rig: &mut Rig, url: &str, rows: &[u64]| {
        let read = rig.read();
        assert_eq!(&*read.url, url);
        let rows: Vec<_> = rows.iter().map(|id| row(*id, 1)).collect();
        let next = (url == first).then_some(second);
        rig.answer(&read, Rig::page_of(&rows, None, next));
    };
    answer(&mut rig, first, &[1, 2]);
    answer(&mut rig, second, &[4]);
    assert_ne!(rig.state(), "fresh", "3 may be between them");
    // a look back shows it
    answer(&mut rig, first, &[2, 3]);
    for (url, rows) in [(first, [2, 3].as_slice()), (second, &[4]), (first, &[2, 3])] {
        assert_ne!(rig.state(), "fresh");
        answer(&mut rig, url, rows);
    }
    answer(&mut rig, second, &[4]);
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 1), (3, 1), (4, 1)], "fresh".to_owned()));
    rig.changed(json!({ "deleted": true, "id": 1, "v": 1 }));
    assert_eq!(rig.versions(), [(2, 1), (3, 1), (4, 1)]);
}

/// Two writers: the event of version 9 comes before that of version 8.
#[test]
fn writer_order_nine_before_eight() {
    let mut rig = Rig::fresh(products(), &[row(1, 7)]);
    rig.changed(json!({ "client_refresh": row(1, 9) }));
    rig.changed(json!({ "client_refresh": row(1, 8) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 9)], "fresh".to_owned()));
}

/// An event is missed, a whisper overwrites the channel's last event, and comes in its place after the reconnect.
#[test]
fn whisper_over_the_cached_event() {
    const CHANNEL: &str = "cache-products";
    let on = ["ProductChanged", "client-typing"].map(|event| (event.into(), Reaction::Auto));
    let channels = vec![CHANNEL.into()];
    let mut rig = Rig::new(rig::config());
    rig.declare(ResourceConfig { channels, on: on.into(), ..products() });
    rig.establish();
    rig.confirm(CHANNEL);
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "e", 5));
    assert_eq!(rig.state(), "fresh");
    rig.reconnect(CHANNEL);
    rig.frame("client-typing", Some(CHANNEL), json!({ "head": head("e", 4, 5) }));
    assert_ne!(rig.state(), "fresh", "a client cannot say that nothing was missed");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 2)], "e", 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// An event every 200 ms for a minute, one of them during each read; then quiet.
#[test]
fn steady_events() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let mut reads = 0;
    for _ in 0..300 {
        rig.changed(json!({}));
        rig.pass(200);
        for read in rig.reads() {
            reads += 1;
            rig.changed(json!({}));
            rig.answer(&read, Rig::list(&[row(1, 1)], None));
            assert_eq!(rig.state(), "stale(changing)");
        }
    }
    assert!((3..15).contains(&reads), "{reads} reads");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// The owner is taken for dead with a commit under way: another takes over, and the late commit is refused.
#[test]
fn owner_killed() {
    let mut rig = Rig::owning(products());
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    let (late, batch) = rig.commits().pop().expect("what was read is stored");
    assert_eq!(batch.term, Term(1));
    rig.store(StoreInput::Lost);
    rig.store(StoreInput::Committed(late, Err("the store belongs to another tab now".into())));
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.pass(60_000);
    assert!(rig.commits().is_empty(), "it owns nothing, so it writes nothing");
    rig.store(StoreInput::Owned(Term(3)));
    let (_, batch) = rig.commits().pop().expect("what another owner wrote is replaced");
    assert_eq!((batch.term, batch.reset, batch.put.len()), (Term(3), true, 1));
}

/// User A signs out while a read is under way, which forgets everything; its answer comes when the session is user B's.
#[test]
fn user_b_after_user_a() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.command(Command::Clear(1));
    assert!(rig.outputs.iter().any(|output| matches!(output, Output::ClearStore(1))));
    rig.answer(&read, Rig::list(&[row(2, 1)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![], "empty(cleared)".to_owned()));
    rig.no_read(60_000);
}

/// Four reads in a row are older than what is known, each than a later event: a lagging replica, no backup.
#[test]
fn a_replica_that_always_lags() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    for version in 2..6 {
        rig.changed(json!({ "client_refresh": row(1, version) }));
        rig.changed(json!({}));
        rig.answer_list(&[row(1, version - 1)]);
        assert_eq!(rig.versions(), [(1, version)]);
        assert_eq!(rig.state(), "stale(lagging-read)");
    }
    rig.answer_list(&[row(1, 5)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 5)], "fresh".to_owned()));
}

/// A row is known at v2 and named as outdated; the replica that answers does not have it yet: 404.
#[test]
fn a_replica_that_lacks_the_row() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.versions(), [(1, 2)]);
    assert_ne!(rig.state(), "fresh");
    let read = rig.read();
    rig.answer(&read, ReadReply::Row { row: row(1, 2).into(), validator: None, head: None });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// The first read overlaps an event of a row that it does not list; the page is loaded anew before the next read. A
/// head stored with such rows would vouch for them.
#[test]
fn rows_in_doubt_are_stored_without_their_head() {
    let mut rig = Rig::owning(products());
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.changed(json!({ "client_refresh": row(1, 1), "head": head("e", 4, 5) }));
    rig.answer(&read, Rig::list_at(&[], "e", 6));
    assert_ne!(rig.state(), "fresh");
    let (request, batch) = rig.commits().pop().expect("what was read is stored");
    assert_eq!(batch.meta.reflected, None);
    rig.store(StoreInput::Committed(request, Ok(())));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[], "e", 6));
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
    let (_, batch) = rig.commits().pop().expect("what was read is stored");
    assert_eq!(batch.meta.reflected, Some(Head { epoch: "e".into(), seq: 6 }));
}

/// A backup is restored; a read of it begins, and before its answer the row is deleted: the event's version is older
/// than what is known, and so is the read's.
#[test]
fn a_delete_with_a_version_that_repeats() {
    let strict = ResourceConfig { version_mode: VersionMode::Strict, ..products() };
    let mut rig = Rig::fresh(strict, &[row(1, 9)]);
    rig.reconnect("products");
    for _ in 0..2 {
        rig.answer_list(&[row(1, 1)]);
        assert_eq!(rig.state(), "stale(lagging-read)");
    }
    let read = rig.read();
    rig.changed(json!({ "deleted": true, "id": 1, "v": 1 }));
    rig.answer(&read, Rig::list(&[row(1, 1)], None));
    assert_ne!(rig.state(), "fresh");
    rig.answer_list(&[]);
    rig.pass(60_000);
    for read in rig.reads() {
        rig.answer(&read, Rig::list(&[], None));
    }
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}

/// A row is deleted, made anew and deleted again, all within one second; two reads show it as it was in between, and a
/// third, which began after the second deletion, goes to a replica that lags behind it.
#[test]
fn deleted_twice_within_one_second() {
    let mut rig = Rig::fresh(products(), &[row(1, 6)]);
    let deleted = json!({ "deleted": true, "client_refresh": row(1, 6) });
    rig.changed(deleted.clone());
    rig.changed(json!({ "client_refresh": row(1, 6) }));
    for _ in 0..2 {
        rig.answer_list(&[row(1, 6)]);
        assert_eq!((rig.versions(), rig.state()), (vec![], "stale(lagging-read)".to_owned()));
    }
    rig.changed(deleted);
    rig.answer_list(&[row(1, 6)]);
    assert_ne!(rig.state(), "fresh", "it contradicts an event that came before it began");
    rig.answer_list(&[]);
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}
