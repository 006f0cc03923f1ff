//! The back end and the server of the small world: commits, their events, and the socket.

use std::collections::VecDeque;

use echolite_core::SocketInput;

use crate::back_end::{Fate, Write};
use crate::data::IDS;
use crate::kinds::{BrokenClient, Schedules};
use crate::reads::Since;
use crate::world::{Event, World};

/// A set of commits, one bit each.
type Commits = u8;

/// A cache on the way keeps an answer for so long (milliseconds).
const MAX_AGE: u64 = 10_000;

/// A frame on its way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Word {
    Greeting,
    /// The subscription of a channel is confirmed.
    Confirmed(u8),
    /// The event of a commit, on a channel.
    Event(u8, u8),
    /// A channel keeps no last event.
    Miss(u8),
}

/// A frame on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Request {
    Subscribe(u8),
    Unsubscribe(u8),
}

/// A socket. Frames arrive in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connection {
    pub(crate) to_client: VecDeque<Word>,
    pub(crate) to_server: VecDeque<Request>,
    /// By channel, once the server has subscribed it: what had been published on it before.
    subscribed: [Option<Commits>; IDS],
    /// By channel: answers that are owed to subscriptions that were left.
    owed: [u8; IDS],
    /// By channel: the client waits for an answer.
    asked: [bool; IDS],
    /// Events that the client has handled.
    pub handled: Commits,
    /// By channel, once the client knows of the confirmation: what had been published before.
    pub confirmed: [Option<Commits>; IDS],
}

impl Connection {
    /// A socket that was just opened.
    pub(crate) fn new() -> Self {
        Self { to_client: VecDeque::from([Word::Greeting]), ..Self::default() }
    }

    /// Whether anything is on its way.
    pub(crate) fn talks(&self) -> bool {
        !self.to_client.is_empty() || !self.to_server.is_empty()
    }

    /// The events on their way to the client, by commit.
    pub(crate) fn events(&self) -> impl Iterator<Item = u8> {
        self.to_client.iter().filter_map(|word| match word {
            Word::Event(_, n) => Some(*n),
            Word::Greeting | Word::Confirmed(_) | Word::Miss(_) => None,
        })
    }

    /// The client asks for a channel.
    pub(crate) fn ask(&mut self, channel: u8) {
        self.to_server.push_back(Request::Subscribe(channel));
        self.asked[usize::from(channel)] = true;
    }

    /// The client leaves a channel.
    pub(crate) fn leave(&mut self, channel: u8) {
        self.to_server.push_back(Request::Unsubscribe(channel));
        let at = usize::from(channel);
        self.owed[at] += u8::from(std::mem::take(&mut self.asked[at]));
        self.confirmed[at] = None;
    }

    /// A confirmation has come: it counts for the subscription that it answers.
    pub(crate) fn on_confirmed(&mut self, channel: u8) {
        let at = usize::from(channel);
        match self.owed[at].checked_sub(1) {
            Some(owed) => self.owed[at] = owed,
            None => {
                self.confirmed[at] = self.subscribed[at];
                self.asked[at] = false;
            }
        }
    }
}

impl World {
    pub(crate) fn commit(&mut self, (id, write): (u8, Write), event: Event, schedules: &Schedules) {
        self.left.commits -= 1;
        self.back_end.commit(id, write, schedules.facts.is_strict());
        let n = self.back_end.len() - 1;
        match event {
            Event::Queued => self.left.late = self.left.late.saturating_sub(1),
            Event::AtOnce => {
                let excluded = schedules.broken_client == Some(BrokenClient::Excluded);
                self.publish(n, !excluded);
            }
            Event::Lost => {
                self.left.unseen -= 1;
                self.back_end.lose(n);
            }
        }
    }

    pub(crate) fn publish(&mut self, n: u8, to_client: bool) {
        let Some(channel) = self.back_end.publish(n) else { return };
        self.send(channel, n, to_client);
    }

    pub(crate) fn announce(&mut self, id: u8, write: Write, schedules: &Schedules) {
        self.left.commits -= 1;
        self.left.early -= 1;
        let channel = self.back_end.announce(id, write, schedules.facts.is_strict());
        self.announced = Some(Since(self.client.now()));
        self.send(channel, self.back_end.len(), true);
    }

    fn send(&mut self, channel: u8, n: u8, to_client: bool) {
        self.kept[usize::from(channel)] = Some(n);
        let subscribed = |c: &&mut Connection| c.subscribed[usize::from(channel)].is_some();
        if let Some(connection) = self.connection.as_mut().filter(subscribed).filter(|_| to_client)
        {
            connection.to_client.push_back(Word::Event(channel, n));
        }
    }

    pub(crate) fn restore(&mut self, schedules: &Schedules) {
        self.fault(|left| &mut left.restores);
        self.back_end.restore();
        if !schedules.facts.has_heads() {
            // versions do not tell a backup's rows from late ones: the server is stopped meanwhile
            self.kept = [None; IDS];
            self.close(schedules);
        }
    }

    pub(crate) fn server_hears(&mut self, schedules: &Schedules) {
        let published =
            self.back_end.commits().filter(|(_, commit)| commit.event == Fate::Published);
        let published = published.fold(0, |set, (n, _)| set | 1 << n);
        let Some(connection) = &mut self.connection else { return };
        let channel = match connection.to_server.pop_front() {
            None => return,
            Some(Request::Unsubscribe(channel)) => {
                connection.subscribed[usize::from(channel)] = None;
                return;
            }
            Some(Request::Subscribe(channel)) => channel,
        };
        connection.subscribed[usize::from(channel)] = Some(published);
        connection.to_client.push_back(Word::Confirmed(channel));
        if schedules.facts.keeps_last() {
            let last = self.kept[usize::from(channel)];
            let word = last.map_or(Word::Miss(channel), |n| Word::Event(channel, n));
            connection.to_client.push_back(word);
        }
    }

    pub(crate) fn close(&mut self, schedules: &Schedules) {
        if self.connection.take().is_some() {
            let closed = SocketInput::Closed { code: 1006, reason: String::new() };
            self.feed([self.client.socket(closed)], schedules);
        }
    }

    pub(crate) fn back_end_reads(&mut self) {
        let (at, now) = (self.back_end.len(), self.client.now());
        let Some(read) = &mut self.read else { return };
        read.at = Some(at);
        if read.is_of_list() && self.left.kept > 0 {
            self.kept_answer.get_or_insert((at, Since(now)));
        }
    }

    /// Whether a cache on the way may answer the read.
    pub(crate) fn may_be_kept(&self) -> bool {
        let now = self.client.now();
        let asks = self.read.as_ref().is_some_and(|read| read.at.is_none() && read.is_of_list());
        asks && self.kept_answer.is_some_and(|(_, since)| now - since.0 <= MAX_AGE)
    }

    pub(crate) fn cache_reads(&mut self) {
        self.fault(|left| &mut left.kept);
        let (Some(read), Some((at, since))) = (&mut self.read, self.kept_answer) else { return };
        (read.at, read.kept) = (Some(at), Some(since));
        if self.left.kept == 0 {
            self.kept_answer = None;
        }
    }
}
