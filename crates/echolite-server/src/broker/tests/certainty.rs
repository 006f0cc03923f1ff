//! Delivery becomes uncertain and certain again.

use super::table::Table;

const NEWS: &str = "private-cache-news";
/// In the other of both brokers.
const STOCK: &str = "private-cache-stock";

#[test]
fn followers_hear_once_that_delivery_is_uncertain_and_the_others_do_not() {
    let mut table = Table::new();
    table.subscribe('a', NEWS);
    table.subscribe('x', NEWS);
    table.subscribe('x', STOCK);
    table.subscribe('y', STOCK);
    table.got();
    assert_eq!(table.mark_uncertain(), 2);
    assert_eq!(table.got(), ["x: uncertain: overflow", "y: uncertain: overflow"]);
}

#[test]
fn while_delivery_is_uncertain_events_have_no_numbers_and_nothing_is_recovered() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.publish(NEWS, "one");
    table.mark_uncertain();
    table.got();
    table.publish(NEWS, "two");
    table.recover('y', NEWS, ("a-1", 1));
    let expected = ["x: two", "y: confirmed, not recovered", "y: uncertain: overflow", "y: two"];
    assert_eq!(table.got(), expected);
}

#[test]
fn new_epochs_are_told_before_delivery_is_certain() {
    let mut table = Table::new();
    table.subscribe('a', NEWS);
    table.subscribe('x', NEWS);
    table.subscribe('x', STOCK);
    table.mark_uncertain();
    table.got();
    table.mark_certain();
    let expected = ["x: position a-2 0", "x: position b-2 0", "x: certain"];
    let mut got = table.got();
    got[..2].sort_unstable();
    assert_eq!(got, expected);
    table.publish(NEWS, "one");
    assert_eq!(table.got(), ["a: one", "x: one #1"]);
}

#[test]
fn a_last_event_does_not_outlive_uncertainty() {
    let mut table = Table::new();
    table.publish(NEWS, "one");
    table.mark_uncertain();
    table.subscribe('a', NEWS);
    table.publish(NEWS, "two");
    table.subscribe('b', NEWS);
    table.mark_certain();
    table.subscribe('c', NEWS);
    let expected = [
        "a: confirmed",
        "a: no last event",
        "a: two",
        "b: confirmed",
        "b: two",
        "c: confirmed",
        "c: no last event",
    ];
    assert_eq!(table.got(), expected);
}

#[test]
fn what_was_decided_before_is_told_before_delivery_is_uncertain() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.got();
    table.delays.history.set(2);
    table.subscribe('y', NEWS);
    table.delays.number.set(1);
    table.publish(NEWS, "one");
    table.mark_uncertain();
    let expected = [
        "x: one #1",
        "y: confirmed at a-1 0",
        "y: no last event",
        "y: one #1",
        "x: uncertain: overflow",
        "y: uncertain: overflow",
    ];
    assert_eq!(table.got(), expected);
}

#[test]
fn what_was_decided_before_is_told_before_delivery_is_certain() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.mark_uncertain();
    table.got();
    table.delays.number.set(1);
    table.publish(NEWS, "one");
    table.mark_certain();
    assert_eq!(table.got(), ["x: one", "x: position a-2 0", "x: certain"]);
}

#[test]
fn a_subscription_that_is_confirmed_again_hears_of_uncertainty_too() {
    let mut table = Table::new();
    table.subscribe('x', NEWS);
    table.mark_uncertain();
    table.got();
    table.delays.history.set(1);
    table.confirm_again('x', NEWS);
    table.at(1);
    assert_eq!(table.got(), ["x: confirmed", "x: uncertain: overflow"]);
}

#[test]
fn a_subscription_that_is_decided_later_hears_of_uncertainty_with_its_confirmation() {
    let mut table = Table::new();
    table.delays.join.set(1);
    table.delays.history.set(1);
    table.subscribe('x', NEWS);
    assert_eq!(table.mark_uncertain(), 0);
    table.at(1);
    table.at(2);
    let expected = ["x: confirmed", "x: uncertain: overflow", "x: no last event"];
    assert_eq!(table.got(), expected);
}
