//! The production engine as a part of the small world: an input goes in, what it wants done comes out.

use std::fmt;
use std::hash::{Hash, Hasher};

use echolite_cache::{
    Batch, CacheEngine, Config, Input, LiveUpdate, Mono, Name, Now, Output, ReadRequest, Reason,
    RequestId, StatusState, Wall,
};
use echolite_core::{
    ClientFrame, Input as CoreInput, Output as CoreOutput, SocketInput, SocketNumber,
};

use crate::back_end::Rows;
use crate::canonical::{self, GRAIN};
use crate::data::{Data, Form, ID_TEXTS};
use crate::kinds::Schedules;

/// Nothing in the world depends on silence, nor, but where it is said, on verification (milliseconds).
const NEVER: u64 = 1_000_000_000_000;
/// A read has so long to be answered (milliseconds).
const READ_TIMEOUT: u64 = 30_000;
/// After an absence, the read that verifies begins within this (milliseconds).
const AFTER_ABSENCE: u64 = 5_000;

/// An output of the engine, as far as the world carries it out.
#[derive(Debug)]
pub enum Deed {
    /// Open a socket.
    Open,
    /// Close it.
    Close,
    /// Tell the server to subscribe.
    Subscribe(Name),
    /// Tell the server to end a subscription.
    Unsubscribe(Name),
    /// Read from the back end.
    Read(ReadRequest),
    /// Load what is stored.
    Load,
    /// Store this.
    Commit(RequestId, Batch<Data>),
    /// Forget all that is stored.
    ClearStore,
}

/// What an observer sees.
#[derive(Clone, Debug, Default)]
pub struct View {
    list: Vec<Data>,
    /// Whether the list is called fresh.
    pub is_fresh: bool,
    status: &'static str,
    /// How many commits the back end had made when the read began that the list rests on.
    pub as_of: Option<u8>,
    /// When that was. How long ago it was decides nothing but for the engine, whose fingerprint tells it.
    began: Option<Wall>,
}

impl View {
    /// The rows shown, by id, with versions in the form of the back end.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for data in &self.list {
            if let Data::Row(row) = data {
                rows[usize::from(row.id)] = Some(row.shown(Form::Number));
            }
        }
        rows
    }

    /// Whether it shows nothing, for good, because its scope was cleared.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        self.list.is_empty() && self.status == Reason::Cleared.code()
    }

    fn told(&self) -> impl PartialEq + Hash + '_ {
        (&self.list, self.is_fresh, self.status, self.as_of)
    }

    fn update(&mut self, update: LiveUpdate<Data>) {
        for splice in update.splices {
            self.list.splice(splice.at..splice.at + splice.remove, splice.insert);
        }
        self.status = match &update.status.state {
            StatusState::Fresh => "fresh",
            StatusState::Empty(reason)
            | StatusState::Stale(reason)
            | StatusState::Offline(reason) => reason.code(),
        };
        self.is_fresh = update.status.state == StatusState::Fresh;
        self.began = update.status.as_of;
        self.as_of = self.began.map(canonical::commits_at);
    }
}

impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        self.told() == other.told()
    }
}

impl Hash for View {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.told().hash(state);
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.list.iter().filter_map(|data| match data {
            Data::Row(row) => Some(format!("{}#{}", ID_TEXTS[usize::from(row.id)], row.n)),
            _ => None,
        });
        let rows: Vec<_> = rows.collect();
        write!(f, "{} [{}]", self.status, rows.join(" "))?;
        self.as_of.map_or(Ok(()), |as_of| write!(f, " as of {as_of} commits"))
    }
}

/// A page with one engine and one live query.
#[derive(Clone, Debug)]
pub struct Client {
    engine: CacheEngine<Data>,
    now: Mono,
    /// What it shows.
    pub view: View,
    /// The last socket asked for.
    socket: SocketNumber,
    verify_interval: u64,
    /// Answers may have an age.
    ages: bool,
    /// The read on which it rested when it was called fresh though older than it may be, and for how long that was.
    overdue: (Option<Wall>, u64),
    fingerprint: u64,
}

impl Client {
    /// A page that is opened now.
    #[must_use]
    pub fn new(now: Mono, schedules: &Schedules) -> Self {
        let core = echolite_core::Config {
            tls: false,
            activity_timeout: NEVER,
            pong_timeout: NEVER,
            ..echolite_core::Config::default()
        };
        let verify_interval = schedules.habits.verify_interval.unwrap_or(NEVER);
        let ages = schedules.budget.kept > 0;
        let read_timeout = READ_TIMEOUT;
        let config =
            Config { core, verify_interval, read_timeout, persist: true, ..Config::default() };
        let (engine, view) = (CacheEngine::new(config, 0), View::default());
        let (socket, overdue, fingerprint) = (0, (None, 0), 0);
        Self { engine, now, view, socket, verify_interval, ages, overdue, fingerprint }
    }

    /// The time by its clock.
    #[must_use]
    pub fn now(&self) -> Mono {
        self.now
    }

    /// How long it would wait if nothing happened (milliseconds).
    #[must_use]
    pub fn patience(&self) -> Option<u64> {
        Some(self.engine.poll_timeout()?.at - self.now)
    }

    /// Time passes until it wants to do something.
    pub fn wait(&mut self) {
        let patience = self.patience().unwrap_or_default();
        self.now = self.now + patience.next_multiple_of(GRAIN);
    }

    /// It hears nothing until then.
    pub fn sleep_until(&mut self, now: Mono) {
        self.now = now;
    }

    /// Time has passed: notes for how long it was called fresh though nobody looked for longer than is promised.
    pub fn grow_older(&mut self, from: Mono) {
        let Some(began) = self.view.began.filter(|_| self.view.is_fresh) else { return };
        if self.overdue.0 != Some(began) {
            self.overdue = (Some(began), 0);
        }
        let due = began.0.saturating_add(self.verify_interval);
        self.overdue.1 += self.now.0.saturating_sub(due.max(from.0));
    }

    /// Whether it is called fresh though nobody looked for longer than is promised; for how long (milliseconds).
    #[must_use]
    pub fn is_overdue(&self) -> Option<u64> {
        let (began, overdue) = self.overdue;
        let is_of_now = self.view.is_fresh && self.view.began == began;
        Some(overdue).filter(|overdue| is_of_now && *overdue > READ_TIMEOUT + AFTER_ABSENCE + GRAIN)
    }

    /// What its socket reports.
    #[must_use]
    pub fn socket(&self, input: SocketInput<Data>) -> Input<Data> {
        Input::Core(CoreInput::Socket(self.socket, input))
    }

    /// Takes in what happened, at a moment when the back end has made so many commits.
    pub fn handle(&mut self, commits: u8, input: Input<Data>) -> Vec<Deed> {
        let now = Now { mono: self.now, wall: canonical::wall(self.now.0, commits) };
        self.engine.reseed(0);
        self.engine.handle(now, input);
        let mut deeds = Vec::new();
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Core(CoreOutput::OpenSocket(number, _)) => {
                    self.socket = number;
                    deeds.push(Deed::Open);
                }
                Output::Core(CoreOutput::CloseSocket(_)) => deeds.push(Deed::Close),
                Output::Core(CoreOutput::Send(_, ClientFrame::Subscribe { channel, .. })) => {
                    deeds.push(Deed::Subscribe(channel));
                }
                Output::Core(CoreOutput::Send(_, ClientFrame::Unsubscribe(channel))) => {
                    deeds.push(Deed::Unsubscribe(channel));
                }
                Output::Read(read) => deeds.push(Deed::Read(read)),
                Output::Load(_) => deeds.push(Deed::Load),
                Output::Commit(request, batch) => deeds.push(Deed::Commit(request, batch)),
                Output::ClearStore(_) => deeds.push(Deed::ClearStore),
                Output::Live(update) => self.view.update(update),
                _ => {}
            }
        }
        deeds
    }

    /// To be called when all inputs of a step are taken in.
    pub fn seal(&mut self) {
        self.fingerprint = canonical::fingerprint(&self.engine, self.now, self.ages);
    }
}

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.view == other.view
    }
}

impl Hash for Client {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
        self.view.hash(state);
    }
}
