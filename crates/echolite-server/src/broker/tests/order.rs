//! Subscribing and publishing, where the cluster answers at once.

use super::table::Table;

const NEWS: &str = "private-cache-news";

#[test]
fn an_event_goes_to_the_channels_subscribers() {
    let mut table = Table::new();
    table.subscribe('a', "news");
    table.subscribe('b', "news");
    table.subscribe('b', "other");
    table.publish("news", "sold");
    assert_eq!(table.deliveries(), 2);
    table.publish("nobody", "sold");
    assert_eq!(table.got(), ["a: confirmed", "b: confirmed", "b: confirmed", "a: sold", "b: sold"]);
}

#[test]
fn the_confirmation_comes_before_the_last_event() {
    let mut table = Table::new();
    table.publish(NEWS, "old");
    table.publish(NEWS, "last");
    table.subscribe('a', NEWS);
    table.subscribe('x', NEWS);
    let expected = ["a: confirmed", "a: last", "x: confirmed at a-1 2", "x: last"];
    assert_eq!(table.got(), expected);
}

#[test]
fn a_channel_without_a_last_event_says_so_after_the_confirmation() {
    let mut table = Table::new();
    table.subscribe('a', "cache-news");
    table.subscribe('a', "news");
    assert_eq!(table.got(), ["a: confirmed", "a: no last event", "a: confirmed"]);
    let expected = [
        "occupied cache-news",
        "cache_miss cache-news",
        "subscription_count cache-news 1",
        "occupied news",
        "subscription_count news 1",
    ];
    assert_eq!(table.notes, expected);
}

#[test]
fn what_was_missed_comes_after_the_confirmation_and_before_live_frames() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    for event in ["one", "two", "three"] {
        table.publish(NEWS, event);
    }
    table.got();
    table.recover('y', NEWS, ("a-1", 1));
    assert_eq!((table.last().replays_served, table.last().events_replayed), (1, 2));
    table.publish(NEWS, "four");
    let expected = [
        "y: confirmed at a-1 3, recovered",
        "y: two #2",
        "y: three #3",
        "x: four #4",
        "y: four #4",
    ];
    assert_eq!(table.got(), expected);
}

#[test]
fn who_missed_nothing_gets_nothing_again() {
    let mut table = Table::new();
    table.publish(NEWS, "one");
    table.recover('x', NEWS, ("a-1", 1));
    assert_eq!(table.got(), ["x: confirmed at a-1 1, recovered"]);
}

#[test]
fn what_is_not_covered_is_said_and_the_last_event_follows() {
    let mut table = Table::new();
    table.publish(NEWS, "one");
    table.recover('x', NEWS, ("b-1", 0));
    assert_eq!(table.got(), ["x: confirmed at a-1 1, not recovered", "x: one"]);
    assert_eq!((table.last().replays_served, table.last().replays_refused), (0, 1));
}

#[test]
fn a_replay_leaves_room_for_live_frames() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.publish(NEWS, "one");
    // An event counts a little over 128 bytes: there is room for it, but not in three quarters of it.
    table.unsubscribe('x', NEWS);
    table.recorder('x').room.set(220);
    table.got();
    table.recover('x', NEWS, ("a-1", 0));
    assert_eq!(table.got(), ["x: confirmed at a-1 1, not recovered", "x: one"]);
}

#[test]
fn the_sender_does_not_get_its_own_event() {
    let mut table = Table::new();
    for by in ['a', 'b'] {
        table.subscribe(by, "news");
    }
    table.got();
    table.publish_but("news", "sold", Some('a'));
    table.whisper('a', "news");
    assert_eq!(table.got(), ["b: sold", "b: client-typing"]);
}

#[test]
fn a_sender_who_follows_positions_is_told_the_position_of_its_own_event() {
    let mut table = Table::new();
    for by in ['a', 'x', 'y'] {
        table.subscribe(by, NEWS);
    }
    table.got();
    table.publish_but(NEWS, "sold", Some('x'));
    assert_eq!(table.got(), ["a: sold", "x: position 1", "y: sold #1"]);
    assert_eq!(table.deliveries(), 2);
    // Excluded elsewhere, it is told nothing here.
    table.subscribe('z', "private-cache-other");
    table.got();
    table.publish_but(NEWS, "sold", Some('z'));
    assert_eq!(table.got(), ["a: sold", "x: sold #2", "y: sold #2"]);
}

#[test]
fn client_events_have_no_number_and_are_not_kept() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.subscribe('y', NEWS);
    table.got();
    table.whisper('x', NEWS);
    table.subscribe('z', NEWS);
    let expected = ["y: client-typing", "z: confirmed at a-1 0", "z: no last event"];
    assert_eq!(table.got(), expected);
}

#[test]
fn a_subscription_is_confirmed_again_with_its_position() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.publish(NEWS, "one");
    table.got();
    table.confirm_again('x', NEWS);
    table.publish(NEWS, "two");
    assert_eq!(table.got(), ["x: confirmed at a-1 1", "x: two #2"]);
    assert_eq!(table.broker(NEWS).count(&super::table::name(NEWS)), 1);
}

#[test]
fn counts_are_told_to_all_and_not_on_presence_channels() {
    let mut table = Table::with(|app| app.subscription_count = true);
    table.subscribe('a', "news");
    table.subscribe('b', "news");
    table.enter('a', "presence-news", "1");
    table.unsubscribe('a', "news");
    table.unsubscribe('a', "presence-news");
    let expected = [
        "a: confirmed",
        "a: count 1",
        "b: confirmed",
        "a: count 2",
        "b: count 2",
        "a: confirmed with 1",
        "b: count 1",
    ];
    assert_eq!(table.got(), expected);
}

#[test]
fn many_subscribers_are_counted_later_and_the_clock_is_woken_for_it() {
    let mut table = Table::with(|app| app.subscription_count = true);
    let many: Vec<char> =
        (0..101_u8).map(|n| char::from_u32(0x4e00 + u32::from(n)).unwrap()).collect();
    many[..100].iter().for_each(|by| table.subscribe(*by, "news"));
    table.got();
    assert!(!table.woke());
    table.subscribe(many[100], "news");
    assert!(table.woke());
    assert_eq!(table.got().len(), 1);
    table.at(5);
    assert_eq!(table.got().len(), 101);
}

#[test]
fn webhooks_are_told_of_the_first_and_the_last_subscription() {
    let mut table = Table::with(|app| {
        app.webhooks[0].events.retain(|event| {
            use crate::config::WebhookEvent;
            matches!(event, WebhookEvent::ChannelOccupied | WebhookEvent::ChannelVacated)
        });
    });
    table.subscribe('a', "news");
    table.subscribe('b', "news");
    table.unsubscribe('a', "news");
    table.at(3);
    table.unsubscribe('b', "news");
    table.unsubscribe('b', "news");
    assert_eq!(table.notes, ["occupied news", "vacated news at 3"]);
}

#[test]
fn the_clock_is_woken_when_the_first_history_begins() {
    let mut table = Table::new();
    table.subscribe('a', NEWS);
    assert!(!table.woke());
    table.subscribe('x', NEWS);
    assert!(table.woke());
    table.publish(NEWS, "one");
    assert!(!table.woke());
}
