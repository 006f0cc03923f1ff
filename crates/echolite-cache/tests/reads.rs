//! Reads that are owed, and reads that are not: what is asked for only while the list is fresh, answers that settle
//! nothing, and the clock of verification.

mod rig;

use echolite_cache::{
    Command, Config, Input, Mono, Now, PageSignal, Position, ReadReply, ReadTarget, ResourceConfig,
    StoreInput, Stored, StoredRow, Term, Version, Wall,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, products, recovered, row, standing};
use serde_json::json;

const ROWS: &str = "https://shop.test/api/products";

fn get(rig: &mut Rig, request: u32, id: &str) {
    rig.command(Command::Get(request, "products".into(), id.into()));
}

fn answered(v: u64) -> ReadReply<Json> {
    ReadReply::Row { row: row(1, v).into(), validator: None, head: None }
}

// --- what is asked for is read, unless the list is fresh -------------------------------------------

#[test]
fn a_row_of_a_stale_list_that_nobody_looks_at_is_read_from_its_url() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    rig.pass(10_000);
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), None, "yesterday's row is no answer");
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Entry, &*format!("{ROWS}/1")));
    rig.answer(&read, answered(2));
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
}

#[test]
fn a_row_of_a_fresh_list_needs_no_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 1)))));
    rig.no_read(10_000);
}

/// Whatever makes the list stale: a lost connection, a provisional row, a row named as outdated.
#[test]
fn a_row_is_given_from_the_list_only_while_that_is_fresh() {
    type MakeStale = fn(&mut Rig);
    let stales: [(&str, MakeStale); 4] = [
        ("a lost connection", |rig| rig.close(1006)),
        ("another row in doubt", |rig| rig.changed(json!({ "client_refresh": row(2, 1) }))),
        ("an outdated row", |rig| rig.changed(json!({ "url": "/api/products/1" }))),
        ("a page that was frozen", |rig| {
            rig.input(Input::Core(echolite_core::Input::Page(PageSignal::Resumed)));
        }),
    ];
    for (what, make_stale) in stales {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        rig.command(Command::CloseLive(1));
        make_stale(&mut rig);
        get(&mut rig, 9, "1");
        assert_eq!(rig.got(9), None, "{what}");
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Entry, "{what}");
        rig.answer(&read, answered(2));
        assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))), "{what}");
    }
}

#[test]
fn a_row_of_a_stale_list_that_is_about_to_be_read_is_given_from_that_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(5_000);
    rig.changed(json!({}));
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), None);
    let read = rig.answer_list(&[row(1, 2)]);
    assert_eq!(read.target, ReadTarget::List);
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
}

#[test]
fn without_row_urls_a_stale_list_is_read_for_whoever_asks() {
    let mut rig = Rig::fresh(ResourceConfig { row_prefixes: vec![], ..products() }, &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    rig.pass(5_000);
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), None);
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
}

#[test]
fn a_list_that_cannot_be_read_is_no_answer_to_whoever_asks_for_a_row() {
    for id in ["1", "7"] {
        let resource = ResourceConfig { row_prefixes: vec![], ..products() };
        let mut rig = Rig::fresh(resource, &[row(1, 1)]);
        rig.command(Command::CloseLive(1));
        rig.changed(json!({}));
        get(&mut rig, 9, id);
        let read = rig.read();
        rig.fail(&read, Some(500));
        assert_eq!(rig.got(9), Some(Err("no".into())), "{id}");
    }
}

#[test]
fn a_refresh_reads_though_nobody_looks() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.command(Command::Refresh("products".into()));
    let reads = rig.reads();
    assert_eq!(reads.len(), 1);
    assert_eq!((reads[0].target, reads[0].validator.as_deref()), (ReadTarget::List, Some("etag")));
    rig.answer(&reads[0], Rig::list(&[row(1, 2)], None));
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 2)))));
    rig.no_read(3_600_000);
}

#[test]
fn a_refresh_before_anything_was_read_reads() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.command(Command::Resource(products()));
    rig.command(Command::Refresh("products".into()));
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), Some(Ok(Some(row(1, 1)))));
    rig.no_read(3_600_000);
}

#[test]
fn a_refresh_that_nobody_waits_for_is_tried_once() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    rig.fail(&read, Some(500));
    rig.no_read(3_600_000);
}

// --- a 304 that says nothing -----------------------------------------------------------------------

#[test]
fn a_304_to_a_question_without_a_validator_is_an_error_and_asked_again_with_backoff() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(products());
    rig.establish();
    rig.confirm("products");
    let mut reads = 0;
    for _ in 0..60_000 / 100 {
        rig.pass(100);
        for read in rig.reads() {
            assert_eq!(read.validator, None);
            reads += 1;
            rig.answer(&read, ReadReply::NotModified { head: None });
        }
    }
    assert!((4..=9).contains(&reads), "{reads} reads within a minute");
    assert_eq!(rig.state(), "empty(read-failed)");
    let detail = rig.status.as_ref().unwrap().state.clone();
    assert!(format!("{detail:?}").contains("304 to a question without a validator"), "{detail:?}");
    let mut read = rig.reads();
    while read.is_empty() {
        rig.pass(1_000);
        read = rig.reads();
    }
    rig.answer(&read[0], Rig::list(&[row(1, 1)], None));
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_304_after_an_event_changed_the_rows_is_asked_again_at_once_and_then_in_full() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(5_000);
    rig.changed(json!({}));
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"));
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_ne!(rig.state(), "fresh");
    let read = rig.read();
    assert_eq!(read.validator, None);
    rig.answer(&read, Rig::list(&[row(1, 3)], None));
    assert_eq!(rig.state(), "fresh");
}

// --- the clock of verification ---------------------------------------------------------------------

const CHANNEL: &str = "private-products";
/// The time that one read may take.
const DEADLINE: u64 = 30_000;

fn recovering(verify_interval: u64) -> Config {
    let config = config();
    let core = echolite_core::Config { recover: true, ..config.core };
    Config { core, verify_interval, persist: true, ..config }
}

fn kept() -> ResourceConfig {
    ResourceConfig { channels: vec![CHANNEL.into()], persist: true, ..products() }
}

/// A visit to a page whose store has the list as it was read at `as_of`; a replay shows that no event was missed.
fn visit(verify_interval: u64, as_of: Wall, now: Now) -> Rig {
    let mut rig = Rig::new(recovering(verify_interval));
    rig.now = now;
    rig.answers_pings = true;
    rig.declare(kept());
    rig.store(StoreInput::Owned(Term(2)));
    let meta = echolite_cache::Meta {
        schema: 1,
        validator: Some("etag".into()),
        as_of: Some(as_of),
        positions: vec![(CHANNEL.into(), Position { epoch: "e".into(), offset: 41 })],
        ..echolite_cache::Meta::default()
    };
    let (version, payload) = (Some(Version::Number(1.0)), Some(row(1, 1).into()));
    let rows = vec![StoredRow { id: "1".into(), version, payload, deleted_at: Wall(0) }];
    let key = rig.loads().pop().expect("it is asked for");
    rig.store(StoreInput::Loaded(key, Some(Stored { meta, rows })));
    rig.establish_recovering();
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    rig
}

const WALL: u64 = 1_700_000_000_000;

fn at(wall: u64) -> Now {
    Now { mono: Mono(5_000), wall: Wall(WALL + wall) }
}

#[test]
fn a_page_that_is_reloaded_again_and_again_reads_all_the_same() {
    const VERIFY: u64 = 6_000;
    let (mut as_of, mut reads) = (Wall(WALL), 0);
    for reload in 1..=60 {
        let mut rig = visit(VERIFY, as_of, at(reload * 4_000));
        for _ in 0..40 {
            rig.pass(100);
            let fresh = rig.state() == "fresh";
            assert!(!fresh || rig.now.wall.0 - as_of.0 <= VERIFY + DEADLINE, "{reload}");
            for read in rig.reads() {
                reads += 1;
                as_of = rig.now.wall;
                rig.answer(&read, ReadReply::NotModified { head: None });
            }
        }
        assert_eq!(rig.state(), "fresh");
    }
    assert!((20..=45).contains(&reads), "{reads} reads in four minutes");
}

#[test]
fn after_a_short_absence_the_clock_goes_on_where_it_was() {
    let mut rig = visit(300_000, Wall(WALL), at(200_000));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(99_000);
    rig.pass(1_100);
    assert_eq!(rig.reads().len(), 1, "five minutes after the read, not after the visit");
}

#[test]
fn after_a_long_absence_there_is_one_conditional_read_spread_over_five_seconds() {
    let mut delays = Vec::new();
    for minutes in [6, 60, 60 * 24 * 40] {
        for seed in 0..20 {
            let mut rig = visit(300_000, Wall(WALL), at(minutes * 60_000 + seed));
            assert_eq!(rig.state(), "fresh", "no event was missed");
            let began = rig.now.mono;
            let read = rig.read();
            assert_eq!(rig.state(), "fresh");
            delays.push(rig.now.mono - began);
            assert_eq!((read.target, read.validator.as_deref()), (ReadTarget::List, Some("etag")));
            rig.answer(&read, ReadReply::NotModified { head: None });
            assert_eq!(rig.state(), "fresh");
            rig.no_read(299_000 - 5_000);
        }
    }
    assert!(delays.iter().all(|delay| *delay <= 5_000), "{delays:?}");
}

#[test]
fn a_long_absence_whose_read_is_not_answered_ends_the_freshness() {
    let mut rig = visit(300_000, Wall(WALL), at(3_600_000));
    rig.read();
    rig.pass(DEADLINE + 100);
    assert_eq!(rig.state(), "stale(read-failed)");
}

#[test]
fn restored_rows_without_a_replay_are_not_fresh_meanwhile() {
    let mut rig = Rig::new(recovering(300_000));
    rig.declare(kept());
    let key = rig.loads().pop().expect("it is asked for");
    let meta = echolite_cache::Meta {
        schema: 1,
        as_of: Some(Wall(rig.now.wall.0 - 1_000)),
        ..echolite_cache::Meta::default()
    };
    rig.store(StoreInput::Loaded(key, Some(Stored { meta, rows: Vec::new() })));
    rig.establish_recovering();
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
    rig.confirm_with(CHANNEL, standing("e", 41));
    assert_ne!(rig.state(), "fresh");
}

/// Rows that were read in the future: the wall clock was set back, and nobody knows how old they are.
#[test]
fn a_wall_clock_that_was_set_back_extends_nothing() {
    let mut rig = visit(300_000, Wall(WALL + 3_600_000), at(0));
    let read = rig.read();
    rig.answer(&read, ReadReply::NotModified { head: None });
    // and within a page, little by little
    let mut rig = visit(300_000, Wall(WALL), at(0));
    for _ in 0..299 {
        rig.now.wall = Wall(rig.now.wall.0 - 1_000);
        rig.no_read(1_000);
    }
    rig.pass(1_100);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn a_wall_clock_that_was_set_forward_extends_nothing() {
    let mut rig = visit(300_000, Wall(WALL), at(1_000));
    rig.now.wall = Wall(rig.now.wall.0 + 600_000);
    rig.input(Input::Core(echolite_core::Input::Tick));
    assert_ne!(rig.state(), "fresh");
}

#[test]
fn reconnects_with_nothing_missed_do_not_put_the_verification_off() {
    let mut rig = visit(60_000, Wall(WALL), at(0));
    let mut read_at = None;
    for second in 0..90 {
        if second % 7 == 6 {
            rig.close(1006);
            rig.pass(2_000);
            rig.establish_recovering();
            for (request, _) in rig.authorizations() {
                rig.authorize(request);
            }
            rig.confirm_with(CHANNEL, recovered("e", 41, true));
        }
        rig.pass(1_000);
        if let Some(read) = rig.reads().pop() {
            read_at.get_or_insert(rig.now.wall.0 - WALL);
            rig.answer(&read, ReadReply::NotModified { head: None });
        }
    }
    assert!(read_at.is_some_and(|at| at <= 70_000), "{read_at:?}");
}

#[test]
fn a_list_that_nobody_looks_at_is_fresh_no_longer_than_it_may_be() {
    let mut rig = visit(300_000, Wall(WALL), at(0));
    rig.command(Command::CloseLive(1));
    rig.pass(300_000 + DEADLINE - 1_000);
    assert!(rig.engine.inspect().contains(r#""products":{"status":"fresh""#));
    rig.pass(2_000);
    let inspected = rig.engine.inspect();
    assert!(inspected.contains(r#""status":"stale","reason":"unverified""#), "{inspected}");
    let told = format!(r#"{{"at":{},"status":"stale","#, WALL + 300_000 + DEADLINE + 1);
    assert!(inspected.contains(&told), "at once: {inspected}");
    get(&mut rig, 9, "1");
    assert_eq!(rig.got(9), None);
}

#[test]
fn only_a_list_that_somebody_looks_at_is_polled_without_a_connection() {
    for (looked_at, reason) in [(true, "polling"), (false, "disconnected")] {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        if !looked_at {
            rig.command(Command::CloseLive(1));
        }
        rig.close(1006);
        rig.pass(2_000);
        rig.close(1006);
        let inspected = rig.engine.inspect();
        assert!(inspected.contains(&format!(r#""reason":"{reason}","asOf""#)), "{inspected}");
    }
}

#[test]
fn a_row_that_its_url_answers_older_than_it_is_known_is_taken_once_three_reads_agree() {
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    rig.changed(json!({ "client_refresh": row(1, 6) }));
    rig.changed(json!({ "url": "/api/products/1" }));
    for (reads, known) in [(1, 6), (2, 6), (3, 5)] {
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Row, "{reads}");
        rig.answer(&read, ReadReply::Row { row: row(1, 5).into(), validator: None, head: None });
        assert_eq!(rig.versions(), [(1, known)], "{reads}");
        assert_eq!(rig.state() == "fresh", reads == 3, "{reads}: {}", rig.state());
    }
    rig.no_read(20_000);
}
