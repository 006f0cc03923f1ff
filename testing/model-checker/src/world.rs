//! A state of the small world: a client, its store, a back end, a server, and what is under way between them.
//!
//! The server's side of it is in `server`, the page's in `page`.

use std::sync::Arc;

use echolite_cache::Mono;

use crate::back_end::{BackEnd, Fate, Write};
use crate::client::Client;
use crate::data::IDS;
use crate::kinds::{Budget, Schedules};
use crate::reads::{Read, Since};
use crate::server::Connection;
use crate::store::Store;

/// When the first page is opened: late enough for times before it.
const START: Mono = Mono(1 << 22);

/// The way of a commit's event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It is published at once.
    AtOnce,
    /// It waits in a queue.
    Queued,
    /// It is never published.
    Lost,
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
        /// The way of its event.
        event: Event,
    },
    /// The event of a commit leaves the queue.
    Publish(u8),
    /// The event of a commit is published before the commit can be read.
    Announce {
        /// The row.
        id: u8,
        /// How it is written.
        write: Write,
    },
    /// What was announced can be read.
    Appears,
    /// A backup is restored.
    Restore,
    /// The server takes the next frame from the client.
    ServerHears,
    /// The client takes the next frame from the server.
    ClientHears,
    /// The back end reads its rows for the client.
    BackEndReads,
    /// A cache on the way answers with what it kept, and says how old that is.
    CacheReads,
    /// The answer arrives.
    ReadAnswered,
    /// Instead of the answer, an error does.
    ReadFails,
    /// The answer takes longer than anybody waits.
    ReadHangs,
    /// The answer arrives that took so long, or whose page does not want it any more.
    LateAnswer,
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
        /// For how long nobody was there (milliseconds).
        after: u64,
    },
    /// The part of the page that shows the list goes away.
    ListCloses,
    /// It comes back.
    ListOpens,
    /// The page sleeps in the back/forward cache, and another one of the same scope is opened.
    PageTurns,
    /// That one is left; the page that slept goes on.
    PageReturns {
        /// It hears that its store was taken over before anything else.
        knows: bool,
    },
    /// The application clears the scope, in this page or in another.
    Clears {
        /// In another.
        elsewhere: bool,
    },
    /// The store gives what it has.
    StoreLoads,
    /// The store does not answer for longer than anybody waits.
    StoreHangs,
    /// The next commit to the store fails.
    CommitFails,
    /// Another page takes the store over.
    StoreLost,
}

/// Loading from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loading {
    /// Under way.
    Soon,
    /// Answered later than anybody waits.
    Late,
}

/// A state of the small world.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct World {
    /// The page.
    pub client: Arc<Client>,
    /// A page that sleeps.
    pub(crate) asleep: Option<Arc<Client>>,
    /// What is stored; none when no page will load it any more.
    pub(crate) store: Option<Store>,
    /// The page asked for what is stored, in a world where that takes time.
    pub(crate) loading: Option<Loading>,
    /// The next commit fails.
    pub(crate) commit_fails: bool,
    /// The page shows the list.
    pub(crate) is_listed: bool,
    /// Another page owns the store.
    pub(crate) has_lost_store: bool,
    /// The scope was cleared, and no page was opened since.
    pub is_cleared: bool,
    /// What a page did that it must not.
    pub misdeed: Option<&'static str>,
    /// The back end.
    pub back_end: BackEnd,
    /// Since when a commit is announced.
    pub(crate) announced: Option<Since>,
    /// What a cache on the way keeps: the list after so many commits, since then.
    pub(crate) kept_answer: Option<(u8, Since)>,
    /// The events kept by the server, by channel.
    pub(crate) kept: [Option<u8>; IDS],
    /// The socket, while there is one.
    pub connection: Option<Connection>,
    pub(crate) read: Option<Read>,
    /// A read that nobody waits for any more.
    pub(crate) late_read: Option<Read>,
    /// What may still happen.
    pub left: Budget,
}

impl World {
    /// A page that is opened for the first time.
    #[must_use]
    pub fn new(schedules: &Schedules) -> Self {
        let mut world = Self {
            client: Arc::new(Client::new(START, schedules)),
            asleep: None,
            store: schedules.budget.needs_store().then(Store::default),
            loading: None,
            commit_fails: false,
            is_listed: true,
            has_lost_store: false,
            is_cleared: false,
            misdeed: None,
            back_end: BackEnd::new(),
            announced: None,
            kept_answer: None,
            kept: [Some(0), None],
            connection: None,
            read: None,
            late_read: None,
            left: schedules.budget,
        };
        world.open(schedules);
        world
    }

    /// Whether anything is on its way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.read.is_some()
            || self.loading == Some(Loading::Soon)
            || self.back_end.is_announced()
            || self.connection.as_ref().is_some_and(Connection::talks)
            || self.queued().next().is_some()
    }

    /// Commits whose events wait to be published.
    pub fn queued(&self) -> impl Iterator<Item = u8> {
        self.back_end.commits().filter(|(_, commit)| commit.event == Fate::Waits).map(|(n, _)| n)
    }

    /// What of the things under way may come next.
    pub fn under_way(&self) -> impl Iterator<Item = Action> {
        let to_server = self.connection.as_ref().is_some_and(|c| !c.to_server.is_empty());
        let to_client = self.connection.as_ref().is_some_and(|c| !c.to_client.is_empty());
        let unread = self.read.as_ref().is_some_and(|read| read.at.is_none());
        let answered = self.read.as_ref().is_some_and(|read| read.at.is_some());
        [
            (self.back_end.is_announced(), Action::Appears),
            (self.loading.is_some(), Action::StoreLoads),
            (to_server, Action::ServerHears),
            (to_client, Action::ClientHears),
            (unread, Action::BackEndReads),
            (answered, Action::ReadAnswered),
            (self.late_read.is_some(), Action::LateAnswer),
        ]
        .into_iter()
        .filter_map(|(may, action)| may.then_some(action))
    }

    /// Whether a page sleeps.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        self.asleep.is_some()
    }

    /// Whether the page shows the list.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Whether the page waits for what is stored.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.loading == Some(Loading::Soon)
    }

    /// Whether the next commit to the store may fail.
    #[must_use]
    pub fn may_fail_commit(&self) -> bool {
        self.store.is_some() && !self.commit_fails
    }

    /// For how long a commit has been announced (milliseconds).
    #[must_use]
    pub fn announced_for(&self) -> Option<u64> {
        self.announced.map(|since| self.client.now() - since.0)
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

    /// Whether something is stored.
    #[must_use]
    pub fn stores_something(&self) -> bool {
        self.store.as_ref().is_some_and(|store| !store.is_empty())
    }

    /// Whether everything that was told of this key is known to the page: nothing of its life is on the way.
    #[must_use]
    pub fn is_told(&self, id: u8) -> bool {
        let of_key = |n: u8| self.back_end.change(n).is_some_and(|change| change.concerns(id));
        let is_on_its_way = |connection: &Connection| connection.events().any(of_key);
        !self.queued().any(of_key) && !self.connection.as_ref().is_some_and(is_on_its_way)
    }

    /// What follows an action that may come next.
    pub fn step(&mut self, action: Action, schedules: &Schedules) {
        match action {
            Action::Commit { id, write, event } => self.commit((id, write), event, schedules),
            Action::Publish(n) => self.publish(n, true),
            Action::Announce { id, write } => self.announce(id, write, schedules),
            Action::Appears => {
                self.announced = None;
                self.back_end.appear();
            }
            Action::Restore => self.restore(schedules),
            Action::ServerHears => self.server_hears(schedules),
            Action::ClientHears => self.client_hears(schedules),
            Action::BackEndReads => self.back_end_reads(),
            Action::CacheReads => self.cache_reads(),
            Action::ReadAnswered => self.read_answered(schedules),
            Action::ReadFails => self.read_fails(schedules),
            Action::ReadHangs => {
                self.fault(|left| &mut left.hangs);
                self.late_read = self.read.take();
            }
            Action::LateAnswer => self.late_answer(schedules),
            Action::TimePasses => self.time_passes(schedules),
            Action::SocketCloses => {
                self.fault(|left| &mut left.closes);
                self.close(schedules);
            }
            Action::ServerRestarts => {
                self.fault(|left| &mut left.restarts);
                self.kept = [None; IDS];
                self.close(schedules);
            }
            Action::PageReloads { forgets, after } => self.reload((forgets, after), schedules),
            Action::ListCloses => self.close_list(schedules),
            Action::ListOpens => self.open_list(schedules),
            Action::PageTurns => self.turn(schedules),
            Action::PageReturns { knows } => self.turn_back(knows, schedules),
            Action::Clears { elsewhere } => self.clear(elsewhere, schedules),
            Action::StoreLoads => self.store_loads(schedules),
            Action::StoreHangs => {
                self.fault(|left| &mut left.stores);
                self.loading = Some(Loading::Late);
            }
            Action::CommitFails => {
                self.fault(|left| &mut left.stores);
                self.commit_fails = true;
            }
            Action::StoreLost => self.lose_store(schedules),
        }
    }

    /// One of the faults that the budget has of this kind.
    pub(crate) fn fault(&mut self, of: impl Fn(&mut Budget) -> &mut u8) {
        self.left.faults -= 1;
        *of(&mut self.left) -= 1;
        if self.left.faults == 0 {
            // what can no longer happen is the same in all schedules
            self.left = self.left.without_faults();
        }
        self.forget_store();
    }

    /// What no page will load any more is the same in all schedules.
    pub(crate) fn forget_store(&mut self) {
        let is_needed = self.left.needs_store() || self.asleep.is_some() || self.loading.is_some();
        if !is_needed && !self.is_cleared {
            self.store = None;
        }
    }
}
