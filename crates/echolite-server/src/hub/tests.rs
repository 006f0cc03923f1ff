use super::{Ended, Hub, NumberedEvent, Subscriber};
use crate::cluster::Ticket;
use crate::delivery::{Frame, Log, Recorder};
use crate::dialect::Dialect;
use crate::socket_id::SocketId;
use echolite_protocol::{ChannelName, Member};
use std::sync::Arc;
use std::time::Duration;

const A: SocketId = SocketId::from_random(1);
const B: SocketId = SocketId::from_random(2);
const C: SocketId = SocketId::from_random(3);
const START: Duration = Duration::ZERO;

#[derive(Default)]
struct TestHub {
    hub: Hub<Recorder>,
    log: Log,
    tickets: u64,
}

fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn frame(event: &str) -> Frame {
    Frame::text(&format!(r#"{{"event":"{event}"}}"#))
}

impl TestHub {
    /// Subscribes, as a cluster of one node does; whether it occupies the channel.
    fn join(&mut self, channel: &str, socket: SocketId, subscriber: Subscriber<Recorder>) -> bool {
        let channel = name(channel);
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        if !self.hub.wait(&channel, ticket, (socket, subscriber)) {
            return false;
        }
        let (occupied, _) = self.hub.joined(&channel, ticket).unwrap();
        self.hub.confirm(&channel, ticket, 0).unwrap();
        self.hub.release(&channel, ticket);
        occupied
    }

    fn subscriber(&self, recipient: char, dialect: Dialect) -> Subscriber<Recorder> {
        Subscriber { recipient: Recorder::new(recipient, &self.log), member: None, dialect }
    }

    fn enter(&mut self, channel: &str, socket: SocketId, recipient: char) -> bool {
        let subscriber = self.subscriber(recipient, Dialect::Pusher);
        self.join(channel, socket, subscriber)
    }

    /// Ends a subscription; whether that vacated the channel.
    fn leave(&mut self, channel: &str, socket: SocketId) -> Option<bool> {
        let ended = self.hub.end(&name(channel), socket)?;
        let Ended { vacated, unanswered, .. } = ended;
        assert_eq!(unanswered, None);
        Some(vacated)
    }

    fn send(&mut self, channel: &str, except: Option<SocketId>) -> Vec<String> {
        let sent = self.hub.send(&name(channel), &frame("e"), None, except);
        let log = std::mem::take(&mut *self.log.borrow_mut());
        assert_eq!(sent, log.len() as u64);
        log
    }
}

#[test]
fn an_event_goes_to_the_subscribers_of_its_channel_but_its_sender() {
    let mut hub = TestHub::default();
    hub.enter("news", A, 'a');
    hub.enter("news", B, 'b');
    hub.enter("other", B, 'b');
    assert_eq!(hub.send("news", None), ["a: e", "b: e"]);
    assert_eq!(hub.send("news", Some(A)), ["b: e"]);
    assert_eq!(hub.send("other", Some(A)), ["b: e"]);
    assert_eq!(hub.send("nobody", None), [] as [&str; 0]);
}

#[test]
fn the_first_subscription_occupies_and_the_last_vacates() {
    let mut hub = TestHub::default();
    assert!(hub.enter("news", A, 'a'));
    assert!(!hub.enter("news", B, 'b'));
    assert_eq!((hub.leave("news", A), hub.hub.count(&name("news"))), (Some(false), 1));
    assert_eq!(hub.leave("news", A), None);
    assert_eq!((hub.leave("news", B), hub.hub.count(&name("news"))), (Some(true), 0));
    assert_eq!(hub.hub.occupied().count(), 0);
    assert!(hub.hub.channels.is_empty());
}

#[test]
fn subscribing_twice_counts_once() {
    let mut hub = TestHub::default();
    hub.enter("news", A, 'a');
    hub.enter("news", A, 'a');
    assert_eq!(hub.hub.count(&name("news")), 1);
}

#[test]
fn a_user_is_found_by_every_connection_on_a_presence_channel() {
    let mut hub = TestHub::default();
    for (socket, user) in [(A, "1"), (B, "2"), (C, "1")] {
        let member = Some(Arc::new(Member { user_id: user.to_owned(), user_info: None }));
        let subscriber = Subscriber { member, ..hub.subscriber('-', Dialect::Pusher) };
        hub.join("presence-room", socket, subscriber);
    }
    let found = |user| hub.hub.connections_of(&name("presence-room"), user).count();
    assert_eq!((found("1"), found("2"), found("3")), (2, 1, 0));
}

#[test]
fn who_did_not_ask_for_positions_follows_nothing() {
    let mut hub = TestHub::default();
    let news = "private-cache-news";
    hub.enter(news, A, 'p');
    assert_eq!((hub.hub.all_followers().count(), hub.hub.followed().count()), (0, 0));
    let follower = hub.subscriber('a', Dialect::Echolite);
    hub.join(news, B, follower);
    let followers = hub.hub.all_followers();
    assert_eq!(followers.map(|(socket, _)| socket).collect::<Vec<_>>(), [B]);
    assert_eq!(hub.hub.followed().collect::<Vec<_>>(), [&name(news)]);
}

#[test]
fn each_gets_of_a_numbered_event_what_it_asked_for() {
    let mut hub = TestHub::default();
    let news = name("private-cache-news");
    for (socket, recipient, dialect) in
        [(A, 'a', Dialect::Pusher), (B, 'b', Dialect::Echolite), (C, 'c', Dialect::Echolite)]
    {
        let subscriber = hub.subscriber(recipient, dialect);
        hub.join(news.as_str(), socket, subscriber);
    }
    let (plain, numbered) = (frame("plain"), frame("numbered"));
    let event = NumberedEvent { plain: &plain, numbered: &numbered, offset: 7 };
    for (except, expected, sent) in [
        (None, ["a: plain", "b: numbered", "c: numbered"].as_slice(), 3),
        // The offset alone is not a delivery.
        (Some(B), &["a: plain", "b: position 7", "c: numbered"], 2),
        (Some(A), &["b: numbered", "c: numbered"], 2),
    ] {
        assert_eq!(hub.hub.send_numbered(&news, event, 1, except), sent);
        assert_eq!(std::mem::take(&mut *hub.log.borrow_mut()), expected);
    }
}

#[test]
fn many_subscribers_are_told_their_number_every_five_seconds() {
    let mut hub = TestHub::default();
    let news = name("news");
    for n in 1..=100 {
        hub.enter("news", SocketId::from_random(n), '-');
        assert_eq!(hub.hub.count_to_tell(START, &news), Some(n as usize));
    }
    for n in 101..=103 {
        hub.enter("news", SocketId::from_random(n), '-');
        assert_eq!(hub.hub.count_to_tell(at(n - 100), &news), None);
    }
    assert_eq!(hub.hub.next_count(at(5)), None);
    assert_eq!(hub.hub.next_count(at(6)), Some((news.clone(), 103)));
    assert_eq!(hub.hub.next_count(at(6)), None);
    assert_eq!(hub.hub.deadline(), None);
}

#[test]
fn a_change_after_a_number_was_told_is_told_as_well() {
    let mut hub = TestHub::default();
    let news = name("news");
    for (subscribers, changed, told) in [(101, 0, 5), (102, 5, 10)] {
        while hub.hub.count(&news) < subscribers {
            let socket = SocketId::from_random(hub.tickets);
            hub.enter("news", socket, '-');
        }
        assert_eq!(hub.hub.count_to_tell(at(changed), &news), None);
        assert_eq!(hub.hub.next_count(at(told)), Some((news.clone(), subscribers)));
    }
}

#[test]
fn a_number_that_changes_at_the_end_of_time_is_told_there() {
    let mut hub = TestHub::default();
    let news = name("news");
    while hub.hub.count(&news) < 101 {
        let socket = SocketId::from_random(hub.tickets);
        hub.enter("news", socket, '-');
    }
    assert_eq!(hub.hub.count_to_tell(Duration::MAX, &news), None);
    assert_eq!(hub.hub.next_count(Duration::MAX), Some((news, 101)));
}
