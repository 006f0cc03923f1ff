//! Answers that a cache on the way kept (`Age`): a read counts as begun as long before its answer.

mod rig;

use echolite_cache::{Command, Output, Paging, ReadReply, ReadTarget, ResourceConfig, Wall};
use rig::{Rig, Wire, config, products, row};
use serde_json::json;

/// A list that is fresh for a minute; an event says that it changed, and it is asked for.
fn changed() -> Rig {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(60_000);
    rig.changed(json!({}));
    rig
}

#[test]
fn an_answer_from_before_the_event_settles_nothing() {
    let mut rig = changed();
    let read = rig.read();
    rig.answer_aged(&read, 21_000, Rig::list(&[row(1, 1)], Some("old")));
    assert_eq!(rig.state(), "stale(lagging-read)");
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 2)], Some("new")));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_304_from_before_the_event_settles_nothing() {
    let mut rig = changed();
    let read = rig.read();
    rig.answer_aged(&read, 21_000, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "stale(lagging-read)");
}

#[test]
fn an_answer_that_is_younger_than_the_event_settles_it() {
    let mut rig = changed();
    rig.pass(5_000);
    let read = rig.read();
    rig.answer_aged(&read, 4_000, Rig::list(&[row(1, 2)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn an_age_of_zero_is_a_second() {
    let mut rig = changed();
    let read = rig.read();
    rig.answer_aged(&read, 1_000, Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.state(), "stale(lagging-read)");
}

#[test]
fn an_age_that_is_shorter_than_the_read_changes_nothing() {
    let mut rig = changed();
    let read = rig.read();
    rig.pass(2_000);
    rig.answer_aged(&read, 1_000, Rig::list(&[row(1, 2)], None));
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn while_a_cache_answers_old_lists_reads_become_rarer() {
    let mut rig = changed();
    let mut reads = 0;
    for _ in 0..600 {
        rig.pass(100);
        for read in rig.reads() {
            reads += 1;
            rig.answer_aged(&read, 3_600_000, Rig::list(&[row(1, 1)], None));
        }
    }
    assert!((4..=8).contains(&reads), "{reads} in a minute");
    assert_eq!(rig.state(), "stale(lagging-read)");
}

#[test]
fn the_time_of_the_read_is_that_of_its_answer() {
    let mut rig = changed();
    let since = rig.now.mono;
    while rig.now.mono - since < 12_000 {
        for read in rig.reads() {
            rig.answer_aged(&read, 3_600_000, Rig::list(&[row(1, 1)], None));
        }
        rig.pass(100);
    }
    while rig.state() != "fresh" && rig.outputs.iter().all(|o| !matches!(o, Output::Read(_))) {
        rig.pass(100);
    }
    let read = rig.read();
    rig.answer_aged(&read, 11_000, Rig::list(&[row(1, 2)], None));
    let as_of = rig.status.as_ref().unwrap().as_of;
    assert_eq!((rig.state(), as_of), ("fresh".to_owned(), Some(Wall(rig.now.wall.0 - 11_000))));
    // and from there it is verified
    rig.no_read(288_000);
    rig.pass(1_100);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn the_first_list_is_shown_and_not_fresh_if_it_was_kept_for_longer_than_the_subscription_stands() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(products());
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer_aged(&read, 21_000, Rig::list(&[row(1, 1)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "stale(lagging-read)".to_owned()));
    rig.pass(21_000);
    let read = rig.read();
    rig.answer_aged(&read, 2_000, Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_row_painted_after_the_answer_was_made_stays() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.pass(60_000);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.changed(json!({ "deleted": true, "id": 2, "v": 2 }));
    rig.changed(json!({}));
    let read = rig.read();
    rig.answer_aged(&read, 21_000, Rig::list(&[row(1, 1), row(2, 1)], None));
    assert_eq!(rig.versions(), [(1, 2)]);
    assert_ne!(rig.state(), "fresh");
}

#[test]
fn one_old_page_makes_all_pages_old() {
    for (ages, state) in [
        ([0, 0], "fresh"),
        ([0, 21_000], "stale(lagging-read)"),
        ([21_000, 0], "stale(lagging-read)"),
    ] {
        let resource = ResourceConfig { paging: Some(Paging::Cursor), ..products() };
        let mut rig = Rig::new(config());
        rig.answers_pings = true;
        rig.declare(resource);
        rig.establish();
        rig.confirm("products");
        let next = "https://shop.test/api/products?cursor=b";
        let read = rig.read();
        rig.answer_aged(&read, ages[0], Rig::page_of(&[row(1, 1)], None, Some(next)));
        let read = rig.read();
        rig.answer_aged(&read, ages[1], Rig::page_of(&[row(2, 1)], None, None));
        assert_eq!(rig.state(), state, "{ages:?}");
    }
}

#[test]
fn a_list_in_pages_is_as_old_as_its_first_page() {
    let resource = ResourceConfig { paging: Some(Paging::Cursor), ..products() };
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(resource);
    rig.establish();
    rig.confirm("products");
    let next = "https://shop.test/api/products?cursor=b";
    for (age, wait) in [(0, 0), (30_000, 5_000)] {
        let read = rig.read();
        rig.pass(wait);
        rig.answer_aged(&read, age, Rig::page_of(&[row(1, 1)], None, Some(next)));
        let read = rig.read();
        rig.answer_aged(&read, 0, Rig::page_of(&[row(2, 1)], None, None));
        assert_eq!(rig.state(), "fresh");
        // it is verified so long after the first page was as it is
        rig.no_read(300_000 - age - 1_000);
        rig.pass(1_000);
    }
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn an_old_answer_for_a_row_does_not_make_it_fresh() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(60_000);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    let reply = ReadReply::Row { row: row(1, 1).into(), validator: None, head: None };
    rig.answer_aged(&read, 21_000, reply);
    assert_ne!(rig.state(), "fresh");
}

#[test]
fn an_old_answer_is_no_answer_to_whoever_asks_for_a_row_of_a_stale_list_without_row_urls() {
    let mut rig = Rig::fresh(ResourceConfig { row_prefixes: vec![], ..products() }, &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    rig.command(Command::Get(9, "products".into(), "1".into()));
    let read = rig.read();
    rig.answer_aged(&read, 21_000, Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.got(9), None);
}

/// A cache on the way gives the same answer for a row until it is too old: it is not asked as fast as it answers.
#[test]
fn while_a_cache_answers_old_rows_reads_become_rarer() {
    let reply = |id| ReadReply::Row { row: row(id, 1).into(), validator: None, head: None };
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(120_000);
    rig.changed(json!({ "url": "/api/products/1" }));
    rig.command(Command::Get(9, "products".into(), "5".into()));
    for (kept, at_most) in [(60_000, 8), (0, 3)] {
        let mut reads = 0;
        for _ in 0..600 {
            rig.pass(100);
            for read in rig.reads() {
                reads += 1;
                let id = if read.url.ends_with("/5") { 5 } else { 1 };
                rig.answer_aged(&read, kept, reply(id));
            }
        }
        assert!((2..=at_most).contains(&reads), "{reads} in a minute, {kept}");
    }
    assert_eq!((rig.state(), rig.got(9)), ("fresh".to_owned(), Some(Ok(Some(row(5, 1))))));
}
