//! A model of all that is not the engine: a back end with its writers and publisher, a server, the network
//! between. Seeded, so that a failing schedule replays.

use std::collections::{BTreeMap, BTreeSet};

use echolite_core::json::Json;
use echolite_core::{
    Config, Engine, Frame, Head, Input, LiveUpdate, Mono, Name, Now, Output, PageSignal, Query,
    ReadFailure, ReadReply, ReadRequest, ReadTarget, ResourceConfig, SocketInput, Status,
    VersionMode, Wall,
};
use serde_json::{Value, json};

pub const CHANNEL: &str = "cache-products";
const LIST: &str = "https://shop.test/api/products";
const START: u64 = 1_700_000_000_000;

/// What a back end gives, and how it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub versions: Option<VersionMode>,
    pub heads: bool,
    pub since: bool,
}

/// One change of a row, as the back end committed it.
#[derive(Clone, Debug)]
struct Change {
    id: u64,
    /// The row afterwards; none: deleted.
    row: Option<Value>,
    committed: u64,
    published: Option<u64>,
    /// On which connection its frame was written, and as which.
    written: Option<(u32, u64)>,
}

/// What will happen, and when.
#[derive(Clone, Debug)]
enum Plan {
    Publish(usize),
    Frame(u32, Option<u64>, Value),
    ReadAtServer(ReadRequest),
    ReadAnswered(u32, Option<Value>),
    Open(u32),
    Close(u32),
    Write,
    Fault,
}

pub struct World {
    pub random: fastrand::Rng,
    facts: Facts,
    now: u64,
    plans: BTreeMap<(u64, u64), Plan>,
    planned: u64,
    changes: Vec<Change>,
    rows: BTreeMap<u64, Value>,
    engine: Engine<Json>,
    connection: Option<Connection>,
    sockets: u32,
    shown: BTreeMap<u64, Value>,
    list: Vec<Value>,
    status: Option<Status>,
    quiet: bool,
    last_published: Option<Value>,
    /// When the outbox has published all that it has.
    outbox: u64,
    /// The engine of this world does not hear events: a straw man, which the check must catch.
    pub deaf: bool,
    pub trace: Vec<String>,
    pub faults: BTreeSet<&'static str>,
    pub reads: usize,
    pub fresh_time: u64,
}

struct Connection {
    number: u32,
    /// Frames already on their way arrive in order.
    last_arrival: u64,
    frames: u64,
    handled: u64,
    subscribed: bool,
    confirmed_at: Option<u64>,
    /// Half open: nothing arrives any more, and nobody says so.
    dead: bool,
}

impl World {
    pub fn new(seed: u64, facts: Facts) -> Self {
        let config = Config { key: "k".into(), host: "h".into(), tls: false, ..Config::default() };
        let mut world = Self {
            random: fastrand::Rng::with_seed(seed),
            facts,
            now: 0,
            plans: BTreeMap::new(),
            planned: 0,
            changes: Vec::new(),
            rows: BTreeMap::new(),
            engine: Engine::new(config, seed),
            connection: None,
            sockets: 0,
            shown: BTreeMap::new(),
            list: Vec::new(),
            status: None,
            quiet: false,
            last_published: None,
            outbox: 0,
            deaf: false,
            trace: Vec::new(),
            faults: BTreeSet::new(),
            reads: 0,
            fresh_time: 0,
        };
        for id in 1..=3 {
            world.commit(id, Some(0));
        }
        world.plan(50, Plan::Write);
        world.plan(500, Plan::Fault);
        world.command(echolite_core::Command::Resource(world.resource()));
        world.command(echolite_core::Command::Live(1, "products".into(), Query::default()));
        world
    }

    fn resource(&self) -> ResourceConfig {
        ResourceConfig {
            name: "products".into(),
            url: LIST.into(),
            row_prefixes: vec![LIST.into()],
            key: "id".into(),
            version: self.facts.versions.map(|_| "v".into()),
            version_mode: self.facts.versions.unwrap_or(VersionMode::Coarse),
            channels: vec![CHANNEL.into()],
            on: vec![("Changed".into(), echolite_core::Reaction::Auto)],
            indexes: vec![],
            row_path: "client_refresh".into(),
            deleted_path: "deleted".into(),
            url_path: "url".into(),
            tags_path: "tags".into(),
            tags: vec![],
            paging: None,
            head_path: "head".into(),
            since: self.facts.since,
            append: None,
            consult: false,
            persist: false,
            schema: 1,
        }
    }

    // --- time --------------------------------------------------------------------------------------

    fn plan(&mut self, after: u64, plan: Plan) {
        self.planned += 1;
        self.plans.insert((self.now + after, self.planned), plan);
    }

    /// Runs until `end`, checking the promise after each step.
    pub fn run(&mut self, end: u64) -> Result<(), String> {
        for _ in 0..200_000 {
            let planned = self.plans.first_key_value().map(|((at, _), _)| *at);
            let wanted = self.engine.poll_timeout().map(|at| at.0.max(self.now));
            let next = [planned, wanted].into_iter().flatten().min().filter(|at| *at <= end);
            let Some(next) = next else {
                self.pass(end);
                return Ok(());
            };
            self.pass(next);
            if planned == Some(next) {
                if let Some((_, plan)) = self.plans.pop_first() {
                    self.carry_out(plan);
                }
            } else {
                self.input(Input::Tick);
            }
            self.check()?;
        }
        Err("the engine or the world runs for ever".into())
    }

    fn pass(&mut self, to: u64) {
        if self.is_fresh() {
            self.fresh_time += to - self.now;
        }
        self.now = to;
    }

    fn carry_out(&mut self, plan: Plan) {
        match plan {
            Plan::Write => self.write(),
            Plan::Publish(at) => self.publish(at),
            Plan::Fault => self.fault(),
            Plan::Open(number) => self.open(number),
            Plan::Close(number) => {
                if self.connection.take_if(|connection| connection.number == number).is_some() {
                    self.socket(number, SocketInput::Closed { code: 1006, reason: String::new() });
                }
            }
            Plan::Frame(number, index, frame) => self.deliver(number, index, &frame),
            Plan::ReadAtServer(read) => self.serve(&read),
            Plan::ReadAnswered(request, answer) => self.answer(request, answer),
        }
    }

    // --- the back end ------------------------------------------------------------------------------

    fn commit(&mut self, id: u64, delete: Option<u8>) {
        let n = self.changes.len() as u64;
        let row = (delete != Some(1)).then(|| {
            // coarse versions share a second, strict ones count
            let v = match self.facts.versions {
                Some(VersionMode::Strict) => n + 1,
                _ => self.now / 1_000 + 1,
            };
            json!({ "id": id, "v": v, "n": n })
        });
        match &row {
            Some(row) => self.rows.insert(id, row.clone()),
            None => self.rows.remove(&id),
        };
        self.trace.push(format!("{:>6} commit {n}: {id} = {row:?}", self.now));
        let (committed, published, written) = (self.now, None, None);
        self.changes.push(Change { id, row, committed, published, written });
    }

    fn write(&mut self) {
        if self.quiet {
            return;
        }
        let id = self.random.u64(1..=4);
        let before = self.rows.get(&id).cloned();
        let delete = before.is_some() && self.random.u8(0..4) == 0;
        self.commit(id, Some(u8::from(delete)));
        // queued publishing: events of different writers may swap; heads are published from an outbox, in
        // order, or the last event would not be that of the highest head
        let mut delay = if self.random.bool() { 0 } else { self.random.u64(0..1_500) };
        if self.facts.heads {
            delay = delay.max(self.outbox.saturating_sub(self.now));
            self.outbox = self.now + delay;
        }
        self.plan(delay, Plan::Publish(self.changes.len() - 1));
        let pause = if self.random.u8(0..3) == 0 { 20 } else { self.random.u64(50..4_000) };
        self.plan(pause, Plan::Write);
    }

    /// The event of a change, as its publisher made it when it committed.
    fn event(&mut self, at: usize) -> Value {
        let Change { id, row, .. } = self.changes[at].clone();
        let mut data = match (self.random.u8(0..4), row) {
            (0, _) => json!({ "id": id }),
            (1, _) => json!({ "url": format!("/api/products/{id}") }),
            (_, Some(row)) => json!({ "client_refresh": row }),
            // a deleted row's event carries the version it had
            (_, None) => {
                let had = self.changes[..at]
                    .iter()
                    .rev()
                    .find_map(|c| c.row.clone().filter(|_| c.id == id));
                json!({ "deleted": true, "client_refresh": had.unwrap_or_else(|| json!({ "id": id })) })
            }
        };
        if self.facts.heads {
            let seq = at as u64 + 1;
            data["head"] = json!({ "epoch": "e", "seq": seq, "prev": seq - 1 });
        }
        data
    }

    fn publish(&mut self, at: usize) {
        self.changes[at].published = Some(self.now);
        let data = self.event(at);
        self.last_published = Some(data.clone());
        self.trace.push(format!("{:>6} publish {at}: {data}", self.now));
        let Some(connection) = self.connection.as_mut().filter(|c| c.subscribed) else { return };
        connection.frames += 1;
        let (number, index) = (connection.number, connection.frames);
        self.changes[at].written = Some((number, index));
        self.send(
            number,
            Some(index),
            json!({ "event": "Changed", "channel": CHANNEL, "data": data }),
        );
    }

    fn head(&self) -> Option<Head> {
        self.facts.heads.then(|| Head { epoch: "e".into(), seq: self.changes.len() as u64 })
    }

    fn serve(&mut self, read: &ReadRequest) {
        let failed = !self.quiet && self.random.u8(0..10) == 0;
        let head = self.head().map(|head| format!("{};{}", head.epoch, head.seq));
        let etag = format!("{}", self.changes.len());
        let answer = if failed {
            self.faults.insert("a read fails");
            None
        } else if read.target == ReadTarget::Row {
            let id = read.url.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
            let row = id.and_then(|id| self.rows.get(&id));
            Some(json!({ "row": row, "head": head }))
        } else if read.target == ReadTarget::Since {
            let since = read
                .url
                .rsplit("%3B")
                .next()
                .and_then(|seq| seq.parse::<usize>().ok())
                .unwrap_or(0);
            let ids: BTreeSet<u64> =
                self.changes[since.min(self.changes.len())..].iter().map(|c| c.id).collect();
            let (changed, deleted): (Vec<_>, Vec<_>) =
                ids.iter().partition(|id| self.rows.contains_key(id));
            let changed: Vec<_> = changed.iter().filter_map(|id| self.rows.get(id)).collect();
            Some(json!({ "changed": changed, "deleted": deleted, "head": head }))
        } else if read.validator.as_deref() == Some(&etag) {
            Some(json!({ "unchanged": true, "head": head }))
        } else {
            let rows: Vec<_> = self.rows.values().collect();
            Some(json!({ "rows": rows, "etag": etag, "head": head }))
        };
        let back = self.random.u64(1..400);
        self.plan(back, Plan::ReadAnswered(read.request, answer));
    }

    fn answer(&mut self, request: u32, answer: Option<Value>) {
        let Some(answer) = answer else {
            let failure =
                ReadFailure { status: Some(500), message: "fault".into(), retry_after: None };
            return self.input(Input::Read(request, Err(failure)));
        };
        let head = answer["head"].as_str().and_then(Head::parse);
        let list = |value: &Value| -> Vec<Json> {
            value.as_array().into_iter().flatten().cloned().map(Json::from).collect()
        };
        let reply = if answer["unchanged"] == true {
            ReadReply::NotModified { head }
        } else if answer.get("changed").is_some() {
            let deleted = answer["deleted"].as_array().into_iter().flatten();
            let deleted = deleted.map(|id| Name::from(id.to_string())).collect();
            let head = head.unwrap_or(Head { epoch: "e".into(), seq: 0 });
            ReadReply::Since { changed: list(&answer["changed"]), deleted, head }
        } else if answer.get("rows").is_some() {
            let validator = answer["etag"].as_str().map(Name::from);
            ReadReply::List { rows: list(&answer["rows"]), validator, head }
        } else if answer["row"].is_null() {
            ReadReply::Gone
        } else {
            ReadReply::Row { row: answer["row"].clone().into(), validator: None, head }
        };
        self.trace.push(format!("{:>6} answer {request}: {answer}", self.now));
        self.input(Input::Read(request, Ok(reply)));
    }

    // --- the server and the network ----------------------------------------------------------------

    fn open(&mut self, number: u32) {
        if !self.quiet && self.random.u8(0..4) == 0 {
            self.faults.insert("no connection to be had");
            return self.socket(number, SocketInput::Closed { code: 1006, reason: String::new() });
        }
        self.connection = Some(Connection {
            number,
            last_arrival: self.now,
            frames: 0,
            handled: 0,
            subscribed: false,
            confirmed_at: None,
            dead: false,
        });
        let data = json!({ "socket_id": "1.1", "activity_timeout": 10 });
        self.send(number, None, json!({ "event": "pusher:connection_established", "data": data }));
    }

    fn send(&mut self, number: u32, index: Option<u64>, frame: Value) {
        let latency = self.random.u64(1..300);
        let Some(connection) = self.connection.as_mut().filter(|c| c.number == number) else {
            return;
        };
        let arrival = (self.now + latency).max(connection.last_arrival);
        connection.last_arrival = arrival;
        self.plan(arrival - self.now, Plan::Frame(number, index, frame));
    }

    fn deliver(&mut self, number: u32, index: Option<u64>, frame: &Value) {
        let Some(connection) = self.connection.as_mut() else { return };
        if connection.number != number || connection.dead {
            return;
        }
        if let Some(index) = index {
            connection.handled = connection.handled.max(index);
            if self.deaf {
                return;
            }
        }
        let channel = frame["channel"].as_str().map(Name::from);
        let event: Name = frame["event"].as_str().unwrap_or_default().into();
        if &*event == "pusher_internal:subscription_succeeded" {
            connection.confirmed_at = frame["at"].as_u64();
        }
        let data = frame["data"].clone().into();
        self.trace.push(format!("{:>6} frame {frame}", self.now));
        self.socket(
            number,
            SocketInput::Frame(Frame { event, channel, data, user_id: None, offset: None }),
        );
    }

    fn fault(&mut self) {
        if self.quiet {
            return;
        }
        let number = self.connection.as_ref().map_or(0, |connection| connection.number);
        let fault = match self.random.u8(0..5) {
            0 => {
                self.plan(0, Plan::Close(number));
                "the socket closes"
            }
            1 => {
                if let Some(connection) = &mut self.connection {
                    connection.dead = true;
                }
                "the socket is half open"
            }
            2 => {
                self.input(Input::Page(PageSignal::Resumed));
                "the page is resumed"
            }
            3 => {
                self.input(Input::Page(PageSignal::Visible));
                "the page is visible"
            }
            _ => "nothing",
        };
        self.faults.insert(fault);
        self.trace.push(format!("{:>6} fault: {fault}", self.now));
        let pause = self.random.u64(500..8_000);
        self.plan(pause, Plan::Fault);
    }

    // --- the engine --------------------------------------------------------------------------------

    fn moment(&self) -> Now {
        Now { mono: Mono(self.now), wall: Wall(START + self.now) }
    }

    fn socket(&mut self, number: u32, input: SocketInput<Json>) {
        self.input(Input::Socket(number, input));
    }

    fn command(&mut self, command: echolite_core::Command<Json>) {
        self.input(Input::Command(command));
    }

    fn input(&mut self, input: Input<Json>) {
        self.engine.handle(self.moment(), input);
        while let Some(output) = self.engine.poll_output() {
            self.obey(output);
        }
    }

    fn obey(&mut self, output: Output<Json>) {
        match output {
            Output::OpenSocket(number, _) => {
                self.sockets = number;
                let latency = self.random.u64(1..200);
                self.plan(latency, Plan::Open(number));
            }
            Output::CloseSocket(number) => {
                self.connection.take_if(|connection| connection.number == number);
            }
            Output::Send(number, frame) => self.receive(number, &frame),
            Output::Read(read) => {
                self.reads += 1;
                self.trace.push(format!("{:>6} read {} {:?}", self.now, read.request, read.target));
                let there = self.random.u64(1..400);
                self.plan(there, Plan::ReadAtServer(read));
            }
            Output::Live(update) => self.show(&update),
            _ => {}
        }
    }

    /// What the server does with a frame, as if it came at once.
    fn receive(&mut self, number: u32, frame: &echolite_core::ClientFrame<Json>) {
        let Some(connection) = self.connection.as_mut().filter(|c| c.number == number) else {
            return;
        };
        if connection.dead {
            return;
        }
        match frame {
            echolite_core::ClientFrame::Ping => {
                self.send(number, None, json!({ "event": "pusher:pong", "data": {} }));
            }
            echolite_core::ClientFrame::Subscribe { .. } => {
                connection.subscribed = true;
                let at = self.now;
                self.send(number, None, json!({
                    "event": "pusher_internal:subscription_succeeded", "channel": CHANNEL, "data": {}, "at": at,
                }));
                let last = match self.last_published.clone() {
                    Some(data) => json!({ "event": "Changed", "channel": CHANNEL, "data": data }),
                    None => json!({ "event": "pusher:cache_miss", "channel": CHANNEL }),
                };
                self.send(number, None, last);
            }
            _ => {}
        }
    }

    fn show(&mut self, update: &LiveUpdate<Json>) {
        for splice in &update.splices {
            let insert = splice.insert.iter().map(|row| (*row.0).clone());
            self.list.splice(splice.at..splice.at + splice.remove, insert);
        }
        let by_id = |row: &Value| (row["id"].as_u64().unwrap_or(0), row.clone());
        self.shown = self.list.iter().map(by_id).collect();
        if self.status.as_ref() != Some(&update.status) {
            self.trace.push(format!("{:>6} status {:?}", self.now, update.status.state));
        }
        self.status = Some(update.status.clone());
    }

    // --- the promise -------------------------------------------------------------------------------

    pub fn is_fresh(&self) -> bool {
        matches!(&self.status, Some(status) if status.state == echolite_core::StatusState::Fresh)
    }

    /// `fresh` ⇒ every row is as the back end had it at a moment between what is owed and now. Owed is, by
    /// what the world knows and the engine does not: what was committed before the read that the rows rest on
    /// began, what was published before the subscription was confirmed, and what came on this connection.
    fn check(&self) -> Result<(), String> {
        let (Some(status), true) = (&self.status, self.is_fresh()) else { return Ok(()) };
        let Some(connection) = &self.connection else {
            return Err("fresh without a connection".into());
        };
        let Some(confirmed) = connection.confirmed_at else {
            return Err("fresh without a confirmed subscription".into());
        };
        let read_began = status.as_of.map_or(0, |wall| wall.0 - START);
        let is_owed = |change: &Change| {
            change.committed < read_began
                || change.published.is_some_and(|at| at < confirmed)
                || change.written.is_some_and(|(number, index)| {
                    number == connection.number && index <= connection.handled
                })
        };
        for id in 1..=4 {
            let of_row: Vec<_> = self.changes.iter().filter(|change| change.id == id).collect();
            let owed = of_row.iter().rposition(|change| is_owed(change));
            let mut admissible =
                of_row[owed.unwrap_or(0)..].iter().map(|change| change.row.as_ref());
            let shown = self.shown.get(&id);
            let never = owed.is_none() && shown.is_none();
            if !never && !admissible.any(|row| row == shown) {
                return Err(format!("at {}: fresh, but row {id} is shown as {shown:?}", self.now));
            }
        }
        Ok(())
    }

    /// Ends all faults; once it is quiet, the list must be fresh, and equal.
    pub fn settle(&mut self) -> Result<(), String> {
        self.quiet = true;
        self.run(self.now + 75_000)?;
        if !self.is_fresh() {
            return Err(format!("not fresh after 75 s of quiet: {:?}", self.status));
        }
        let expected: BTreeMap<u64, Value> = self.rows.clone();
        if self.shown != expected {
            return Err(format!("shown {:?}, the back end has {expected:?}", self.shown));
        }
        Ok(())
    }
}
