//! `clear()`: a cache that is cleared has nothing, asks for nothing and writes nothing, whatever was under way.

mod rig;

use echolite_cache::{Command, Input, Output, Query, ResourceConfig, StoreInput, Stored, Term};
use echolite_core::json::Json;
use rig::{Rig, Wire, products, row};
use serde_json::json;

/// Forgets what was put out up to now, and clears.
fn clear(rig: &mut Rig) {
    rig.outputs.clear();
    rig.command(Command::Clear(77));
}

/// Whether anything is asked of back end, store or application, or put into the store.
fn acts(output: &Output<Json>) -> bool {
    matches!(
        output,
        Output::Read(_) | Output::Load(_) | Output::Commit(..) | Output::Consult { .. }
    )
}

/// Nothing is shown, and nothing follows whatever comes: events, answers, the store, time.
fn is_over(rig: &mut Rig) {
    assert_eq!((rig.shown.len(), rig.state()), (0, "empty(cleared)".to_owned()));
    rig.outputs.retain(acts);
    assert!(rig.outputs.is_empty(), "{:?}", rig.outputs);
    rig.changed(json!({ "client_refresh": row(7, 7) }));
    rig.store(StoreInput::Owned(Term(9)));
    rig.store(StoreInput::Loaded("products".into(), Some(stored())));
    rig.input(Input::Core(echolite_core::Input::Page(echolite_cache::PageSignal::Resumed)));
    rig.command(Command::Refresh("products".into()));
    rig.pass(600_000);
    rig.outputs.retain(acts);
    assert!(rig.outputs.is_empty(), "{:?}", rig.outputs);
    assert_eq!((rig.shown.len(), rig.state()), (0, "empty(cleared)".to_owned()));
}

fn stored() -> Stored<Json> {
    let row = echolite_cache::StoredRow {
        id: "1".into(),
        version: None,
        payload: Some(row(1, 1).into()),
        deleted_at: echolite_cache::Wall(0),
    };
    Stored { meta: echolite_cache::Meta::default(), rows: vec![row] }
}

fn owning() -> Rig {
    let mut rig = Rig::owning(products());
    rig.establish();
    rig.confirm("products");
    rig
}

#[test]
fn the_store_is_cleared_and_the_connection_ends() {
    let mut rig = owning();
    rig.answer_list(&[row(1, 1)]);
    clear(&mut rig);
    assert!(rig.outputs.iter().any(|output| matches!(output, Output::ClearStore(77))));
    let closes = |output: &Output<Json>| {
        matches!(output, Output::Core(echolite_core::Output::CloseSocket(_)))
    };
    assert!(rig.outputs.iter().any(closes), "{:?}", rig.outputs);
    is_over(&mut rig);
}

#[test]
fn a_read_under_way_brings_nothing_back() {
    let mut rig = owning();
    rig.answer_list(&[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    clear(&mut rig);
    rig.answer(&read, Rig::list(&[row(1, 1), row(2, 1)], Some("etag")));
    is_over(&mut rig);
}

#[test]
fn a_failed_commit_is_not_tried_again() {
    let mut rig = owning();
    rig.answer_list(&[row(1, 1)]);
    let (request, _) = rig.commits().pop().expect("what was read is stored");
    clear(&mut rig);
    rig.store(StoreInput::Committed(request, Err("the store belongs to another tab now".into())));
    is_over(&mut rig);
}

#[test]
fn rows_that_are_being_loaded_do_not_come() {
    let mut rig = Rig::new(echolite_cache::Config { persist: true, ..rig::config() });
    rig.declare(ResourceConfig { persist: true, ..products() });
    clear(&mut rig);
    rig.store(StoreInput::Loaded("products".into(), Some(stored())));
    is_over(&mut rig);
}

#[test]
fn a_consultation_and_a_gap_end_with_it() {
    let mut rig = Rig::owning(ResourceConfig { consult: true, ..products() });
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    clear(&mut rig);
    is_over(&mut rig);
}

#[test]
fn whoever_waits_for_a_row_is_told_and_whoever_asks_later_too() {
    let mut rig = owning();
    rig.command(Command::Get(5, "products".into(), "9".into()));
    clear(&mut rig);
    let told = |answer: Option<Result<_, String>>| {
        let message = answer.expect("an answer").expect_err("there is no row to give");
        assert!(message.contains("the cache was cleared"), "{message}");
    };
    told(rig.got(5));
    rig.command(Command::Get(6, "products".into(), "9".into()));
    told(rig.got(6));
    rig.command(Command::Live(8, "products".into(), Query::default()));
    told(rig.got(8));
    rig.command(Command::Resource(products()));
    is_over(&mut rig);
}

#[test]
fn clearing_twice_clears_the_store_twice() {
    let mut rig = owning();
    clear(&mut rig);
    rig.command(Command::Clear(78));
    assert!(rig.outputs.iter().any(|output| matches!(output, Output::ClearStore(78))));
    is_over(&mut rig);
}
