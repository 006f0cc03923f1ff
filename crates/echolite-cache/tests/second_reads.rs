//! Events that come before their change can be read (rule 4d): a read that shows nothing new is followed by one that decides.

mod rig;

use echolite_cache::{
    Command, Membership, Mono, PageSignal, Reaction, ReadReply, ReadTarget, ResourceConfig,
};
use rig::{Rig, Wire, head, products, row};
use serde_json::{Value, json};

/// A list that nothing happened to for a minute.
fn quiet(resource: ResourceConfig, rows: &[Value]) -> Rig {
    let mut rig = Rig::fresh(resource, rows);
    rig.pass(60_000);
    rig
}

fn unversioned() -> ResourceConfig {
    ResourceConfig { version: None, ..products() }
}

/// The next read, which shows these rows; how long after `since` it began.
fn reads(rig: &mut Rig, since: Mono, rows: &[Value]) -> u64 {
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    let after = rig.now.mono - since;
    rig.answer(&read, Rig::list(rows, None));
    after
}

#[test]
fn an_event_that_comes_before_its_change_is_found_by_the_second_read() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({}));
    assert!(reads(&mut rig, event, &[row(1, 1)]) <= 300);
    assert_eq!(rig.state(), "stale(lagging-read)");
    let after = reads(&mut rig, event, &[row(1, 2)]);
    assert!((2_000..=5_010).contains(&after), "{after}");
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_304_shows_nothing_new_and_the_second_read_which_decides_has_no_validator() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "stale(lagging-read)");
    let read = rig.read();
    assert_eq!(read.validator, None, "an ETag may stay the same though the rows do not");
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

/// A list of two channels, one of which is joined.
fn half_joined(resource: ResourceConfig) -> Rig {
    let channels = vec!["products".into(), "prices".into()];
    let mut rig = Rig::new(rig::config());
    rig.declare(ResourceConfig { channels, ..resource });
    rig.establish();
    rig.confirm("products");
    rig
}

#[test]
fn the_first_read_of_all_says_nothing_of_the_event_before_it() {
    let mut rig = Rig::new(rig::config());
    rig.declare(products());
    rig.establish();
    rig.confirm("products");
    let event = rig.now.mono;
    rig.changed(json!({}));
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!(rig.state(), "stale(changing)", "it was under way");
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!(rig.state(), "stale(lagging-read)", "all of the first was new");
    let after = reads(&mut rig, event, &[row(1, 2)]);
    assert!((2_000..=5_010).contains(&after), "{after}");
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn what_the_read_after_an_absence_changes_says_nothing_of_the_event_before_it() {
    let mut rig = quiet(products(), &[row(1, 1), row(2, 1)]);
    rig.reconnect("products");
    let event = rig.now.mono;
    rig.changed(json!({}));
    reads(&mut rig, event, &[row(1, 1), row(2, 2)]);
    assert_eq!(rig.state(), "stale(lagging-read)", "row 2 was changed while nobody listened");
    reads(&mut rig, event, &[row(1, 2), row(2, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2), (2, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_read_before_all_channels_are_joined_settles_nothing() {
    let mut rig = half_joined(products());
    let event = rig.now.mono;
    rig.changed(json!({}));
    reads(&mut rig, event, &[row(1, 1)]);
    rig.confirm("prices");
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!(rig.state(), "stale(lagging-read)");
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_row_that_went_back_before_all_channels_are_joined_is_read_twice() {
    let mut rig = half_joined(unversioned());
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 1)]);
    rig.confirm("prices");
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!(rig.state(), "stale(lagging-read)");
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_read_that_shows_something_new_is_enough() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({}));
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn later_events_have_their_read_and_do_not_move_the_second_one() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({}));
    reads(&mut rig, event, &[row(1, 1)]);
    rig.pass(1_000);
    rig.changed(json!({}));
    let after = reads(&mut rig, event, &[row(1, 2)]);
    assert!(after < 2_000, "the second event is not kept waiting: {after}");
    assert_eq!(rig.state(), "stale(lagging-read)");
    let after = reads(&mut rig, event, &[row(1, 3)]);
    assert!((2_000..=5_010).contains(&after), "{after}");
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn there_is_one_second_read_in_thirty_seconds() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    let mut seconds = 0;
    for _ in 0..12 {
        let event = rig.now.mono;
        rig.changed(json!({}));
        reads(&mut rig, event, &[row(1, 1)]);
        if rig.state() != "fresh" {
            reads(&mut rig, event, &[row(1, 1)]);
            seconds += 1;
        }
        assert_eq!(rig.state(), "fresh");
        rig.pass(10_000 - (rig.now.mono - event));
    }
    assert_eq!(seconds, 3, "in two minutes, with an event every ten seconds");
}

/// The first read after an event shows nothing new, and the one that decides shows these rows.
fn one_more_read_decides(rig: &mut Rig, before: &[Value], after: &[Value]) {
    let event = rig.now.mono;
    reads(rig, event, before);
    assert_eq!(rig.state(), "stale(lagging-read)");
    reads(rig, event, after);
    assert_eq!((rig.versions().len(), rig.state()), (after.len(), "fresh".to_owned()));
}

/// Simulation, kind none, seed 42 (with events that come before their change).
#[test]
fn a_row_that_is_not_painted_says_no_more_than_that_something_changed() {
    let mut rig = quiet(unversioned(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "deleted": true, "client_refresh": row(2, 1) }));
    rig.answer_list(&[row(1, 1)]);
    rig.pass(60_000);
    rig.changed(json!({ "client_refresh": row(2, 2) }));
    assert_eq!(rig.versions(), [(1, 1)], "it may be late");
    one_more_read_decides(&mut rig, &[row(1, 1)], &[row(1, 1), row(2, 2)]);
}

#[test]
fn a_row_that_a_filtered_list_may_not_show_says_no_more_than_that_something_changed() {
    let url = "https://shop.test/api/products?open=1".into();
    let resource = ResourceConfig { url, membership: Membership::Undeclared, ..unversioned() };
    let mut rig = quiet(resource, &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(2, 2) }));
    assert_eq!(rig.versions(), [(1, 1)]);
    one_more_read_decides(&mut rig, &[row(1, 1)], &[row(1, 1), row(2, 2)]);
}

#[test]
fn data_that_are_of_no_use_say_no_more_than_that_something_changed() {
    for reaction in [Reaction::Auto, Reaction::Patch, Reaction::Url] {
        for data in
            [json!({ "client_refresh": [] }), json!({ "client_refresh": 7 }), json!({ "url": [] })]
        {
            let on = vec![("ProductChanged".into(), reaction)];
            let mut rig = quiet(ResourceConfig { on, ..products() }, &[row(1, 1)]);
            rig.changed(data);
            one_more_read_decides(&mut rig, &[row(1, 1)], &[row(1, 1), row(2, 2)]);
        }
    }
}

#[test]
fn what_says_more_than_that_something_changed_owes_none() {
    let tagged = ResourceConfig { tags: vec!["all".into()], ..products() };
    for data in [json!({ "url": "/api/products" }), json!({ "tags": "all" })] {
        let mut rig = quiet(tagged.clone(), &[row(1, 1)]);
        let event = rig.now.mono;
        rig.changed(data.clone());
        reads(&mut rig, event, &[row(1, 1)]);
        assert_eq!(rig.state(), "fresh", "{data}");
        rig.no_read(60_000);
    }
    let head = head("e", 5, 6);
    for data in [json!({ "head": head }), json!({ "heads": { "products": head } })] {
        let mut rig = Rig::at_five(products(), &[row(1, 1)]);
        rig.changed(data.clone());
        let read = rig.read();
        rig.answer(&read, Rig::list_at(&[row(1, 1)], "e", 6));
        assert_eq!(rig.state(), "fresh", "{data}");
        rig.no_read(60_000);
    }
}

#[test]
fn a_verification_and_a_refresh_owe_none() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    let now = rig.now.mono;
    reads(&mut rig, now, &[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
    rig.input(echolite_cache::Input::Core(echolite_core::Input::Page(PageSignal::Resumed)));
    let now = rig.now.mono;
    reads(&mut rig, now, &[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_list_that_nobody_looked_at_owes_none() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    rig.command(Command::Live(1, "products".into(), echolite_cache::Query::default()));
    let now = rig.now.mono;
    reads(&mut rig, now, &[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

/// The application goes from one page to another while the read is under way: for a moment nobody looks.
#[test]
fn what_is_owed_stays_owed_while_nobody_looks() {
    let headed = json!({ "head": head("e", 5, 6) });
    for (event, not_modified) in [(json!({}), false), (json!({}), true), (headed, false)] {
        let mut rig = quiet(products(), &[row(1, 1)]);
        rig.changed(event.clone());
        let read = rig.read();
        rig.command(Command::CloseLive(1));
        match not_modified {
            true => rig.answer(&read, ReadReply::NotModified { head: None }),
            false => rig.answer(&read, Rig::list(&[row(1, 1)], None)),
        }
        rig.shown.clear();
        rig.command(Command::Live(1, "products".into(), echolite_cache::Query::default()));
        assert_eq!(rig.state(), "stale(lagging-read)", "{event}");
        let now = rig.now.mono;
        reads(&mut rig, now, &[row(1, 2)]);
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
        rig.no_read(60_000);
    }
}

#[test]
fn a_read_that_comes_late_is_the_second_one_itself() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    let failure = echolite_cache::ReadFailure {
        status: Some(503),
        message: "no".into(),
        retry_after: Some(20_000),
    };
    rig.input(echolite_cache::Input::Read(read.request, Err(failure)));
    rig.no_read(19_000);
    rig.pass(1_000);
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

// --- rows and deletions that nothing orders --------------------------------------------------------

#[test]
fn a_painted_row_stays_until_the_second_read_decides() {
    for decided in [2, 1] {
        let mut rig = quiet(unversioned(), &[row(1, 1)]);
        let event = rig.now.mono;
        rig.changed(json!({ "client_refresh": row(1, 2) }));
        reads(&mut rig, event, &[row(1, 1)]);
        assert_eq!(rig.versions(), [(1, 2)], "it does not go back meanwhile");
        assert_eq!(rig.state(), "stale(lagging-read)");
        assert_eq!(rig.take_changes(), ["update 1"]);
        let after = reads(&mut rig, event, &[row(1, decided)]);
        assert!((2_000..=5_010).contains(&after), "{after}");
        assert_eq!((rig.versions(), rig.state()), (vec![(1, decided)], "fresh".to_owned()));
        rig.no_read(60_000);
    }
}

#[test]
fn a_painted_row_that_stays_is_not_vouched_for_by_the_read_of_who_looks_no_more() {
    let mut rig = quiet(unversioned(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.state(), "stale(lagging-read)");
    rig.command(Command::Live(1, "products".into(), echolite_cache::Query::default()));
    rig.pass(10_000);
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_painted_row_stays_though_its_own_url_contradicts_it_too() {
    let mut rig = quiet(unversioned(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 1)]);
    rig.command(Command::Get(5, "products".into(), "1".into()));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Entry);
    rig.answer(&read, ReadReply::Row { row: row(1, 1).into(), validator: None, head: None });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "stale(lagging-read)".to_owned()));
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn a_deleted_row_does_not_come_back_until_the_second_read_decides() {
    for decided in [vec![], vec![row(1, 1)]] {
        let mut rig = quiet(unversioned(), &[row(1, 1)]);
        let event = rig.now.mono;
        rig.changed(json!({ "deleted": 1 }));
        reads(&mut rig, event, &[row(1, 1)]);
        assert_eq!((rig.versions(), rig.state()), (vec![], "stale(lagging-read)".to_owned()));
        reads(&mut rig, event, &decided);
        assert_eq!((rig.versions().len(), rig.state()), (decided.len(), "fresh".to_owned()));
    }
}

#[test]
fn a_new_row_stays_until_the_second_read_decides() {
    let mut rig = quiet(unversioned(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(2, 1) }));
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!(rig.versions(), [(1, 1), (2, 1)]);
    assert_eq!(rig.state(), "stale(lagging-read)");
    reads(&mut rig, event, &[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn a_painted_row_that_the_first_read_shows_needs_no_second_one() {
    let mut rig = quiet(unversioned(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn while_no_second_read_is_allowed_the_first_decides() {
    let mut rig = quiet(unversioned(), &[row(1, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 1)]);
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
    rig.pass(5_000);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 3) }));
    reads(&mut rig, event, &[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn what_is_read_of_other_rows_is_taken_meanwhile() {
    let mut rig = quiet(unversioned(), &[row(1, 1), row(2, 1)]);
    let event = rig.now.mono;
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    reads(&mut rig, event, &[row(1, 1), row(2, 5), row(3, 1)]);
    assert_eq!(rig.versions(), [(1, 2), (2, 5), (3, 1)]);
}

#[test]
fn where_no_second_read_follows_a_painted_row_goes_back_with_the_first() {
    let mut rig = quiet(unversioned(), &[json!({ "id": 1, "n": 1 })]);
    rig.changed(json!({ "client_refresh": { "id": 1, "n": 2 } }));
    let event = rig.now.mono;
    rig.close(1006);
    while rig.opened() == 0 {
        rig.pass(10);
    }
    rig.close(1006);
    assert!(reads(&mut rig, event, &[json!({ "id": 1, "n": 1 })]) < 2_000);
    assert_eq!(rig.shown, [json!({ "id": 1, "n": 1 })], "no second read decides about it");
}

/// Events with heads, and answers without one (a proxy took it away, or another origin does not expose it): no head shows
/// that the read includes the event.
#[test]
fn a_head_that_the_answer_lacks_does_not_spare_the_second_read() {
    let event = || json!({ "head": head("e", 5, 6) });
    let at_five = || Rig::at_five(products(), &[row(1, 1)]);
    let headless = || Rig::fresh(products(), &[row(1, 1)]);
    let not_modified = || ReadReply::NotModified { head: None };
    for (mut rig, reply) in [
        (headless(), Rig::list(&[row(1, 1)], None)),
        (headless(), not_modified()),
        (at_five(), Rig::list(&[row(1, 1)], None)),
    ] {
        rig.pass(60_000);
        let since = rig.now.mono;
        rig.changed(event());
        let read = rig.read();
        rig.answer(&read, reply);
        assert_eq!(rig.state(), "stale(lagging-read)");
        let after = reads(&mut rig, since, &[row(1, 2)]);
        assert!((2_000..=5_310).contains(&after), "{after}");
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
        rig.no_read(60_000);
    }
    let mut rig = headless();
    rig.changed(event());
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "fresh", "news are enough");
}

#[test]
fn an_answer_without_a_head_that_began_before_the_event_settles_nothing_of_it() {
    let mut rig = quiet(products(), &[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.changed(json!({ "head": head("e", 5, 6) }));
    rig.answer(&read, Rig::list(&[row(1, 1)], None));
    let now = rig.now.mono;
    reads(&mut rig, now, &[row(1, 1)]);
    assert_eq!(rig.state(), "stale(lagging-read)");
    reads(&mut rig, now, &[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}
