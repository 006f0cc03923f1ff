//! A driver for tests: a clock that is turned by hand, and everything that the engine wants written down.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test file uses its part")]

#[path = "../../../echolite-core/tests/rig/wire.rs"]
mod wire;

use echolite_cache::{
    Activity, Batch, CacheEngine, Command, Config, Head, Input, LiveUpdate, Membership, Mono, Name,
    Now, Output, Query, Reaction, ReadFailure, ReadReply, ReadRequest, ResourceConfig, Status,
    StatusState, StoreInput, Term, Timeout, Wall,
};
use echolite_core::json::Json;
use echolite_core::{ClientFrame, Output as CoreOutput, SocketNumber};
use serde_json::{Value, json};

pub use wire::{Wire, recovered, standing};

pub struct Rig {
    pub engine: CacheEngine<Json>,
    pub now: Now,
    pub outputs: Vec<Output<Json>>,
    /// The rows of live query 1, as an application shows them.
    pub shown: Vec<Value>,
    pub status: Option<Status>,
    pub total: usize,
    /// Changes told for live query 1 since last taken.
    pub changes: Vec<String>,
    /// Whether the server of this test answers pings.
    pub answers_pings: bool,
    socket: SocketNumber,
}

pub fn config() -> Config {
    let core = echolite_core::Config {
        key: "app".into(),
        host: "h".into(),
        tls: false,
        ws_port: 80,
        ..echolite_core::Config::default()
    };
    Config { core, ..Config::default() }
}

pub fn products() -> ResourceConfig {
    ResourceConfig {
        row_prefixes: vec!["https://shop.test/api/products".into()],
        version: Some("v".into()),
        channels: vec!["products".into()],
        on: vec![("ProductChanged".into(), Reaction::Auto)],
        indexes: vec!["price".into(), "name".into()],
        membership: Membership::All,
        ..ResourceConfig::new("products", "https://shop.test/api/products")
    }
}

/// The head of a resource in an event.
pub fn head(epoch: &str, prev: u64, seq: u64) -> Value {
    json!({ "epoch": epoch, "prev": prev, "seq": seq })
}

pub fn row(id: u64, v: u64) -> Value {
    json!({ "id": id, "v": v, "price": v, "name": format!("product {id}") })
}

impl Rig {
    pub fn new(config: Config) -> Self {
        let now = Now { mono: Mono(1_000_000), wall: Wall(1_700_000_000_000) };
        let engine = CacheEngine::new(config, 7);
        let (outputs, shown, changes) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            engine,
            now,
            outputs,
            shown,
            status: None,
            total: 0,
            changes,
            answers_pings: false,
            socket: 0,
        }
    }

    /// Connected, subscribed, one live query, the list read once: fresh.
    pub fn fresh(resource: ResourceConfig, rows: &[Value]) -> Self {
        let mut rig = Self::new(config());
        rig.answers_pings = true;
        rig.declare(resource);
        rig.establish();
        rig.confirm("products");
        rig.answer_list(rows);
        assert_eq!(rig.state(), "fresh");
        rig.outputs.clear();
        rig.changes.clear();
        rig
    }

    /// Rows that are fresh at head 5 of epoch `e`.
    pub fn at_five(resource: ResourceConfig, rows: &[Value]) -> Self {
        let mut rig = Self::new(config());
        rig.answers_pings = true;
        rig.declare(resource);
        rig.establish();
        rig.confirm("products");
        let read = rig.read();
        rig.answer(&read, Self::list_at(rows, "e", 5));
        assert_eq!(rig.state(), "fresh");
        rig.outputs.clear();
        rig
    }

    pub fn declare(&mut self, resource: ResourceConfig) {
        let name = resource.name.clone();
        self.command(Command::Resource(resource));
        self.command(Command::Live(1, name, Query::default()));
    }

    pub fn input(&mut self, input: Input<Json>) {
        self.engine.handle(self.now, input);
        let mut pinged = false;
        while let Some(output) = self.engine.poll_output() {
            match &output {
                Output::Core(CoreOutput::OpenSocket(socket, _)) => self.socket = *socket,
                Output::Core(CoreOutput::Send(_, ClientFrame::Ping)) => {
                    pinged = self.answers_pings;
                }
                Output::Live(update) if update.live == 1 => self.show(update),
                _ => {}
            }
            self.outputs.push(output);
        }
        if pinged {
            self.frame("pusher:pong", None, json!({}));
        }
    }

    fn show(&mut self, update: &LiveUpdate<Json>) {
        for splice in &update.splices {
            let insert = splice.insert.iter().map(|row| (*row.0).clone());
            self.shown.splice(splice.at..splice.at + splice.remove, insert);
        }
        self.status = Some(update.status.clone());
        self.total = update.total;
        self.changes.extend(update.changes.iter().map(|c| format!("{} {}", c.kind.name(), c.id)));
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    /// The connection is lost, and made anew two seconds later.
    pub fn reconnect(&mut self, channel: &str) {
        self.close(1006);
        self.pass(2_000);
        self.establish();
        self.confirm(channel);
    }

    pub fn changed(&mut self, data: Value) {
        self.frame("ProductChanged", Some("products"), data);
    }

    // --- the store ---------------------------------------------------------------------------------

    /// A resource whose rows are stored, in a tab that owns the store from the start; it held nothing.
    pub fn owning(resource: ResourceConfig) -> Self {
        let mut rig = Self::new(Config { persist: true, ..config() });
        let name = resource.name.clone();
        rig.declare(ResourceConfig { persist: true, ..resource });
        rig.store(StoreInput::Owned(Term(1)));
        rig.store(StoreInput::Loaded(name, None));
        rig
    }

    pub fn store(&mut self, input: StoreInput<Json>) {
        self.input(Input::Store(input));
    }

    /// Resources that the store is asked for, since last taken.
    pub fn loads(&mut self) -> Vec<Name> {
        let loads = self.outputs.iter().filter_map(|output| match output {
            Output::Load(resource) => Some(resource.clone()),
            _ => None,
        });
        let loads = loads.collect();
        self.outputs.retain(|output| !matches!(output, Output::Load(_)));
        loads
    }

    /// Commits asked for since last taken.
    pub fn commits(&mut self) -> Vec<(u32, Batch<Json>)> {
        let commits = self.outputs.iter().filter_map(|output| match output {
            Output::Commit(request, batch) => Some((*request, batch.clone())),
            _ => None,
        });
        let commits = commits.collect();
        self.outputs.retain(|output| !matches!(output, Output::Commit(..)));
        commits
    }

    // --- reads -------------------------------------------------------------------------------------

    /// Reads asked for since last taken.
    pub fn reads(&mut self) -> Vec<ReadRequest> {
        let reads = self.outputs.iter().filter_map(|output| match output {
            Output::Read(read) => Some(read.clone()),
            _ => None,
        });
        let reads = reads.collect();
        self.outputs.retain(|output| !matches!(output, Output::Read(_)));
        reads
    }

    /// The one read asked for, after time has passed as far as needed (5 s at most).
    pub fn read(&mut self) -> ReadRequest {
        for _ in 0..600 {
            let mut reads = self.reads();
            match reads.len() {
                0 => self.pass(10),
                1 => return reads.remove(0),
                _ => panic!("more than one read: {reads:?}"),
            }
        }
        panic!("no read within 5 s; {}", self.engine.inspect());
    }

    pub fn no_read(&mut self, milliseconds: u64) {
        self.pass(milliseconds);
        assert_eq!(self.reads(), []);
    }

    pub fn answer(&mut self, read: &ReadRequest, reply: ReadReply<Json>) {
        self.input(Input::Read(read.request, Ok(reply)));
    }

    /// An answer that a cache on the way kept: so many milliseconds old.
    pub fn answer_aged(&mut self, read: &ReadRequest, age: u64, reply: ReadReply<Json>) {
        self.input(Input::Aged(read.request, age));
        self.answer(read, reply);
    }

    pub fn list(rows: &[Value], validator: Option<&str>) -> ReadReply<Json> {
        let rows = rows.iter().cloned().map(Json::from).collect();
        ReadReply::List { rows, validator: validator.map(Name::from), head: None }
    }

    /// A list with a head.
    pub fn list_at(rows: &[Value], epoch: &str, seq: u64) -> ReadReply<Json> {
        let rows = rows.iter().cloned().map(Json::from).collect();
        ReadReply::List { rows, validator: None, head: Some(Head { epoch: epoch.into(), seq }) }
    }

    /// One page of several.
    pub fn page_of(rows: &[Value], validator: Option<&str>, next: Option<&str>) -> ReadReply<Json> {
        let rows = rows.iter().cloned().map(Json::from).collect();
        let (validator, next) = (validator.map(Name::from), next.map(Name::from));
        ReadReply::Page { rows, validator, head: None, next }
    }

    /// What was answered to a `get`, or why it was not.
    pub fn got(&mut self, request: u32) -> Option<Result<Option<Value>, String>> {
        let at = self.outputs.iter().position(|output| match output {
            Output::Got(id, _) | Output::Rejected { id, .. } => *id == request,
            _ => false,
        })?;
        match self.outputs.remove(at) {
            Output::Got(_, row) => Some(Ok(row.map(|row| (*row.0).clone()))),
            Output::Rejected { message, .. } => Some(Err(message)),
            _ => None,
        }
    }

    pub fn answer_list(&mut self, rows: &[Value]) -> ReadRequest {
        let read = self.read();
        self.answer(&read, Self::list(rows, Some("etag")));
        read
    }

    pub fn fail(&mut self, read: &ReadRequest, status: Option<u16>) {
        let failure = ReadFailure { status, message: "no".into(), retry_after: None };
        self.input(Input::Read(read.request, Err(failure)));
    }

    // --- what was told -----------------------------------------------------------------------------

    /// Status of live query 1 in a word, with the reason: `stale(provisional)`.
    pub fn state(&self) -> String {
        match &self.status.as_ref().expect("nothing was told yet").state {
            StatusState::Empty(reason) => format!("empty({})", reason.code()),
            StatusState::Stale(reason) => format!("stale({})", reason.code()),
            StatusState::Fresh => "fresh".into(),
            StatusState::Offline(reason) => format!("offline({})", reason.code()),
        }
    }

    pub fn versions(&self) -> Vec<(u64, u64)> {
        let pair = |row: &Value| Some((row["id"].as_u64()?, row["v"].as_u64()?));
        self.shown.iter().map(|row| pair(row).expect("a row of this test")).collect()
    }

    pub fn take_changes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.changes)
    }

    pub fn errors(&self) -> Vec<String> {
        let word = |output: &Output<Json>| match output {
            Output::Rejected { message, .. } => Some(message.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }

    /// Warnings, by their code, with what they name.
    pub fn warnings(&self) -> Vec<(&'static str, Vec<Name>)> {
        let warning = |output: &Output<Json>| match output {
            Output::Activity(Activity::Warning { code, values, .. }) => {
                Some((code.name(), values.clone()))
            }
            _ => None,
        };
        self.outputs.iter().filter_map(warning).collect()
    }

    /// Outcomes of events: `ProductChanged Patch applied`.
    pub fn outcomes(&self) -> Vec<String> {
        let word = |output: &Output<Json>| match output {
            Output::Activity(Activity::Event { reaction, outcome, .. }) => {
                Some(format!("{reaction:?} {}", outcome.name()))
            }
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }
}

impl Wire for Rig {
    fn happens(&mut self, input: echolite_core::Input<Json>) {
        self.input(Input::Core(input));
    }

    fn socket_number(&self) -> SocketNumber {
        self.socket
    }

    fn now_mut(&mut self) -> &mut Now {
        &mut self.now
    }

    fn poll_timeout(&self) -> Option<Timeout> {
        self.engine.poll_timeout()
    }

    fn take<T>(&mut self, mut pick: impl FnMut(&CoreOutput<Json>) -> Option<T>) -> Vec<T> {
        let mut taken = Vec::new();
        self.outputs.retain(|output| {
            let Output::Core(output) = output else { return true };
            let picked = pick(output);
            let kept = picked.is_none();
            taken.extend(picked);
            kept
        });
        taken
    }
}
