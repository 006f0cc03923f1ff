//! What was known in one epoch of a back end says nothing in the next. Each first comment line is the schedule.

mod rig;

use echolite_cache::{Command, Head, ReadReply, ReadRequest, ReadTarget, ResourceConfig};
use rig::{Rig, Wire, head, products, row};
use serde_json::{Value, json};

/// Subscribed, and about to read.
fn opening() -> Rig {
    let mut rig = Rig::new(rig::config());
    rig.answers_pings = true;
    rig.declare(ResourceConfig { since: true, ..products() });
    rig.establish();
    rig.confirm("products");
    rig
}

/// Fresh at head `e;5`, and a read is under way.
fn reading_with_heads(rows: &[Value]) -> (Rig, ReadRequest) {
    let mut rig = opening();
    let read = rig.read();
    rig.answer(&read, Rig::list_at(rows, "e", 5));
    assert_eq!(rig.state(), "fresh");
    rig.command(Command::Refresh("products".into()));
    let read = rig.read();
    (rig, read)
}

fn event_with_head(rig: &mut Rig, seq: u64, row: &Value) {
    rig.changed(json!({ "client_refresh": row, "head": head("e", seq - 1, seq) }));
}

/// A backup is restored; a read of it begins, and before its answer comes an event of what the backup does not have,
/// with a greater version than the read's row.
#[test]
fn an_event_of_the_old_epoch_during_a_read_of_the_new() {
    let (mut rig, read) = reading_with_heads(&[row(1, 1)]);
    event_with_head(&mut rig, 6, &row(1, 2));
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_ne!(rig.state(), "fresh", "versions of two epochs have no order");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// As before, but the event brings a row that the backup does not have: its head is greater than the read's, and of
/// an epoch that is over.
#[test]
fn a_row_of_the_old_epoch_does_not_outlive_it() {
    let (mut rig, read) = reading_with_heads(&[row(1, 1)]);
    event_with_head(&mut rig, 6, &row(2, 2));
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_ne!(rig.state(), "fresh");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// Deleted at seq 80; the back end is restored, counts anew in another epoch, and makes the row again at seq 30.
#[test]
fn made_anew_in_another_epoch() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 2)], "a", 79));
    rig.changed(json!({ "deleted": 1, "head": head("a", 79, 80) }));
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
    rig.changed(json!({ "head": head("b", 19, 20) }));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[], "b", 20));
    assert_eq!(rig.state(), "fresh");
    rig.changed(json!({ "head": head("b", 20, 30) }));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 2)], "b", 30));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

/// Nothing was read yet; an event of the old epoch comes during the first read, which is of the new.
#[test]
fn an_event_of_the_old_epoch_before_anything_was_read() {
    let mut rig = opening();
    let read = rig.read();
    rig.changed(json!({ "deleted": true, "id": 1, "v": 9, "head": head("e", 5, 6) }));
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List, "the row is not of the head that was read");
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// As before, and an event of the new epoch follows: the highest head known is of the read's epoch, the row is not.
#[test]
fn events_of_two_epochs_before_anything_was_read() {
    let mut rig = opening();
    let read = rig.read();
    rig.changed(json!({ "deleted": true, "id": 1, "v": 9, "head": head("e", 5, 6) }));
    rig.changed(json!({ "deleted": true, "id": 2, "v": 1, "head": head("f", 4, 5) }));
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    let read = rig.read();
    assert_eq!(read.target, ReadTarget::List);
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 5));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

/// A backup is restored. On one channel the new epoch's events come up to its head 11; then another channel replays what
/// it had before: the old epoch's last, and the new one's first. A read goes to a replica that lags at head 10.
#[test]
fn a_late_replay_does_not_lower_what_is_required() {
    let (mut rig, read) = reading_with_heads(&[row(1, 1)]);
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "e", 5));
    for (epoch, seq) in [("f", 11), ("e", 6), ("f", 8)] {
        rig.changed(json!({ "head": head(epoch, seq - 1, seq) }));
    }
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 2)], "f", 10));
    assert_ne!(rig.state(), "fresh", "an event said that there is a head 11");
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 3)], "f", 11));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
}

/// It was deleted, a backup was restored in which it lives, and somebody asks for it while the connection is lost.
#[test]
fn a_row_that_lives_in_the_new_epoch_is_given_though_it_was_deleted_in_the_old() {
    let (mut rig, read) = reading_with_heads(&[row(1, 1), row(2, 3)]);
    rig.answer(&read, Rig::list_at(&[row(1, 1), row(2, 3)], "e", 5));
    rig.changed(json!({ "deleted": true, "id": 2, "v": 4, "head": head("e", 5, 6) }));
    rig.close(1006);
    rig.command(Command::Get(9, "products".into(), "2".into()));
    let read = rig.reads().remove(0);
    assert_eq!(read.target, ReadTarget::Entry);
    let head = Some(Head { epoch: "f".into(), seq: 3 });
    rig.answer(&read, ReadReply::Row { row: row(2, 2).into(), validator: None, head });
    assert_eq!(rig.got(9), Some(Ok(Some(row(2, 2)))));
}

/// As before, after the list was read in the new epoch, which does not have the row.
#[test]
fn a_row_that_lives_outside_of_the_list_in_the_new_epoch_is_given() {
    let (mut rig, read) = reading_with_heads(&[row(1, 1), row(2, 3)]);
    rig.answer(&read, Rig::list_at(&[row(1, 1), row(2, 3)], "e", 5));
    rig.changed(json!({ "deleted": true, "id": 2, "v": 4, "head": head("e", 5, 6) }));
    rig.changed(json!({ "head": head("f", 2, 3) }));
    let read = rig.read();
    rig.answer(&read, Rig::list_at(&[row(1, 1)], "f", 3));
    rig.close(1006);
    rig.command(Command::Get(9, "products".into(), "2".into()));
    let read = rig.reads().remove(0);
    let head = Some(Head { epoch: "f".into(), seq: 3 });
    rig.answer(&read, ReadReply::Row { row: row(2, 2).into(), validator: None, head });
    assert_eq!(rig.got(9), Some(Ok(Some(row(2, 2)))));
}
