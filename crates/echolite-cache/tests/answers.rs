//! Answers to reads: what each leaves for the next question, and what it reports.

mod rig;

use echolite_cache::{
    Activity, Command, Head, Output, Paging, ReadReply, ReadRequest, ReadTarget, ResourceConfig,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, head, products, row};
use serde_json::{Value, json};

const ROWS: &str = "https://shop.test/api/products";

fn at(seq: u64) -> Option<Head> {
    Some(Head { epoch: "e".into(), seq })
}

fn list(rows: &[Value], head: Option<Head>) -> ReadReply<Json> {
    let rows = rows.iter().cloned().map(Json::from).collect();
    ReadReply::List { rows, validator: Some("etag".into()), head }
}

/// The read that the application asks for.
fn refreshed(rig: &mut Rig) -> ReadRequest {
    rig.command(Command::Refresh("products".into()));
    rig.read()
}

/// Fresh at head `e;5`, with a validator, by a back end that answers `since`.
fn with_heads(rows: &[Value]) -> Rig {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { since: true, ..products() });
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer(&read, list(rows, at(5)));
    assert_eq!(rig.state(), "fresh");
    rig
}

#[test]
fn changes_since_a_head_leave_the_validator_only_where_there_are_none() {
    for (changed, deleted, validator) in [
        (vec![], vec![], Some("etag")),
        (vec![row(1, 2)], vec![], None),
        (vec![], vec!["2"], None),
        (vec![row(1, 2)], vec!["2"], None),
    ] {
        let mut rig = with_heads(&[row(1, 1), row(2, 1)]);
        rig.close(1006);
        rig.pass(2_000);
        rig.establish();
        rig.confirm("products");
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Since);
        let changed = changed.into_iter().map(Json::from).collect();
        let deleted = deleted.into_iter().map(Into::into).collect();
        rig.answer(&read, ReadReply::Since { changed, deleted, head: at(6).unwrap() });
        let read = refreshed(&mut rig);
        assert_eq!((read.target, read.validator.as_deref()), (ReadTarget::List, validator));
    }
}

#[test]
fn an_answer_that_nothing_changed_keeps_the_head_that_the_rows_have() {
    let mut rig = with_heads(&[row(1, 1)]);
    let read = refreshed(&mut rig);
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "fresh");
    // the next event of that order is final
    rig.changed(json!({ "client_refresh": row(1, 1), "head": head("e", 5, 6) }));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(30_000);
}

#[test]
fn a_read_reports_how_many_rows_are_others() {
    let rows: Vec<_> = (1..=5).map(|id| row(id, 1)).collect();
    let mut rig = Rig::fresh(products(), &rows);
    let read = refreshed(&mut rig);
    rig.outputs.clear();
    // two changed, one new, two gone
    rig.answer(&read, list(&[row(1, 2), row(2, 2), row(3, 1), row(6, 1)], None));
    let changed = rig.outputs.iter().find_map(|output| match output {
        Output::Activity(Activity::Read { changed, .. }) => Some(*changed),
        _ => None,
    });
    assert_eq!(changed, Some(5));
}

#[test]
fn a_list_in_pages_is_as_old_as_its_first_page() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { paging: Some(Paging::Number), ..products() });
    rig.establish();
    rig.confirm("products");
    let first = rig.read();
    let began = rig.now.wall;
    let page = |row: Value, next: Option<&str>| {
        let next = next.map(Into::into);
        ReadReply::Page { rows: vec![row.into()], validator: None, head: at(5), next }
    };
    rig.pass(700);
    let next = format!("{ROWS}?page=2");
    rig.answer(&first, page(row(1, 1), Some(&next)));
    let second = rig.read();
    rig.pass(700);
    rig.answer(&second, page(row(2, 1), None));
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.status.as_ref().and_then(|status| status.as_of), Some(began));
}

#[test]
fn an_append_list_goes_by_the_key_that_it_names() {
    let rows = [(9, 30, "a"), (10, 20, "c"), (11, 10, "b")]
        .map(|(id, price, name)| json!({ "id": id, "v": 1, "price": price, "name": name }));
    for (append, after) in [("id", "11"), ("price", "30"), ("name", "c")] {
        let resource = ResourceConfig { append: Some(append.into()), ..products() };
        let mut rig = Rig::fresh(resource, &rows);
        rig.close(1006);
        rig.pass(2_000);
        rig.close(1006);
        assert_eq!(*rig.read().url, format!("{ROWS}?after={after}"));
    }
}

#[test]
fn an_append_list_without_rows_is_polled_whole() {
    let mut rig = Rig::fresh(ResourceConfig { append: Some("id".into()), ..products() }, &[]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::List, ROWS));
}

/// A question for a row is answered by the list where that is read within a quarter of a second.
#[test]
fn a_row_waits_a_quarter_of_a_second_for_the_list() {
    let mut rig = Rig::new(config());
    rig.declare(products());
    rig.command(Command::Get(9, "products".into(), "1".into()));
    assert_eq!(rig.reads(), []);
    rig.pass(250);
    let read = rig.answer_list(&[row(1, 1)]);
    assert_eq!(read.target, ReadTarget::List);
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 1)))));
}

/// An event changed the row while its URL was asked, which says that it is gone: the list decides.
#[test]
fn a_row_that_is_gone_and_changed_meanwhile_stays_until_the_list_is_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.versions(), [(1, 2), (2, 1)]);
    assert_eq!(rig.state(), "stale(changed)");
    assert_eq!(rig.read().target, ReadTarget::List);
}

/// An event and a read that are both older than what is known: one of them may be right.
#[test]
fn a_read_that_leaves_a_row_unsure_is_followed_by_another() {
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    let read = refreshed(&mut rig);
    rig.changed(json!({ "client_refresh": row(1, 4) }));
    rig.answer(&read, list(&[row(1, 3)], None));
    assert_eq!(rig.versions(), [(1, 5)]);
    assert_eq!(rig.state(), "stale(changing)");
    rig.answer_list(&[row(1, 5)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_row_made_anew_after_its_deletion_is_given() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.command(Command::Resource(products()));
    rig.establish();
    rig.confirm("products");
    rig.changed(json!({ "deleted": true, "id": 7, "v": 5 }));
    for (version, given) in [(6, Some(row(7, 6))), (4, None)] {
        rig.command(Command::Get(9, "products".into(), "7".into()));
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Entry);
        let answered = row(7, version).into();
        rig.answer(&read, ReadReply::Row { row: answered, validator: None, head: None });
        assert_eq!(rig.got(9), Some(Ok(given)), "{version}");
    }
}

/// After a reconnect a read waits for the last event of the channels only where that can make it needless.
#[test]
fn only_channels_that_tell_a_last_event_of_known_heads_are_waited_for() {
    for (channel, heads, waits) in [
        ("cache-products", true, true),
        ("cache-products", false, false),
        ("products", true, false),
        ("products", false, false),
    ] {
        let mut rig = Rig::new(config());
        rig.answers_pings = true;
        rig.declare(ResourceConfig { channels: vec![channel.into()], ..products() });
        rig.establish();
        rig.confirm(channel);
        let read = rig.read();
        rig.answer(&read, list(&[row(1, 1)], if heads { at(5) } else { None }));
        assert_eq!(rig.state(), "fresh");
        rig.reconnect(channel);
        rig.pass(300);
        assert_eq!(rig.reads().is_empty(), waits, "{channel}, heads: {heads}");
    }
}

#[test]
fn a_page_is_no_answer_where_the_list_has_none() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let read = refreshed(&mut rig);
    rig.answer(&read, Rig::page_of(&[row(2, 1)], None, None));
    assert_eq!((rig.state(), rig.versions()), ("stale(read-failed)".into(), vec![(1, 1)]));
}

#[test]
fn a_list_is_the_only_page_where_pages_are_read() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { paging: Some(Paging::Number), ..products() });
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer(&read, list(&[row(1, 1)], None));
    assert_eq!((rig.state(), rig.versions()), ("fresh".into(), vec![(1, 1)]));
    let read = refreshed(&mut rig);
    assert_eq!((&*read.url, read.validator.as_deref()), (ROWS, Some("etag")));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn an_event_that_is_ignored_says_why_and_one_that_is_applied_needs_not() {
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    for (version, why) in [(4, Some("older than what is known, or the same")), (6, None)] {
        rig.outputs.clear();
        rig.changed(json!({ "client_refresh": row(1, version) }));
        let told = rig.outputs.iter().find_map(|output| match output {
            Output::Activity(Activity::Event { detail, .. }) => Some(detail.clone()),
            _ => None,
        });
        assert_eq!(told, Some(why.map(Into::into)), "{version}");
    }
}

/// The URL of row 1 leads to row 2 (a redirect, two rows made one): what became of row 1 only the list tells.
#[test]
fn a_url_that_answers_another_row_leads_to_a_read_of_the_whole_list() {
    let other = |head| ReadReply::Row { row: row(2, 6).into(), validator: None, head };
    let mut rig = Rig::fresh(products(), &[row(1, 5), row(2, 5)]);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    rig.answer(&read, other(None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 5), (2, 5)], "stale(changed)".into()));
    rig.answer_list(&[row(2, 6)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 6)], "fresh".into()));

    let mut rig = with_heads(&[row(1, 5), row(2, 5)]);
    rig.changed(json!({ "url": "/api/products/1", "head": head("e", 5, 6) }));
    let read = rig.read();
    rig.answer(&read, other(at(6)));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "`since` names what changed after a head");
    rig.answer(&read, list(&[row(2, 6)], at(6)));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 6)], "fresh".into()));
}

/// A back end that does not look at the epoch of `since` names what changed after a number of another count.
#[test]
fn changes_since_a_head_of_another_epoch_are_not_taken_for_the_list() {
    let mut rig = with_heads(&[row(1, 5), row(2, 5)]);
    rig.reconnect("products");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Since);
    let head = Head { epoch: "restored".into(), seq: 9 };
    rig.answer(&read, ReadReply::Since { changed: vec![], deleted: vec![], head: head.clone() });
    assert_eq!(rig.state(), "stale(epoch-changed)");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    rig.answer(&read, list(&[row(1, 3)], Some(head)));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".into()));
}
