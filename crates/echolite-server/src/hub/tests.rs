use super::*;

const A: SocketId = SocketId::from_random(1);
const B: SocketId = SocketId::from_random(2);
const START: Duration = Duration::ZERO;

fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn hub() -> Hub<char, u8> {
    Hub::default()
}

fn all(hub: &Hub<char, u8>, channel: &str, except: Option<SocketId>) -> String {
    hub.recipients(&name(channel), except).collect()
}

fn join(
    hub: &mut Hub<char, u8>,
    channel: &str,
    socket: SocketId,
    recipient: char,
) -> Subscribed<u8> {
    let subscriber = Subscriber { recipient, member: None, dialect: Dialect::Pusher };
    hub.subscribe(START, &name(channel), (socket, subscriber), 0).unwrap()
}

/// Joins a presence channel of at most two members; whether the user arrived.
fn enter(hub: &mut Hub<char, u8>, socket: SocketId, user: &str) -> Result<bool, Full> {
    let member = Some(Arc::new(Member { user_id: user.to_owned(), user_info: None }));
    let subscriber = Subscriber { recipient: '-', member, dialect: Dialect::Pusher };
    let joined = hub.subscribe(START, &name("presence-room"), (socket, subscriber), 2);
    joined.map(|joined| joined.arrived)
}

fn leave(hub: &mut Hub<char, u8>, channel: &str, socket: SocketId) -> Option<Unsubscribed> {
    hub.unsubscribe(START, &name(channel), socket, Duration::ZERO)
}

fn departed(hub: &mut Hub<char, u8>, socket: SocketId) -> Option<String> {
    leave(hub, "presence-room", socket).unwrap().departed
}

#[test]
fn a_user_arrives_with_the_first_connection_and_departs_with_the_last() {
    let mut hub = hub();
    assert_eq!(enter(&mut hub, A, "0"), Ok(true));
    assert_eq!(enter(&mut hub, B, "0"), Ok(false));
    assert_eq!(hub.members(&name("presence-room")).count(), 1);
    assert_eq!(departed(&mut hub, A), None);
    assert_eq!(departed(&mut hub, B).as_deref(), Some("0"));
    assert_eq!(hub.members(&name("presence-room")).count(), 0);
}

#[test]
fn a_full_channel_takes_no_new_user_but_another_connection_of_one() {
    let mut hub = hub();
    let [c, d] = [3, 4].map(SocketId::from_random);
    assert_eq!(enter(&mut hub, A, "1"), Ok(true));
    assert_eq!(enter(&mut hub, B, "2"), Ok(true));
    assert_eq!(enter(&mut hub, c, "3"), Err(Full));
    assert_eq!(enter(&mut hub, d, "2"), Ok(false));
    assert_eq!(hub.count(&name("presence-room")), 3);
    departed(&mut hub, A);
    assert_eq!(enter(&mut hub, c, "3"), Ok(true));
}

#[test]
fn an_event_goes_to_the_subscribers_of_its_channel_but_its_sender() {
    let mut hub = hub();
    join(&mut hub, "news", A, 'a');
    join(&mut hub, "news", B, 'b');
    join(&mut hub, "other", B, 'b');
    assert_eq!(all(&hub, "news", None), "ab");
    assert_eq!(all(&hub, "news", Some(A)), "b");
    assert_eq!(all(&hub, "other", Some(A)), "b");
    assert_eq!(all(&hub, "nobody", None), "");
}

#[test]
fn the_first_subscription_occupies_and_the_last_vacates() {
    let mut hub = hub();
    assert!(join(&mut hub, "news", A, 'a').occupied);
    assert!(!join(&mut hub, "news", B, 'b').occupied);
    let left = |vacated, count| Some(Unsubscribed { vacated, count, departed: None });
    assert_eq!(leave(&mut hub, "news", A), left(false, 1));
    assert_eq!(leave(&mut hub, "news", A), None);
    assert_eq!(leave(&mut hub, "news", B), left(true, 0));
    assert_eq!(hub.occupied().count(), 0);
    assert!(hub.channels.is_empty());
}

#[test]
fn subscribing_twice_counts_once() {
    let mut hub = hub();
    join(&mut hub, "news", A, 'a');
    assert_eq!(join(&mut hub, "news", A, 'a').count, 1);
}

#[test]
fn a_cache_channel_keeps_its_last_event_beyond_its_subscribers() {
    let mut hub = hub();
    hub.keep(START, &name("cache-news"), 1);
    hub.keep(START, &name("cache-news"), 2);
    hub.keep(START, &name("news"), 3);
    assert_eq!(join(&mut hub, "cache-news", A, 'a').last_event, Some(2));
    assert_eq!(join(&mut hub, "news", A, 'a').last_event, None);
    leave(&mut hub, "cache-news", A);
    assert_eq!(hub.last_event(START, &name("cache-news")), Some(&2));
}

#[test]
fn a_last_event_is_forgotten_after_its_time() {
    let mut hub = hub();
    hub.keep(START, &name("cache-news"), 1);
    assert_eq!(hub.last_event(CACHE_TIME, &name("cache-news")), None);
    hub.keep(CACHE_TIME, &name("cache-other"), 2);
    assert_eq!(hub.channels.len(), 1);
}

const GRACE: Duration = Duration::from_secs(5);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A connection to `presence-room` drops; the user who is gone by it.
fn drop_at(hub: &mut Hub<char, u8>, now: Duration, socket: SocketId) -> Option<String> {
    hub.unsubscribe(now, &name("presence-room"), socket, GRACE).unwrap().departed
}

fn gone(user: &str) -> Vec<Due> {
    vec![Due::Departed(name("presence-room"), user.to_owned())]
}

#[test]
fn who_drops_is_gone_after_the_grace_time() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    assert_eq!(drop_at(&mut hub, at(1), A), None);
    assert_eq!((hub.deadline(), hub.occupied().count()), (Some(at(6)), 0));
    assert_eq!(hub.members(&name("presence-room")).count(), 1);
    assert_eq!(hub.on_time(at(5)), []);
    assert_eq!(hub.on_time(at(6)), gone("1"));
    assert!(hub.channels.is_empty() && hub.deadline().is_none());
}

#[test]
fn who_returns_within_the_grace_time_neither_left_nor_came() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    drop_at(&mut hub, at(1), A);
    assert_eq!(enter(&mut hub, B, "1"), Ok(false));
    assert_eq!(hub.on_time(at(6)), []);
    // Having returned, it can leave as anybody does.
    assert_eq!(departed(&mut hub, B).as_deref(), Some("1"));
}

#[test]
fn two_tabs_that_drop_at_once_are_one_departure() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    enter(&mut hub, B, "1").unwrap();
    assert_eq!(drop_at(&mut hub, at(1), A), None);
    assert_eq!(drop_at(&mut hub, at(1), B), None);
    assert_eq!(hub.on_time(at(6)), gone("1"));
    assert_eq!(enter(&mut hub, A, "1"), Ok(true));
}

#[test]
fn one_tab_that_leaves_does_not_end_the_grace_of_another_that_dropped() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    enter(&mut hub, B, "1").unwrap();
    drop_at(&mut hub, START, A);
    assert_eq!(departed(&mut hub, B), None);
    assert_eq!(hub.on_time(at(5)), gone("1"));
}

#[test]
fn a_place_is_kept_for_who_may_return() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    enter(&mut hub, B, "2").unwrap();
    drop_at(&mut hub, START, A);
    let c = SocketId::from_random(3);
    assert_eq!(enter(&mut hub, c, "3"), Err(Full));
    hub.on_time(at(5));
    assert_eq!(enter(&mut hub, c, "3"), Ok(true));
}

#[test]
fn a_user_is_found_by_every_connection_on_every_presence_channel() {
    let mut hub = hub();
    enter(&mut hub, A, "1").unwrap();
    enter(&mut hub, B, "2").unwrap();
    join(&mut hub, "news", B, 'b');
    assert_eq!(hub.connections_of("1").count(), 1);
    assert_eq!(hub.connections_of("3").count(), 0);
}

#[test]
fn many_subscribers_are_told_their_number_every_five_seconds() {
    let mut hub = hub();
    let news = name("news");
    for n in 1..=100 {
        join(&mut hub, "news", SocketId::from_random(n), '-');
        assert_eq!(hub.count_to_tell(START, &news), Some(n as usize));
    }
    for n in 101..=103 {
        join(&mut hub, "news", SocketId::from_random(n), '-');
        assert_eq!(hub.count_to_tell(at(n - 100), &news), None);
    }
    assert_eq!(hub.on_time(at(5)), []);
    assert_eq!(hub.on_time(at(6)), [Due::Count(news.clone(), 103)]);
    assert_eq!(hub.deadline(), None);
}
