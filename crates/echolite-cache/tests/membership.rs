//! Rule 14: which rows a list holds is a fact of its own. Versions and heads order a row, and say nothing of it.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod rig;

use echolite_cache::{
    Head, Membership, Name, Paging, Reaction, ReadReply, ReadTarget, ResourceConfig, StoreInput,
    VersionMode,
};
use rig::{Rig, Wire, head, products, row};
use serde_json::{Value, json};

fn undeclared(resource: ResourceConfig) -> ResourceConfig {
    ResourceConfig { membership: Membership::Undeclared, ..resource }
}

/// Rows 1 and 2 at version 5 and head 5.
fn at_five(resource: ResourceConfig) -> Rig {
    Rig::at_five(resource, &[row(1, 5), row(2, 5)])
}

fn warnings(rig: &Rig) -> Vec<&'static str> {
    let code = |output: &echolite_cache::Output<_>| match output {
        echolite_cache::Output::Activity(echolite_cache::Activity::Warning { code, .. }) => {
            Some(code.name())
        }
        _ => None,
    };
    rig.outputs.iter().filter_map(code).collect()
}

/// One schedule, run in both declarations: what happens to a list of rows 1 and 2 that is fresh at version and head
/// 5, and which status follows where every row is declared to be in it, and where nothing is declared.
struct Twin {
    name: &'static str,
    change: fn(ResourceConfig) -> ResourceConfig,
    heads: bool,
    events: fn() -> Vec<Value>,
    declared: &'static str,
    undeclared: &'static str,
    /// The rows shown then, in both.
    shown: &'static [(u64, u64)],
}

fn patch(id: u64, v: u64) -> Value {
    json!({ "client_refresh": row(id, v) })
}

fn patch_at(id: u64, v: u64, prev: u64, seq: u64) -> Value {
    json!({ "client_refresh": row(id, v), "head": head("e", prev, seq) })
}

const SAME: fn(ResourceConfig) -> ResourceConfig = |resource| resource;
const STRICT: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { version_mode: VersionMode::Strict, ..resource };
const NO_VERSION: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { version: None, ..resource };
const APPEND: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { append: Some("id".into()), ..resource };
const FILTERED: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { url: "https://shop.test/api/products?open=1".into(), ..resource };
const MERGE: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { merge: true, ..resource };
const OWN_FIELDS: fn(ResourceConfig) -> ResourceConfig =
    |resource| ResourceConfig { row_path: "product".into(), ..resource };

const TWINS: &[Twin] = &[
    Twin {
        name: "a patch with a greater version is final",
        change: SAME,
        heads: false,
        events: || vec![patch(1, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "a strict version is as silent about it as a coarse one",
        change: STRICT,
        heads: false,
        events: || vec![patch(1, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "a tie is in doubt for itself",
        change: SAME,
        heads: false,
        events: || vec![patch(1, 5)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 5), (2, 5)],
    },
    Twin {
        name: "what is older changes nothing",
        change: STRICT,
        heads: false,
        events: || vec![patch(1, 4), patch(1, 5)],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(1, 5), (2, 5)],
    },
    Twin {
        name: "rows without versions are in doubt for themselves",
        change: NO_VERSION,
        heads: false,
        events: || vec![patch(1, 6)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "a new row is provisional",
        change: SAME,
        heads: false,
        events: || vec![patch(3, 6)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 5), (2, 5), (3, 6)],
    },
    Twin {
        name: "writer order nine before eight",
        change: SAME,
        heads: false,
        events: || vec![patch(1, 9), patch(1, 8)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 9), (2, 5)],
    },
    Twin {
        name: "a deletion says itself that the row is out",
        change: SAME,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 6 } })],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(2, 5)],
    },
    Twin {
        name: "with heads, a deletion too",
        change: SAME,
        heads: true,
        events: || vec![json!({ "deleted": 1, "head": head("e", 5, 6) })],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(2, 5)],
    },
    Twin {
        name: "an append list's new last row is at its end",
        change: APPEND,
        heads: false,
        events: || vec![patch(3, 6), patch(4, 7)],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(1, 5), (2, 5), (3, 6), (4, 7)],
    },
    Twin {
        name: "an append list's known row may leave it",
        change: APPEND,
        heads: false,
        events: || vec![patch(1, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "an event that follows is final whatever the versions say",
        change: SAME,
        heads: true,
        events: || vec![patch_at(1, 4, 5, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 4), (2, 5)],
    },
    Twin {
        name: "with heads a new row is final",
        change: SAME,
        heads: true,
        events: || vec![patch_at(3, 1, 5, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 5), (2, 5), (3, 1)],
    },
    Twin {
        name: "two events of one transaction are both heard",
        change: SAME,
        heads: true,
        events: || vec![patch_at(1, 6, 5, 7), patch_at(2, 6, 5, 7)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 6)],
    },
    Twin {
        name: "events beyond a gap follow once it is closed",
        change: SAME,
        heads: true,
        events: || vec![patch_at(1, 7, 6, 7), patch_at(2, 6, 5, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 7), (2, 6)],
    },
    Twin {
        name: "an event of the past changes nothing",
        change: SAME,
        heads: true,
        events: || vec![patch_at(1, 9, 4, 5)],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(1, 5), (2, 5)],
    },
    Twin {
        name: "heads of several resources come in one event",
        change: SAME,
        heads: true,
        events: || {
            let heads = json!({ "products": head("e", 5, 6), "orders": head("o", 1, 2) });
            vec![json!({ "client_refresh": row(1, 6), "heads": heads })]
        },
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "the fields of events have the names that the application gives",
        change: OWN_FIELDS,
        heads: true,
        events: || vec![json!({ "product": row(1, 6), "head": head("e", 5, 6) })],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "several rows in one event",
        change: SAME,
        heads: false,
        events: || vec![json!({ "client_refresh": [row(1, 6), row(2, 6)] })],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 6)],
    },
    Twin {
        name: "a URL with a query is filtered, unless every row is declared to be in it",
        change: FILTERED,
        heads: true,
        events: || vec![patch_at(1, 6, 5, 6)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "a deletion that is older than the row leads to one read",
        change: SAME,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 4 } })],
        declared: "stale(changed)",
        undeclared: "stale(changed)",
        shown: &[(1, 5), (2, 5)],
    },
    Twin {
        name: "a deletion of the row's own second is in doubt for itself",
        change: SAME,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 5 } })],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(2, 5)],
    },
    Twin {
        name: "a deletion of the row's own strict version is final",
        change: STRICT,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 5 } })],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(2, 5)],
    },
    Twin {
        name: "a row that comes back after its deletion is as new",
        change: SAME,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 6 } }), patch(1, 7)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 7), (2, 5)],
    },
    Twin {
        name: "an event from before a deletion leads to one read",
        change: SAME,
        heads: false,
        events: || vec![json!({ "deleted": { "id": 1, "v": 6 } }), patch(1, 5)],
        declared: "stale(changed)",
        undeclared: "stale(changed)",
        shown: &[(2, 5)],
    },
    Twin {
        name: "with heads a row that comes back is final",
        change: SAME,
        heads: true,
        events: || vec![json!({ "deleted": 1, "head": head("e", 5, 6) }), patch_at(1, 7, 6, 7)],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 7), (2, 5)],
    },
    Twin {
        name: "with heads a row may be changed and deleted",
        change: SAME,
        heads: true,
        events: || vec![patch_at(1, 6, 5, 6), json!({ "deleted": 1, "head": head("e", 6, 7) })],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(2, 5)],
    },
    Twin {
        name: "a row and the deletion of another in one event",
        change: SAME,
        heads: false,
        events: || vec![json!({ "client_refresh": row(1, 6), "deleted": { "id": 2, "v": 6 } })],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6)],
    },
    Twin {
        name: "a new row is provisional where versions are strict, too",
        change: STRICT,
        heads: false,
        events: || vec![patch(3, 6)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 5), (2, 5), (3, 6)],
    },
    Twin {
        name: "with heads an append list's new last row is at its end",
        change: APPEND,
        heads: true,
        events: || vec![patch_at(3, 6, 5, 6)],
        declared: "fresh",
        undeclared: "fresh",
        shown: &[(1, 5), (2, 5), (3, 6)],
    },
    Twin {
        name: "an append list's new row before the last is provisional",
        change: APPEND,
        heads: false,
        events: || vec![patch(0, 6)],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(0, 6), (1, 5), (2, 5)],
    },
    Twin {
        name: "a poorer row is in doubt for itself",
        change: SAME,
        heads: false,
        events: || vec![json!({ "client_refresh": { "id": 1, "v": 6 } })],
        declared: "stale(provisional)",
        undeclared: "stale(provisional)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "what a row lacks may be declared to stay as it is",
        change: MERGE,
        heads: false,
        events: || vec![json!({ "client_refresh": { "id": 1, "v": 6 } })],
        declared: "fresh",
        undeclared: "stale(membership)",
        shown: &[(1, 6), (2, 5)],
    },
    Twin {
        name: "a head alone says that the list changed",
        change: SAME,
        heads: true,
        events: || vec![json!({ "head": head("e", 5, 6) })],
        declared: "stale(changed)",
        undeclared: "stale(changed)",
        shown: &[(1, 5), (2, 5)],
    },
];

#[test]
fn each_schedule_ends_as_its_declaration_says() {
    for twin in TWINS {
        for (membership, state) in
            [(Membership::All, twin.declared), (Membership::Undeclared, twin.undeclared)]
        {
            let resource = (twin.change)(ResourceConfig { membership, ..products() });
            let mut rig = match twin.heads {
                true => at_five(resource),
                false => Rig::fresh(resource, &[row(1, 5), row(2, 5)]),
            };
            for event in (twin.events)() {
                rig.changed(event);
            }
            let of = format!("{}: {membership:?}", twin.name);
            assert_eq!(
                (rig.versions(), rig.state()),
                (twin.shown.to_vec(), state.to_owned()),
                "{of}"
            );
            // one read for all that came, and none where nothing is in doubt
            rig.pass(1_500);
            let reads = rig.reads();
            assert_eq!(reads.len(), usize::from(state != "fresh"), "{of}");
            for read in reads {
                let rows: Vec<_> = twin.shown.iter().map(|(id, v)| row(*id, *v)).collect();
                let reply = match twin.heads {
                    true => Rig::list_at(&rows, "e", 7),
                    false => Rig::list(&rows, None),
                };
                rig.answer(&read, reply);
            }
            assert_eq!(
                (rig.versions(), rig.state()),
                (twin.shown.to_vec(), "fresh".into()),
                "{of}"
            );
        }
    }
}

#[test]
fn a_row_that_left_a_list_whose_url_does_not_say_how_it_filters_goes_with_one_read() {
    for heads in [false, true] {
        let url = "https://shop.test/api/orders/open".into();
        let resource = undeclared(ResourceConfig { url, ..products() });
        let mut rig = match heads {
            true => at_five(resource),
            false => Rig::fresh(resource, &[row(1, 5), row(2, 5)]),
        };
        rig.changed(if heads { patch_at(1, 6, 5, 6) } else { patch(1, 6) });
        assert_eq!(rig.state(), "stale(membership)");
        let read = rig.read();
        assert_eq!(read.validator, None, "it would speak of the row before");
        rig.answer(
            &read,
            match heads {
                true => Rig::list_at(&[row(2, 5)], "e", 6),
                false => Rig::list(&[row(2, 5)], None),
            },
        );
        assert_eq!((rig.versions(), rig.state()), (vec![(2, 5)], "fresh".to_owned()), "{heads}");
        rig.no_read(20_000);
    }
}

#[test]
fn many_patches_are_one_read_and_one_hint() {
    let mut rig = Rig::fresh(undeclared(products()), &[row(1, 1), row(2, 1)]);
    for v in 2..10 {
        rig.changed(patch(1, v));
        rig.changed(patch(2, v));
    }
    assert_eq!(warnings(&rig), ["belongs-undeclared"]);
    let read = rig.answer_list(&[row(1, 9), row(2, 9)]);
    assert_eq!((read.target, rig.state()), (ReadTarget::List, "fresh".to_owned()));
    rig.no_read(20_000);
    for membership in [Membership::All, Membership::Asked] {
        let mut declared = Rig::fresh(ResourceConfig { membership, ..products() }, &[row(1, 1)]);
        declared.changed(patch(1, 2));
        assert_eq!(warnings(&declared), Vec::<&str>::new());
    }
}

fn since(rig: &mut Rig, from: &str) -> echolite_cache::ReadRequest {
    let read = rig.read();
    assert_eq!(
        (read.target, &*read.url),
        (ReadTarget::Since, &*format!("https://shop.test/api/products?since=e%3B{from}"))
    );
    read
}

fn changes(changed: &[Value], deleted: &[&str], seq: u64) -> ReadReply<echolite_core::json::Json> {
    ReadReply::Since {
        changed: changed.iter().cloned().map(Into::into).collect(),
        deleted: deleted.iter().map(|id| Name::from(*id)).collect(),
        head: Head { epoch: "e".into(), seq },
    }
}

#[test]
fn with_since_the_changes_after_the_last_known_members_are_asked_for() {
    let resource = || undeclared(ResourceConfig { since: true, ..products() });
    // it is still there, it left, and it was not said
    for (changed, deleted, shown) in [
        (vec![row(1, 6), row(2, 7)], vec![], vec![(1, 6), (2, 7)]),
        (vec![row(2, 7)], vec!["1"], vec![(2, 7)]),
    ] {
        let mut rig = at_five(resource());
        rig.changed(patch_at(1, 6, 5, 6));
        rig.changed(patch_at(2, 7, 6, 7));
        let read = since(&mut rig, "5");
        rig.answer(&read, changes(&changed, &deleted, 7));
        assert_eq!((rig.versions(), rig.state()), (shown, "fresh".to_owned()));
        rig.no_read(20_000);
    }
    let mut rig = at_five(resource());
    rig.changed(patch_at(1, 6, 5, 6));
    let read = since(&mut rig, "5");
    rig.answer(&read, changes(&[], &[], 6));
    assert_ne!(rig.state(), "fresh", "row 1 changed, and the answer does not say where it is");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    rig.answer(&read, Rig::list_at(&[row(2, 5)], "e", 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 5)], "fresh".to_owned()));
}

#[test]
fn an_answer_to_since_need_not_name_rows_whose_members_were_known_already() {
    let mut rig = at_five(undeclared(ResourceConfig { since: true, ..products() }));
    for (id, seq) in [(1, 6), (2, 7)] {
        rig.changed(patch_at(id, seq, seq - 1, seq));
        let read = since(&mut rig, &(seq - 1).to_string());
        rig.answer(&read, changes(&[row(id, seq)], &[], seq));
        assert_eq!(rig.state(), "fresh", "{seq}");
    }
    rig.no_read(20_000);
}

#[test]
fn a_row_that_an_answer_to_since_takes_out_and_an_event_shows_is_looked_for_in_the_whole_list() {
    let mut rig = at_five(undeclared(ResourceConfig { since: true, ..products() }));
    rig.changed(patch_at(2, 6, 5, 6));
    let read = since(&mut rig, "5");
    rig.changed(patch(1, 6));
    rig.answer(&read, changes(&[row(2, 6)], &["1"], 6));
    assert_eq!((rig.versions(), rig.state() == "fresh"), (vec![(1, 6), (2, 6)], false));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "what changed since head 6 does not name it again");
    rig.answer(&read, Rig::list_at(&[row(2, 6)], "e", 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 6)], "fresh".to_owned()));
}

#[test]
fn a_row_read_at_no_later_head_makes_the_list_doubtful_as_a_whole() {
    for head in [None, Some(Head { epoch: "e".into(), seq: 5 })] {
        let mut rig = at_five(undeclared(ResourceConfig { since: true, ..products() }));
        rig.changed(json!({ "url": "/api/products/1" }));
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Row);
        rig.answer(&read, ReadReply::Row { row: row(1, 6).into(), validator: None, head });
        assert_eq!(rig.state(), "stale(membership)");
        assert_eq!(rig.read().target, ReadTarget::List, "no head says since when");
    }
}

#[test]
fn with_since_and_every_row_declared_nothing_is_asked_and_after_an_absence_the_answer_is_empty() {
    let mut rig = at_five(ResourceConfig { since: true, ..products() });
    rig.changed(patch_at(1, 6, 5, 6));
    rig.no_read(10_000);
    assert_eq!(rig.state(), "fresh");
    rig.reconnect("products");
    let read = since(&mut rig, "6");
    rig.answer(&read, changes(&[], &[], 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6), (2, 5)], "fresh".to_owned()));
}

#[test]
fn a_doubt_that_no_head_orders_is_answered_by_the_whole_list() {
    let mut rig = at_five(undeclared(ResourceConfig { since: true, ..products() }));
    rig.changed(patch(1, 6));
    assert_eq!(rig.state(), "stale(membership)");
    assert_eq!(rig.read().target, ReadTarget::List);
}

#[test]
fn a_list_in_pages_and_a_consulted_one_without_an_answer_are_no_exceptions() {
    let paged = ResourceConfig { paging: Some(Paging::Cursor), ..products() };
    let on = vec![("ProductChanged".into(), Reaction::Patch)];
    for resource in [undeclared(paged), undeclared(ResourceConfig { on, ..products() })] {
        let mut rig = Rig::fresh(resource, &[row(1, 5)]);
        rig.changed(patch(1, 6));
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 6)], "stale(membership)".to_owned()));
    }
}

#[test]
fn inspect_shows_the_declaration() {
    for (membership, word) in [
        (Membership::Undeclared, "undeclared"),
        (Membership::All, "all"),
        (Membership::Asked, "function"),
    ] {
        let rig = Rig::fresh(ResourceConfig { membership, ..products() }, &[row(1, 1)]);
        let facts: Value = serde_json::from_str(&rig.engine.inspect()).unwrap();
        assert_eq!(facts["resources"]["products"]["belongs"], word);
    }
}

#[test]
fn a_stale_membership_is_not_stored_as_known() {
    let mut rig = Rig::owning(undeclared(products()));
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 5)], "e", 5));
    let (commit, batch) = rig.commits().pop().unwrap();
    assert_eq!(batch.meta.reflected, Some(Head { epoch: "e".into(), seq: 5 }));
    rig.store(StoreInput::Committed(commit, Ok(())));
    rig.changed(patch_at(1, 6, 5, 6));
    let (_, batch) = rig.commits().pop().unwrap();
    assert_eq!(batch.meta.reflected, None, "by the head alone it would be taken for fresh");
}

fn url_of(id: u64) -> Value {
    json!({ "url": format!("/api/products/{id}") })
}

fn row_at(id: u64, v: u64, seq: u64) -> ReadReply<echolite_core::json::Json> {
    let head = Some(Head { epoch: "e".into(), seq });
    ReadReply::Row { row: row(id, v).into(), validator: None, head }
}

#[test]
fn a_row_read_by_its_url_says_no_more_of_its_membership_than_a_patch() {
    for (membership, state) in [
        (Membership::All, "fresh"),
        (Membership::Asked, "stale(membership)"),
        (Membership::Undeclared, "stale(membership)"),
    ] {
        let mut rig =
            Rig::fresh(ResourceConfig { membership, ..products() }, &[row(1, 5), row(2, 5)]);
        rig.changed(url_of(1));
        let read = rig.read();
        assert_eq!(read.target, ReadTarget::Row);
        let unchanged = row(1, 5);
        rig.answer(&read, ReadReply::Row { row: unchanged.into(), validator: None, head: None });
        assert_eq!(rig.state(), "fresh", "the row of the list, as it was");
        rig.changed(url_of(1));
        let read = rig.read();
        rig.answer(&read, ReadReply::Row { row: row(1, 6).into(), validator: None, head: None });
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 6), (2, 5)], state.to_owned()));
    }
}

#[test]
fn a_row_that_the_list_left_out_is_not_put_into_it_by_its_url() {
    let mut rig = at_five(undeclared(ResourceConfig { since: true, ..products() }));
    rig.command(echolite_cache::Command::Refresh("products".into()));
    let list = rig.read();
    rig.changed(json!({ "url": "/api/products/1", "head": head("e", 5, 6) }));
    rig.answer(&list, Rig::list_at(&[row(2, 5)], "e", 6));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    rig.answer(&read, row_at(1, 6, 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 5)], "stale(membership)".to_owned()));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "what changed since does not name the row");
}

#[test]
fn a_row_read_at_a_later_head_makes_the_list_owe_that_head() {
    let mut rig = at_five(undeclared(products()));
    rig.changed(json!({ "url": "/api/products/1", "head": head("e", 5, 6) }));
    let read = rig.read();
    rig.answer(&read, row_at(1, 8, 8));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(2, 5)], "e", 6));
    assert_ne!(rig.state(), "fresh", "a replica that lags behind the row");
    rig.pass(5_000);
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(2, 5)], "e", 8));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 5)], "fresh".to_owned()));
}
