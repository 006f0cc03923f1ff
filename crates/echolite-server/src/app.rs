//! An application at run time: its connections, its hub, and publishing to them.

mod history;
mod subscriptions;
mod time;
mod users;
mod webhooks;

use crate::clock::Clock;
use crate::config::{AppConfig, ConfigError};
use crate::delivery::{Frame, Outbox};
use crate::hub::Hub;
use crate::session::Rules;
use crate::shards::SHARDS;
use crate::socket_id::SocketId;
use crate::stats::Stats;
use crate::users::Users;
use crate::webhooks::Webhooks;
use echolite_protocol::{ChannelName, Credentials, Member, extension, server_frame};
use history::Forms;
use parking_lot::{Mutex, MutexGuard};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a cache channel keeps of its last event: the frame and, for `info=cache`, the data.
pub(crate) type LastEvent = (Frame, Arc<RawValue>);
pub(crate) type AppHub = Hub<Arc<Outbox>, LastEvent, Frame>;

pub(crate) use subscriptions::Joining;

/// An application at run time.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) rules: Arc<Rules>,
    pub(crate) stats: Arc<Stats>,
    started: Instant,
    hashes: RandomState,
    hubs: [Mutex<AppHub>; SHARDS],
    users: Mutex<Users<Arc<Outbox>>>,
    connections: Mutex<HashMap<SocketId, Arc<Outbox>>>,
    webhooks: Mutex<Webhooks>,
    #[cfg(feature = "http-client")]
    sender: Option<crate::webhooks::Sender>,
    clock: Clock,
}

/// An event to publish.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) name: String,
    /// A JSON string, as it came: its escapes are kept.
    pub(crate) data: Arc<RawValue>,
    pub(crate) channels: Vec<ChannelName>,
    pub(crate) except: Option<SocketId>,
}

impl App {
    /// # Errors
    /// When there is no HTTP client for its webhooks.
    pub(crate) fn new(config: AppConfig, stats: Arc<Stats>) -> Result<Self, ConfigError> {
        let credentials = Credentials::new(&config.key, config.secret.expose());
        let grace = Duration::from_secs(config.presence_grace);
        Ok(Self {
            stats,
            started: Instant::now(),
            hashes: RandomState::new(),
            hubs: history::hubs(&config),
            users: Mutex::default(),
            connections: Mutex::default(),
            webhooks: Mutex::new(Webhooks::new(&config.webhooks, grace)),
            #[cfg(feature = "http-client")]
            sender: match &config.webhooks[..] {
                [] => None,
                hooks => Some(crate::webhooks::Sender::new(hooks, credentials.clone())?),
            },
            clock: Clock::default(),
            rules: Arc::new(Rules { config, credentials }),
        })
    }

    pub(crate) fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    /// The time since this application was started: what hub and session call `now`.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The hub of a channel, locked. Whatever is queued under this lock is seen by every subscriber
    /// in the same order; so frames are encoded before it is taken, but for those that say what is known
    /// only under it.
    pub(crate) fn hub(&self, channel: &ChannelName) -> MutexGuard<'_, AppHub> {
        let shard = self.hashes.hash_one(channel) as usize % SHARDS;
        self.hubs[shard].lock()
    }

    /// Every hub in turn, locked.
    pub(crate) fn hubs(&self) -> impl Iterator<Item = MutexGuard<'_, AppHub>> {
        self.hubs.iter().map(Mutex::lock)
    }

    /// Publishes an event: one frame a channel, encoded once for all its subscribers, and once more
    /// with its offset where the channel keeps history.
    pub(crate) fn publish(&self, event: &Publication) {
        for channel in &event.channels {
            let name = channel.as_str();
            let plain = Frame::text(&server_frame::event(name, &event.name, &event.data));
            let at =
                |offset| Frame::text(&extension::event(name, &event.name, &event.data, offset));
            let mut hub = self.hub(channel);
            let (now, deadline) = (self.now(), hub.deadline());
            hub.keep(now, channel, (plain.clone(), event.data.clone()));
            let numbered = hub.record(now, channel, plain.len(), at);
            let deliveries = Forms { plain, numbered }.deliver(&hub, channel, event.except);
            let wakes = hub.deadline() != deadline;
            drop(hub);
            if wakes {
                self.clock.wake();
            }
            self.stats.events_published.add(1);
            self.stats.deliveries.add(deliveries);
        }
    }

    /// Sends a client event to the channel's other subscribers.
    pub(crate) fn relay(&self, channel: &ChannelName, frame: &str, from: SocketId) {
        let frame = Frame::text(frame);
        let deliveries = deliver(&self.hub(channel), channel, &frame, Some(from));
        self.stats.deliveries.add(deliveries);
    }

    /// The members of a presence channel.
    pub(crate) fn members(&self, channel: &ChannelName) -> Vec<Member> {
        self.hub(channel).members(channel).cloned().collect()
    }

    /// Adds a connection under a new id; `None` when the quota is used up.
    pub(crate) fn open_connection(self: &Arc<Self>, outbox: &Arc<Outbox>) -> Option<SocketId> {
        let mut connections = self.connections.lock();
        let most = self.config().max_connections.unwrap_or(usize::MAX);
        if connections.len() >= most {
            return None;
        }
        let new = std::iter::repeat_with(|| SocketId::from_random(fastrand::u64(..)));
        let id = new.into_iter().find(|id| !connections.contains_key(id))?;
        connections.insert(id, outbox.clone());
        self.stats.connections_opened.add(1);
        self.clock.start(self);
        Some(id)
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.connections.lock().len()
    }

    /// The queues of all connections.
    pub(crate) fn outboxes(&self) -> Vec<Arc<Outbox>> {
        self.connections.lock().values().cloned().collect()
    }
}

fn deliver(hub: &AppHub, channel: &ChannelName, frame: &Frame, except: Option<SocketId>) -> u64 {
    deliver_to(hub.recipients(channel, except), frame)
}

fn deliver_to<'a>(outboxes: impl Iterator<Item = &'a Arc<Outbox>>, frame: &Frame) -> u64 {
    let mut deliveries = 0;
    for outbox in outboxes {
        outbox.push(frame.clone());
        deliveries += 1;
    }
    deliveries
}
