use super::members::Full;
use super::state::{CACHE_TIME, LocalCluster};
use echolite_protocol::{ChannelName, Member};
use std::sync::Arc;
use std::time::Duration;

const START: Duration = Duration::ZERO;
const GRACE: Duration = Duration::from_secs(5);

type TestCluster = LocalCluster<u8, u8>;

fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn room() -> ChannelName {
    name("presence-room")
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Joins a presence channel of at most two members; whether the user arrived.
fn enter(cluster: &mut TestCluster, user: &str) -> Result<bool, Full> {
    let member = Arc::new(Member { user_id: user.to_owned(), user_info: None });
    cluster.join(START, &room(), Some(&member), 2)
}

/// One connection of a user leaves for good; the user who is gone by it.
fn departed(cluster: &mut TestCluster, user: &str) -> Option<String> {
    cluster.leave(START, &room(), Some(user), Duration::ZERO)
}

/// A connection of a user drops; the user who is gone by it.
fn drop_at(cluster: &mut TestCluster, now: Duration, user: &str) -> Option<String> {
    cluster.leave(now, &room(), Some(user), GRACE)
}

/// Everybody who departs until a time.
fn departures(cluster: &mut TestCluster, now: Duration) -> Vec<String> {
    std::iter::from_fn(|| cluster.next_departure(now)).map(|(_, user)| user).collect()
}

fn member_count(cluster: &TestCluster) -> usize {
    cluster.members(&room()).count()
}

#[test]
fn a_user_arrives_with_the_first_connection_and_departs_with_the_last() {
    let mut cluster = TestCluster::default();
    assert_eq!(enter(&mut cluster, "0"), Ok(true));
    assert_eq!(enter(&mut cluster, "0"), Ok(false));
    assert_eq!(member_count(&cluster), 1);
    assert_eq!(departed(&mut cluster, "0"), None);
    assert_eq!(departed(&mut cluster, "0").as_deref(), Some("0"));
    assert_eq!(member_count(&cluster), 0);
}

#[test]
fn a_full_channel_takes_no_new_user_but_another_connection_of_one() {
    let mut cluster = TestCluster::default();
    assert_eq!(enter(&mut cluster, "1"), Ok(true));
    assert_eq!(enter(&mut cluster, "2"), Ok(true));
    assert_eq!(enter(&mut cluster, "3"), Err(Full));
    assert_eq!(enter(&mut cluster, "2"), Ok(false));
    departed(&mut cluster, "1");
    assert_eq!(enter(&mut cluster, "3"), Ok(true));
}

#[test]
fn a_cache_channel_keeps_its_last_event_beyond_its_subscribers() {
    let mut cluster = TestCluster::default();
    cluster.keep(START, &name("cache-news"), || 1);
    cluster.keep(START, &name("cache-news"), || 2);
    cluster.keep(START, &name("news"), || 3);
    cluster.join(START, &name("cache-news"), None, 0).unwrap();
    assert_eq!(cluster.last_event(START, &name("cache-news")), Some(&2));
    assert_eq!(cluster.last_event(START, &name("news")), None);
    cluster.leave(START, &name("cache-news"), None, Duration::ZERO);
    assert_eq!(cluster.last_event(START, &name("cache-news")), Some(&2));
}

#[test]
fn a_last_event_is_forgotten_after_its_time() {
    let mut cluster = TestCluster::default();
    cluster.keep(START, &name("cache-news"), || 1);
    assert_eq!(cluster.last_event(CACHE_TIME, &name("cache-news")), None);
    cluster.keep(CACHE_TIME, &name("cache-other"), || 2);
    assert_eq!(cluster.channels.len(), 1);
}

#[test]
fn a_channel_of_which_nothing_is_kept_takes_no_memory() {
    let mut cluster = TestCluster::default();
    cluster.join(START, &name("private-news"), None, 0).unwrap();
    assert!(cluster.channels.is_empty());
}

#[test]
fn who_drops_is_gone_after_the_grace_time() {
    let mut cluster = TestCluster::default();
    enter(&mut cluster, "1").unwrap();
    assert_eq!(drop_at(&mut cluster, at(1), "1"), None);
    assert_eq!(cluster.deadline(), Some(at(6)));
    assert_eq!(member_count(&cluster), 1);
    assert_eq!(departures(&mut cluster, at(5)), [] as [&str; 0]);
    assert_eq!(departures(&mut cluster, at(6)), ["1"]);
    assert!(cluster.channels.is_empty() && cluster.deadline().is_none());
}

#[test]
fn who_returns_within_the_grace_time_neither_left_nor_came() {
    let mut cluster = TestCluster::default();
    enter(&mut cluster, "1").unwrap();
    drop_at(&mut cluster, at(1), "1");
    assert_eq!(enter(&mut cluster, "1"), Ok(false));
    assert_eq!(departures(&mut cluster, at(6)), [] as [&str; 0]);
    // Having returned, it can leave as anybody does.
    assert_eq!(departed(&mut cluster, "1").as_deref(), Some("1"));
}

#[test]
fn two_tabs_that_drop_at_once_are_one_departure() {
    let mut cluster = TestCluster::default();
    enter(&mut cluster, "1").unwrap();
    enter(&mut cluster, "1").unwrap();
    assert_eq!(drop_at(&mut cluster, at(1), "1"), None);
    assert_eq!(drop_at(&mut cluster, at(1), "1"), None);
    assert_eq!(departures(&mut cluster, at(6)), ["1"]);
    assert_eq!(enter(&mut cluster, "1"), Ok(true));
}

#[test]
fn one_tab_that_leaves_does_not_end_the_grace_of_another_that_dropped() {
    let mut cluster = TestCluster::default();
    enter(&mut cluster, "1").unwrap();
    enter(&mut cluster, "1").unwrap();
    drop_at(&mut cluster, START, "1");
    assert_eq!(departed(&mut cluster, "1"), None);
    assert_eq!(departures(&mut cluster, at(5)), ["1"]);
}

#[test]
fn a_place_is_kept_for_who_may_return() {
    let mut cluster = TestCluster::default();
    enter(&mut cluster, "1").unwrap();
    enter(&mut cluster, "2").unwrap();
    drop_at(&mut cluster, START, "1");
    assert_eq!(enter(&mut cluster, "3"), Err(Full));
    departures(&mut cluster, at(5));
    assert_eq!(enter(&mut cluster, "3"), Ok(true));
}

#[test]
fn members_are_asked_for_by_their_id_and_their_number() {
    let mut cluster = TestCluster::default();
    assert_eq!((cluster.member_count(&room()), cluster.is_member(&room(), "1")), (0, false));
    enter(&mut cluster, "1").unwrap();
    enter(&mut cluster, "1").unwrap();
    assert_eq!((cluster.member_count(&room()), cluster.is_member(&room(), "1")), (1, true));
    assert!(!cluster.is_member(&room(), "2"));
    assert_eq!(departed(&mut cluster, "1"), None);
    assert!(cluster.is_member(&room(), "1"));
    departed(&mut cluster, "1");
    assert_eq!((cluster.member_count(&room()), cluster.is_member(&room(), "1")), (0, false));
}
