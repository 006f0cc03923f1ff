//! What the engine asks of a store, and what it makes of the answers.

mod rig;

use echolite_cache::{
    Activity, Batch, Command, Config, Meta, Name, Output, ReadReply, ResourceConfig, StoreInput,
    Stored, StoredRow, Term, Version, Wall,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, products, row};
use serde_json::json;

fn stored_products() -> ResourceConfig {
    ResourceConfig { persist: true, ..products() }
}

fn opened() -> Rig {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    assert!(matches!(
        rig.outputs.iter().find(|o| matches!(o, Output::Load(_))),
        Some(Output::Load(_))
    ));
    rig
}

fn stored(id: u64, v: u64) -> StoredRow<Json> {
    let version = Some(Version::Number(v as f64));
    let payload = Some(row(id, v).into());
    StoredRow { id: id.to_string().into(), version, payload, deleted_at: Wall(0) }
}

fn load(rig: &mut Rig, rows: Vec<StoredRow<Json>>) {
    let meta = Meta {
        schema: 1,
        validator: Some("stored".into()),
        as_of: Some(Wall(5)),
        ..Meta::default()
    };
    rig.store(StoreInput::Loaded("products".into(), Some(Stored { meta, rows })));
}

fn ids(batch: &Batch<Json>) -> Vec<String> {
    batch.put.iter().map(|row| row.id.to_string()).collect()
}

#[test]
fn stored_rows_are_painted_before_any_read_and_verified_by_one() {
    let mut rig = opened();
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    assert_eq!(rig.versions(), [(1, 1), (2, 1)]);
    assert_eq!(rig.state(), "stale(restored)");
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("stored"));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn what_changed_while_the_page_was_closed_is_shown_to_have() {
    let mut rig = opened();
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1), row(2, 2)]);
    assert_eq!(rig.take_changes(), ["update 2"]);
}

#[test]
fn rows_of_another_schema_are_discarded() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(ResourceConfig { schema: 2, ..stored_products() });
    load(&mut rig, vec![stored(1, 1)]);
    assert_eq!(rig.state(), "empty(loading)");
    assert_eq!(rig.shown.len(), 0);
}

#[test]
fn only_the_owner_commits_and_only_what_changed() {
    let mut rig = opened();
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1), row(2, 2)]);
    assert_eq!(rig.commits().len(), 0, "another tab owns the store");
    rig.store(StoreInput::Owned(Term(3)));
    let first = rig.commits();
    assert_eq!(first.len(), 1);
    let (request, batch) = &first[0];
    assert!(batch.reset, "what another owner wrote meanwhile is not known");
    assert_eq!((ids(batch), batch.term), (vec!["1".to_owned(), "2".to_owned()], Term(3)));
    assert_eq!(batch.meta.validator.as_deref(), Some("etag"));
    rig.changed(json!({ "client_refresh": row(1, 5) }));
    assert_eq!(rig.commits().len(), 0, "one at a time");
    rig.changed(json!({ "client_refresh": row(1, 6) }));
    rig.store(StoreInput::Committed(*request, Ok(())));
    let second = rig.commits();
    assert_eq!(second.len(), 1, "both changes in one");
    assert_eq!(ids(&second[0].1), ["1"]);
    assert!(!second[0].1.reset);
    assert_eq!(second[0].1.meta.validator, None, "the validator no longer describes the rows");
}

#[test]
fn an_owner_from_the_start_writes_only_changes() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    assert_eq!(rig.commits().len(), 0);
    rig.changed(json!({ "client_refresh": row(1, 5) }));
    assert_eq!(ids(&rig.commits()[0].1), ["1"]);
}

#[test]
fn deletions_are_stored_as_tombstones_and_respected_after_a_reload() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, vec![stored(1, 1), stored(2, 3)]);
    rig.changed(json!({ "deleted": true, "id": 2, "v": 3 }));
    let batch = rig.commits().remove(0).1;
    assert!(batch.put[0].payload.is_none() && batch.put[0].deleted_at == rig.now.wall);

    let mut rig = opened();
    load(&mut rig, vec![stored(1, 1), batch.put[0].clone()]);
    rig.changed(json!({ "client_refresh": row(2, 3) }));
    assert_eq!(rig.versions(), [(1, 1)], "the late update does not raise the dead");
}

/// The one commit since the last, which the store carried out.
fn committed(rig: &mut Rig) -> Batch<Json> {
    let (request, batch) = rig.commits().remove(0);
    rig.store(StoreInput::Committed(request, Ok(())));
    batch
}

/// A row is deleted; its update comes 23 hours late. Two hours later nobody needs to know of the row any more.
#[test]
fn a_tombstone_lasts_a_day() {
    const HOUR: u64 = 3_600_000;
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, vec![]);
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1), row(2, 3)]);
    committed(&mut rig);
    rig.changed(json!({ "deleted": true, "id": 2, "v": 3 }));
    committed(&mut rig);
    let commit_after = |rig: &mut Rig, hours: u64, version: u64| {
        rig.now.mono = rig.now.mono + hours * HOUR;
        rig.now.wall.0 += hours * HOUR;
        rig.changed(json!({ "client_refresh": row(1, version) }));
        committed(rig)
    };
    assert_eq!(commit_after(&mut rig, 23, 2).remove, []);
    rig.changed(json!({ "client_refresh": row(2, 2) }));
    assert_eq!(rig.versions(), [(1, 2)], "the late update does not raise the dead");
    assert_eq!(commit_after(&mut rig, 2, 3).remove, [Name::from("2")]);
}

/// A row is deleted, and then 10 000 others: the oldest tombstone goes.
#[test]
fn tombstones_are_kept_under_a_cap() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, (1..=10_001).map(|id| stored(id, 1)).collect());
    rig.changed(json!({ "deleted": [1] }));
    assert_eq!(ids(&committed(&mut rig)), ["1"]);
    rig.pass(1);
    rig.changed(json!({ "deleted": (2..=10_001).collect::<Vec<u64>>() }));
    let batch = committed(&mut rig);
    assert_eq!((batch.put.len(), batch.remove), (10_000, vec![Name::from("1")]));
}

/// A list that is kept in memory alone: 10 005 rows are deleted at once, and the list is read.
#[test]
fn tombstones_are_kept_under_a_cap_without_a_store() {
    let rows: Vec<_> = (1..=10_005).map(|id| row(id, 1)).collect();
    let mut rig = Rig::fresh(products(), &rows);
    rig.changed(json!({ "deleted": (1..=10_005).collect::<Vec<u64>>() }));
    let tombstones = |rig: &Rig| rig.engine.inspect().contains(r#""tombstones":10000,"#);
    assert!(!tombstones(&rig));
    rig.answer_list(&[]);
    assert!(tombstones(&rig), "{}", rig.engine.inspect());
}

fn with_failed_commit() -> Rig {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.answers_pings = true;
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1), row(2, 1)]);
    let request = rig.commits().remove(0).0;
    rig.store(StoreInput::Committed(request, Err("quota exceeded".into())));
    rig
}

#[test]
fn after_a_failed_commit_the_next_writes_everything() {
    let mut rig = with_failed_commit();
    let failed = |o: &Output<Json>| matches!(o, Output::Activity(Activity::StoreFailed { message }) if message == "quota exceeded");
    assert!(rig.outputs.iter().any(failed), "it is told");
    rig.changed(json!({ "client_refresh": row(1, 5) }));
    assert_eq!(rig.versions(), [(1, 5), (2, 1)], "and goes on in memory");
    assert_eq!(rig.commits().len(), 0);
    rig.pass(30_000);
    let batch = rig.commits().remove(0).1;
    assert!(batch.reset);
    assert_eq!(ids(&batch), ["1", "2"]);
}

/// A commit fails, then another tab takes the store: nobody is to be woken for the retry.
#[test]
fn one_who_lost_the_store_is_not_woken_to_write() {
    let mut rig = with_failed_commit();
    rig.store(StoreInput::Lost);
    rig.pass(40_000);
    assert_eq!(rig.commits().len(), 0);
}

#[test]
fn an_event_before_the_store_answers_is_not_lost() {
    let mut rig = opened();
    rig.establish();
    rig.confirm("products");
    rig.changed(json!({ "client_refresh": row(1, 5) }));
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    assert_eq!(rig.versions(), [(1, 5), (2, 1)]);
    assert_eq!(rig.read().validator, None, "the stored validator speaks of the older row");
}

#[test]
fn one_who_lost_the_store_stops_writing() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(stored_products());
    rig.store(StoreInput::Owned(Term(1)));
    load(&mut rig, vec![stored(1, 1)]);
    rig.store(StoreInput::Lost);
    rig.changed(json!({ "client_refresh": row(1, 5) }));
    assert_eq!(rig.commits().len(), 0);
}

#[test]
fn clear_forgets_rows_and_store() {
    let mut rig = opened();
    load(&mut rig, vec![stored(1, 1)]);
    rig.command(Command::Clear(77));
    assert!(rig.outputs.iter().any(|o| matches!(o, Output::ClearStore(77))));
    assert_eq!((rig.shown.len(), rig.state()), (0, "empty(cleared)".to_owned()));
}

/// The database does not answer: another connection keeps it from being opened, or the browser hangs.
#[test]
fn a_store_that_never_answers_is_waited_for_five_seconds() {
    let core = echolite_core::Config { recover: true, ..config().core };
    let mut rig = Rig::new(Config { persist: true, core, ..config() });
    rig.answers_pings = true;
    rig.declare(stored_products());
    rig.establish();
    rig.no_read(4_990);
    assert_eq!(rig.sent(), Vec::<String>::new(), "positions may come with the rows");
    rig.pass(10);
    let said = |o: &Output<Json>| matches!(o, Output::Activity(Activity::StoreFailed { message }) if message.contains("did not answer"));
    assert_eq!(rig.outputs.iter().filter(|output| said(output)).count(), 1);
    assert_eq!(rig.sent(), ["subscribe products"]);
    load(&mut rig, vec![stored(1, 7)]);
    assert_eq!(rig.shown.len(), 0, "it is too late for the rows, and for their positions");
    rig.answer_list(&[row(1, 1)]);
    rig.confirm("products");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    load(&mut rig, vec![stored(1, 1), stored(2, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()), "too late");
    assert_eq!(rig.commits().len(), 0);
    rig.store(StoreInput::Owned(Term(4)));
    let batch = rig.commits().remove(0).1;
    assert!(batch.reset, "what is stored is unknown");
}

#[test]
fn all_resources_go_on_without_a_store_that_never_answers() {
    let core = echolite_core::Config { recover: true, ..config().core };
    let mut rig = Rig::new(Config { persist: true, core, ..config() });
    rig.answers_pings = true;
    rig.declare(stored_products());
    let orders = ResourceConfig { channels: vec!["orders".into()], ..stored_products() };
    rig.command(Command::Resource(ResourceConfig { name: "orders".into(), ..orders }));
    rig.establish();
    rig.pass(5_000);
    assert_eq!(rig.sent(), ["subscribe products", "subscribe orders"]);
}

#[test]
fn a_resource_of_nobody_in_particular_stays_in_memory() {
    let mut rig = Rig::new(Config { persist: true, ..config() });
    rig.declare(ResourceConfig { persist: false, ..products() });
    assert!(!rig.outputs.iter().any(|o| matches!(o, Output::Load(_))));
    rig.store(StoreInput::Owned(Term(1)));
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.commits().len(), 0);
}
