//! Rows whose own URL answers that there is none: a route that does not exist answers so, too.

mod rig;

use echolite_cache::{Membership, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, head, products, row};
use serde_json::json;

/// The URL of row 2 is asked, and answers 404.
fn without_second(rig: &mut Rig) {
    rig.changed(json!({ "url": "/api/products/2" }));
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Row, "https://shop.test/api/products/2"));
    rig.answer(&read, ReadReply::Gone);
}

#[test]
fn a_row_that_is_gone_goes_at_once_and_the_list_confirms_it() {
    for membership in [Membership::All, Membership::Undeclared, Membership::Asked] {
        let resource = ResourceConfig { membership, ..products() };
        let mut rig = Rig::fresh(resource, &[row(1, 1), row(2, 1)]);
        without_second(&mut rig);
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "stale(changed)".to_owned()));
        let read = rig.answer_list(&[row(1, 1)]);
        assert_eq!((read.target, read.validator), (ReadTarget::List, None));
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
        rig.no_read(60_000);
    }
}

#[test]
fn a_route_that_is_not_there_takes_no_row_from_a_fresh_list() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    without_second(&mut rig);
    rig.answer_list(&[row(1, 1), row(2, 1)]);
    assert_eq!(
        (rig.versions(), rig.state()),
        (vec![(1, 1), (2, 1)], "fresh".to_owned()),
        "the list has it"
    );
}

#[test]
fn rows_that_go_together_cost_one_read_of_the_list() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1), row(3, 1), row(4, 1)]);
    let urls = ["/api/products/2", "/api/products/3", "/api/products/4"];
    rig.changed(json!({ "url": urls }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    rig.answer(&read, ReadReply::Gone);
    let read = rig.answer_list(&[row(1, 1)]);
    assert_eq!(read.target, ReadTarget::List, "it tells of the others, too");
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
    rig.no_read(60_000);
}

/// Changes since the rows' head name what was deleted, and nothing was.
#[test]
fn the_whole_list_confirms_it_where_changes_since_a_head_could_be_asked_for() {
    let resource = ResourceConfig { since: true, ..products() };
    let mut rig = Rig::at_five(resource, &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/2", "head": head("e", 5, 6) }));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.state(), "stale(changed)");
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    rig.answer(&read, Rig::list_at(&[row(1, 1), row(2, 1)], "e", 6));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 1)], "fresh".to_owned()));
}
