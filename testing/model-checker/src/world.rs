//! A state of the small world: a client, its store, a back end, a server, and what is under way between them.

use std::collections::VecDeque;
use std::sync::Arc;

use echolite_cache::{Frame, Input, Mono, Name, ReadFailure, StoreInput};
use echolite_core::{Input as CoreInput, SocketInput};

use crate::back_end::{BackEnd, Write};
use crate::client::{Client, Deed};
use crate::data::{Data, IDS};
use crate::kinds::{BrokenClient, Budget, Schedules};
use crate::reads::Read;
use crate::store::Store;

/// A set of commits, one bit each.
type Commits = u8;

/// A frame on its way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    Greeting,
    /// The subscription of a channel is confirmed.
    Confirmed(u8),
    /// The event of a commit, on a channel.
    Event(u8, u8),
    /// A channel keeps no last event.
    Miss(u8),
}

/// A socket. Frames arrive in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Connection {
    to_client: VecDeque<Word>,
    /// Subscriptions on their way, by channel.
    to_server: VecDeque<u8>,
    /// By channel, once the server has subscribed it: what had been published on it before.
    subscribed: [Option<Commits>; IDS],
    /// Events that the client has handled.
    pub handled: Commits,
    /// By channel, once the client knows of the confirmation: what had been published before.
    pub confirmed: [Option<Commits>; IDS],
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The back end writes this row.
    Commit {
        /// Which.
        id: u8,
        /// How.
        write: Write,
        /// Its event waits in a queue.
        late: bool,
    },
    /// The event of a commit leaves the queue.
    Publish(u8),
    /// A backup is restored.
    Restore,
    /// The server takes the next frame from the client.
    ServerHears,
    /// The client takes the next frame from the server.
    ClientHears,
    /// The back end reads its rows for the client.
    BackEndReads,
    /// The answer arrives.
    ReadAnswered,
    /// Instead of the answer, an error does.
    ReadFails,
    /// The time comes for which the client waits.
    TimePasses,
    /// The socket closes.
    SocketCloses,
    /// The server starts anew.
    ServerRestarts,
    /// The page is loaded anew; its last commit to the store may be lost.
    PageReloads {
        /// Whether it is.
        forgets: bool,
    },
}

/// A state of the small world.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct World {
    /// The page.
    pub client: Arc<Client>,
    /// What it stored; none when no page will load it any more.
    store: Option<Store>,
    /// The back end.
    pub back_end: BackEnd,
    /// The events kept by the server, by channel.
    kept: [Option<u8>; IDS],
    /// The socket, while there is one.
    pub connection: Option<Connection>,
    read: Option<Read>,
    /// What may still happen.
    pub left: Budget,
}

impl World {
    /// A page that is opened for the first time.
    #[must_use]
    pub fn new(schedules: &Schedules) -> Self {
        let mut world = Self {
            client: Arc::new(Client::new(Mono(0))),
            store: (schedules.budget.reloads > 0).then(Store::default),
            back_end: BackEnd::new(),
            kept: [Some(0), None],
            connection: None,
            read: None,
            left: schedules.budget,
        };
        world.feed(Client::opening(schedules.facts), schedules);
        world
    }

    /// Whether anything is on its way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let talks = |connection: &Connection| {
            !connection.to_client.is_empty() || !connection.to_server.is_empty()
        };
        self.read.is_some()
            || self.connection.as_ref().is_some_and(talks)
            || self.queued().next().is_some()
    }

    /// Commits whose events wait to be published.
    pub fn queued(&self) -> impl Iterator<Item = u8> {
        self.back_end.commits().filter(|(_, commit)| !commit.published).map(|(n, _)| n)
    }

    /// What of the things under way may come next.
    pub fn under_way(&self) -> impl Iterator<Item = Action> {
        let to_server = self.connection.as_ref().is_some_and(|c| !c.to_server.is_empty());
        let to_client = self.connection.as_ref().is_some_and(|c| !c.to_client.is_empty());
        let unread = self.read.as_ref().is_some_and(|read| read.at.is_none());
        let answered = self.read.as_ref().is_some_and(|read| read.at.is_some());
        [
            (to_server, Action::ServerHears),
            (to_client, Action::ClientHears),
            (unread, Action::BackEndReads),
            (answered, Action::ReadAnswered),
        ]
        .into_iter()
        .filter_map(|(may, action)| may.then_some(action))
    }

    /// Whether a read is under way.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.read.is_some()
    }

    /// Whether the page's last commit to the store may be lost.
    #[must_use]
    pub fn may_forget(&self) -> bool {
        self.store.as_ref().is_some_and(Store::may_lose)
    }

    /// What follows an action that may come next.
    pub fn step(&mut self, action: Action, schedules: &Schedules) {
        let facts = schedules.facts;
        match action {
            Action::Commit { id, write, late } => {
                self.left.commits -= 1;
                self.back_end.commit(id, write, facts.is_strict());
                if late {
                    self.left.late = self.left.late.saturating_sub(1);
                } else {
                    let excluded = schedules.broken_client == Some(BrokenClient::Excluded);
                    self.publish(self.back_end.len() - 1, !excluded);
                }
            }
            Action::Publish(n) => self.publish(n, true),
            Action::Restore => {
                self.fault(|left| &mut left.restores);
                self.back_end.restore();
                if !facts.has_heads() {
                    // versions do not tell a backup's rows from late ones: the server is stopped meanwhile
                    self.kept = [None; IDS];
                    self.close(schedules);
                }
            }
            Action::ServerHears => self.server_hears(schedules),
            Action::ClientHears => self.client_hears(schedules),
            Action::BackEndReads => {
                let at = self.back_end.len();
                self.read.iter_mut().for_each(|read| read.at = Some(at));
            }
            Action::ReadAnswered => self.read_answered(schedules),
            Action::ReadFails => {
                self.fault(|left| &mut left.failures);
                self.read = None;
                let message = "a fault of the world".into();
                let failure = ReadFailure { status: Some(500), message, retry_after: None };
                self.feed([self.client.answer(Err(failure))], schedules);
            }
            Action::TimePasses => {
                Arc::make_mut(&mut self.client).wait();
                self.feed([Input::Core(CoreInput::Tick)], schedules);
            }
            Action::SocketCloses => {
                self.fault(|left| &mut left.closes);
                self.close(schedules);
            }
            Action::ServerRestarts => {
                self.fault(|left| &mut left.restarts);
                self.kept = [None; IDS];
                self.close(schedules);
            }
            Action::PageReloads { forgets } => self.reload(forgets, schedules),
        }
    }

    fn fault(&mut self, of: impl Fn(&mut Budget) -> &mut u8) {
        self.left.faults -= 1;
        *of(&mut self.left) -= 1;
        if self.left.faults == 0 {
            // what can no longer happen is the same in all schedules
            let Budget { commits, late, .. } = self.left;
            self.left = Budget { commits, late, ..Budget::default() };
        }
        if self.left.reloads == 0 {
            self.store = None;
        }
    }

    // --- the server --------------------------------------------------------------------------------

    fn publish(&mut self, n: u8, to_client: bool) {
        let Some(channel) = self.back_end.publish(n) else { return };
        self.kept[usize::from(channel)] = Some(n);
        let subscribed = |c: &&mut Connection| c.subscribed[usize::from(channel)].is_some();
        if let Some(connection) = self.connection.as_mut().filter(subscribed).filter(|_| to_client)
        {
            connection.to_client.push_back(Word::Event(channel, n));
        }
    }

    fn server_hears(&mut self, schedules: &Schedules) {
        let published = self.back_end.commits().filter(|(_, commit)| commit.published);
        let published = published.fold(0, |set, (n, _)| set | 1 << n);
        let Some(connection) = &mut self.connection else { return };
        let Some(channel) = connection.to_server.pop_front() else { return };
        connection.subscribed[usize::from(channel)] = Some(published);
        connection.to_client.push_back(Word::Confirmed(channel));
        if schedules.facts.keeps_last() {
            let last = self.kept[usize::from(channel)];
            let word = last.map_or(Word::Miss(channel), |n| Word::Event(channel, n));
            connection.to_client.push_back(word);
        }
    }

    fn close(&mut self, schedules: &Schedules) {
        if self.connection.take().is_some() {
            let closed = SocketInput::Closed { code: 1006, reason: String::new() };
            self.feed([self.client.socket(closed)], schedules);
        }
    }

    // --- the client --------------------------------------------------------------------------------

    fn client_hears(&mut self, schedules: &Schedules) {
        let Some(connection) = &mut self.connection else { return };
        let Some(word) = connection.to_client.pop_front() else { return };
        match word {
            Word::Confirmed(channel) => {
                let channel = usize::from(channel);
                connection.confirmed[channel] = connection.subscribed[channel];
            }
            Word::Event(_, n) => connection.handled |= 1 << n,
            Word::Greeting | Word::Miss(_) => {}
        }
        if schedules.broken_client == Some(BrokenClient::Deaf) && matches!(word, Word::Event(..)) {
            return;
        }
        let (event, channel, data) = match word {
            Word::Greeting => ("pusher:connection_established", None, Data::Greeting),
            Word::Confirmed(channel) => {
                ("pusher_internal:subscription_succeeded", Some(channel), Data::Empty)
            }
            Word::Event(channel, n) => {
                let data = self.back_end.event(n, schedules.facts.has_heads());
                ("Changed", Some(channel), data)
            }
            Word::Miss(channel) => ("pusher:cache_miss", Some(channel), Data::Empty),
        };
        let channels = schedules.facts.channels();
        let channel = channel.map(|channel| Name::from(channels[usize::from(channel)]));
        let frame = Frame { event: event.into(), channel, data, user_id: None, offset: None };
        self.feed([self.client.socket(SocketInput::Frame(frame))], schedules);
    }

    fn read_answered(&mut self, schedules: &Schedules) {
        let Some(read) = self.read.take() else { return };
        let Some(at) = read.at else { return };
        let reply = read.answer(&self.back_end, at, schedules.facts.has_heads());
        self.feed([self.client.answer(Ok(reply))], schedules);
    }

    fn reload(&mut self, forgets: bool, schedules: &Schedules) {
        let store = self.store.as_mut().filter(|_| forgets);
        store.into_iter().for_each(Store::lose_last);
        let stored = self.store.clone();
        self.fault(|left| &mut left.reloads);
        (self.connection, self.read) = (None, None);
        self.client = Arc::new(Client::new(self.client.now()));
        self.store = stored;
        self.feed(Client::opening(schedules.facts), schedules);
        self.store = self.store.take().filter(|_| self.left.reloads > 0);
    }

    /// Gives the client what happened, and does what it wants done at once.
    fn feed(&mut self, inputs: impl IntoIterator<Item = Input<Data>>, schedules: &Schedules) {
        let commits = self.back_end.len();
        let mut inputs: VecDeque<_> = inputs.into_iter().collect();
        while let Some(input) = inputs.pop_front() {
            for deed in Arc::make_mut(&mut self.client).handle(commits, input) {
                inputs.extend(self.carry_out(deed, schedules));
            }
        }
        let page = Arc::make_mut(&mut self.client);
        if schedules.broken_client == Some(BrokenClient::NeverFresh) {
            page.view.is_fresh = false;
        }
        page.seal();
    }

    /// What the client wants done; an answer, where it comes at once.
    fn carry_out(&mut self, deed: Deed, schedules: &Schedules) -> Option<Input<Data>> {
        match deed {
            Deed::Open => {
                let to_client = VecDeque::from([Word::Greeting]);
                self.connection = Some(Connection { to_client, ..Connection::default() });
            }
            Deed::Close => self.connection = None,
            Deed::Subscribe(name) => {
                let channel = schedules.facts.channels().iter().position(|own| **own == *name)?;
                self.connection.as_mut()?.to_server.push_back(channel as u8);
            }
            Deed::Read(asked) => self.read = Some(Read::new(asked)),
            Deed::Load => {
                let stored = self.store.as_ref().and_then(Store::load);
                return Some(Input::Store(StoreInput::Loaded("rows".into(), stored)));
            }
            Deed::Commit(request, batch) => {
                if let Some(store) = &mut self.store {
                    store.commit(batch);
                }
                return Some(Input::Store(StoreInput::Committed(request, Ok(()))));
            }
        }
        None
    }
}
