//! Answers of the cluster that are late: what waits for them, and in which order it goes on.

use super::table::{Table, name};

const NEWS: &str = "private-cache-news";
const ROOM: &str = "presence-room";
const NOTHING: [&str; 0] = [];

#[test]
fn an_event_is_sent_and_acknowledged_when_it_is_numbered() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.got();
    table.delays.number.set(2);
    table.publish(NEWS, "one");
    assert_eq!((table.is_acknowledged(), table.got().len()), (false, 0));
    let receipt = table.take_receipt();
    table.at(1);
    assert_eq!(table.got(), NOTHING);
    table.at(2);
    assert_eq!(table.got(), ["x: one #1"]);
    assert_eq!(table.deliveries(), 1);
    assert!(receipt.unwrap().try_recv().is_ok());
}

#[test]
fn an_event_that_is_numbered_at_once_is_acknowledged_at_once() {
    let mut table = Table::new();
    table.publish(NEWS, "one");
    assert!(table.is_acknowledged());
}

#[test]
fn events_keep_their_order_however_late_each_is() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.got();
    table.delays.number.set(3);
    table.publish(NEWS, "one");
    table.delays.number.set(0);
    table.publish(NEWS, "two");
    assert_eq!(table.got(), NOTHING);
    table.at(3);
    assert_eq!(table.got(), ["x: one #1", "x: two #2"]);
}

#[test]
fn live_frames_wait_for_the_confirmation_and_the_replay() {
    let mut table = Table::new();
    for event in ["one", "two"] {
        table.publish(NEWS, event);
    }
    table.delays.history.set(1);
    table.recover('x', NEWS, ("a-1", 0));
    table.publish(NEWS, "three");
    table.whisper('a', NEWS);
    assert_eq!(table.got(), NOTHING);
    table.at(1);
    let expected = [
        "x: confirmed at a-1 2, recovered",
        "x: one #1",
        "x: two #2",
        "x: three #3",
        "x: client-typing",
    ];
    assert_eq!(table.got(), expected);
    table.publish(NEWS, "four");
    assert_eq!(table.got(), ["x: four #4"]);
}

#[test]
fn live_frames_wait_for_the_last_event() {
    let mut table = Table::new();
    table.publish("cache-news", "one");
    table.delays.history.set(1);
    table.subscribe('a', "cache-news");
    table.publish("cache-news", "two");
    table.at(1);
    assert_eq!(table.got(), ["a: confirmed", "a: one", "a: two"]);
}

#[test]
fn a_frame_that_the_answer_covers_does_not_follow_it() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.got();
    table.delays.number.set(1);
    table.publish(NEWS, "one");
    table.delays.history.set(1);
    // It is decided after the event, which comes to the node while the subscription waits.
    table.recover('y', NEWS, ("a-1", 0));
    table.at(1);
    table.at(2);
    let expected = ["x: one #1", "y: confirmed at a-1 1, recovered", "y: one #1"];
    assert_eq!(table.got(), expected);
}

#[test]
fn an_own_event_published_meanwhile_is_a_position_behind_the_confirmation() {
    let mut table = Table::new();
    table.delays.history.set(1);
    table.subscribe('x', NEWS);
    table.publish_but(NEWS, "one", Some('x'));
    table.at(1);
    let expected = ["x: confirmed at a-1 0", "x: no last event", "x: position 1"];
    assert_eq!(table.got(), expected);
}

#[test]
fn a_sender_does_not_get_its_own_frames_while_it_waits() {
    let mut table = Table::new();
    table.delays.history.set(1);
    table.subscribe('a', "news");
    table.publish_but("news", "one", Some('a'));
    table.whisper('a', "news");
    table.publish("news", "two");
    table.at(1);
    assert_eq!(table.got(), ["a: confirmed", "a: two"]);
}

#[test]
fn a_subscription_that_ends_before_its_answer_gets_that_answer_and_nothing_else() {
    let mut table = Table::new();
    table.delays.history.set(2);
    table.subscribe('x', NEWS);
    table.unsubscribe('x', NEWS);
    table.publish(NEWS, "one");
    table.subscribe('x', NEWS);
    table.at(2);
    assert_eq!(table.got(), ["x: confirmed", "x: confirmed at a-1 1", "x: one"]);
    assert_eq!(table.broker(NEWS).count(&name(NEWS)), 1);
}

#[test]
fn each_subscription_is_answered_once_and_in_order_though_it_was_left() {
    let mut table = Table::new();
    table.delays.join.set(2);
    table.subscribe('x', NEWS);
    table.unsubscribe('x', NEWS);
    table.delays.join.set(1);
    table.subscribe('x', NEWS);
    table.delays.history.set(1);
    table.confirm_again('x', NEWS);
    table.unsubscribe('x', NEWS);
    table.unsubscribe('x', NEWS);
    table.delays.join.set(0);
    table.subscribe('x', NEWS);
    assert_eq!(table.got(), ["x: confirmed", "x: confirmed", "x: confirmed"]);
    (1..=4).for_each(|second| table.at(second));
    assert_eq!(table.got(), ["x: confirmed at a-1 0", "x: no last event"]);
    assert_eq!(table.broker(NEWS).count(&name(NEWS)), 1);
}

#[test]
fn a_further_confirmation_that_was_answered_before_the_first_is_owed_too() {
    let mut table = Table::new();
    table.delays.join.set(2);
    table.subscribe('x', NEWS);
    table.confirm_again('x', NEWS);
    table.at(1);
    table.unsubscribe('x', NEWS);
    assert_eq!(table.got(), ["x: confirmed", "x: confirmed"]);
    table.at(2);
    assert_eq!(table.got(), NOTHING);
}

#[test]
fn a_full_channel_that_was_left_meanwhile_is_answered_once() {
    let mut table = Table::with(|app| app.limits.presence_members = 1);
    table.enter('a', ROOM, "1");
    table.got();
    table.delays.join.set(1);
    table.enter('b', ROOM, "2");
    table.unsubscribe('b', ROOM);
    table.at(1);
    assert_eq!(table.got(), ["b: confirmed with 1"]);
}

#[test]
fn a_subscription_is_confirmed_again_behind_what_it_got_before() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.got();
    table.delays.number.set(1);
    table.publish(NEWS, "one");
    table.delays.history.set(2);
    table.confirm_again('x', NEWS);
    table.publish(NEWS, "two");
    table.at(1);
    assert_eq!(table.got(), NOTHING);
    table.at(2);
    assert_eq!(table.got(), ["x: one #1", "x: confirmed at a-1 1", "x: two #2"]);
}

#[test]
fn two_questions_of_one_subscription_are_answered_one_after_the_other() {
    let mut table = Table::new();
    table.delays.history.set(1);
    table.subscribe('x', NEWS);
    table.publish(NEWS, "one");
    table.delays.history.set(3);
    table.confirm_again('x', NEWS);
    table.publish(NEWS, "two");
    table.at(1);
    assert_eq!(table.got(), ["x: confirmed at a-1 0", "x: no last event"]);
    table.at(3);
    assert_eq!(table.got(), ["x: one #1", "x: confirmed at a-1 1", "x: two #2"]);
}

#[test]
fn a_second_confirmation_that_is_answered_first_follows_the_first_and_its_replay() {
    let mut table = Table::new();
    table.publish(NEWS, "one");
    table.delays.join.set(1);
    table.recover('x', NEWS, ("a-1", 0));
    table.confirm_again('x', NEWS);
    table.publish(NEWS, "two");
    table.delays.history.set(2);
    table.at(1);
    assert_eq!(table.got(), NOTHING);
    table.publish(NEWS, "three");
    table.at(3);
    let expected = [
        "x: confirmed at a-1 2, recovered",
        "x: one #1",
        "x: two #2",
        "x: confirmed at a-1 2",
        "x: three #3",
    ];
    assert_eq!(table.got(), expected);
    table.publish(NEWS, "four");
    assert_eq!(table.got(), ["x: four #4"]);
}

#[test]
fn members_that_come_while_a_subscription_waits_are_in_its_list_or_follow_it() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.got();
    table.delays.join.set(1);
    table.delays.history.set(1);
    table.enter('b', ROOM, "2");
    table.at(1);
    table.delays.join.set(0);
    table.delays.history.set(0);
    // Its list is of the moment at which its join was answered.
    table.enter('c', ROOM, "3");
    table.at(2);
    let got = table.got();
    let of = |by| got.iter().filter(|line| line.starts_with(by)).collect::<Vec<_>>();
    assert_eq!(of("a"), ["a: added 2", "a: added 3"]);
    assert_eq!(of("b"), ["b: confirmed with 1,2", "b: added 3"]);
    assert_eq!(of("c"), ["c: confirmed with 1,2,3"]);
}

#[test]
fn a_member_is_counted_once_whatever_is_late() {
    let mut table = Table::new();
    table.delays.join.set(1);
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "1");
    assert_eq!(table.broker(ROOM).count(&name(ROOM)), 0);
    table.at(1);
    let mut got = table.got();
    got.sort_unstable();
    assert_eq!(got, ["a: confirmed with 1", "b: confirmed with 1"]);
    assert_eq!(table.notes, ["occupied presence-room", "member_added presence-room 1"]);
    assert_eq!(table.broker(ROOM).count(&name(ROOM)), 2);
}

#[test]
fn a_late_refusal_reaches_the_session() {
    let mut table = Table::with(|app| app.limits.presence_members = 1);
    table.delays.join.set(1);
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.at(1);
    assert_eq!(table.got(), ["a: confirmed with 1", "b: refused 403"]);
    assert_eq!(table.broker(ROOM).count(&name(ROOM)), 1);
}

#[test]
fn one_that_leaves_before_it_was_counted_is_announced_and_removed() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.got();
    table.notes.clear();
    table.delays.join.set(1);
    table.enter('b', ROOM, "2");
    table.unsubscribe('b', ROOM);
    assert_eq!(table.got(), ["b: confirmed with 1,2"]);
    table.at(1);
    assert_eq!(table.got(), ["a: added 2", "a: removed 2"]);
    let expected = ["member_added presence-room 2", "member_removed presence-room 2"];
    assert_eq!(table.notes, expected);
    assert_eq!(table.broker(ROOM).members(&name(ROOM)).count(), 1);
}

#[test]
fn one_that_drops_before_it_was_counted_has_its_grace_time() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.got();
    table.delays.join.set(1);
    table.enter('b', ROOM, "2");
    table.drop('b', &[ROOM]);
    table.at(1);
    assert_eq!(table.got(), ["a: added 2"]);
    table.at(5);
    assert_eq!(table.got(), NOTHING);
    // The grace time of five seconds runs from when it was counted.
    table.at(6);
    assert_eq!(table.got(), ["a: removed 2"]);
}

#[test]
fn a_departure_is_told_when_the_cluster_says_so() {
    let mut table = Table::new();
    table.enter('a', ROOM, "1");
    table.enter('b', ROOM, "2");
    table.got();
    table.delays.leave.set(2);
    table.unsubscribe('b', ROOM);
    assert_eq!(table.got(), NOTHING);
    table.at(2);
    assert_eq!(table.got(), ["a: removed 2"]);
}

#[test]
fn a_connection_for_which_too_much_waits_is_closed() {
    let mut table = Table::new();
    table.delays.history.set(1);
    table.subscribe('x', NEWS);
    table.recorder('x').room.set(100);
    table.publish(NEWS, "one");
    table.publish(NEWS, "two");
    assert_eq!(table.got(), ["x: closed 4100"]);
}
