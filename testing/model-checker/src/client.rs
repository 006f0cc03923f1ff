//! The production engine as a part of the small world: an input goes in, what it wants done comes out.

use std::fmt;
use std::hash::{Hash, Hasher};

use echolite_cache::{
    Batch, CacheEngine, Command, Config, Input, LiveUpdate, Mono, Name, Now, Output, Query,
    ReadFailure, ReadReply, ReadRequest, RequestId, StatusState, StoreInput, Term,
};
use echolite_core::{
    ClientFrame, Input as CoreInput, Output as CoreOutput, SocketInput, SocketNumber,
};

use crate::back_end::Rows;
use crate::canonical::{self, GRAIN};
use crate::data::{Data, ID_TEXTS};
use crate::kinds::Facts;

/// Nothing in the world depends on silence, nor on verification every few minutes (milliseconds).
const NEVER: u64 = 1_000_000_000_000;

/// An output of the engine, as far as the world carries it out.
#[derive(Debug)]
pub enum Deed {
    /// Open a socket.
    Open,
    /// Close it.
    Close,
    /// Tell the server to subscribe.
    Subscribe(Name),
    /// Read from the back end.
    Read(ReadRequest),
    /// Load what is stored.
    Load,
    /// Store this.
    Commit(RequestId, Batch<Data>),
}

/// What an observer sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    list: Vec<Data>,
    /// Whether the list is called fresh.
    pub is_fresh: bool,
    status: &'static str,
    /// How many commits the back end had made when the read began that the list rests on.
    pub as_of: Option<u8>,
}

impl View {
    /// The rows shown, by id.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for data in &self.list {
            if let Data::Row(row) = data {
                rows[usize::from(row.id)] = Some(*row);
            }
        }
        rows
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
        self.as_of = update.status.as_of.map(canonical::commits_at);
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
    /// The last socket asked for, and the last read.
    socket: SocketNumber,
    asked: RequestId,
    fingerprint: u64,
}

impl Client {
    /// A page that is opened now.
    #[must_use]
    pub fn new(now: Mono) -> Self {
        let core = echolite_core::Config {
            tls: false,
            activity_timeout: NEVER,
            pong_timeout: NEVER,
            ..echolite_core::Config::default()
        };
        let config = Config { core, verify_interval: NEVER, persist: true, ..Config::default() };
        let (engine, view) = (CacheEngine::new(config, 0), View::default());
        Self { engine, now, view, socket: 0, asked: 0, fingerprint: 0 }
    }

    /// What an application says first.
    #[must_use]
    pub fn opening(facts: Facts) -> Vec<Input<Data>> {
        vec![
            Input::Store(StoreInput::Owned(Term(1))),
            Input::Command(Command::Resource(facts.resource())),
            Input::Command(Command::Live(1, "rows".into(), Query::default())),
        ]
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

    /// What its socket reports.
    #[must_use]
    pub fn socket(&self, input: SocketInput<Data>) -> Input<Data> {
        Input::Core(CoreInput::Socket(self.socket, input))
    }

    /// What came of its last read.
    #[must_use]
    pub fn answer(&self, result: Result<ReadReply<Data>, ReadFailure>) -> Input<Data> {
        Input::Read(self.asked, result)
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
                Output::Read(read) => {
                    self.asked = read.request;
                    deeds.push(Deed::Read(read));
                }
                Output::Load(_) => deeds.push(Deed::Load),
                Output::Commit(request, batch) => deeds.push(Deed::Commit(request, batch)),
                Output::Live(update) => self.view.update(update),
                _ => {}
            }
        }
        deeds
    }

    /// To be called when all inputs of a step are taken in.
    pub fn seal(&mut self) {
        self.fingerprint = canonical::fingerprint(&self.engine, self.now);
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
