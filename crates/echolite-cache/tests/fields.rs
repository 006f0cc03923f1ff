//! Fields as back ends write them: numbers in texts, dates, and ids that are none.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod rig;

use echolite_cache::{Command, Condition, FieldType, Name, Order, Query, ResourceConfig, Scalar};
use rig::{Rig, Wire, products};
use serde_json::{Value, json};

fn typed(types: &[(&str, FieldType)]) -> ResourceConfig {
    let indexes = vec!["price".into(), "made".into()];
    let index_types = types.iter().map(|(path, kind)| ((*path).into(), *kind)).collect();
    ResourceConfig { indexes, index_types, ..products() }
}

fn query(rig: &mut Rig, conditions: Vec<(Name, Condition)>, order: &str) -> Vec<Value> {
    let order = vec![Order { path: order.into(), descending: false }];
    let query = Query { conditions, order, ..Query::default() };
    rig.command(Command::Live(1, "products".into(), query));
    rig.shown.iter().map(|row| row["id"].clone()).collect()
}

fn number(number: f64) -> Scalar {
    Scalar::Number(number)
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

#[test]
fn numbers_in_texts_are_numbers_where_a_field_has_no_others() {
    let rows = [
        json!({ "id": 1, "price": "100.00" }),
        json!({ "id": 2, "price": "9.99" }),
        json!({ "id": 3, "price": "-1" }),
        json!({ "id": 4, "price": 50 }),
        json!({ "id": 5, "price": null }),
    ];
    for resource in [products(), typed(&[("price", FieldType::Number)])] {
        let mut rig = Rig::fresh(resource, &rows);
        assert_eq!(query(&mut rig, vec![], "price"), [5, 3, 2, 4, 1]);
        for (condition, ids) in [
            (Condition::Less(number(50.0)), vec![3, 2]),
            (Condition::AtMost(number(50.0)), vec![3, 2, 4]),
            (Condition::Greater(text("9.99")), vec![4, 1]),
            (Condition::AtLeast(text("9.990")), vec![2, 4, 1]),
            (Condition::Equals(number(100.0)), vec![1]),
            (Condition::OneOf(vec![number(9.99), number(50.0)]), vec![2, 4]),
            (Condition::Differs(number(100.0)), vec![5, 3, 2, 4]),
        ] {
            let of = format!("{condition:?}");
            assert_eq!(query(&mut rig, vec![("price".into(), condition)], "price"), ids, "{of}");
        }
        // an event's row falls into its place
        query(&mut rig, vec![("price".into(), Condition::Less(number(50.0)))], "price");
        rig.changed(json!({ "client_refresh": { "id": 6, "price": "10.5", "v": 1 } }));
        let shown: Vec<_> = rig.shown.iter().map(|row| row["id"].clone()).collect();
        assert_eq!(shown, [3, 2, 6]);
        assert!(rig.warnings().iter().all(|(code, _)| *code != "index-mixed"));
    }
}

#[test]
fn a_field_of_numbers_and_other_texts_is_warned_about_once_where_it_is_put_in_order() {
    let rows = [json!({ "id": 1, "price": "9.99" }), json!({ "id": 2, "price": "on request" })];
    let mut rig = Rig::fresh(products(), &rows);
    query(&mut rig, vec![("price".into(), Condition::Equals(text("9.99")))], "id");
    assert_eq!(rig.warnings(), [], "nothing is put in order by it");
    for _ in 0..3 {
        query(&mut rig, vec![], "price");
        query(&mut rig, vec![("price".into(), Condition::Less(number(10.0)))], "id");
    }
    assert_eq!(rig.warnings(), [("index-mixed", vec!["price".into()])]);
    // a field of texts alone is none of numbers
    let mut rig = Rig::fresh(products(), &rows[1..]);
    query(&mut rig, vec![], "price");
    assert_eq!(rig.warnings(), []);
    // declared as texts they are, and declared as numbers some are not
    let mut rig = Rig::fresh(typed(&[("price", FieldType::Text)]), &rows);
    query(&mut rig, vec![], "price");
    assert_eq!(rig.warnings(), []);
    let mut rig = Rig::fresh(typed(&[("price", FieldType::Date)]), &rows[1..]);
    query(&mut rig, vec![], "price");
    assert_eq!(rig.warnings(), [("index-mixed", vec!["price".into()])]);
}

#[test]
fn texts_stay_texts_where_they_are_declared_so_and_codes_are_no_numbers() {
    let rows = [
        json!({ "id": 1, "price": "10" }),
        json!({ "id": 2, "price": "9" }),
        json!({ "id": 3, "price": 1 }),
    ];
    let mut rig = Rig::fresh(typed(&[("price", FieldType::Text)]), &rows);
    assert_eq!(query(&mut rig, vec![], "price"), [3, 1, 2]);
    let rows = [json!({ "id": 1, "price": "01234" }), json!({ "id": 2, "price": "1234" })];
    let mut rig = Rig::fresh(products(), &rows);
    let found = query(&mut rig, vec![("price".into(), Condition::Equals(text("1234")))], "id");
    assert_eq!(found, [2]);
}

#[test]
fn dates_are_moments_where_they_are_declared_so() {
    let rows = [
        json!({ "id": 1, "made": "2026-01-02T10:00:00+02:00" }),
        json!({ "id": 2, "made": "2026-01-02 09:00:00" }),
        json!({ "id": 3, "made": "2026-01-01" }),
        json!({ "id": 4, "made": 1_767_348_000_000_u64 }),
    ];
    let mut rig = Rig::fresh(typed(&[("made", FieldType::Date)]), &rows);
    assert_eq!(query(&mut rig, vec![], "made"), [3, 1, 2, 4]);
    let since = vec![("made".into(), Condition::AtLeast(text("2026-01-02T08:30:00Z")))];
    assert_eq!(query(&mut rig, since, "made"), [2, 4]);
    let at = vec![("made".into(), Condition::Equals(text("2026-01-02T08:00:00.000Z")))];
    assert_eq!(query(&mut rig, at, "made"), [1]);
}

#[test]
fn an_append_list_grows_by_numbers_in_texts() {
    for (first, last, next) in [
        ("9", "10", "11"),
        ("99", "100", "101"),
        ("9007199254740992", "9007199254740993", "9007199254740994"),
        ("999999999999999999", "1000000000000000000", "1000000000000000001"),
    ] {
        let resource = ResourceConfig { append: Some("id".into()), ..products() };
        let mut rig = Rig::fresh(resource, &[json!({ "id": last }), json!({ "id": first })]);
        assert_eq!(query(&mut rig, vec![], "id"), [first, last]);
        rig.changed(json!({ "client_refresh": { "id": next } }));
        assert_eq!(rig.state(), "fresh", "{next} comes after {last}");
        rig.changed(json!({ "client_refresh": { "id": "1" } }));
        assert_eq!(rig.state(), "stale(provisional)", "1 does not");
        rig.close(1006);
        rig.pass(2_000);
        rig.close(1006);
        let after = rig.read();
        assert!(after.url.ends_with(&format!("?after={next}")), "{}", after.url);
    }
}

#[test]
fn a_date_is_sent_as_it_came_where_an_append_list_grows_by_it() {
    let resource =
        ResourceConfig { append: Some("made".into()), ..typed(&[("made", FieldType::Date)]) };
    let row = |id: u64, made: &str| json!({ "id": id, "made": made });
    let rows = [row(1, "2026-01-02T10:00:00+02:00"), row(2, "2026-01-02T09:00:00Z")];
    let mut rig = Rig::fresh(resource, &rows);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    assert!(read.url.ends_with("?after=2026-01-02T09%3A00%3A00Z"), "{}", read.url);
}

#[test]
fn what_is_no_id_is_refused_with_a_text_that_says_so() {
    for (id, found) in [
        (json!(9_007_199_254_740_992_u64), "9007199254740992"),
        (json!(1.5), "1.5"),
        (json!(""), "''"),
        (json!(null), "null or missing"),
        (json!(true), "true"),
        (json!({ "oid": 1 }), "an object or a list"),
        (json!([1]), "an object or a list"),
    ] {
        let mut rig = Rig::new(rig::config());
        rig.declare(products());
        rig.establish();
        rig.confirm("products");
        rig.answer_list(&[json!({ "id": 1 }), json!({ "id": id })]);
        assert_eq!(rig.state(), "empty(read-failed)", "{id}");
        let facts: Value = serde_json::from_str(&rig.engine.inspect()).unwrap();
        let told = facts["resources"]["products"]["lastFailure"].as_str().unwrap();
        let expected = "a text, or a whole number below 2^53 (larger ones as texts)";
        let fault = format!("'id' is {found}; expected {expected}: see the option `key`");
        assert!(told.ends_with(&format!("row 1: {fault}")), "{told}");
        // and in an event the list is read instead
        let mut rig = Rig::fresh(products(), &[json!({ "id": 1 })]);
        rig.changed(json!({ "client_refresh": { "id": id } }));
        assert_eq!(rig.state(), "stale(changed)", "{id}");
        assert_eq!(rig.outcomes(), ["Patch rejected"]);
        let why = format!("its row: {fault}; the list is read instead");
        let warning = ("event-unfit", vec!["ProductChanged".into(), why.into()]);
        assert_eq!(rig.warnings(), [warning]);
    }
}

#[test]
fn types_have_the_names_that_applications_write() {
    let types =
        [("number", FieldType::Number), ("date", FieldType::Date), ("text", FieldType::Text)];
    for (name, of) in types {
        assert_eq!(FieldType::of(name), Some(of));
    }
    assert_eq!(FieldType::of("Number"), None);
}

#[test]
fn zero_is_zero_whatever_its_sign() {
    let rows = [
        json!({ "id": 1, "price": "-0.00" }),
        json!({ "id": 2, "price": -0.0 }),
        json!({ "id": 3, "price": 0 }),
    ];
    for resource in [products(), typed(&[("price", FieldType::Number)])] {
        let mut rig = Rig::fresh(resource, &rows);
        for (condition, ids) in [
            (Condition::AtLeast(number(0.0)), vec![1, 2, 3]),
            (Condition::AtMost(number(-0.0)), vec![1, 2, 3]),
            (Condition::Less(number(0.0)), vec![]),
            (Condition::Greater(number(-0.0)), vec![]),
        ] {
            let of = format!("{condition:?}");
            assert_eq!(query(&mut rig, vec![("price".into(), condition)], "id"), ids, "{of}");
        }
    }
}

/// A query that can match nothing shows an empty list, which is fresh and not what was meant.
#[test]
fn a_query_that_asks_a_field_for_another_kind_of_value_is_warned_about_once() {
    let rows = [
        json!({ "id": 1, "price": "$9.99", "made": "2026-01-02", "open": 1, "name": null }),
        json!({ "id": 2, "price": "$100", "made": "2026-01-03", "open": 0, "name": null }),
    ];
    let resource = || {
        let indexes = ["price", "made", "open", "name"].map(Name::from).to_vec();
        ResourceConfig { indexes, ..products() }
    };
    let asked = |path: &str, condition: Condition| {
        let mut rig = Rig::fresh(resource(), &rows);
        for _ in 0..2 {
            query(&mut rig, vec![(path.into(), condition.clone())], "id");
        }
        rig.warnings()
    };
    for (path, condition, operand) in [
        ("price", Condition::Less(number(50.0)), "50"),
        ("made", Condition::AtLeast(number(1_767_348_300_000.0)), "1767348300000"),
        ("open", Condition::Equals(Scalar::Bool(true)), "true"),
        ("open", Condition::OneOf(vec![Scalar::Bool(true), text("yes")]), "true"),
        ("open", Condition::Differs(text("yes")), "'yes'"),
    ] {
        let expected = ("operand-unlike", vec![path.into(), operand.into()]);
        assert_eq!(asked(path, condition), [expected], "{path}");
    }
    for (path, condition) in [
        ("price", Condition::Less(text("$5"))),
        ("price", Condition::Equals(text("9"))),
        ("open", Condition::Equals(text("1"))),
        ("open", Condition::OneOf(vec![Scalar::Bool(true), number(1.0)])),
        ("open", Condition::OneOf(vec![])),
        ("open", Condition::Equals(Scalar::Null)),
        ("name", Condition::Equals(text("x"))),
        ("open", Condition::Contains("x".into())),
    ] {
        let of = format!("{path} {condition:?}");
        assert_eq!(asked(path, condition), [], "{of}");
    }
}
