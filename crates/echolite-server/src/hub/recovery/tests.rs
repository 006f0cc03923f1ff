use super::*;
use crate::hub::Full;

const A: SocketId = SocketId::from_random(1);
const NEWS: &str = "private-cache-news";
/// What an event of no bytes counts, and a channel without events.
const EVENT: usize = 128;
const CHANNEL: usize = 512;

type TestHub = Hub<char, u8, String>;

fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn hub_with(memory: usize, change: impl FnOnce(&mut HistoryConfig)) -> TestHub {
    let mut history = HistoryConfig::new(["private-cache-*"]);
    change(&mut history);
    Hub::keeping(Keeping { histories: [history].into(), memory, seed: 10 })
}

fn hub() -> TestHub {
    hub_with(1_000_000, |_| {})
}

fn publish(hub: &mut TestHub, now: Duration, channel: &str) -> Option<u64> {
    let recorded = hub.record(now, &name(channel), 0, |offset| format!("{channel}#{offset}"));
    recorded.map(|(offset, _)| offset)
}

fn follow(hub: &mut TestHub, channel: &str, socket: SocketId) -> Result<(), Full> {
    let subscriber = Subscriber { recipient: 'a', member: None, dialect: Dialect::Echolite };
    hub.subscribe(at(0), &name(channel), (socket, subscriber), 0).map(|_| ())
}

/// Where a subscription begins that asks for nothing.
fn position(hub: &mut TestHub, now: Duration, channel: &str) -> Option<Position> {
    hub.begin(now, &name(channel), None).position
}

fn ask(hub: &mut TestHub, now: Duration, epoch: &str, offset: u64) -> Replay<String> {
    let position = Position { epoch: epoch.to_owned(), offset };
    hub.begin(now, &name(NEWS), Some(&Recover { position, room: 10_000 })).replay
}

fn covered(offsets: impl IntoIterator<Item = u64>) -> Replay<String> {
    Replay::Covered(offsets.into_iter().map(|offset| format!("{NEWS}#{offset}")).collect())
}

fn held(channels: usize, events: usize) -> HistoryUsage {
    HistoryUsage { channels, events, bytes: channels * CHANNEL + events * EVENT }
}

#[test]
fn what_was_missed_comes_in_order_and_nothing_else_does() {
    let mut hub = hub();
    for offset in 1..=4 {
        assert_eq!(publish(&mut hub, at(0), NEWS), Some(offset));
    }
    let here = position(&mut hub, at(0), NEWS).unwrap();
    assert_eq!((here.epoch.as_str(), here.offset), ("a-1", 4));
    assert_eq!(ask(&mut hub, at(0), "a-1", 1), covered(2..=4));
    assert_eq!(ask(&mut hub, at(0), "a-1", 0), covered(1..=4));
    assert_eq!(ask(&mut hub, at(0), "a-1", 4), covered([]));
    assert_eq!(hub.begin(at(0), &name(NEWS), None).replay, Replay::NotAsked);
    assert_eq!(hub.held(), held(1, 4));
}

#[test]
fn another_epoch_and_an_offset_of_the_future_are_not_covered() {
    let mut hub = hub();
    publish(&mut hub, at(0), NEWS);
    for (epoch, offset) in
        [("a-2", 0), ("b-1", 1), ("", 1), ("A-1", 1), ("a-1", 2), ("a-1", u64::MAX)]
    {
        assert_eq!(ask(&mut hub, at(0), epoch, offset), Replay::NotCovered, "{epoch} {offset}");
    }
}

#[test]
fn a_channel_without_history_has_no_position_and_takes_no_memory() {
    let mut hub = hub();
    for channel in ["news", "private-news", "presence-cache-news"] {
        assert_eq!(publish(&mut hub, at(0), channel), None);
        let position = Position { epoch: "a-1".into(), offset: 0 };
        let asked = Recover { position, room: 10_000 };
        let beginning = hub.begin(at(0), &name(channel), Some(&asked));
        assert_eq!((beginning.position, beginning.replay), (None, Replay::NotCovered));
    }
    assert!(hub.channels.is_empty());
    assert_eq!((hub.held(), hub.deadline()), (held(0, 0), None));
}

#[test]
fn the_first_history_that_fits_a_channel_is_its() {
    let one = HistoryConfig { max_events: 1, ..HistoryConfig::new(["private-cache-n*", "other"]) };
    let histories = [one, HistoryConfig::new(["private-cache-*"])].into();
    let mut hub = TestHub::keeping(Keeping { histories, memory: 1_000_000, seed: 10 });
    for channel in [NEWS, "other", "private-cache-a"] {
        publish(&mut hub, at(0), channel);
        publish(&mut hub, at(0), channel);
    }
    let events = |channel| hub.history(&name(channel)).unwrap().1.events;
    assert_eq!([NEWS, "other", "private-cache-a"].map(events), [1, 1, 2]);
}

#[test]
fn beyond_the_most_events_there_is_a_gap() {
    let mut hub = hub_with(1_000_000, |history| history.max_events = 2);
    for _ in 0..5 {
        publish(&mut hub, at(0), NEWS);
    }
    assert_eq!(hub.held(), held(1, 2));
    assert_eq!(ask(&mut hub, at(0), "a-1", 3), covered(4..=5));
    assert_eq!(ask(&mut hub, at(0), "a-1", 2), Replay::NotCovered);
}

#[test]
fn beyond_the_most_bytes_there_is_a_gap() {
    let mut hub = hub_with(1_000_000, |history| history.max_bytes = 2 * EVENT);
    for _ in 0..3 {
        publish(&mut hub, at(0), NEWS);
    }
    assert_eq!(hub.held(), held(1, 2));
    assert_eq!(ask(&mut hub, at(0), "a-1", 0), Replay::NotCovered);
    // An event that is too large on its own is a gap too, and is numbered.
    let large = hub.record(at(0), &name(NEWS), EVENT + 1, |offset| offset.to_string());
    assert_eq!(large, Some((4, "4".to_owned())));
    assert_eq!(hub.held(), held(1, 0));
    assert_eq!(ask(&mut hub, at(0), "a-1", 3), Replay::NotCovered);
    assert_eq!(ask(&mut hub, at(0), "a-1", 4), covered([]));
}

#[test]
fn what_is_too_old_is_not_replayed_even_before_it_is_swept() {
    let mut hub = hub_with(1_000_000, |history| history.max_age = 30);
    publish(&mut hub, at(0), NEWS);
    publish(&mut hub, at(20), NEWS);
    assert_eq!(ask(&mut hub, at(29), "a-1", 0), covered(1..=2));
    assert_eq!(ask(&mut hub, at(30), "a-1", 0), Replay::NotCovered);
    assert_eq!(ask(&mut hub, at(30), "a-1", 1), covered([2]));
    assert_eq!(ask(&mut hub, at(50), "a-1", 1), Replay::NotCovered);
    assert_eq!(ask(&mut hub, at(50), "a-1", 2), covered([]));
}

#[test]
fn old_events_are_forgotten_though_nobody_comes_and_the_position_a_day_later() {
    let mut hub = hub();
    publish(&mut hub, at(0), NEWS);
    assert_eq!(hub.deadline(), Some(at(60)));
    hub.on_time(at(3_600));
    assert_eq!((hub.held(), hub.deadline()), (held(1, 0), Some(at(3_660))));
    assert_eq!(ask(&mut hub, at(80_000), "a-1", 1), covered([]));
    hub.on_time(at(80_000) + POSITION_TIME - at(1));
    assert_eq!(hub.held(), held(1, 0));
    hub.on_time(at(80_100) + POSITION_TIME);
    assert!(hub.channels.is_empty());
    assert_eq!((hub.held(), hub.deadline()), (held(0, 0), None));
    assert_eq!(ask(&mut hub, at(200_000), "a-1", 1), Replay::NotCovered);
}

#[test]
fn at_the_end_of_time_and_with_ages_without_end_nothing_overflows() {
    let mut hub = hub_with(1_000_000, |history| history.max_age = u64::MAX);
    publish(&mut hub, at(1), NEWS);
    hub.on_time(Duration::MAX - at(1));
    assert_eq!(hub.held(), held(1, 1));
    hub.on_time(Duration::MAX);
    assert_eq!(ask(&mut hub, Duration::MAX, "a-1", 0), covered([1]));
}

#[test]
fn a_subscriber_keeps_the_position_however_quiet_the_channel_is() {
    let mut hub = hub();
    follow(&mut hub, NEWS, A).unwrap();
    assert_eq!(position(&mut hub, at(0), NEWS).unwrap().offset, 0);
    let later = POSITION_TIME * 3;
    hub.on_time(later);
    assert_eq!(publish(&mut hub, later, NEWS), Some(1));
    assert_eq!(ask(&mut hub, later, "a-1", 0), covered([1]));
    // And it is known a day longer from when the subscriber left.
    hub.unsubscribe(later + at(10_000), &name(NEWS), A, Duration::ZERO);
    hub.on_time(later + POSITION_TIME + at(9_999));
    assert_eq!(hub.held(), held(1, 0));
}

#[test]
fn over_the_memory_the_history_unused_for_longest_is_forgotten_and_its_epoch_ends() {
    // Room for eight channels with an event each.
    let mut hub = hub_with(8 * (CHANNEL + EVENT), |_| {});
    let channel = |n: u64| format!("private-cache-{n}");
    for n in 0..8 {
        publish(&mut hub, at(n), &channel(n));
    }
    assert_eq!(hub.held(), held(8, 8));
    // The second use of channel 0 makes channel 1 the oldest.
    position(&mut hub, at(8), &channel(0));
    publish(&mut hub, at(9), &channel(8));
    assert_eq!(hub.held(), held(7, 7));
    let known = |hub: &TestHub, n| hub.history(&name(&channel(n))).is_some();
    let left: Vec<_> = (0..9).filter(|n| known(&hub, *n)).collect();
    assert_eq!(left, [0, 3, 4, 5, 6, 7, 8]);
    publish(&mut hub, at(10), &channel(1));
    let again = position(&mut hub, at(10), &channel(1)).unwrap();
    assert_eq!((again.epoch.as_str(), again.offset), ("a-a", 1));
}

#[test]
fn over_the_memory_a_subscribed_channel_loses_its_events_and_goes_on_counting() {
    let mut hub = hub_with(CHANNEL + 2 * EVENT, |_| {});
    follow(&mut hub, NEWS, A).unwrap();
    for _ in 0..3 {
        publish(&mut hub, at(0), NEWS);
    }
    assert_eq!(hub.held(), held(1, 0));
    assert_eq!(ask(&mut hub, at(0), "a-1", 2), Replay::NotCovered);
    assert_eq!(publish(&mut hub, at(0), NEWS), Some(4));
    assert_eq!(ask(&mut hub, at(0), "a-1", 3), covered([4]));
}

#[test]
fn more_subscribed_channels_than_the_memory_has_room_for_keep_their_positions() {
    let mut hub = hub_with(CHANNEL, |_| {});
    for n in 0..20_u64 {
        let channel = format!("private-cache-{n}");
        follow(&mut hub, &channel, SocketId::from_random(n)).unwrap();
        assert_eq!(publish(&mut hub, at(n), &channel), Some(1));
    }
    for n in 0..20 {
        assert_eq!(publish(&mut hub, at(20 + n), &format!("private-cache-{n}")), Some(2));
    }
    assert_eq!(hub.held().channels, 20);
}

#[test]
fn what_the_connection_cannot_take_is_not_replayed() {
    let mut hub = hub();
    for _ in 0..3 {
        publish(&mut hub, at(0), NEWS);
    }
    let mut with_room = |room| {
        let position = Position { epoch: "a-1".into(), offset: 1 };
        hub.begin(at(0), &name(NEWS), Some(&Recover { position, room })).replay
    };
    assert_eq!(with_room(2 * EVENT), covered(2..=3));
    assert_eq!(with_room(2 * EVENT - 1), Replay::NotCovered);
}

#[test]
fn while_delivery_is_uncertain_nothing_is_numbered_and_afterwards_epochs_are_new() {
    let mut hub = hub();
    follow(&mut hub, NEWS, A).unwrap();
    publish(&mut hub, at(0), NEWS);
    publish(&mut hub, at(0), "private-cache-other");
    let reason: Arc<str> = "the queue overflowed".into();
    hub.mark_uncertain(&reason);
    assert_eq!((hub.held(), hub.deadline()), (held(0, 0), None));
    assert_eq!(publish(&mut hub, at(1), NEWS), None);
    let position = Position { epoch: "a-1".into(), offset: 1 };
    let beginning = hub.begin(at(1), &name(NEWS), Some(&Recover { position, room: 10_000 }));
    let expected =
        Beginning { position: None, replay: Replay::NotCovered, uncertain: Some(reason) };
    assert_eq!(beginning, expected);
    // Only who follows a channel has to be told of its new epoch.
    let told = hub.mark_certain(at(2));
    assert_eq!(told, [(name(NEWS), Position { epoch: "a-3".into(), offset: 0 })]);
    assert_eq!(hub.mark_certain(at(2)), []);
    assert_eq!(ask(&mut hub, at(2), "a-1", 1), Replay::NotCovered);
    assert_eq!(publish(&mut hub, at(2), NEWS), Some(1));
    assert_eq!(ask(&mut hub, at(2), "a-3", 0), covered([1]));
    assert_eq!(hub.begin(at(2), &name(NEWS), None).uncertain, None);
}

/// Events were lost: the last that came need not be the last there was.
#[test]
fn last_events_do_not_outlive_uncertainty() {
    let (mut hub, news) = (hub(), name(NEWS));
    hub.keep(at(0), &news, 1);
    hub.mark_uncertain(&"the broker is away".into());
    assert_eq!(hub.last_event(at(0), &news), None);
    hub.keep(at(1), &news, 2);
    assert_eq!(hub.last_event(at(1), &news), Some(&2));
    hub.mark_certain(at(2));
    assert_eq!(hub.last_event(at(2), &news), None);
}

#[test]
fn who_did_not_ask_for_positions_follows_nothing() {
    let mut hub = hub();
    let subscriber = Subscriber { recipient: 'p', member: None, dialect: Dialect::Pusher };
    hub.subscribe(at(0), &name(NEWS), (A, subscriber), 0).unwrap();
    assert_eq!(hub.all_followers().count(), 0);
    hub.mark_uncertain(&"gone".into());
    assert_eq!(hub.mark_certain(at(0)), []);
    follow(&mut hub, NEWS, SocketId::from_random(2)).unwrap();
    assert_eq!(hub.all_followers().collect::<String>(), "a");
}

#[test]
fn each_gets_of_a_numbered_event_what_it_asked_for() {
    let mut hub = hub();
    let (b, c) = (SocketId::from_random(2), SocketId::from_random(3));
    let members =
        [(A, 'a', Dialect::Pusher), (b, 'b', Dialect::Echolite), (c, 'c', Dialect::Echolite)];
    for (socket, recipient, dialect) in members {
        let subscriber = Subscriber { recipient, member: None, dialect };
        hub.subscribe(at(0), &name(NEWS), (socket, subscriber), 0).unwrap();
    }
    let shares = |except| hub.shares(&name(NEWS), except).map(|(r, share)| (*r, share)).collect();
    let all: Vec<_> = shares(None);
    assert_eq!(all, [('a', Share::Plain), ('b', Share::Numbered), ('c', Share::Numbered)]);
    let but_b: Vec<_> = shares(Some(b));
    assert_eq!(but_b, [('a', Share::Plain), ('b', Share::Position), ('c', Share::Numbered)]);
    let but_a: Vec<_> = shares(Some(A));
    assert_eq!(but_a, [('b', Share::Numbered), ('c', Share::Numbered)]);
}
