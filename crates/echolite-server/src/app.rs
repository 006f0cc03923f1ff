//! An application at run time: its connections, its brokers, and the locks of both.

mod all_brokers;
mod host;
mod locks;
mod publication;
mod publish;
mod time;
mod webhooks;

pub(crate) use publication::Publication;

use crate::broker::Broker;
use crate::clock::Clock;
use crate::cluster::{Keeping, LocalCluster};
use crate::config::{AppConfig, ConfigError};
use crate::delivery::Outbox;
use crate::session::Rules;
use crate::shards::SHARDS;
use crate::socket_id::SocketId;
use crate::stats::Stats;
use crate::users::Users;
use crate::webhooks::Webhooks;
use echolite_protocol::{CloseCode, Credentials};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::{Duration, Instant};

type AppBroker = Broker<Arc<Outbox>>;

/// The connections of an application.
#[derive(Debug, Default)]
struct Connections {
    open: HashMap<SocketId, Arc<Outbox>>,
    /// Nobody is admitted any more.
    closing: bool,
}

/// An application at run time.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) rules: Arc<Rules>,
    pub(crate) stats: Arc<Stats>,
    started: Instant,
    hashes: RandomState,
    brokers: [Mutex<AppBroker>; SHARDS],
    users: Mutex<Users<Arc<Outbox>>>,
    connections: Mutex<Connections>,
    webhooks: Mutex<Webhooks>,
    #[cfg(feature = "http-client")]
    sender: Option<crate::webhooks::Sender>,
    clock: Clock,
}

impl App {
    /// # Errors
    /// When there is no HTTP client for its webhooks.
    pub(crate) fn new(config: AppConfig, stats: Arc<Stats>) -> Result<Self, ConfigError> {
        let credentials = Credentials::new(&config.key, config.secret.expose());
        let rules = Arc::new(Rules { config, credentials });
        let config = &rules.config;
        let grace = Duration::from_secs(config.presence_grace);
        Ok(Self {
            stats,
            started: Instant::now(),
            hashes: RandomState::new(),
            brokers: brokers(&rules),
            users: Mutex::default(),
            connections: Mutex::default(),
            webhooks: Mutex::new(Webhooks::new(&config.webhooks, grace)),
            #[cfg(feature = "http-client")]
            sender: match &config.webhooks[..] {
                [] => None,
                hooks => Some(crate::webhooks::Sender::new(hooks, rules.credentials.clone())?),
            },
            clock: Clock::default(),
            rules,
        })
    }

    pub(crate) fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    /// The time since this application was started: what brokers and sessions call `now`.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Adds a connection under a new id.
    ///
    /// # Errors
    /// The close code: 4100 when the quota is used up, so that the client tries again after a pause (4004 would end it,
    /// though places get free), and 4200 when the server stops.
    pub(crate) fn open_connection(
        self: &Arc<Self>,
        outbox: &Arc<Outbox>,
    ) -> Result<SocketId, CloseCode> {
        let mut connections = self.connections.lock();
        if connections.closing {
            return Err(CloseCode::Reconnect);
        }
        let open = &mut connections.open;
        if open.len() >= self.config().max_connections.unwrap_or(usize::MAX) {
            return Err(CloseCode::OverCapacity);
        }
        let mut id = SocketId::from_random(fastrand::u64(..));
        while open.contains_key(&id) {
            id = SocketId::from_random(fastrand::u64(..));
        }
        open.insert(id, outbox.clone());
        self.stats.connections_opened.add(1);
        self.clock.start(self);
        Ok(id)
    }

    /// Removes a connection that is gone.
    pub(crate) fn close_connection(&self, id: SocketId) {
        if self.connections.lock().open.remove(&id).is_some() {
            self.stats.connections_closed.add(1);
        }
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.connections.lock().open.len()
    }

    /// Admits nobody any more, and gives the queues of all who were admitted: none comes between.
    pub(crate) fn stop_admitting(&self) -> Vec<Arc<Outbox>> {
        let mut connections = self.connections.lock();
        connections.closing = true;
        connections.open.values().cloned().collect()
    }
}

/// The brokers of an application, which divide the memory for history among them.
fn brokers(rules: &Arc<Rules>) -> [Mutex<AppBroker>; SHARDS] {
    let histories: Arc<[_]> = rules.config.history.as_slice().into();
    let memory = rules.config.history_memory / SHARDS;
    std::array::from_fn(|_| {
        let keeping = Keeping { histories: histories.clone(), memory, seed: fastrand::u64(..) };
        Mutex::new(Broker::new(rules.clone(), LocalCluster::keeping(keeping)))
    })
}
