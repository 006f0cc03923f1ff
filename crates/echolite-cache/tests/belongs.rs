//! Rule 14 where the application is asked: what its answer is worth, of half a row and beside a read.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod rig;

use echolite_cache::{
    Advice, Command, Head, Input, Membership, Output, Reaction, ReadReply, ReadTarget,
    ResourceConfig,
};
use rig::{Rig, Wire, head, products, row};
use serde_json::{Value, json};

fn asking(change: ResourceConfig) -> ResourceConfig {
    ResourceConfig { membership: Membership::Asked, consult: true, ..change }
}

/// An event, of which the application says that its row does not belong.
fn outside(rig: &mut Rig, data: Value) {
    rig.changed(data);
    advise(rig, vec![false]);
}

fn advise(rig: &mut Rig, belongs: Vec<bool>) {
    let asked = rig.outputs.iter().rev().find_map(|output| match output {
        Output::Consult { request, .. } => Some(*request),
        _ => None,
    });
    let advice = Advice { belongs, ..Advice::declared(Reaction::Auto) };
    rig.input(Input::Consulted(asked.unwrap(), advice));
}

/// `belongs: (row) => row.name === …` says no of a row that has no name.
#[test]
fn that_a_row_which_lacks_fields_does_not_belong_is_no_answer() {
    for merge in [true, false] {
        for id in [1, 7] {
            let change = ResourceConfig { merge, ..products() };
            let mut rig = Rig::fresh(asking(change), &[row(1, 5), row(2, 5)]);
            outside(&mut rig, json!({ "client_refresh": { "id": id, "v": 6 } }));
            assert_ne!(rig.state(), "fresh", "{id} {merge}");
            assert!(rig.shown.iter().any(|row| row["id"] == id), "{id} {merge}");
            let rows = [row(2, 5), row(id, 6)];
            let rows = if id == 1 { &rows[..1] } else { &rows };
            rig.answer_list(rows);
            assert_eq!((rig.shown.as_slice(), rig.state()), (rows, "fresh".into()));
        }
    }
    // of a whole row it is one
    let mut rig = Rig::fresh(asking(products()), &[row(1, 5), row(2, 5)]);
    outside(&mut rig, json!({ "client_refresh": row(1, 6) }));
    outside(&mut rig, json!({ "client_refresh": row(7, 6) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 5)], "fresh".into()));
}

/// Nothing is known of row 7 when an event says that it left, and a read that began before still has it.
#[test]
fn a_read_from_before_an_unknown_row_left_does_not_bring_it() {
    for aged in [false, true] {
        let mut rig = Rig::fresh(asking(products()), &[row(1, 5)]);
        rig.pass(60_000);
        rig.command(Command::Refresh("products".into()));
        let read = rig.read();
        if aged {
            rig.answer(&read, Rig::list(&[row(1, 5)], None));
            outside(&mut rig, json!({ "client_refresh": row(7, 6) }));
            rig.pass(10_000);
            rig.command(Command::Refresh("products".into()));
            let read = rig.read();
            rig.answer_aged(&read, 30_000, Rig::list(&[row(1, 5), row(7, 5)], None));
        } else {
            outside(&mut rig, json!({ "client_refresh": row(7, 6) }));
            rig.answer(&read, Rig::list(&[row(1, 5), row(7, 5)], None));
        }
        assert_ne!(rig.state(), "fresh", "{aged}");
        rig.answer_list(&[row(1, 5)]);
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 5)], "fresh".into()), "{aged}");
        // one that began since is right
        outside(&mut rig, json!({ "client_refresh": row(8, 6) }));
        rig.command(Command::Refresh("products".into()));
        rig.answer_list(&[row(1, 5), row(8, 7)]);
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 5), (8, 7)], "fresh".into()));
    }
}

/// The same of a row that the list had once: what its tombstone knows is older than both.
#[test]
fn a_read_from_before_a_row_left_that_was_deleted_once_does_not_bring_it() {
    let mut rig = Rig::fresh(asking(products()), &[row(1, 5), row(7, 5)]);
    rig.pass(60_000);
    rig.command(Command::Refresh("products".into()));
    rig.answer_list(&[row(1, 5)]);
    rig.pass(60_000);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    outside(&mut rig, json!({ "client_refresh": row(7, 8) }));
    rig.answer(&read, Rig::list(&[row(1, 5), row(7, 7)], None));
    assert_ne!(rig.state(), "fresh");
    rig.answer_list(&[row(1, 5)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 5)], "fresh".into()));
}

/// The same, where the read only names what changed.
#[test]
fn changes_from_before_an_unknown_row_left_do_not_bring_it() {
    let mut rig =
        Rig::at_five(asking(ResourceConfig { since: true, ..products() }), &[row(1, 5), row(2, 5)]);
    rig.reconnect("products");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Since);
    outside(&mut rig, json!({ "client_refresh": row(7, 7) }));
    let head = Head { epoch: "e".into(), seq: 6 };
    let changed = vec![row(7, 6).into()];
    rig.answer(&read, ReadReply::Since { changed, deleted: vec![], head });
    assert_ne!(rig.state(), "fresh");
    assert_eq!(rig.read().target, ReadTarget::List);
}

/// Events without heads and versions: whatever the first read shows of the row that left, a second one decides.
#[test]
fn a_row_that_left_and_that_nothing_orders_stays_out_until_the_second_read_decides() {
    for decided in [vec![], vec![row(1, 1)]] {
        let unversioned = ResourceConfig { version: None, ..products() };
        let mut rig = Rig::fresh(asking(unversioned), &[row(1, 1)]);
        rig.pass(60_000);
        outside(&mut rig, json!({ "client_refresh": row(1, 2) }));
        rig.answer_list(&[row(1, 1)]);
        assert_eq!((rig.versions(), rig.state()), (vec![], "stale(lagging-read)".to_owned()));
        rig.answer_list(&decided);
        assert_eq!((rig.versions().len(), rig.state()), (decided.len(), "fresh".to_owned()));
    }
}

#[test]
fn a_row_that_is_back_at_the_head_of_a_read_is_taken_though_it_left_meanwhile() {
    let mut rig = Rig::at_five(asking(products()), &[row(1, 5), row(2, 5)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    outside(&mut rig, json!({ "client_refresh": row(1, 6), "head": head("e", 5, 6) }));
    assert_eq!(rig.versions(), [(2, 5)]);
    // of the same second
    rig.answer(&read, Rig::list_at(&[row(1, 6), row(2, 5)], "e", 7));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 6), (2, 5)], "fresh".to_owned()));
    rig.no_read(20_000);
}

#[test]
fn a_row_that_left_meanwhile_says_nothing_of_other_rows() {
    let mut rig = Rig::fresh(asking(products()), &[row(1, 5)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    outside(&mut rig, json!({ "client_refresh": row(7, 6) }));
    rig.answer(&read, Rig::list(&[row(1, 5), row(9, 5)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 5), (9, 5)], "fresh".to_owned()));
    rig.no_read(20_000);
}
