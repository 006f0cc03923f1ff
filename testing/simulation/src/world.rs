//! The world around the engines: one clock, one source of randomness, a list of what will happen.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use echolite_cache::{Advice, Batch, Paging, ReadFailure, ReadReply, ReadRequest, RequestId};
use echolite_core::json::Json;
use echolite_core::{AuthFailure, Authorization, Input as CoreInput, PageSignal, SocketNumber};
use echolite_protocol::Credentials;
use echolite_server::simulation::Node;
use echolite_server::{AppConfig, ClientEventPolicy, HistoryConfig, SocketId};

use crate::back_end::BackEnd;
use crate::client::{BrokenClient, Client, Role};
use crate::fault::{Coverage, Fault};
use crate::habits::Habits;
use crate::kind::Kind;
use crate::network::{Connection, Parcel};
use crate::store_queue::Scope;
use crate::streams::Stream;

/// More steps than this in one millisecond, and somebody turns in a circle.
const BUSY: u32 = 5_000;

/// The longest that a node's cluster takes to answer, in milliseconds.
const LATENESS: u64 = 400;

/// A page as it was when something was sent to it: one loaded anew does not get it.
pub type Page = (usize, u32);

/// What will happen.
#[derive(Clone, Debug)]
pub enum Plan {
    Write,
    Fault,
    /// The server is certain again.
    MarkCertain,
    /// The lock of a scope is taken away, while its holder commits.
    Steal(usize),
    /// The backup is there.
    Restore,
    Publish(usize),
    AtNode {
        event: usize,
        channel: usize,
    },
    Open(Page, SocketNumber, Option<String>),
    ToClient(Parcel),
    ToServer {
        connection: usize,
        text: String,
    },
    LeaveServer(usize),
    Closed {
        connection: usize,
        code: u16,
    },
    ReadAtServer(Page, ReadRequest),
    /// A part of an answer came.
    ReadProgress(Page, RequestId),
    ReadAnswered(Page, RequestId, Result<ReadReply<Json>, ReadFailure>),
    /// The application says what an event does.
    Advised(Page, RequestId, Box<Advice<Json>>),
    Authorized(Page, RequestId, Result<Authorization, AuthFailure>),
    Signal(Page, PageSignal),
    Boot(usize),
    /// A part of the page comes back that left its channels a moment ago.
    JoinAgain(Page),
    Leave(Page),
    /// An application asks for a row.
    Ask(usize),
    /// An impatient user loads the page anew.
    LoadAnew(usize),
    Lock(Page),
    /// A tab of a newer build says that it is there.
    Retire(Page),
    Store(Page),
    /// The lock is waited for no longer.
    StartStore(Page),
    ClaimAgain(Page),
    LateCommit {
        scope: usize,
        batch: Box<Batch<Json>>,
    },
}

/// How much happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// A change every few seconds, a fault now and then.
    Light,
    /// Changes that follow each other closely, and faults that do too.
    Heavy,
}

/// Until when something goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trouble {
    pub server_down: u64,
    pub publisher_down: u64,
    /// The operator has stopped the application, and restores a backup.
    pub stopped: u64,
    pub refusing: u64,
    pub not_authorising: u64,
    pub not_signing: u64,
    pub reads_fail: u64,
    pub replica_lags: u64,
    pub storm: u64,
    pub uncertain: u64,
}

/// Everything, of one schedule.
pub struct World {
    pub seed: u64,
    pub broken_client: BrokenClient,
    pub load: Load,
    pub habits: Habits,
    pub now: u64,
    pub random: fastrand::Rng,
    plans: BTreeMap<(u64, u64), Plan>,
    planned: u64,
    pub back: BackEnd,
    pub node: Node,
    /// What the node has published, by channel.
    pub streams: [Stream; 2],
    /// What the node must not have sent.
    pub broken: Option<String>,
    /// So many publications were before the node was started.
    pub node_since: u64,
    pub credentials: Credentials,
    pub clients: Vec<Client>,
    pub scopes: Vec<Scope>,
    pub connections: Vec<Connection>,
    pub by_socket: BTreeMap<SocketId, usize>,
    pub trouble: Trouble,
    /// No faults and no changes any more.
    pub is_quiet: bool,
    /// With heads, the outbox publishes in order: these events, and until then it is busy.
    pub outbox: VecDeque<usize>,
    pub outbox_busy: u64,
    /// When what is under way to the node on each channel is there.
    pub ways: [u64; 2],
    pub coverage: Coverage,
    pub steps: u64,
    /// How many of them were in this very millisecond.
    pub steps_now: u32,
    pub reads: u64,
    trace: Option<Vec<String>>,
}

impl World {
    pub fn new(seed: u64, kind: Kind, broken_client: BrokenClient) -> Self {
        let habits = Habits::new(seed, kind);
        let mut random = fastrand::Rng::with_seed(seed);
        let load = if random.u8(0..10) < 3 { Load::Light } else { Load::Heavy };
        let channels = random.usize(1..=2);
        let paging = match random.u8(0..8) {
            0 => Some(Paging::Number),
            1 => Some(Paging::Cursor),
            _ => None,
        };
        let mut world = Self {
            seed,
            broken_client,
            load,
            now: 0,
            plans: BTreeMap::new(),
            planned: 0,
            back: BackEnd::new((kind, habits), channels, paging),
            habits,
            credentials: Credentials::new("k", "secret"),
            node: node(seed),
            streams: Default::default(),
            broken: None,
            node_since: 0,
            clients: Vec::new(),
            scopes: Vec::new(),
            connections: Vec::new(),
            by_socket: BTreeMap::new(),
            trouble: Trouble::default(),
            is_quiet: false,
            outbox: VecDeque::new(),
            outbox_busy: 0,
            ways: [0; 2],
            coverage: Coverage::default(),
            steps: 0,
            steps_now: 0,
            reads: 0,
            trace: None,
            random,
        };
        world.populate();
        world
    }

    /// One user with one tab or two, sometimes another user, sometimes a page that only listens.
    fn populate(&mut self) {
        let mut members = vec![(Role::Cache, 0)];
        if self.chance(2) || self.habits.builds {
            members.push((Role::Cache, 0));
        }
        if self.chance(3) {
            members.push((Role::Cache, 1));
        }
        if self.chance(2) {
            members.push((Role::Listener, 2));
        }
        let persists = !self.chance(5);
        self.scopes = vec![Scope::new(persists), Scope::new(true), Scope::new(false)];
        for (at, (role, scope)) in members.into_iter().enumerate() {
            self.clients.push(Client::new(role, scope));
            let after = at as u64 * self.random.u64(0..3_000);
            self.plan(after, Plan::Boot(at));
        }
        if self.habits.restless {
            self.plan(4_000, Plan::LoadAnew(0));
        } else if self.habits.store_hangs || self.habits.redeclares() {
            self.plan(12_000, Plan::LoadAnew(0));
        }
        if self.habits.wants_rows {
            self.plan(1_000, Plan::Ask(0));
        }
        self.plan(50, Plan::Write);
        self.plan(500, Plan::Fault);
    }

    // --- time --------------------------------------------------------------------------------------

    pub fn plan(&mut self, after: u64, plan: Plan) {
        self.plan_at(self.now + after, plan);
    }

    pub fn plan_at(&mut self, at: u64, plan: Plan) {
        self.planned += 1;
        self.plans.insert((at.max(self.now), self.planned), plan);
    }

    /// When something happens next.
    fn next(&self) -> Option<u64> {
        let planned = self.plans.first_key_value().map(|((at, _), _)| *at);
        let pages = self.clients.iter().filter_map(|client| client.wake);
        let node = self.node.deadline().map(|at| at.as_millis() as u64);
        pages.chain(planned).chain(node).min().map(|at| at.max(self.now))
    }

    /// Does what is next, unless it is later than `end`. Whether there was anything to do.
    ///
    /// # Errors
    /// A page broke the promise.
    pub fn step(&mut self, end: u64) -> Result<bool, String> {
        let Some(next) = self.next().filter(|next| *next <= end) else {
            self.pass(end.max(self.now));
            return Ok(false);
        };
        self.steps_now = if next == self.now { self.steps_now + 1 } else { 0 };
        self.pass(next);
        self.steps += 1;
        if self.steps_now > BUSY {
            return Err(format!("time stands still: {:?}", self.impatient()));
        }
        let waking =
            self.clients.iter().position(|client| client.wake.is_some_and(|at| at <= next));
        if let Some(page) = waking {
            self.input(page, CoreInput::Tick);
        } else if self.node.deadline().is_some_and(|at| at <= Duration::from_millis(next)) {
            self.node.on_time(Duration::from_millis(next));
            self.pump(true);
        } else if let Some((_, plan)) = self.plans.pop_first() {
            self.carry_out(plan);
        }
        self.check()?;
        Ok(true)
    }

    /// The pages that want to be called now.
    fn impatient(&self) -> Vec<usize> {
        let wants = |at: &usize| self.clients[*at].wake.is_some_and(|wake| wake <= self.now);
        (0..self.clients.len()).filter(wants).collect()
    }

    fn pass(&mut self, to: u64) {
        let by = to - self.now;
        let verify_interval = self.habits.verify_interval;
        for client in self.clients.iter_mut().filter(|client| client.is_awake()) {
            if client.role == Role::Cache {
                client.grow_older((self.now, to), verify_interval);
            }
            if client.role == Role::Cache && !self.is_quiet {
                client.awake_time += by;
                client.fresh_time += if client.is_fresh() { by } else { 0 };
            }
        }
        self.now = to;
        for client in &mut self.clients {
            client.suspended.take_if(|until| *until <= to);
        }
    }

    fn carry_out(&mut self, plan: Plan) {
        match plan {
            Plan::Write => self.write(),
            Plan::Fault => self.mischief(),
            Plan::MarkCertain => self.mark_certain(),
            Plan::Steal(scope) => self.steal_in_time(scope),
            Plan::Restore => self.restore(),
            Plan::Publish(event) => self.publish(event),
            Plan::AtNode { event, channel } => self.at_node(event, channel),
            Plan::Open(page, number, echolite) => self.open(page, number, echolite.as_deref()),
            Plan::ToClient(parcel) => self.deliver(parcel),
            Plan::ToServer { connection, text } => self.at_server(connection, &text),
            Plan::LeaveServer(connection) => self.leave_server(connection),
            Plan::Closed { connection, code } => self.closed(connection, code),
            Plan::ReadAtServer(page, read) => self.serve(page, &read),
            Plan::ReadProgress(page, request) => self.progressed(page, request),
            Plan::ReadAnswered(page, request, answer) => self.answered(page, request, answer),
            Plan::Advised(page, request, advice) => self.advised(page, request, *advice),
            Plan::Authorized(page, request, result) => {
                self.hand(page, CoreInput::Authorized(request, result));
            }
            Plan::Signal(page, signal) => self.signal(page, signal),
            Plan::Retire(page) => self.retire(page),
            Plan::Boot(at) => self.boot(at),
            Plan::JoinAgain(page) => self.join_again(page),
            Plan::Leave(page) => self.leave_in_flight(page),
            Plan::Ask(at) => self.ask(at),
            Plan::LoadAnew(at) => self.load_anew(at),
            Plan::Lock(page) => self.ask_for_lock(page),
            Plan::Store(page) => self.work(page),
            Plan::LateCommit { scope, batch } => self.late_commit(scope, &batch),
            Plan::ClaimAgain(page) => self.claim_again(page),
            Plan::StartStore(page) => self.start_store(page),
        }
    }

    fn check(&mut self) -> Result<(), String> {
        if let Some(broken) = self.broken.take() {
            self.say(|| broken.clone());
            return Err(broken);
        }
        for at in 0..self.clients.len() {
            let client = &mut self.clients[at];
            let connection = client.connection.map(|at| &self.connections[at]);
            let scope = &self.scopes[client.scope];
            let held = match client.role {
                Role::Cache => client
                    .check_asks(self.now)
                    .and_then(|()| client.check((&self.back, self.now), scope, connection)),
                Role::Listener => client.check_told(),
            };
            if let Err(broken) = held {
                let broken = format!("page {at}: {broken}");
                self.say(|| broken.clone());
                return Err(broken);
            }
        }
        Ok(())
    }

    // --- what is small -----------------------------------------------------------------------------

    /// Once in so many times.
    pub fn chance(&mut self, once_in: u32) -> bool {
        self.random.u32(0..once_in) == 0
    }

    /// Whether trouble lasts that was to end then.
    pub fn lasts(&self, until: u64) -> bool {
        !self.is_quiet && self.now < until
    }

    pub fn note(&mut self, fault: Fault) {
        if !self.is_quiet {
            self.coverage.note(fault);
        }
    }

    /// The page as it is now.
    pub fn page(&self, at: usize) -> Page {
        (at, self.clients[at].incarnation)
    }

    /// Whether the page is still the same.
    pub fn is_there(&self, (at, incarnation): Page) -> bool {
        self.clients[at].is_alive && self.clients[at].incarnation == incarnation
    }

    /// When what is sent to a page reaches it, if not now.
    pub fn suspended(&self, (at, _): Page) -> Option<u64> {
        self.clients[at].suspended
    }

    pub fn server_time(&self) -> Duration {
        Duration::from_millis(self.now)
    }

    /// When the page's engine wants to be called, on the world's clock.
    pub fn wake(&mut self, at: usize) {
        let (now, client) = (self.now, &mut self.clients[at]);
        let timeout = client.engine.poll_timeout();
        let wanted = timeout.map(|timeout| (timeout.at.0 + client.slept).max(now));
        client.wake = wanted.map(|at| at.max(client.suspended.unwrap_or(0)));
    }

    // --- the trace ---------------------------------------------------------------------------------

    /// Writes down what happens from now on.
    pub fn trace(&mut self) {
        self.trace = Some(Vec::new());
    }

    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>7} {}", self.now, line()));
        }
    }

    pub fn take_trace(&mut self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }
}

/// A node. Two of three have a cluster that is sometimes late to answer.
pub fn node(seed: u64) -> Node {
    let lateness = if seed.is_multiple_of(3) { 0 } else { LATENESS };
    Node::new(server(), seed, Duration::from_millis(lateness))
}

/// The node's configuration: it looks after silent clients within seconds.
fn server() -> AppConfig {
    let mut app = AppConfig::new("shop", "k", "secret");
    app.activity_timeout = 10;
    app.ping_interval = 10;
    app.accept_client_events_from = ClientEventPolicy::Members;
    app.history = vec![HistoryConfig { max_events: 12, ..HistoryConfig::new(["private-cache-*"]) }];
    app
}
