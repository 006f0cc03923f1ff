//! Bodies of events: everything that they carry counts, and one that carries nothing usable leads to a read.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod rig;

use echolite_cache::{Membership, Reaction, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, Wire, head, products, row};
use serde_json::{Value, json};

fn fresh(resource: ResourceConfig) -> Rig {
    Rig::fresh(resource, &[row(1, 1), row(2, 1)])
}

fn tagged() -> ResourceConfig {
    ResourceConfig { tags: vec!["catalogue".into(), "product:{id}".into()], ..products() }
}

/// At head 5.
fn at_five(resource: ResourceConfig) -> Rig {
    Rig::at_five(resource, &[row(1, 1), row(2, 1)])
}

// --- nothing usable --------------------------------------------------------------------------------

/// Bodies of events that change no row, in all fields.
fn unusable() -> Vec<Value> {
    let empty = [
        json!(null),
        json!([]),
        json!({}),
        json!(""),
        json!(false),
        json!(0),
        json!("x"),
        json!([null]),
    ];
    let mut bodies = vec![
        json!({}),
        json!([]),
        json!(""),
        json!(null),
        json!(0),
        json!("{\"client_refresh\":{\"id\":1,\"v\":2}}"),
        json!({ "deleted": true }),
        json!({ "deleted": true, "client_refresh": null }),
        json!({ "deleted": true, "client_refresh": { "name": "no key" } }),
        json!({ "deleted": "true", "id": 1 }),
        json!({ "deleted": "True", "id": 1 }),
        json!({ "deleted": "NO", "id": 1 }),
        json!({ "deleted": "undefined", "id": 1 }),
        json!({ "deleted": "None", "client_refresh": { "id": 1 } }),
        json!({ "deleted": 1, "id": 2 }),
        json!({ "deleted": [{ "name": "no key" }] }),
        json!({ "deleted": 1.5 }),
        json!({ "deleted": 9_007_199_254_740_993_u64 }),
        json!({ "client_refresh": { "data": row(1, 2) } }),
        json!({ "client_refresh": [[row(1, 2)]] }),
        json!({ "client_refresh": "{\"id\":1,\"v\":2}" }),
        json!({ "data": { "client_refresh": row(1, 2) } }),
        json!({ "client_refresh": [], "deleted": [], "url": "", "tags": [] }),
        json!({ "tags": [7] }),
        json!({ "tags": ["other", null] }),
        json!({ "url": ["", null] }),
    ];
    for field in ["client_refresh", "deleted", "url", "tags"] {
        for value in &empty {
            // a text is a deleted id, a URL or a tag of somebody's
            if value != "x" || field == "client_refresh" {
                bodies.push(json!({ field: value }));
            }
        }
    }
    bodies
}

#[test]
fn an_event_that_carries_nothing_usable_leads_to_a_read() {
    for body in unusable() {
        for reaction in [Reaction::Auto, Reaction::Patch, Reaction::Url] {
            let of = format!("{reaction:?} {body}");
            // other fields say nothing to these two
            let on = vec![("ProductChanged".into(), reaction)];
            let mut rig = fresh(ResourceConfig { on: on.clone(), ..tagged() });
            rig.changed(body.clone());
            assert_ne!(rig.state(), "fresh", "{of}");
            assert_eq!(rig.versions(), [(1, 1), (2, 1)], "{of}");
            rig.answer_list(&[row(1, 3), row(2, 1)]);
            assert_eq!(
                (rig.versions(), rig.state()),
                (vec![(1, 3), (2, 1)], "fresh".into()),
                "{of}"
            );
            // and a head beside it does not make it something
            let mut rig = at_five(ResourceConfig { on, ..tagged() });
            if let Value::Object(mut body) = body.clone() {
                body.insert("head".into(), head("e", 5, 6));
                rig.changed(body.into());
                assert_ne!(rig.state(), "fresh", "{of}");
                let read = rig.read();
                rig.answer(&read, Rig::list_at(&[row(1, 3), row(2, 1)], "e", 6));
                assert_eq!(rig.state(), "fresh", "{of}");
            }
        }
    }
}

// --- several things --------------------------------------------------------------------------------

#[test]
fn everything_that_an_event_carries_counts() {
    let url = |id: u64| json!(format!("/api/products/{id}"));
    for (body, shown, urls) in [
        (json!({ "client_refresh": row(2, 2), "url": url(1) }), vec![(1, 1), (2, 2)], vec![1]),
        (
            json!({ "client_refresh": row(2, 2), "tags": "product:1" }),
            vec![(1, 1), (2, 2)],
            vec![1],
        ),
        (json!({ "deleted": 2, "url": url(1) }), vec![(1, 1)], vec![1]),
        (json!({ "deleted": [], "client_refresh": row(2, 2) }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "deleted": null, "client_refresh": row(2, 2) }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "deleted": false, "client_refresh": row(2, 2) }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "deleted": "", "client_refresh": row(2, 2) }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "client_refresh": row(2, 2), "url": url(2) }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "deleted": 2, "url": [url(2), url(1)] }), vec![(1, 1)], vec![1]),
        (json!({ "client_refresh": row(2, 2), "tags": "product:2" }), vec![(1, 1), (2, 2)], vec![]),
        (json!({ "url": [], "client_refresh": row(2, 2) }), vec![(1, 1), (2, 2)], vec![]),
        (
            json!({ "url": [url(1), url(1)], "tags": ["other", "product:1"] }),
            vec![(1, 1), (2, 1)],
            vec![1],
        ),
        (json!({ "client_refresh": [row(1, 2), row(2, 2)] }), vec![(1, 2), (2, 2)], vec![]),
        (json!({ "client_refresh": [], "url": url(1) }), vec![(1, 1), (2, 1)], vec![1]),
    ] {
        let mut rig = fresh(tagged());
        rig.changed(body.clone());
        assert_eq!(rig.versions(), shown, "{body}");
        let versionless_deletion = body["deleted"] == 2;
        for id in urls {
            if versionless_deletion {
                break;
            }
            let read = rig.read();
            assert_eq!(read.target, ReadTarget::Row, "{body}");
            assert!(read.url.ends_with(&format!("/{id}")), "{body}: {}", read.url);
            rig.answer(
                &read,
                ReadReply::Row { row: row(id, 3).into(), validator: None, head: None },
            );
        }
        if versionless_deletion {
            rig.answer_list(&[row(1, 3)]);
        }
        assert_eq!(rig.state(), "fresh", "{body}");
        rig.no_read(10_000);
    }
}

#[test]
fn rows_and_deletions_of_one_event_go_together() {
    let mut rig = at_five(products());
    let body = json!({ "client_refresh": [row(1, 2), row(3, 1)], "deleted": [2] });
    rig.changed(json!({ "client_refresh": body["client_refresh"], "deleted": [2], "head": head("e", 5, 6) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2), (3, 1)], "fresh".to_owned()));
    // the row of a deleted id is what it was
    let mut rig = fresh(products());
    rig.changed(json!({ "client_refresh": row(2, 5), "deleted": 2 }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
    rig.changed(json!({ "client_refresh": row(2, 4) }));
    assert_eq!(rig.versions(), [(1, 1)], "older than its deletion");
}

#[test]
fn what_is_of_no_use_beside_what_is_leads_to_a_read_of_the_list() {
    for body in [
        json!({ "client_refresh": [row(1, 2), null] }),
        json!({ "client_refresh": [row(1, 2), { "name": "no key" }] }),
        json!({ "client_refresh": row(1, 2), "deleted": [null] }),
        json!({ "client_refresh": row(1, 2), "deleted": { "name": "no key" } }),
        json!({ "client_refresh": row(1, 2), "url": 7 }),
        json!({ "client_refresh": row(1, 2), "tags": [7] }),
    ] {
        let mut rig = fresh(tagged());
        rig.changed(body.clone());
        assert_eq!((rig.versions()[0], rig.state()), ((1, 2), "stale(changed)".into()), "{body}");
        rig.answer_list(&[row(1, 2), row(2, 2)]);
        assert_eq!(rig.state(), "fresh", "{body}");
    }
    // a truth in other words, where an id could be meant
    for mark in [json!(0), json!(1), json!("0"), json!("1"), json!("true"), json!("false")] {
        let mut rig = fresh(products());
        rig.changed(json!({ "client_refresh": row(2, 2), "deleted": mark }));
        assert_eq!(
            (rig.versions(), rig.state()),
            (vec![(1, 1), (2, 1)], "stale(changed)".into()),
            "{mark}"
        );
    }
    // alone it is an id
    let mut rig = fresh(products());
    rig.changed(json!({ "deleted": 1 }));
    assert_eq!(rig.versions(), [(2, 1)]);
}

#[test]
fn data_that_happen_to_be_called_so_are_no_tags_and_no_url() {
    let mut rig = fresh(products());
    rig.changed(json!({ "client_refresh": row(1, 2), "tags": ["catalogue", 7] }));
    assert_eq!(
        (rig.versions()[0], rig.state()),
        ((1, 2), "fresh".to_owned()),
        "no tags are declared"
    );
    // the data themselves are the row
    let mut rig = fresh(ResourceConfig { row_path: "".into(), ..products() });
    let mut product = row(1, 2);
    product["url"] = json!("https://shop.test/products/1");
    rig.changed(product);
    assert_eq!((rig.versions()[0], rig.state()), ((1, 2), "fresh".to_owned()));
}

#[test]
fn an_event_of_rows_and_a_url_is_in_the_rows_once_the_url_is_read() {
    let mut rig = at_five(products());
    rig.changed(json!({
        "client_refresh": row(2, 2), "url": "/api/products/1", "head": head("e", 5, 6),
    }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 2)], "stale(row-outdated)".into()));
    let read = rig.read();
    let reply = ReadReply::Row {
        row: row(1, 2).into(),
        validator: None,
        head: echolite_cache::Head::parse("e;6"),
    };
    rig.answer(&read, reply);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2), (2, 2)], "fresh".to_owned()));
}

// --- events that nobody named ----------------------------------------------------------------------

#[test]
fn an_event_that_nobody_names_is_warned_about_once_a_name() {
    let mut rig = fresh(products());
    let events =
        ["product.changed", "App\\Events\\ProductChanged", "product.changed", "pushers.changed"];
    for event in events {
        rig.frame(event, Some("products"), json!({}));
    }
    for internal in ["pusher:cache_miss", "pusher_internal:subscription_count", "client-typing"] {
        rig.frame(internal, Some("products"), json!({}));
    }
    rig.frame("product.changed", Some("orders"), json!({}));
    let names: Vec<_> = rig.warnings().into_iter().map(|(code, v)| (code, v[0].clone())).collect();
    assert_eq!(
        names,
        [
            ("event-unnamed", "product.changed".into()),
            ("event-unnamed", "App\\Events\\ProductChanged".into()),
            ("event-unnamed", "pushers.changed".into())
        ]
    );
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn an_event_that_another_resource_of_the_channel_names_is_named() {
    let mut rig = fresh(products());
    let on = vec![("OrderChanged".into(), Reaction::Ignore)];
    let orders = ResourceConfig { name: "orders".into(), on, ..products() };
    rig.command(echolite_cache::Command::Resource(orders));
    rig.frame("OrderChanged", Some("products"), json!({}));
    assert_eq!(rig.warnings(), []);
}

// --- rows that know less than the list's -----------------------------------------------------------

fn with_category(id: u64, v: u64) -> Value {
    json!({ "id": id, "v": v, "category": { "id": 7, "name": "shoes" }, "images": [{ "id": 1, "url": "/1" }] })
}

fn poorer(id: u64, v: u64) -> Vec<Value> {
    vec![
        json!({ "id": id, "v": v, "images": [{ "id": 1, "url": "/1" }] }),
        json!({ "id": id, "v": v, "category": { "id": 8 }, "images": [] }),
        json!({ "id": id, "v": v, "category": null, "images": [{ "id": 1 }] }),
        json!({ "id": id, "v": v }),
    ]
}

#[test]
fn a_row_that_lacks_fields_of_the_known_one_is_provisional_and_read() {
    for heads in [false, true] {
        for event in poorer(1, 2) {
            let list = [with_category(1, 1), with_category(2, 1)];
            let mut rig = match heads {
                false => Rig::fresh(products(), &list),
                true => {
                    let mut rig = at_five(products());
                    rig.command(echolite_cache::Command::Refresh("products".into()));
                    let read = rig.read();
                    rig.answer(&read, Rig::list_at(&list, "e", 5));
                    rig.outputs.clear();
                    rig
                }
            };
            rig.changed(json!({ "client_refresh": event, "head": if heads { head("e", 5, 6) } else { json!(null) } }));
            assert_eq!(
                (rig.versions()[0], rig.state()),
                ((1, 2), "stale(provisional)".into()),
                "{event}"
            );
            assert!(rig.shown[0].get("category").is_some(), "a page does not break: {event}");
            assert_eq!(rig.warnings().len(), 1, "{event}");
            assert_eq!(rig.warnings()[0].0, "row-poorer");
            let read = rig.read();
            let list = [with_category(1, 2), with_category(2, 1)];
            rig.answer(
                &read,
                if heads { Rig::list_at(&list, "e", 6) } else { Rig::list(&list, None) },
            );
            assert_eq!((&rig.shown[..], rig.state()), (&list[..], "fresh".to_owned()), "{event}");
        }
    }
}

#[test]
fn with_merge_what_a_row_lacks_stays_as_it_is() {
    let merging = ResourceConfig { merge: true, ..products() };
    let mut rig = Rig::fresh(merging.clone(), &[with_category(1, 1)]);
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 2, "name": "new" } }));
    let mut merged = with_category(1, 2);
    merged["name"] = json!("new");
    assert_eq!((&rig.shown[..], rig.state()), (&[merged][..], "fresh".to_owned()));
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 1, "name": "late" } }));
    assert_eq!((rig.shown[0]["name"].clone(), rig.state()), (json!("new"), "fresh".to_owned()));
    assert_eq!(rig.warnings(), []);
    // within a field nothing is merged
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 3, "category": { "id": 8 } } }));
    assert_eq!(rig.state(), "stale(provisional)");
    // and a new row has nothing to be merged with
    let mut rig = at_five(merging);
    rig.changed(json!({ "client_refresh": { "id": 3, "v": 1 }, "head": head("e", 5, 6) }));
    assert_eq!(rig.state(), "stale(provisional)");
}

#[test]
fn a_new_row_is_compared_with_the_others() {
    let list = [with_category(1, 1), with_category(2, 1)];
    let append = ResourceConfig { append: Some("id".into()), ..products() };
    let mut rig = Rig::fresh(append.clone(), &list);
    rig.changed(json!({ "client_refresh": with_category(3, 1) }));
    assert_eq!(rig.state(), "fresh");
    rig.changed(json!({ "client_refresh": { "id": 4, "v": 1 } }));
    assert_eq!(rig.state(), "stale(provisional)");
    // where rows differ among themselves, a field that only some have is missed in none
    let mut rig = Rig::fresh(append, &[row(1, 1), json!({ "id": 2, "v": 1, "text": "x" })]);
    rig.changed(json!({ "client_refresh": row(3, 1) }));
    assert_eq!(rig.state(), "fresh");
}

/// A list that was emptied had rows: the first that comes is compared with the last that went.
#[test]
fn the_first_row_of_an_emptied_list_is_compared_with_the_last_that_it_had() {
    for (comes, state) in
        [(json!({ "id": 4, "v": 1 }), "stale(provisional)"), (with_category(4, 1), "fresh")]
    {
        let append = ResourceConfig { append: Some("id".into()), ..products() };
        let mut rig = Rig::fresh(append, &[with_category(1, 1)]);
        rig.changed(json!({ "deleted": true, "id": 1, "v": 2 }));
        assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
        rig.changed(json!({ "client_refresh": comes }));
        assert_eq!(rig.state(), state);
    }
}

#[test]
fn while_the_list_is_stale_a_new_row_is_said_to_be_poorer_only_where_each_row_that_was_read_is_richer()
 {
    let sale = json!({ "id": 1, "v": 1, "sale": true });
    let richer = json!({ "id": 3, "v": 1, "price": 1, "name": "x", "by": "an event" });
    for (list, before, warned) in [
        // a field that only some rows have
        (vec![sale, row(2, 1)], json!({}), false),
        // one that only an event has brought
        (vec![row(1, 1), row(2, 1)], json!({ "client_refresh": richer }), false),
        (vec![with_category(1, 1), with_category(2, 1)], json!({}), true),
    ] {
        let mut rig = Rig::fresh(products(), &list);
        rig.changed(json!({}));
        rig.changed(before.clone());
        rig.changed(json!({ "client_refresh": row(4, 1) }));
        let said = rig.warnings().iter().any(|(code, _)| *code == "row-poorer");
        assert_eq!(said, warned, "{list:?}, then {before}");
        assert_eq!(rig.versions().len(), list.len() + 1 + usize::from(before != json!({})));
    }
}

#[test]
fn a_row_that_its_own_url_answers_may_be_poorer_too() {
    let mut rig = Rig::fresh(products(), &[with_category(1, 1)]);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    let reply =
        ReadReply::Row { row: json!({ "id": 1, "v": 2 }).into(), validator: None, head: None };
    rig.answer(&read, reply);
    assert_eq!(rig.shown[0]["category"]["name"], "shoes");
    assert_eq!(rig.state(), "stale(provisional)");
    rig.answer_list(&[with_category(1, 2)]);
    assert_eq!((rig.shown[0].clone(), rig.state()), (with_category(1, 2), "fresh".to_owned()));
}

#[test]
fn a_poorer_answer_that_says_nothing_new_of_a_row_leaves_no_doubt() {
    let mut rig = Rig::fresh(products(), &[with_category(1, 1)]);
    rig.changed(json!({ "url": "/api/products/1" }));
    let read = rig.read();
    let reply =
        ReadReply::Row { row: json!({ "id": 1, "v": 1 }).into(), validator: None, head: None };
    rig.answer(&read, reply);
    assert_eq!((rig.shown[0].clone(), rig.state()), (with_category(1, 1), "fresh".to_owned()));
    assert_eq!(rig.warnings(), []);
}

#[test]
fn a_row_that_is_read_alone_may_have_left_the_list() {
    for (membership, state) in [
        (Membership::All, "fresh"),
        (Membership::Undeclared, "stale(membership)"),
        (Membership::Asked, "stale(membership)"),
    ] {
        let mut rig = fresh(ResourceConfig { membership, ..products() });
        rig.changed(json!({ "url": "/api/products/1" }));
        let read = rig.read();
        rig.answer(&read, ReadReply::Row { row: row(1, 2).into(), validator: None, head: None });
        assert_eq!((rig.versions()[0], rig.state()), ((1, 2), state.to_owned()), "{membership:?}");
    }
}

// --- keys that a list has twice --------------------------------------------------------------------

#[test]
fn a_key_that_a_list_has_twice_is_warned_about_once() {
    let text = json!({ "id": "1", "v": 2, "price": 2, "name": "text" });
    for (list, shown) in [
        (vec![row(1, 1), row(1, 2), row(2, 1)], 2),
        (vec![row(1, 1), text], 1),
        (vec![row(1, 1), row(1, 1)], 1),
        (vec![row(1, 1), row(1, 2), row(1, 1)], 1),
    ] {
        let mut rig = Rig::new(rig::config());
        rig.answers_pings = true;
        rig.declare(products());
        rig.establish();
        rig.confirm("products");
        rig.answer_list(&list);
        assert_eq!((rig.shown.len(), rig.state()), (shown, "fresh".to_owned()));
        assert_eq!(*rig.shown.first().unwrap(), *list.iter().rfind(|row| row["id"] != 2).unwrap());
        rig.changed(json!({}));
        rig.answer_list(&list);
        assert_eq!(rig.warnings(), [("key-twice", vec!["".into(), "1".into()])]);
    }
}

#[test]
fn a_row_that_was_only_known_by_a_poorer_event_stays_in_doubt_after_the_next() {
    let mut rig = Rig::fresh(products(), &[with_category(2, 1)]);
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 2 } }));
    let read = rig.read();
    rig.changed(json!({ "client_refresh": { "id": 1, "v": 3 } }));
    rig.answer(&read, Rig::list(&[with_category(1, 2), with_category(2, 1)], None));
    assert_ne!(rig.state(), "fresh", "row 1 has no category: {:?}", rig.shown);
    let read = rig.read();
    rig.answer(&read, Rig::list(&[with_category(1, 3), with_category(2, 1)], None));
    assert_eq!((rig.shown[0].clone(), rig.state()), (with_category(1, 3), "fresh".to_owned()));
}

#[test]
fn an_event_that_cannot_do_what_its_reaction_asks_is_warned_about_once() {
    for (reaction, data, why) in [
        (Reaction::Patch, json!({}), "no row at 'client_refresh' and no id at 'deleted'; the list"),
        (
            Reaction::Auto,
            json!({ "client_refresh": "text" }),
            "its 'client_refresh' is 'text'; expected a row, or several; the list",
        ),
        (
            Reaction::Auto,
            json!({ "deleted": 1.5 }),
            "its 'deleted' is 1.5; expected a text, or a whole number below 2^53 (larger ones as texts); the list",
        ),
        (
            Reaction::Auto,
            json!({ "deleted": { "uuid": 7 } }),
            "its 'deleted' is null or missing; expected a text, or a whole number below 2^53 (larger ones as texts); the list",
        ),
        (
            Reaction::Auto,
            json!({ "deleted": "yes", "id": 1 }),
            "its 'deleted' is 'yes'; expected true, an id, or a row; the list",
        ),
        (Reaction::Url, json!({ "href": 7 }), "no URL at 'url', nor tags; the list"),
        (
            Reaction::Url,
            json!({ "url": 7 }),
            "its 'url' is 7; expected a text, or several; the list",
        ),
        (
            Reaction::Auto,
            json!({ "client_refresh": row(1, 2), "url": { "href": "/" } }),
            "its 'url' is an object or a list; expected a text, or several; the list",
        ),
        (
            Reaction::Url,
            json!({ "url": "https://evil.test/1" }),
            "https://evil.test/1 is another site's: it is not read, the list",
        ),
    ] {
        let on = vec![("ProductChanged".into(), reaction)];
        let mut rig = Rig::fresh(ResourceConfig { on, ..products() }, &[row(1, 1)]);
        rig.changed(data.clone());
        rig.changed(data.clone());
        let [("event-unfit", told)] = &rig.warnings()[..] else {
            panic!("{data}: {:?}", rig.warnings())
        };
        assert_eq!(&*told[0], "ProductChanged");
        assert!(told[1].starts_with(why), "{data}: {}", told[1]);
        assert_ne!(rig.state(), "fresh", "{data}");
    }
}

#[test]
fn an_event_that_means_nothing_in_particular_is_not_warned_about() {
    for data in [json!({}), json!({ "client_refresh": [] }), json!({ "id": 1 }), json!(null)] {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        rig.changed(data.clone());
        assert_eq!(rig.warnings(), [], "{data}");
    }
}
