//! A driver for tests: a clock that is turned by hand, and everything that the engine wants written down.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use echolite_core::json::Json;
use echolite_core::{
    Activity, AuthFailure, Authorization, Batch, ClientFrame, Command, Config, Engine, Frame, Head,
    Input, LiveUpdate, Mono, Name, Now, Output, PageSignal, Query, Reaction, ReadFailure,
    ReadReply, ReadRequest, ResourceConfig, SocketInput, Status, StatusState, StoreInput, Term,
    VersionMode, Wall,
};
use serde_json::{Value, json};

pub struct Rig {
    pub engine: Engine<Json>,
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
    socket: u32,
}

pub fn config() -> Config {
    Config { key: "app".into(), host: "h".into(), tls: false, ws_port: 80, ..Config::default() }
}

pub fn products() -> ResourceConfig {
    ResourceConfig {
        name: "products".into(),
        url: "https://shop.test/api/products".into(),
        row_prefixes: vec!["https://shop.test/api/products".into()],
        key: "id".into(),
        version: Some("v".into()),
        version_mode: VersionMode::Coarse,
        channels: vec!["products".into()],
        on: vec![("ProductChanged".into(), Reaction::Auto)],
        indexes: vec!["price".into(), "name".into()],
        row_path: "client_refresh".into(),
        deleted_path: "deleted".into(),
        url_path: "url".into(),
        tags_path: "tags".into(),
        tags: vec![],
        paging: None,
        append: None,
        head_path: "head".into(),
        since: false,
        consult: false,
        persist: false,
        schema: 1,
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
        let engine = Engine::new(config, 7);
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
                Output::OpenSocket(socket, _) => self.socket = *socket,
                Output::Send(_, ClientFrame::Ping) => pinged = self.answers_pings,
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
        self.changes.extend(update.changes.iter().map(|c| format!("{} {}", c.kind, c.id)));
    }

    pub fn command(&mut self, command: Command<Json>) {
        self.input(Input::Command(command));
    }

    /// Lets time pass; the engine is woken when it asked for it.
    pub fn pass(&mut self, milliseconds: u64) {
        let end = self.now.mono + milliseconds;
        for _ in 0..10_000 {
            match self.engine.poll_timeout().filter(|at| *at <= end) {
                Some(at) => {
                    self.turn(at - self.now.mono);
                    self.input(Input::Tick);
                }
                None => {
                    self.turn(end - self.now.mono);
                    return self.input(Input::Tick);
                }
            }
        }
        panic!("the engine asks to be woken for ever");
    }

    fn turn(&mut self, milliseconds: u64) {
        self.now.mono = self.now.mono + milliseconds;
        self.now.wall.0 += milliseconds;
    }

    pub fn socket(&mut self, input: SocketInput<Json>) {
        self.input(Input::Socket(self.socket, input));
    }

    pub fn frame(&mut self, event: &str, channel: Option<&str>, data: Value) {
        let (event, channel, data) = (event.into(), channel.map(Name::from), data.into());
        let frame = Frame { event, channel, data, user_id: None, offset: None };
        self.socket(SocketInput::Frame(frame));
    }

    /// An event with its number in the channel's history.
    pub fn numbered(&mut self, channel: &str, offset: u64, event: &str, data: Value) {
        let (event, channel, data) = (event.into(), Some(channel.into()), data.into());
        let frame = Frame { event, channel, data, user_id: None, offset: Some(offset) };
        self.socket(SocketInput::Frame(frame));
    }

    pub fn establish(&mut self) {
        self.socket(SocketInput::Opened);
        let data = json!({ "socket_id": "1.1", "activity_timeout": 30 });
        self.frame("pusher:connection_established", None, data);
    }

    pub fn confirm(&mut self, channel: &str) {
        self.frame("pusher_internal:subscription_succeeded", Some(channel), json!({}));
    }

    pub fn close(&mut self, code: u16) {
        self.socket(SocketInput::Closed { code, reason: "test".into() });
    }

    /// The connection is lost, and made anew two seconds later.
    pub fn reconnect(&mut self, channel: &str) {
        self.close(1006);
        self.pass(2_000);
        self.establish();
        self.confirm(channel);
    }

    pub fn page(&mut self, signal: PageSignal) {
        self.input(Input::Page(signal));
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

    // --- authorisation -----------------------------------------------------------------------------

    /// Signatures asked for since last taken: request and channel.
    pub fn authorizations(&mut self) -> Vec<(u32, String)> {
        let asked = self.outputs.iter().filter_map(|output| match output {
            Output::Authorize { request, channel, .. } => Some((*request, channel.to_string())),
            _ => None,
        });
        let asked = asked.collect();
        self.outputs.retain(|output| !matches!(output, Output::Authorize { .. }));
        asked
    }

    pub fn authorize(&mut self, request: u32) {
        let auth =
            Authorization { auth: "app:sig".into(), channel_data: None, shared_secret: None };
        self.input(Input::Authorized(request, Ok(auth)));
    }

    pub fn refuse(&mut self, request: u32, status: Option<u16>) {
        let failure = AuthFailure { status, message: "refused".into(), retry_after: None };
        self.input(Input::Authorized(request, Err(failure)));
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

    /// Frames sent since last taken, in words.
    pub fn sent(&mut self) -> Vec<String> {
        let word = |frame: &ClientFrame<Json>| match frame {
            ClientFrame::Ping => "ping".into(),
            ClientFrame::Pong => "pong".into(),
            ClientFrame::Subscribe { channel, auth, recover, .. } => {
                let auth = auth.as_ref().map(|auth| format!(" {auth}"));
                let after = recover.as_ref().map(|at| format!(" after {};{}", at.epoch, at.offset));
                let [auth, after] = [auth, after].map(Option::unwrap_or_default);
                format!("subscribe {channel}{auth}{after}")
            }
            ClientFrame::SignIn { auth, user_data } => format!("signin {auth} {user_data}"),
            ClientFrame::Unsubscribe(channel) => format!("unsubscribe {channel}"),
            ClientFrame::Event { channel, event, .. } => format!("{event} on {channel}"),
        };
        let sent = self.outputs.iter().filter_map(|output| match output {
            Output::Send(_, frame) => Some(word(frame)),
            _ => None,
        });
        let sent = sent.collect();
        self.outputs.retain(|output| !matches!(output, Output::Send(..)));
        sent
    }

    /// Connection states told since last taken.
    pub fn connections(&mut self) -> Vec<&'static str> {
        let states = self.outputs.iter().filter_map(|output| match output {
            Output::Connection { state, .. } => Some(*state),
            _ => None,
        });
        let states = states.collect();
        self.outputs.retain(|output| !matches!(output, Output::Connection { .. }));
        states
    }

    pub fn opened(&mut self) -> usize {
        let opened = self.outputs.iter().filter(|o| matches!(o, Output::OpenSocket(..))).count();
        self.outputs.retain(|output| !matches!(output, Output::OpenSocket(..)));
        opened
    }

    pub fn errors(&self) -> Vec<String> {
        let word = |output: &Output<Json>| match output {
            Output::SubscriptionError { channel, status, message, kind } => {
                let kind = kind.as_deref().map_or(String::new(), |kind| format!("{kind}: "));
                Some(format!("{channel} {status:?} {kind}{message}"))
            }
            Output::Error { code, message } => Some(format!("{code:?} {message}")),
            Output::Rejected { message, .. } => Some(message.clone()),
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }

    /// Outcomes of events: `ProductChanged Patch applied`.
    pub fn outcomes(&self) -> Vec<String> {
        let word = |output: &Output<Json>| match output {
            Output::Activity(Activity::Event { reaction, outcome, .. }) => {
                Some(format!("{reaction:?} {outcome}"))
            }
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }
}
