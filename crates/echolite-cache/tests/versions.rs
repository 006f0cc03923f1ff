//! Rule 1 where versions are as back ends write them: of several forms, of two kinds, of none.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod rig;

use echolite_cache::{
    Head, Paging, Payload, ReadReply, ResourceConfig, StoreInput, Stored, StoredRow, Version,
    VersionMode, Wall,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, products};
use serde_json::{Value, json};

const STRICT: bool = true;
const COARSE: bool = false;

fn resource(strict: bool) -> ResourceConfig {
    let version_mode = if strict { VersionMode::Strict } else { VersionMode::Coarse };
    ResourceConfig { version_mode, ..products() }
}

fn row(v: &Value, name: &str) -> Value {
    json!({ "id": 1, "v": v, "name": name })
}

fn names(rig: &Rig) -> Vec<&str> {
    rig.shown.iter().map(|row| row["name"].as_str().unwrap()).collect()
}

/// A version of the list, and a later one as an event has it: both forms of one kind.
fn ordered() -> Vec<(Value, Value)> {
    vec![
        (json!(9), json!(10)),
        (json!("9"), json!("10")),
        (json!("9"), json!(10)),
        (json!(9), json!("10")),
        (json!("0"), json!(1)),
        (json!(-1), json!(0)),
        (json!("9007199254740990"), json!(9_007_199_254_740_991_u64)),
        (json!(1_767_348_300), json!("1767348301")),
        (json!("2026-01-02T10:00:00.000000Z"), json!("2026-01-02T10:05:00Z")),
        (json!("2026-01-02T10:00:00.000000Z"), json!("2026-01-02 10:05:00+00:00")),
        (json!("2026-01-02T12:00:00+02:00"), json!("2026-01-02T10:05:00.1Z")),
        (json!("2026-01-02T10:00:00Z"), json!("2026-01-02T06:05:00-0400")),
        (json!("2026-01-02 10:00:00"), json!("2026-01-02 10:05:00")),
        (json!("2026-01-02 10:00:00"), json!("2026-01-02T10:05:00")),
        (json!("2026-01-02"), json!("2026-01-03")),
        (json!("2026-01-02T10:00:00.999Z"), json!("2026-01-02T10:00:01Z")),
    ]
}

/// Versions that have no order, one of which may well be the later.
fn unordered() -> Vec<(Value, Value)> {
    vec![
        (json!("9007199254740993"), json!("9007199254740994")),
        (json!(9_007_199_254_740_992_u64), json!(9_007_199_254_740_994_u64)),
        (json!(1.5), json!(2.5)),
        (json!("1.5"), json!("2.5")),
        (json!(1), json!("2026-01-02T10:00:00Z")),
        (json!("2026-01-02T10:00:00Z"), json!(1_767_348_300)),
        (json!("v9"), json!("v10")),
        (json!("01ARZ3NDEKTSV4RRFFQ69G5FAV"), json!("01BX5ZZKBKACTAV9WEVGEMMVRZ")),
        (
            json!("550e8400-e29b-41d4-a716-446655440000"),
            json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
        ),
        (json!("b1946ac9"), json!("a5919ac9")),
        (json!("Fri, 02 Jan 2026 10:00:00 GMT"), json!("Mon, 05 Jan 2026 10:00:00 GMT")),
        (json!("2026-01-02T10:00:00Z"), json!("yesterday")),
        (json!("same"), json!("same")),
    ]
}

#[test]
fn a_later_version_of_one_kind_is_final_and_an_earlier_one_is_dropped() {
    for strict in [COARSE, STRICT] {
        for (old, new) in ordered() {
            let of = format!("{old} and {new}, strict: {strict}");
            let mut rig = Rig::fresh(resource(strict), &[row(&old, "old")]);
            rig.changed(json!({ "client_refresh": row(&new, "new") }));
            assert_eq!((names(&rig), rig.state()), (vec!["new"], "fresh".to_owned()), "{of}");
            let mut rig = Rig::fresh(resource(strict), &[row(&new, "new")]);
            rig.changed(json!({ "client_refresh": row(&old, "old") }));
            assert_eq!((names(&rig), rig.state()), (vec!["new"], "fresh".to_owned()), "{of}");
            rig.no_read(2_000);
            assert_eq!(rig.warnings(), []);
        }
    }
}

#[test]
fn versions_without_an_order_are_painted_and_read_and_said_once() {
    for strict in [COARSE, STRICT] {
        for (one, other) in unordered() {
            let of = format!("{one} and {other}, strict: {strict}");
            let mut rig = Rig::fresh(resource(strict), &[row(&one, "list")]);
            for _ in 0..3 {
                rig.changed(json!({ "client_refresh": row(&other, "event") }));
            }
            assert_eq!(
                (names(&rig), rig.state()),
                (vec!["event"], "stale(provisional)".to_owned()),
                "{of}"
            );
            let warnings = rig.warnings();
            let [(code, values)] = &warnings[..] else { panic!("{of}: {warnings:?}") };
            let shown = |v: &Value| v.to_string().replace('"', "'");
            assert_eq!(*code, "versions-incomparable", "{of}");
            let told: Vec<f64> = values[1..].iter().filter_map(|v| v.parse().ok()).collect();
            match told.len() {
                2 => assert_eq!(told, [one.as_f64().unwrap(), other.as_f64().unwrap()], "{of}"),
                _ => assert!(
                    *values[1] == shown(&one) || *values[2] == shown(&other),
                    "{of}: {values:?}"
                ),
            }
            rig.answer_list(&[row(&one, "list")]);
            assert_eq!(
                (names(&rig), rig.state()),
                (vec!["event"], "stale(lagging-read)".to_owned()),
                "{of}"
            );
            rig.answer_list(&[row(&one, "list")]);
            assert_eq!((names(&rig), rig.state()), (vec!["list"], "fresh".to_owned()), "{of}");
        }
    }
}

#[test]
fn precision_or_an_offset_that_is_lost_is_a_tie_even_where_versions_are_strict() {
    for strict in [COARSE, STRICT] {
        for (one, other) in [
            ("2026-01-02T10:05:00.700000Z", "2026-01-02T10:05:00Z"),
            ("2026-01-02T10:05:00Z", "2026-01-02T10:05:00.000000Z"),
            ("2026-01-02", "2026-01-02 10:05:00"),
            // a local time: of which place, nobody says
            ("2026-01-02T10:00:00.000000Z", "2026-01-02 10:05:00"),
            ("2026-01-02T10:00:00.000000Z", "2026-01-02 09:55:00"),
        ] {
            let mut rig = Rig::fresh(resource(strict), &[row(&json!(one), "list")]);
            rig.changed(json!({ "client_refresh": row(&json!(other), "event") }));
            assert_eq!(
                (names(&rig), rig.state()),
                (vec!["event"], "stale(provisional)".to_owned()),
                "{one} and {other}, strict: {strict}"
            );
        }
    }
    // the same to the last digit is the same row, where it is declared so
    let version = json!("2026-01-02T10:05:00.700000Z");
    let mut rig = Rig::fresh(resource(STRICT), &[row(&version, "list")]);
    rig.changed(json!({ "client_refresh": row(&version, "event") }));
    assert_eq!((names(&rig), rig.state()), (vec!["list"], "fresh".to_owned()));
}

#[test]
fn deletions_follow_versions_of_all_forms() {
    for (old, new) in ordered() {
        let mut rig = Rig::fresh(resource(COARSE), &[row(&old, "old")]);
        rig.changed(json!({ "deleted": { "id": 1, "v": new } }));
        assert_eq!((names(&rig), rig.state()), (vec![], "fresh".to_owned()), "{old} {new}");
        rig.changed(json!({ "client_refresh": row(&old, "old") }));
        assert_eq!(names(&rig), Vec::<&str>::new(), "{old} {new}");
    }
    for (one, other) in unordered() {
        let mut rig = Rig::fresh(resource(STRICT), &[row(&one, "list")]);
        rig.changed(json!({ "deleted": { "id": 1, "v": other } }));
        let state = (names(&rig), rig.state());
        assert_eq!(state, (vec![], "stale(provisional)".to_owned()), "{one} {other}");
        rig.answer_list(&[]);
        // neither is a row painted over a tombstone, nor the list fresh without a read
        rig.changed(json!({ "client_refresh": row(&one, "again") }));
        assert_eq!((names(&rig), rig.state()), (vec![], "stale(changed)".to_owned()), "{one}");
        // and of a row that is not there
        let mut rig = Rig::fresh(resource(STRICT), &[]);
        rig.changed(json!({ "deleted": { "id": 1, "v": other } }));
        let ordered = Version::of(Json::from(other.clone()).scalar()).unwrap().is_ordered();
        let state = if ordered { "fresh" } else { "stale(provisional)" };
        assert_eq!(rig.state(), state, "{other}");
    }
}

#[test]
fn rows_and_tombstones_of_a_store_are_compared_alike() {
    let stored = |v: Version, deleted: bool| {
        let mut rig = Rig::new(echolite_cache::Config { persist: true, ..rig::config() });
        rig.declare(ResourceConfig { persist: true, ..resource(COARSE) });
        let Value::String(text) = (match &v {
            Version::Text(text) => json!(&**text),
            Version::Number(number) => json!(number.to_string()),
        }) else {
            unreachable!()
        };
        let payload = (!deleted).then(|| Json::from(row(&json!(text), "stored")));
        let one = StoredRow {
            id: "1".into(),
            version: Some(v),
            payload,
            deleted_at: Wall(rig.now.wall.0),
        };
        let meta = echolite_cache::Meta {
            schema: 1,
            validator: None,
            as_of: Some(Wall(1)),
            reflected: None,
            positions: vec![],
        };
        rig.store(StoreInput::Loaded("products".into(), Some(Stored { meta, rows: vec![one] })));
        rig.establish();
        rig.confirm("products");
        rig
    };
    for (version, newer, older) in [
        (Version::Text("9".into()), json!("10"), json!("8")),
        (Version::Number(9.0), json!("10"), json!(8)),
        (
            Version::Text("2026-01-02T10:00:00.000000Z".into()),
            json!("2026-01-02T12:05:00+02:00"),
            json!("2026-01-02T11:55:00+02:00"),
        ),
    ] {
        let mut rig = stored(version.clone(), false);
        rig.changed(json!({ "client_refresh": row(&older, "event") }));
        assert_eq!(names(&rig), ["stored"], "{version:?}");
        rig.changed(json!({ "client_refresh": row(&newer, "event") }));
        assert_eq!(names(&rig), ["event"], "{version:?}");
        let mut rig = stored(version.clone(), true);
        rig.changed(json!({ "client_refresh": row(&older, "event") }));
        assert_eq!(names(&rig), Vec::<&str>::new(), "{version:?}");
        rig.changed(json!({ "client_refresh": row(&newer, "event") }));
        assert_eq!(names(&rig), ["event"], "{version:?}");
    }
}

#[test]
fn reads_of_all_kinds_compare_alike() {
    // an event during a read of the list, and of its only page
    let paged = ResourceConfig { paging: Some(Paging::Cursor), ..resource(COARSE) };
    for resource in [resource(COARSE), paged] {
        let mut rig = Rig::fresh(resource, &[row(&json!("9"), "list")]);
        rig.changed(json!({}));
        let read = rig.read();
        rig.changed(json!({ "client_refresh": row(&json!("10"), "event") }));
        rig.answer(&read, Rig::list(&[row(&json!("9"), "list")], None));
        assert_eq!(names(&rig), ["event"], "the read is older");
    }
    // a single row, during whose read an event came
    let mut rig = Rig::fresh(resource(COARSE), &[row(&json!("9"), "list")]);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    rig.changed(json!({ "client_refresh": row(&json!("10"), "event") }));
    let reply =
        |v: Value, name| ReadReply::Row { row: row(&v, name).into(), validator: None, head: None };
    rig.answer(&read, reply(json!("9"), "read"));
    assert_eq!(names(&rig), ["event"]);
    // what changed since a head
    let since = ResourceConfig { since: true, ..resource(COARSE) };
    let mut rig = Rig::new(rig::config());
    rig.declare(since);
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(&json!("9"), "list")], "e", 5));
    rig.reconnect("products");
    let read = rig.read();
    rig.changed(json!({ "client_refresh": row(&json!("10"), "event") }));
    let head = Head { epoch: "e".into(), seq: 5 };
    let changed = vec![Json::from(row(&json!("9"), "since"))];
    rig.answer(&read, ReadReply::Since { changed, deleted: vec![], head });
    assert_eq!(names(&rig), ["event"]);
}

// --- keys that are used again (rule 3) -------------------------------------------------------------

#[test]
fn an_event_older_than_a_tombstone_leads_to_one_read_and_is_not_painted() {
    for strict in [COARSE, STRICT] {
        for v in [1, 8, 9] {
            let mut rig = Rig::fresh(resource(strict), &[row(&json!(8), "first life")]);
            rig.changed(json!({ "deleted": { "id": 1, "v": 9 } }));
            assert_eq!(rig.state(), "fresh");
            rig.changed(json!({ "client_refresh": row(&json!(v), "second life") }));
            let stale = (vec![], "stale(changed)".to_owned());
            assert_eq!((names(&rig), rig.state()), stale, "{v}");
            rig.answer_list(&[]);
            assert_eq!((names(&rig), rig.state()), (vec![], "fresh".to_owned()));
            rig.no_read(20_000);
        }
    }
}

#[test]
fn a_key_that_lives_again_is_there_once_reads_agree() {
    let mut rig = Rig::fresh(resource(STRICT), &[row(&json!(9), "first life")]);
    rig.changed(json!({ "deleted": 1 }));
    rig.answer_list(&[]);
    rig.changed(json!({ "client_refresh": row(&json!(1), "second life") }));
    for _ in 0..4 {
        if rig.state() == "fresh" {
            break;
        }
        rig.pass(10_000);
        for read in rig.reads() {
            rig.answer(&read, Rig::list(&[row(&json!(1), "second life")], None));
        }
    }
    assert_eq!((names(&rig), rig.state()), (vec!["second life"], "fresh".to_owned()));
}

#[test]
fn a_deletion_that_comes_after_the_next_life_began_does_not_end_it_silently() {
    let mut rig = Rig::fresh(resource(STRICT), &[row(&json!(9), "first life")]);
    rig.changed(json!({ "client_refresh": row(&json!(1), "second life") }));
    assert_eq!(rig.state(), "fresh", "an old event of the first life, for all that is known");
    rig.changed(json!({ "deleted": { "id": 1, "v": 10 } }));
    assert_eq!((names(&rig), rig.state()), (vec![], "stale(provisional)".to_owned()));
}

#[test]
fn with_heads_of_one_epoch_an_event_older_than_a_tombstone_is_ignored() {
    let mut rig = Rig::new(rig::config());
    rig.answers_pings = true;
    rig.declare(resource(STRICT));
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(&json!(9), "first life")], "e", 5));
    rig.changed(json!({ "deleted": 1, "head": rig::head("e", 5, 6) }));
    rig.changed(json!({ "client_refresh": row(&json!(8), "late"), "head": rig::head("e", 4, 5) }));
    assert_eq!((names(&rig), rig.state()), (vec![], "fresh".to_owned()));
    rig.changed(json!({ "client_refresh": row(&json!(1), "again"), "head": rig::head("e", 6, 7) }));
    assert_eq!((names(&rig), rig.state()), (vec!["again"], "fresh".to_owned()));
}
