//! A page: its engine, what it shows, and what the simulation holds it to.

use echolite_cache::{
    Command, Config, Input, LiveUpdate, Mono, Now, Query, Reason, Status, StatusState, Wall,
};
use echolite_core::Command as CoreCommand;
use echolite_core::json::Json;

use crate::asked::Asked;
use crate::asks::Asks;
use crate::back_end::{BackEnd, IDS, Row};
use crate::declarations::Declaration;
use crate::kind::Kind;
use crate::names::START;
use crate::page_engine::PageEngine;
use crate::store_queue::StoreQueue;

/// What a page does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It shows the list.
    Cache,
    /// It listens, whispers, and has a socket id that `toOthers` leaves out.
    Listener,
}

/// An engine that the checks must catch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokenClient {
    /// The real one.
    #[default]
    None,
    /// A page that shows the list does not hear events.
    Deaf,
    /// A page that listens does not hear events.
    DeafListener,
    /// It never says `fresh`.
    NeverFresh,
}

/// One page.
#[derive(Debug)]
pub struct Client {
    pub role: Role,
    pub scope: usize,
    pub engine: PageEngine,
    /// Between being killed and coming back it is not there.
    pub is_alive: bool,
    pub incarnation: u32,
    /// When it opened its list last.
    pub opened: u64,
    /// How long its machine has slept: by so much its monotonic clock is behind.
    pub slept: u64,
    /// Nothing reaches it until then.
    pub suspended: Option<u64>,
    /// When its engine wants to be called.
    pub wake: Option<u64>,
    pub connection: Option<usize>,
    /// How many reads are under way, and when that of the list began by the wall clock.
    pub reading: u32,
    pub began: u64,
    pub store_queue: StoreQueue,
    pub rows: Vec<Row>,
    pub status: Option<Status>,
    /// For each row the change that it must show at least, plus one.
    pub owed: [usize; IDS as usize + 1],
    /// The build of its application, where that says one.
    pub build: Option<u32>,
    /// What its application has asked for.
    pub asks: Asks,
    /// What it declares its list to be.
    pub declaration: Declaration,
    /// The event that comes now, and those about which its application is asked.
    pub arriving: Option<usize>,
    pub asked: Vec<Asked>,
    /// Its list is closed, and will be opened again.
    pub is_closed: bool,
    /// The event of which its application is to be told now, if it listens; whether it must be.
    pub untold: Option<(usize, bool)>,
    /// The read on which it rested when it was called fresh though older than it may be, and for how long that was.
    pub overdue: (u64, u64),
    /// Milliseconds awake, and fresh.
    pub awake_time: u64,
    pub fresh_time: u64,
}

impl Client {
    pub fn new(role: Role, scope: usize) -> Self {
        Self {
            role,
            scope,
            engine: PageEngine::new(role, Config::default(), 0),
            is_alive: false,
            incarnation: 0,
            opened: 0,
            slept: 0,
            suspended: None,
            wake: None,
            connection: None,
            reading: 0,
            began: 0,
            store_queue: StoreQueue::default(),
            rows: Vec::new(),
            status: None,
            owed: [0; IDS as usize + 1],
            build: None,
            asks: Asks::default(),
            declaration: Declaration::FULL,
            arriving: None,
            asked: Vec::new(),
            is_closed: false,
            untold: None,
            overdue: (0, 0),
            awake_time: 0,
            fresh_time: 0,
        }
    }

    /// The page is loaded: a new engine, which knows nothing.
    pub fn boot(&mut self, seed: u64, persist: bool, recover: bool, verify_interval: u64) {
        let core = echolite_core::Config {
            key: "k".into(),
            host: "h".into(),
            tls: false,
            pong_timeout: 5_000,
            recover,
            ..echolite_core::Config::default()
        };
        let config = Config { core, persist, verify_interval, ..Config::default() };
        self.engine = PageEngine::new(self.role, config, seed);
        self.is_alive = true;
        self.store_queue = StoreQueue::default();
        self.forget();
    }

    /// The page is gone: what is on its way to it finds nobody.
    pub fn kill(&mut self) {
        self.incarnation += 1;
        self.is_alive = false;
        self.wake = None;
        self.connection = None;
        self.suspended = None;
        self.forget();
    }

    fn forget(&mut self) {
        self.forget_list();
        self.is_closed = false;
        self.untold = None;
        self.reading = 0;
    }

    /// Nobody looks at the list any more, which is kept right all the same.
    pub fn look_away(&mut self) {
        self.rows.clear();
        self.status = None;
        (self.asks.is_unseen, self.asks.is_told) = (true, false);
    }

    /// The list is closed.
    fn forget_list(&mut self) {
        self.look_away();
        self.asks = Asks::default();
        self.asked.clear();
        self.owed = [0; IDS as usize + 1];
    }

    /// The application's habit when a part of it goes away that wanted the list, or the channel.
    pub fn leave(&mut self, kind: Kind) -> Vec<Input<Json>> {
        self.is_closed = true;
        self.forget_list();
        match self.role {
            Role::Listener => vec![CoreCommand::Unsubscribe(kind.channels()[0].into()).into()],
            Role::Cache => {
                vec![Command::CloseLive(1).into(), Command::CloseResource("products".into()).into()]
            }
        }
    }

    /// What its application does first.
    pub fn commands(&self, back: &BackEnd) -> Vec<Input<Json>> {
        match self.role {
            Role::Listener => vec![
                CoreCommand::Connect.into(),
                CoreCommand::Subscribe(back.kind.channels()[0].into()).into(),
            ],
            Role::Cache => vec![
                Command::Resource(self.declaration.resource(back)).into(),
                Command::Live(1, "products".into(), Query::default()).into(),
            ],
        }
    }

    /// Its clocks.
    pub fn moment(&self, now: u64) -> Now {
        Now { mono: Mono(now - self.slept), wall: Wall(START + now) }
    }

    /// Whether it says that its rows are the back end's.
    pub fn is_fresh(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.state == StatusState::Fresh)
    }

    pub fn is_awake(&self) -> bool {
        self.is_alive && self.suspended.is_none()
    }

    /// What the application paints.
    pub fn show(&mut self, update: LiveUpdate<Json>, broken_client: BrokenClient) {
        for splice in update.splices {
            let insert = splice.insert.into_iter().map(|row| row.0);
            self.rows.splice(splice.at..splice.at + splice.remove, insert);
        }
        let mut status = update.status;
        if broken_client == BrokenClient::NeverFresh && status.state == StatusState::Fresh {
            status.state = StatusState::Stale(Reason::Changed);
        }
        self.status = Some(status);
    }
}
