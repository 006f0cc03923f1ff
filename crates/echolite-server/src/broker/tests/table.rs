//! One application's brokers, driven by hand, and what everybody got.

use crate::broker::{Broker, Host, Outcome, Refused, leave, mark_certain, mark_uncertain, perform};
use crate::broker::{Ending, end_absences, terminate};
use crate::cluster::{Ask, Keeping, LateCluster, LocalCluster, PreparedEvent};
use crate::config::{AppConfig, HistoryConfig, WebhookConfig, WebhookEvent};
use crate::delivery::{Log, Recorder};
use crate::dialect::Dialect;
use crate::session::{Effect, Rules, Session};
use crate::socket_id::SocketId;
use crate::users::Users;
use crate::webhooks::{Event, Note};
use echolite_protocol::{ChannelName, Credentials, Member, User, extension::Position};
use serde_json::value::RawValue;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long the cluster takes for its answers, of each kind.
#[derive(Debug, Default)]
pub(super) struct Delays {
    pub(super) number: Cell<u64>,
    pub(super) join: Cell<u64>,
    pub(super) history: Cell<u64>,
    pub(super) leave: Cell<u64>,
}

impl Delays {
    fn of(&self, ask: &Ask<'_>) -> Duration {
        Duration::from_secs(match ask {
            Ask::Number(_) => self.number.get(),
            Ask::Join { .. } => self.join.get(),
            Ask::History { .. } => self.history.get(),
            Ask::Leave { .. } => self.leave.get(),
        })
    }
}

/// Two brokers, their users, and connections named by letters: those up to `m` speak Pusher's protocol
/// alone, the others follow positions.
pub(super) struct Table {
    host: TableHost,
    log: Log,
    connections: BTreeMap<char, (Session, Recorder)>,
    pub(super) delays: Rc<Delays>,
    /// What webhooks were told, a line each.
    pub(super) notes: Vec<String>,
}

struct TableHost {
    rules: Arc<Rules>,
    now: Duration,
    brokers: Vec<Broker<Recorder, LateCluster>>,
    users: Users<Recorder>,
    notes: Vec<Note>,
    deliveries: u64,
    woke: bool,
    last: Outcome,
}

pub(super) fn name(text: &str) -> ChannelName {
    ChannelName::new(text).unwrap()
}

fn socket(name: char) -> SocketId {
    SocketId::from_random(name as u64)
}

impl Table {
    pub(super) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut AppConfig)) -> Self {
        let mut config = AppConfig::new("1", "key", "secret");
        let all = [
            WebhookEvent::ChannelOccupied,
            WebhookEvent::ChannelVacated,
            WebhookEvent::MemberAdded,
            WebhookEvent::MemberRemoved,
            WebhookEvent::CacheMiss,
            WebhookEvent::SubscriptionCount,
        ];
        config.webhooks = vec![WebhookConfig::new("http://a", all)];
        config.history = vec![HistoryConfig::new(["private-cache-*"])];
        change(&mut config);
        let credentials = Credentials::new("key", "secret");
        let rules = Arc::new(Rules { config, credentials });
        let delays = Rc::new(Delays::default());
        let broker = |seed: u64| {
            let histories = rules.config.history.as_slice().into();
            let keeping = Keeping { histories, memory: 100_000, seed: 10 + seed };
            let delays = delays.clone();
            let delay = Box::new(move |ask: &Ask<'_>| delays.of(ask));
            let local = LocalCluster::keeping(keeping);
            Broker::new(rules.clone(), LateCluster::new(local, delay, Rc::default()))
        };
        let host = TableHost {
            now: Duration::ZERO,
            brokers: (0..2).map(broker).collect(),
            users: Users::default(),
            notes: Vec::new(),
            deliveries: 0,
            woke: false,
            last: Outcome::default(),
            rules,
        };
        let (log, connections, notes) = (Log::default(), BTreeMap::new(), Vec::new());
        Self { host, log, connections, delays, notes }
    }

    /// Does something as a connection, which is opened if it is not there.
    fn act(&mut self, by: char, effect: Effect) {
        let (host, log) = (&mut self.host, &self.log);
        let (session, recorder) = self.connections.entry(by).or_insert_with(|| {
            let dialect = if by > 'm' { Dialect::Echolite } else { Dialect::Pusher };
            let (session, _) = Session::open(socket(by), dialect, host.rules.clone(), host.now);
            (session, Recorder::new(by, log))
        });
        perform(host, session, recorder, vec![effect]);
        self.keep_notes();
    }

    pub(super) fn subscribe(&mut self, by: char, channel: &str) {
        self.subscribe_as(by, channel, None, None);
    }

    /// Subscribes as a member of a presence channel.
    pub(super) fn enter(&mut self, by: char, channel: &str, user_id: &str) {
        self.subscribe_as(by, channel, Some(user_id), None);
    }

    /// Subscribes, and says where it was.
    pub(super) fn recover(&mut self, by: char, channel: &str, (epoch, offset): (&str, u64)) {
        self.subscribe_as(by, channel, None, Some(Position { epoch: epoch.into(), offset }));
    }

    fn subscribe_as(
        &mut self,
        by: char,
        channel: &str,
        user_id: Option<&str>,
        recover: Option<Position>,
    ) {
        let member =
            user_id.map(|user_id| Arc::new(Member { user_id: user_id.into(), user_info: None }));
        self.act(by, Effect::Subscribe { channel: name(channel), member, recover });
    }

    pub(super) fn confirm_again(&mut self, by: char, channel: &str) {
        self.act(by, Effect::Confirm { channel: name(channel), recovered: None });
    }

    pub(super) fn unsubscribe(&mut self, by: char, channel: &str) {
        self.act(by, Effect::Unsubscribe(name(channel)));
    }

    pub(super) fn whisper(&mut self, by: char, channel: &str) {
        let frame = r#"{"event":"client-typing"}"#.into();
        self.act(by, Effect::Relay { channel: name(channel), frame });
    }

    pub(super) fn sign_in(&mut self, by: char, user_id: &str, watchlist: &[&str]) {
        let watchlist = watchlist.iter().map(|id| (*id).to_owned()).collect();
        let user = User { id: user_id.into(), user_info: None, watchlist };
        self.act(by, Effect::SignIn(Arc::new(user)));
    }

    /// A connection is gone from these channels; it may return.
    pub(super) fn drop(&mut self, by: char, channels: &[&str]) {
        let (_, recorder) = self.connections.remove(&by).unwrap();
        let (id, now) = (socket(by), self.host.now);
        let grace = Duration::from_secs(self.host.rules.config.presence_grace);
        for channel in channels {
            let channel = name(channel);
            let ending = Ending::Gone { grace };
            self.host
                .with_broker(&channel, |broker, now| broker.unsubscribe(now, &channel, id, ending));
        }
        let (session, _) = Session::open(id, Dialect::Pusher, self.host.rules.clone(), now);
        leave(&mut self.host, &session, &recorder);
        self.keep_notes();
    }

    pub(super) fn publish(&mut self, channel: &str, event: &str) {
        self.publish_but(channel, event, None);
    }

    /// Publishes to others.
    pub(super) fn publish_but(&mut self, channel: &str, event: &str, except: Option<char>) {
        let channel = name(channel);
        let data: Arc<RawValue> = RawValue::from_string("\"{}\"".into()).unwrap().into();
        let event = PreparedEvent::new(&channel, (event, &data), except.map(socket));
        let _ = self.host.with_broker(&channel, |broker, now| broker.publish(now, &event));
    }

    /// Takes the receipt of the event that was published last.
    pub(super) fn take_receipt(&mut self) -> Option<tokio::sync::oneshot::Receiver<()>> {
        self.host.last.receipt.take()
    }

    /// Whether the event that was published last has its number.
    pub(super) fn is_acknowledged(&mut self) -> bool {
        let receipt = self.host.last.receipt.as_mut();
        receipt.is_none_or(|receipt| receipt.try_recv().is_ok())
    }

    /// Lets time pass, and does what becomes due.
    pub(super) fn at(&mut self, seconds: u64) {
        self.host.now = Duration::from_secs(seconds);
        for at in 0..self.host.brokers.len() {
            let outcome = self.host.brokers[at].on_time(self.host.now);
            for Refused { socket: refused, channel } in self.host.settle(outcome) {
                let mut connections = self.connections.values_mut();
                let found = connections.find(|(session, _)| session.id() == refused);
                let (session, recorder) = found.unwrap();
                let refusal = session.on_full(&channel);
                perform(&mut self.host, session, recorder, vec![refusal]);
            }
        }
        let now = self.host.now;
        self.host.with_users(|users, _| end_absences(users, now));
        self.keep_notes();
    }

    pub(super) fn mark_uncertain(&mut self) -> usize {
        let mut brokers: Vec<_> = self.host.brokers.iter_mut().collect();
        let (told, outcomes) = mark_uncertain(&mut brokers, self.host.now, "overflow");
        outcomes.into_iter().for_each(|outcome| drop(self.host.settle(outcome)));
        told
    }

    pub(super) fn mark_certain(&mut self) {
        let mut brokers: Vec<_> = self.host.brokers.iter_mut().collect();
        let outcomes = mark_certain(&mut brokers, self.host.now);
        outcomes.into_iter().for_each(|outcome| drop(self.host.settle(outcome)));
    }

    pub(super) fn terminate(&mut self, user_id: &str) -> usize {
        let brokers: Vec<_> = self.host.brokers.iter_mut().collect();
        terminate(&brokers, &self.host.users, user_id)
    }

    pub(super) fn broker(&self, channel: &str) -> &Broker<Recorder, LateCluster> {
        &self.host.brokers[shard(&name(channel))]
    }

    pub(super) fn recorder(&self, by: char) -> &Recorder {
        &self.connections[&by].1
    }

    /// Whether the clock had to be woken since it was asked last.
    pub(super) fn woke(&mut self) -> bool {
        std::mem::take(&mut self.host.woke)
    }

    /// How many frames were queued because of events since it was asked last.
    pub(super) fn deliveries(&mut self) -> u64 {
        std::mem::take(&mut self.host.deliveries)
    }

    /// What was counted of what was done last.
    pub(super) fn last(&self) -> &Outcome {
        &self.host.last
    }

    /// What came since it was asked last, a line each.
    pub(super) fn got(&mut self) -> Vec<String> {
        std::mem::take(&mut *self.log.borrow_mut())
    }

    fn keep_notes(&mut self) {
        for note in std::mem::take(&mut self.host.notes) {
            self.notes.push(match note {
                Note::Event(event) => words(&event),
                Note::Occupied(channel, _) => format!("occupied {channel}"),
                Note::Vacated(channel, at, _) => format!("vacated {channel} at {}", at.as_secs()),
            });
        }
    }
}

/// A webhook's event: `member_added presence-a 7`.
fn words(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap();
    let word = |key: &str| match &json[key] {
        serde_json::Value::String(text) => format!(" {text}"),
        serde_json::Value::Null => String::new(),
        other => format!(" {other}"),
    };
    let words = ["name", "channel", "user_id", "subscription_count"].map(word);
    words.concat().trim_start().to_owned()
}

fn shard(channel: &ChannelName) -> usize {
    channel.as_str().len() % 2
}

impl TableHost {
    fn settle(&mut self, mut outcome: Outcome) -> Vec<Refused> {
        self.notes.append(&mut outcome.notes);
        self.deliveries += outcome.deliveries;
        self.woke |= outcome.wake;
        let refused = std::mem::take(&mut outcome.refused);
        self.last = outcome;
        refused
    }
}

impl Host for TableHost {
    type Recipient = Recorder;
    type Cluster = LateCluster;

    fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    fn with_broker(
        &mut self,
        channel: &ChannelName,
        act: impl FnOnce(&mut Broker<Recorder, LateCluster>, Duration) -> Outcome,
    ) -> Vec<Refused> {
        let outcome = act(&mut self.brokers[shard(channel)], self.now);
        self.settle(outcome)
    }

    fn with_users(&mut self, act: impl FnOnce(&mut Users<Recorder>, Duration) -> Outcome) {
        let outcome = act(&mut self.users, self.now);
        self.settle(outcome);
    }

    fn note(&mut self, event: Event) {
        self.notes.push(Note::Event(event));
    }
}
