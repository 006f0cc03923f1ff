//! A node of the server without sockets and clock: its brokers and its sessions, driven by hand.
//!
//! For the simulation of real engines with the real server; not part of the library's interface. The
//! time is an argument, and everything random comes from a seed, so that a schedule replays. Nothing
//! is decided here: what is sent to whom is the [`broker`](crate::broker)'s, as in production.

mod host;
mod mailbox;

use crate::broker::{self, Broker, Refused};
use crate::cluster::{Ask, Delay, Keeping, LateCluster, LocalCluster, PreparedEvent};
use crate::config::AppConfig;
use crate::dialect::Dialect;
use crate::session::{Effect, Rules, Session};
use crate::socket_id::SocketId;
use crate::users::Users;
use crate::webhooks::Webhooks;
use echolite_protocol::{ChannelName, Credentials};
use host::NodeHost;
use mailbox::{Mailbox, Outbound};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use mailbox::Outgoing;

/// The brokers of a node: few, but more than one.
const SHARDS: usize = 4;

/// One node, of one application.
#[derive(Debug)]
pub struct Node {
    host: NodeHost,
    connections: BTreeMap<SocketId, Connection>,
    outbound: Outbound,
}

#[derive(Debug)]
struct Connection {
    session: Session,
    mailbox: Mailbox,
}

/// An event that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Which decision of the cluster it was, on its channel.
    pub sequence: u64,
    /// Its number, where the channel keeps history.
    pub offset: Option<u64>,
}

impl Node {
    /// A node that nobody is connected to. The seed tells its epochs from those of any other; with
    /// `lateness` its cluster takes up to so long to answer.
    #[must_use]
    pub fn new(config: AppConfig, seed: u64, lateness: Duration) -> Self {
        let credentials = Credentials::new(&config.key, config.secret.expose());
        let rules = Arc::new(Rules { config, credentials });
        let outbound = Outbound::default();
        let broker = |shard: usize| {
            let shard_seed = seed.wrapping_add(shard as u64);
            let keeping = Keeping {
                histories: rules.config.history.as_slice().into(),
                memory: rules.config.history_memory / SHARDS,
                seed: shard_seed,
            };
            let local = LocalCluster::keeping(keeping);
            let delay = delay(fastrand::Rng::with_seed(shard_seed), lateness);
            let cluster = LateCluster::new(local, delay, outbound.as_of());
            Broker::new(rules.clone(), cluster)
        };
        let grace = Duration::from_secs(rules.config.presence_grace);
        let host = NodeHost {
            now: Duration::ZERO,
            brokers: (0..SHARDS).map(broker).collect(),
            users: Users::default(),
            webhooks: Webhooks::new(&rules.config.webhooks, grace),
            rules,
        };
        Self { host, connections: BTreeMap::new(), outbound }
    }

    /// A client is connected, under an id that no other has; `echolite` is that parameter of its URL.
    pub fn open(&mut self, now: Duration, id: SocketId, echolite: Option<&str>) {
        self.host.now = now;
        let dialect = Dialect::asked_for(echolite);
        let (session, effects) = Session::open(id, dialect, self.host.rules.clone(), now);
        let mailbox = self.outbound.mailbox(id);
        self.connections.insert(id, Connection { session, mailbox });
        self.perform(id, |_| effects);
    }

    /// A text message of a client; nothing when it is not connected.
    pub fn text(&mut self, now: Duration, id: SocketId, text: &str) {
        self.host.now = now;
        self.perform(id, |session| session.on_text(now, text));
    }

    /// A client is gone.
    pub fn close(&mut self, now: Duration, id: SocketId) {
        self.host.now = now;
        if let Some(Connection { session, mailbox }) = self.connections.remove(&id) {
            broker::leave(&mut self.host, &session, &mailbox);
        }
    }

    /// Publishes an event; `data` is a JSON string, as the HTTP API takes it.
    pub fn publish(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        (event, data): (&str, &Arc<RawValue>),
        except: Option<SocketId>,
    ) -> Published {
        self.host.now = now;
        let event = PreparedEvent::new(channel, (event, data), except);
        let shard = self.host.shard(channel);
        let outcome = self.host.brokers[shard].publish(now, &event);
        self.host.settle(outcome);
        let broker = &self.host.brokers[shard];
        let offset = broker.history(channel).map(|(position, _)| position.offset);
        Published { sequence: broker.last_decision(), offset }
    }

    /// Events may be lost from now on, until [`Self::mark_certain`].
    pub fn mark_uncertain(&mut self, now: Duration, reason: &str) {
        self.host.now = now;
        let (_, outcomes) = broker::mark_uncertain(&mut self.host.all(), now, reason);
        let refused = outcomes.into_iter().flat_map(|outcome| self.host.settle(outcome)).collect();
        self.refuse(refused);
    }

    /// Every event comes again.
    pub fn mark_certain(&mut self, now: Duration) {
        self.host.now = now;
        let outcomes = broker::mark_certain(&mut self.host.all(), now);
        let refused = outcomes.into_iter().flat_map(|outcome| self.host.settle(outcome)).collect();
        self.refuse(refused);
    }

    /// Pings who is silent, closes who does not answer, and does what else is due.
    pub fn on_time(&mut self, now: Duration) {
        self.host.now = now;
        let due = self.connections.iter().filter(|(_, found)| found.session.deadline() <= now);
        for id in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.perform(id, |session| session.on_time(now));
        }
        let refused = self.host.on_time();
        self.refuse(refused);
    }

    /// When [`Self::on_time`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let sessions = self.connections.values().map(|found| found.session.deadline());
        sessions.chain(self.host.deadline()).min()
    }

    /// The next thing to send.
    pub fn poll(&mut self) -> Option<Outgoing> {
        self.outbound.poll()
    }

    /// Does what a session asks for; a connection that is closed by it is gone at once.
    fn perform(&mut self, id: SocketId, effects: impl FnOnce(&mut Session) -> Vec<Effect>) {
        let Some(Connection { session, mailbox }) = self.connections.get_mut(&id) else { return };
        let effects = effects(session);
        broker::perform(&mut self.host, session, mailbox, effects);
        if mailbox.is_closed() {
            self.close(self.host.now, id);
        }
    }

    /// Tells sessions that the channels are full which they wanted to join.
    fn refuse(&mut self, refused: Vec<Refused>) {
        for Refused { socket, channel } in refused {
            self.perform(socket, |session| vec![session.on_full(&channel)]);
        }
    }
}

/// One answer of two comes at once, the others within this time.
fn delay(mut random: fastrand::Rng, lateness: Duration) -> Delay {
    let most = lateness.as_millis() as u64;
    Box::new(move |_: &Ask<'_>| {
        let late = most > 0 && random.bool();
        Duration::from_millis(if late { random.u64(1..=most) } else { 0 })
    })
}
