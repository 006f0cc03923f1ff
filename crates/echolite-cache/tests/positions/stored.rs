//! Positions are stored with the rows that include their events, and a reload recovers from there.

use echolite_cache::{
    Advice, Batch, Command, Config, Input, Meta, Name, Output, Position, Reaction, ReadReply,
    ReadTarget, ResourceConfig, StoreInput, Stored, StoredRow, Term, Version, Wall,
};
use echolite_core::json::Json;
use serde_json::{Value, json};

use super::rig::{Rig, Wire, recovered, row, standing};
use super::{CHANNEL, changed, fresh, one_read, reconnect, recovering, resource};

/// Commits asked for since last taken, and those that follow as each is done.
fn committed(rig: &mut Rig) -> Vec<Batch<Json>> {
    let mut commits = Vec::new();
    for (request, batch) in rig.commits() {
        commits.push(batch);
        rig.store(StoreInput::Committed(request, Ok(())));
        commits.extend(committed(rig));
    }
    commits
}

fn positions(batch: &Batch<Json>) -> Vec<String> {
    let word = |(channel, at): &(Name, Position)| format!("{channel} {};{}", at.epoch, at.offset);
    batch.meta.positions.iter().map(word).collect()
}

fn stored_resource() -> ResourceConfig {
    ResourceConfig { persist: true, ..resource() }
}

/// A fresh resource whose engine owns the store, its channel at `e;41`; the first commit is done.
fn owning(resource: ResourceConfig) -> Rig {
    let mut rig = Rig::new(Config { persist: true, ..recovering() });
    rig.answers_pings = true;
    rig.declare(resource);
    rig.store(StoreInput::Owned(Term(1)));
    rig.store(StoreInput::Loaded("products".into(), None));
    rig.establish_recovering();
    rig.confirm_with(CHANNEL, standing("e", 41));
    rig.answer_list(&[row(1, 1)]);
    let first = committed(&mut rig);
    assert_eq!(positions(&first[first.len() - 1]), ["private-products e;41"]);
    rig
}

/// A page loaded anew, of which `rows` and the position were stored.
fn reloaded(offset: u64) -> Rig {
    let mut rig = Rig::new(Config { persist: true, ..recovering() });
    rig.answers_pings = true;
    rig.declare(stored_resource());
    rig.store(StoreInput::Owned(Term(2)));
    let meta = Meta {
        schema: 1,
        validator: Some("etag".into()),
        as_of: Some(Wall(rig.now.wall.0 - 1_000)),
        reflected: None,
        positions: vec![(CHANNEL.into(), Position { epoch: "e".into(), offset })],
    };
    let version = Some(Version::Number(1.0));
    let payload = Some(row(1, 1).into());
    let rows = vec![StoredRow { id: "1".into(), version, payload, deleted_at: Wall(0) }];
    rig.establish_recovering();
    assert_eq!(rig.sent().len(), 0, "before the store answers nobody knows from where to recover");
    rig.store(StoreInput::Loaded("products".into(), Some(Stored { meta, rows })));
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
    rig
}

#[test]
fn a_reload_that_missed_nothing_costs_no_read() {
    let mut rig = reloaded(41);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;41"]);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
    let as_of = rig.status.as_ref().unwrap().as_of.unwrap();
    assert_eq!(rig.now.wall.0 - as_of.0, 1_000, "as it was stored");
    rig.no_read(60_000);
    let kept = committed(&mut rig);
    assert_eq!(kept.len(), 1, "the store hears that the rows were looked at");
    assert_eq!((kept[0].put.len(), kept[0].remove.len(), kept[0].reset), (0, 0, false));
    assert_eq!(positions(&kept[0]), ["private-products e;41"]);
    assert_eq!(kept[0].meta.validator.as_deref(), Some("etag"));
    reconnect(&mut rig);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    assert_eq!(rig.state(), "fresh");
    assert_eq!(committed(&mut rig).len(), 0, "nothing changed");
    rig.pass(240_000);
    assert_eq!(rig.reads().len(), 1, "it is verified five minutes after it was read");
}

#[test]
fn a_reload_replays_what_was_missed_and_stores_it() {
    let mut rig = reloaded(41);
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;42"]);
}

#[test]
fn a_deletion_that_is_replayed_over_stored_rows_is_final() {
    let mut rig = reloaded(41);
    rig.confirm_with(CHANNEL, recovered("e", 42, true));
    changed(&mut rig, 42, json!({ "deleted": { "id": 1, "v": 2 } }));
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
    rig.no_read(60_000);
}

#[test]
fn a_reload_that_cannot_be_recovered_costs_one_conditional_read() {
    let mut rig = reloaded(41);
    rig.confirm_with(CHANNEL, recovered("e", 45, false));
    assert_eq!(rig.state(), "stale(restored)");
    one_read(&mut rig);
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;45"]);
}

#[test]
fn a_reload_whose_store_has_nothing_asks_for_no_replay() {
    let mut rig = Rig::new(Config { persist: true, ..recovering() });
    rig.declare(stored_resource());
    rig.establish_recovering();
    rig.store(StoreInput::Loaded("products".into(), None));
    let request = rig.authorizations()[0].0;
    rig.authorize(request);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig"]);
}

#[test]
fn positions_are_stored_with_the_rows_that_include_them() {
    let mut rig = owning(stored_resource());
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    let batch = committed(&mut rig).remove(0);
    assert_eq!((batch.put.len(), positions(&batch)), (1, vec!["private-products e;42".to_owned()]));
}

#[test]
fn rows_in_doubt_are_stored_without_positions() {
    let mut rig = owning(stored_resource());
    // painted at once, and to be confirmed by a read: nothing orders the two
    changed(&mut rig, 42, json!({ "client_refresh": { "id": 1, "v": 1, "name": "other" } }));
    assert_eq!(rig.state(), "stale(provisional)");
    assert_eq!(positions(&committed(&mut rig)[0]), [""; 0]);
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;42"]);
}

/// The questions that the application was asked.
fn consulted(rig: &Rig) -> Vec<u32> {
    let asked = |o: &Output<Json>| match o {
        Output::Consult { request, .. } => Some(*request),
        _ => None,
    };
    rig.outputs.iter().filter_map(asked).collect()
}

#[test]
fn what_else_is_stored_while_the_application_is_asked_does_not_include_the_event() {
    let mut rig = owning(ResourceConfig { consult: true, ..stored_resource() });
    rig.pass(300_000);
    let verification = rig.read();
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    rig.answer(&verification, ReadReply::NotModified { head: None });
    assert_eq!(positions(&committed(&mut rig)[0]), [""; 0]);
    let asked = consulted(&rig)[0];
    rig.input(Input::Consulted(asked, Advice::declared(Reaction::Auto)));
    rig.pass(10);
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;42"]);
}

#[test]
fn an_event_that_is_still_to_be_carried_out_is_not_stored_as_included() {
    let mut rig = owning(ResourceConfig { consult: true, ..stored_resource() });
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 2) }));
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 3) }));
    let asked = consulted(&rig);
    let answer = |rig: &mut Rig, request| {
        rig.input(Input::Consulted(request, Advice::declared(Reaction::Auto)));
    };
    answer(&mut rig, asked[1]);
    assert_eq!(committed(&mut rig).len(), 0, "43 waits for 42");
    answer(&mut rig, asked[0]);
    rig.pass(10);
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;43"]);
}

#[test]
fn an_outdated_row_is_not_stored_as_included() {
    let mut rig = owning(stored_resource());
    changed(&mut rig, 42, json!({ "url": "/api/products/1" }));
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 2) }));
    assert_eq!(positions(&committed(&mut rig)[0]), [""; 0]);
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::Row);
    rig.answer(&read, ReadReply::Row { row: row(1, 3).into(), validator: None, head: None });
    assert_eq!(rig.state(), "fresh");
    assert_eq!(positions(&committed(&mut rig)[0]), ["private-products e;43"]);
}

#[test]
fn events_that_change_nothing_move_the_stored_position_now_and_then() {
    let mut rig = owning(stored_resource());
    for offset in 42..=89 {
        rig.numbered(CHANNEL, offset, "SomethingElse", json!({}));
    }
    let batches = committed(&mut rig);
    assert_eq!(batches.len(), 2, "the second one waited for the first");
    assert_eq!(positions(&batches[0]), ["private-products e;57"]);
    assert_eq!(positions(&batches[1]), ["private-products e;89"]);
    assert!(batches.iter().all(|batch| batch.put.is_empty() && !batch.reset));
}

#[test]
fn two_resources_of_one_channel_recover_from_the_earlier_one() {
    let mut rig = Rig::new(Config { persist: true, ..recovering() });
    rig.declare(stored_resource());
    rig.command(Command::Resource(ResourceConfig { name: "cheap".into(), ..stored_resource() }));
    rig.establish_recovering();
    for (name, offset) in [("products", 43), ("cheap", 41)] {
        let at = Position { epoch: "e".into(), offset };
        let meta = Meta {
            schema: 1,
            as_of: Some(Wall(5)),
            positions: vec![(CHANNEL.into(), at)],
            ..Meta::default()
        };
        assert_eq!(rig.sent().len(), 0);
        let version = Some(Version::Number(1.0));
        let payload = Some(row(1, 1).into());
        let rows = vec![StoredRow { id: "1".into(), version, payload, deleted_at: Wall(0) }];
        rig.store(StoreInput::Loaded(name.into(), Some(Stored { meta, rows })));
    }
    let request = rig.authorizations()[0].0;
    rig.authorize(request);
    assert_eq!(rig.sent(), ["subscribe private-products app:sig after e;41"]);
    rig.confirm_with(CHANNEL, recovered("e", 43, true));
    changed(&mut rig, 42, json!({ "client_refresh": row(1, 1) }));
    changed(&mut rig, 43, json!({ "client_refresh": row(1, 1) }));
    assert_eq!(rig.state(), "fresh", "its rows include both");
    assert!(rig.engine.inspect().contains(r#""cheap":{"status":"stale","reason":"provisional""#));
}

#[test]
fn what_is_known_of_positions_can_be_seen() {
    let rig = fresh(resource(), &[row(1, 1)]);
    let seen: Value = serde_json::from_str(&rig.engine.inspect()).unwrap();
    let seen = &seen["resources"]["products"];
    assert_eq!(seen["facts"], json!(["versions", "positions"]));
    assert_eq!(seen["positions"], json!({ CHANNEL: { "rows": "e;41", "channel": "e;41" } }));
}
