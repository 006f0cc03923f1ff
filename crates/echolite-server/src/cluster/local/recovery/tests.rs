use super::*;
use crate::cluster::local::channel::POSITION_TIME;
use crate::cluster::local::histories::Keeping;
use crate::config::HistoryConfig;

const NEWS: &str = "private-cache-news";
/// What an event of no bytes counts, and a channel without events.
const EVENT: usize = 128;
const CHANNEL: usize = 512;

type TestCluster = LocalCluster<u8, String>;

fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn cluster_with(memory: usize, change: impl FnOnce(&mut HistoryConfig)) -> TestCluster {
    let mut history = HistoryConfig::new(["private-cache-*"]);
    change(&mut history);
    TestCluster::keeping(Keeping { histories: [history].into(), memory, seed: 10 })
}

fn cluster() -> TestCluster {
    cluster_with(1_000_000, |_| {})
}

fn publish(cluster: &mut TestCluster, now: Duration, channel: &str) -> Option<u64> {
    let recorded = cluster.record(now, &name(channel), 0, |offset| format!("{channel}#{offset}"));
    recorded.map(|(offset, _)| offset)
}

fn follow(cluster: &mut TestCluster, channel: &str) {
    cluster.join(at(0), &name(channel), None, 0).unwrap();
}

/// Lets time pass; nobody departs.
fn pass(cluster: &mut TestCluster, now: Duration) {
    assert_eq!(cluster.next_departure(now), None);
}

/// Where a subscription begins that asks for nothing.
fn position(cluster: &mut TestCluster, now: Duration, channel: &str) -> Option<Position> {
    cluster.begin(now, &name(channel), None).position
}

fn ask(cluster: &mut TestCluster, now: Duration, epoch: &str, offset: u64) -> Replay<String> {
    let position = Position { epoch: epoch.to_owned(), offset };
    cluster.begin(now, &name(NEWS), Some(&Recover { position, room: 10_000 })).replay
}

fn covered(offsets: impl IntoIterator<Item = u64>) -> Replay<String> {
    Replay::Covered(offsets.into_iter().map(|offset| format!("{NEWS}#{offset}")).collect())
}

fn held(channels: usize, events: usize) -> HistoryUsage {
    HistoryUsage { channels, events, bytes: channels * CHANNEL + events * EVENT }
}

#[test]
fn what_was_missed_comes_in_order_and_nothing_else_does() {
    let mut cluster = cluster();
    for offset in 1..=4 {
        assert_eq!(publish(&mut cluster, at(0), NEWS), Some(offset));
    }
    let here = position(&mut cluster, at(0), NEWS).unwrap();
    assert_eq!((here.epoch.as_str(), here.offset), ("a-1", 4));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 1), covered(2..=4));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 0), covered(1..=4));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 4), covered([]));
    assert_eq!(cluster.begin(at(0), &name(NEWS), None).replay, Replay::NotAsked);
    assert_eq!(cluster.held(), held(1, 4));
}

#[test]
fn another_epoch_and_an_offset_of_the_future_are_not_covered() {
    let mut cluster = cluster();
    publish(&mut cluster, at(0), NEWS);
    for (epoch, offset) in
        [("a-2", 0), ("b-1", 1), ("", 1), ("A-1", 1), ("a-1", 2), ("a-1", u64::MAX)]
    {
        assert_eq!(ask(&mut cluster, at(0), epoch, offset), Replay::NotCovered, "{epoch} {offset}");
    }
}

#[test]
fn a_channel_without_history_has_no_position_and_takes_no_memory() {
    let mut cluster = cluster();
    for channel in ["news", "private-news", "presence-cache-news"] {
        assert_eq!(publish(&mut cluster, at(0), channel), None);
        let position = Position { epoch: "a-1".into(), offset: 0 };
        let asked = Recover { position, room: 10_000 };
        let beginning = cluster.begin(at(0), &name(channel), Some(&asked));
        assert_eq!((beginning.position, beginning.replay), (None, Replay::NotCovered));
    }
    assert!(cluster.channels.is_empty());
    assert_eq!((cluster.held(), cluster.deadline()), (held(0, 0), None));
}

#[test]
fn the_first_history_that_fits_a_channel_is_its() {
    let one = HistoryConfig { max_events: 1, ..HistoryConfig::new(["private-cache-n*", "other"]) };
    let histories = [one, HistoryConfig::new(["private-cache-*"])].into();
    let mut cluster = TestCluster::keeping(Keeping { histories, memory: 1_000_000, seed: 10 });
    for channel in [NEWS, "other", "private-cache-a"] {
        publish(&mut cluster, at(0), channel);
        publish(&mut cluster, at(0), channel);
    }
    let events = |channel| cluster.history(&name(channel)).unwrap().1.events;
    assert_eq!([NEWS, "other", "private-cache-a"].map(events), [1, 1, 2]);
}

#[test]
fn beyond_the_most_events_there_is_a_gap() {
    let mut cluster = cluster_with(1_000_000, |history| history.max_events = 2);
    for _ in 0..5 {
        publish(&mut cluster, at(0), NEWS);
    }
    assert_eq!(cluster.held(), held(1, 2));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 3), covered(4..=5));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 2), Replay::NotCovered);
}

#[test]
fn beyond_the_most_bytes_there_is_a_gap() {
    let mut cluster = cluster_with(1_000_000, |history| history.max_bytes = 2 * EVENT);
    for _ in 0..3 {
        publish(&mut cluster, at(0), NEWS);
    }
    assert_eq!(cluster.held(), held(1, 2));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 0), Replay::NotCovered);
    // An event that is too large on its own is a gap too, and is numbered.
    let large = cluster.record(at(0), &name(NEWS), EVENT + 1, |offset| offset.to_string());
    assert_eq!(large, Some((4, "4".to_owned())));
    assert_eq!(cluster.held(), held(1, 0));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 3), Replay::NotCovered);
    assert_eq!(ask(&mut cluster, at(0), "a-1", 4), covered([]));
}

#[test]
fn what_is_too_old_is_not_replayed_even_before_it_is_swept() {
    let mut cluster = cluster_with(1_000_000, |history| history.max_age = 30);
    publish(&mut cluster, at(0), NEWS);
    publish(&mut cluster, at(20), NEWS);
    assert_eq!(ask(&mut cluster, at(29), "a-1", 0), covered(1..=2));
    assert_eq!(ask(&mut cluster, at(30), "a-1", 0), Replay::NotCovered);
    assert_eq!(ask(&mut cluster, at(30), "a-1", 1), covered([2]));
    assert_eq!(ask(&mut cluster, at(50), "a-1", 1), Replay::NotCovered);
    assert_eq!(ask(&mut cluster, at(50), "a-1", 2), covered([]));
}

#[test]
fn old_events_are_forgotten_though_nobody_comes_and_the_position_a_day_later() {
    let mut cluster = cluster();
    publish(&mut cluster, at(0), NEWS);
    assert_eq!(cluster.deadline(), Some(at(60)));
    pass(&mut cluster, at(3_600));
    assert_eq!((cluster.held(), cluster.deadline()), (held(1, 0), Some(at(3_660))));
    assert_eq!(ask(&mut cluster, at(80_000), "a-1", 1), covered([]));
    pass(&mut cluster, at(80_000) + POSITION_TIME - at(1));
    assert_eq!(cluster.held(), held(1, 0));
    pass(&mut cluster, at(80_100) + POSITION_TIME);
    assert!(cluster.channels.is_empty());
    assert_eq!((cluster.held(), cluster.deadline()), (held(0, 0), None));
    assert_eq!(ask(&mut cluster, at(200_000), "a-1", 1), Replay::NotCovered);
}

#[test]
fn at_the_end_of_time_and_with_ages_without_end_nothing_overflows() {
    let mut cluster = cluster_with(1_000_000, |history| history.max_age = u64::MAX);
    publish(&mut cluster, at(1), NEWS);
    pass(&mut cluster, Duration::MAX - at(1));
    assert_eq!(cluster.held(), held(1, 1));
    pass(&mut cluster, Duration::MAX);
    assert_eq!(ask(&mut cluster, Duration::MAX, "a-1", 0), covered([1]));
}

#[test]
fn a_subscriber_keeps_the_position_however_quiet_the_channel_is() {
    let mut cluster = cluster();
    follow(&mut cluster, NEWS);
    assert_eq!(position(&mut cluster, at(0), NEWS).unwrap().offset, 0);
    let later = POSITION_TIME * 3;
    pass(&mut cluster, later);
    assert_eq!(publish(&mut cluster, later, NEWS), Some(1));
    assert_eq!(ask(&mut cluster, later, "a-1", 0), covered([1]));
    // And it is known a day longer from when the subscriber left.
    cluster.leave(later + at(10_000), &name(NEWS), None, Duration::ZERO);
    pass(&mut cluster, later + POSITION_TIME + at(9_999));
    assert_eq!(cluster.held(), held(1, 0));
}

#[test]
fn a_position_is_forgotten_a_day_after_the_last_subscriber_left() {
    let mut cluster = cluster();
    follow(&mut cluster, NEWS);
    follow(&mut cluster, NEWS);
    position(&mut cluster, at(0), NEWS);
    for left in [5, 10] {
        cluster.leave(at(left), &name(NEWS), None, Duration::ZERO);
    }
    pass(&mut cluster, POSITION_TIME + at(9));
    assert_eq!(cluster.held(), held(1, 0));
    // What is over its time is looked for every minute.
    pass(&mut cluster, POSITION_TIME + at(9 + 60));
    assert_eq!(cluster.held(), held(0, 0));
    assert!(cluster.channels.is_empty());
}

#[test]
fn over_the_memory_the_history_unused_for_longest_is_forgotten_and_its_epoch_ends() {
    // Room for eight channels with an event each.
    let mut cluster = cluster_with(8 * (CHANNEL + EVENT), |_| {});
    let channel = |n: u64| format!("private-cache-{n}");
    for n in 0..8 {
        publish(&mut cluster, at(n), &channel(n));
    }
    assert_eq!(cluster.held(), held(8, 8));
    // The second use of channel 0 makes channel 1 the oldest.
    position(&mut cluster, at(8), &channel(0));
    publish(&mut cluster, at(9), &channel(8));
    assert_eq!(cluster.held(), held(7, 7));
    let known = |cluster: &TestCluster, n| cluster.history(&name(&channel(n))).is_some();
    let left: Vec<_> = (0..9).filter(|n| known(&cluster, *n)).collect();
    assert_eq!(left, [0, 3, 4, 5, 6, 7, 8]);
    publish(&mut cluster, at(10), &channel(1));
    let again = position(&mut cluster, at(10), &channel(1)).unwrap();
    assert_eq!((again.epoch.as_str(), again.offset), ("a-a", 1));
}

#[test]
fn over_the_memory_a_subscribed_channel_loses_its_events_and_goes_on_counting() {
    let mut cluster = cluster_with(CHANNEL + 2 * EVENT, |_| {});
    follow(&mut cluster, NEWS);
    for _ in 0..3 {
        publish(&mut cluster, at(0), NEWS);
    }
    assert_eq!(cluster.held(), held(1, 0));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 2), Replay::NotCovered);
    assert_eq!(publish(&mut cluster, at(0), NEWS), Some(4));
    assert_eq!(ask(&mut cluster, at(0), "a-1", 3), covered([4]));
}

#[test]
fn more_subscribed_channels_than_the_memory_has_room_for_keep_their_positions() {
    let mut cluster = cluster_with(CHANNEL, |_| {});
    for n in 0..20_u64 {
        let channel = format!("private-cache-{n}");
        follow(&mut cluster, &channel);
        assert_eq!(publish(&mut cluster, at(n), &channel), Some(1));
    }
    for n in 0..20 {
        assert_eq!(publish(&mut cluster, at(20 + n), &format!("private-cache-{n}")), Some(2));
    }
    assert_eq!(cluster.held().channels, 20);
}

#[test]
fn what_the_connection_cannot_take_is_not_replayed() {
    let mut cluster = cluster();
    for _ in 0..3 {
        publish(&mut cluster, at(0), NEWS);
    }
    let mut with_room = |room| {
        let position = Position { epoch: "a-1".into(), offset: 1 };
        cluster.begin(at(0), &name(NEWS), Some(&Recover { position, room })).replay
    };
    assert_eq!(with_room(2 * EVENT), covered(2..=3));
    assert_eq!(with_room(2 * EVENT - 1), Replay::NotCovered);
}

#[test]
fn while_delivery_is_uncertain_nothing_is_numbered_and_afterwards_epochs_are_new() {
    let mut cluster = cluster();
    follow(&mut cluster, NEWS);
    publish(&mut cluster, at(0), NEWS);
    publish(&mut cluster, at(0), "private-cache-other");
    let reason: Arc<str> = "the queue overflowed".into();
    cluster.forget_all(&reason);
    assert_eq!((cluster.held(), cluster.deadline()), (held(0, 0), None));
    assert_eq!(publish(&mut cluster, at(1), NEWS), None);
    let position = Position { epoch: "a-1".into(), offset: 1 };
    let beginning = cluster.begin(at(1), &name(NEWS), Some(&Recover { position, room: 10_000 }));
    let expected =
        Beginning { position: None, replay: Replay::NotCovered, uncertain: Some(reason) };
    assert_eq!(beginning, expected);
    // Only who follows a channel has to be told of its new epoch.
    let told = cluster.keep_again(at(2), vec![name(NEWS)]);
    assert_eq!(told, [(name(NEWS), Position { epoch: "a-3".into(), offset: 0 })]);
    assert_eq!(cluster.keep_again(at(2), vec![name(NEWS)]), []);
    assert_eq!(ask(&mut cluster, at(2), "a-1", 1), Replay::NotCovered);
    assert_eq!(publish(&mut cluster, at(2), NEWS), Some(1));
    assert_eq!(ask(&mut cluster, at(2), "a-3", 0), covered([1]));
    assert_eq!(cluster.begin(at(2), &name(NEWS), None).uncertain, None);
}

/// Events were lost: the last that came need not be the last there was.
#[test]
fn last_events_do_not_outlive_uncertainty() {
    let (mut cluster, news) = (cluster(), name(NEWS));
    cluster.keep(at(0), &news, || 1);
    cluster.forget_all(&"the broker is away".into());
    assert_eq!(cluster.last_event(at(0), &news), None);
    cluster.keep(at(1), &news, || 2);
    assert_eq!(cluster.last_event(at(1), &news), Some(&2));
    cluster.keep_again(at(2), vec![name(NEWS)]);
    assert_eq!(cluster.last_event(at(2), &news), None);
}
