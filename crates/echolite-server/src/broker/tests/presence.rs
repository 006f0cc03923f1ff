//! Members of presence channels.

use super::table::{Table, name};

const ROOM: &str = "presence-room";

#[test]
fn the_others_hear_of_a_member_and_the_member_hears_who_is_there() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    let expected = ["a: confirmed with 1", "b: confirmed with 1,2", "a: added 2"];
    assert_eq!(table.got(), expected);
    let expected =
        ["occupied presence-room", "member_added presence-room 1", "member_added presence-room 2"];
    assert_eq!(table.notes, expected);
}

#[test]
fn a_member_with_two_connections_is_counted_once() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.got();
    table.enter('c', ROOM, "2");
    assert_eq!(table.got(), ["c: confirmed with 1,2"]);
    assert_eq!(table.broker(ROOM).members(&name(ROOM)).count(), 2);
    assert_eq!(table.broker(ROOM).count(&name(ROOM)), 3);
    table.unsubscribe('b', ROOM);
    assert_eq!(table.got(), [] as [&str; 0]);
    table.unsubscribe('c', ROOM);
    assert_eq!(table.got(), ["a: removed 2"]);
}

#[test]
fn a_full_channel_refuses_and_nobody_hears_of_it() {
    let mut table = Table::with(|app| app.limits.presence_members = 1);
    table.enter('a', ROOM, "1");
    table.notes.clear();
    table.enter('b', ROOM, "2");
    assert_eq!(table.got(), ["a: confirmed with 1", "b: refused 403"]);
    assert_eq!((table.broker(ROOM).count(&name(ROOM)), table.notes.len()), (1, 0));
    // Another connection of who is there is no further member.
    table.enter('c', ROOM, "1");
    assert_eq!(table.got(), ["c: confirmed with 1"]);
}

#[test]
fn who_was_refused_is_let_in_when_there_is_room() {
    let mut table = Table::with(|app| app.limits.presence_members = 1);
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.unsubscribe('a', ROOM);
    table.got();
    table.enter('b', ROOM, "2");
    assert_eq!(table.got(), ["b: confirmed with 2"]);
}

#[test]
fn who_drops_is_gone_after_the_grace_time() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.got();
    table.at(1);
    assert!(!table.woke());
    table.drop('b', &[ROOM]);
    assert!(table.woke());
    assert_eq!(table.broker(ROOM).deadline(), Some(std::time::Duration::from_secs(6)));
    assert_eq!(table.broker(ROOM).members(&name(ROOM)).count(), 2);
    table.at(5);
    assert_eq!(table.got(), [] as [&str; 0]);
    table.at(6);
    assert_eq!(table.got(), ["a: removed 2"]);
    assert_eq!(table.notes.last().unwrap(), "member_removed presence-room 2");
}

#[test]
fn who_returns_in_time_neither_left_nor_came() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.drop('b', &[ROOM]);
    table.at(4);
    table.got();
    table.enter('c', ROOM, "2");
    table.at(10);
    assert_eq!(table.got(), ["c: confirmed with 1,2"]);
}

#[test]
fn the_last_to_drop_vacates_the_channel_and_stays_a_member_for_the_grace_time() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.drop('a', &[ROOM]);
    assert_eq!(table.notes.last().unwrap(), "vacated presence-room at 0");
    assert_eq!(table.broker(ROOM).occupied().count(), 0);
    assert_eq!(table.broker(ROOM).members(&name(ROOM)).count(), 1);
    table.at(5);
    assert_eq!(table.broker(ROOM).members(&name(ROOM)).count(), 0);
}

#[test]
fn who_leaves_for_good_is_gone_at_once() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.got();
    table.unsubscribe('b', ROOM);
    assert_eq!(table.got(), ["a: removed 2"]);
    let last = table.notes.last().unwrap();
    assert_eq!(last, "member_removed presence-room 2");
}
