//! An application at run time: its connections, its hub, and publishing to them.

mod time;
mod users;

use crate::clock::Clock;
use crate::config::AppConfig;
use crate::hub::{Full, Hub, Subscriber};
use crate::session::Rules;
use crate::socket_id::SocketId;
use crate::stats::Stats;
use crate::transport::{Frame, Outbox};
use crate::users::Users;
use echolite_protocol::member::presence_data;
use echolite_protocol::{Access, ChannelName, Credentials, Member, server_frame};
use parking_lot::{Mutex, MutexGuard};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Channels are spread over this many hubs, each behind its own lock.
const SHARDS: usize = 16;

/// What a cache channel keeps of its last event: the frame and, for `info=cache`, the data.
pub(crate) type LastEvent = (Frame, Arc<RawValue>);
pub(crate) type AppHub = Hub<Arc<Outbox>, LastEvent>;

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
    pub(crate) fn new(config: AppConfig, stats: Arc<Stats>) -> Self {
        let credentials = Credentials::new(&config.key, config.secret.expose());
        Self {
            rules: Arc::new(Rules { config, credentials }),
            stats,
            started: Instant::now(),
            hashes: RandomState::new(),
            hubs: Default::default(),
            users: Mutex::default(),
            connections: Mutex::default(),
            clock: Clock::default(),
        }
    }

    pub(crate) fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    /// The time since this application was started: what hub and session call `now`.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The hub of a channel, locked. Whatever is queued under this lock is seen by every subscriber
    /// in the same order; so frames are encoded before it is taken.
    pub(crate) fn hub(&self, channel: &ChannelName) -> MutexGuard<'_, AppHub> {
        let shard = self.hashes.hash_one(channel) as usize % SHARDS;
        self.hubs[shard].lock()
    }

    /// Every hub in turn, locked.
    pub(crate) fn hubs(&self) -> impl Iterator<Item = MutexGuard<'_, AppHub>> {
        self.hubs.iter().map(Mutex::lock)
    }

    /// Publishes an event: one frame a channel, encoded once for all its subscribers.
    pub(crate) fn publish(&self, event: &Publication) {
        for channel in &event.channels {
            let frame = server_frame::event(channel.as_str(), &event.name, &event.data);
            let frame = Frame::text(&frame);
            let mut hub = self.hub(channel);
            hub.keep(self.now(), channel, (frame.clone(), event.data.clone()));
            let deliveries = deliver(&hub, channel, &frame, event.except);
            drop(hub);
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

    /// Subscribes a connection, and queues the answer before any later event.
    ///
    /// # Errors
    /// [`Full`] when a presence channel has as many members as it may.
    pub(crate) fn subscribe(
        &self,
        channel: &ChannelName,
        member: Option<Arc<Member>>,
        id: SocketId,
        outbox: &Arc<Outbox>,
    ) -> Result<(), Full> {
        let name = channel.as_str();
        let added = member.as_ref().map(|member| {
            let info = member.user_info.as_deref();
            Frame::text(&server_frame::member_added(name, &member.user_id, info))
        });
        let succeeded = match added {
            None => Some(Frame::text(&server_frame::subscription_succeeded(name, "{}"))),
            Some(_) => None,
        };
        let cached = channel.stream() == echolite_protocol::Stream::Cache;
        let miss = cached.then(|| Frame::text(&server_frame::cache_miss(name)));
        let most = self.config().limits.presence_members;
        let subscriber = Subscriber { recipient: outbox.clone(), member };
        let mut hub = self.hub(channel);
        let joined = hub.subscribe(self.now(), channel, (id, subscriber), most)?;
        // Who is there is known only under the lock, and must be told before who comes next.
        outbox.push(succeeded.unwrap_or_else(|| who_is_there(&hub, channel)));
        if let Some(frame) = joined.last_event.map(|(frame, _)| frame).or(miss) {
            outbox.push(frame);
        }
        if let Some(added) = added {
            if joined.arrived {
                deliver(&hub, channel, &added, Some(id));
            }
        } else {
            self.count_changed(&mut hub, channel);
        }
        Ok(())
    }

    /// Ends a subscription that its client asked to end.
    pub(crate) fn unsubscribe(&self, channel: &ChannelName, id: SocketId) {
        self.end_subscription(channel, id, Duration::ZERO);
    }

    /// Ends everything of a connection that is gone. With `for_good` it will not return; else it is
    /// missed only after the grace time.
    pub(crate) fn leave<'a>(
        &self,
        channels: impl Iterator<Item = &'a ChannelName>,
        id: SocketId,
        for_good: bool,
    ) {
        let grace = if for_good { 0 } else { self.config().presence_grace };
        let grace = Duration::from_secs(grace);
        channels.for_each(|channel| self.end_subscription(channel, id, grace));
        self.sign_out(id, grace);
        if self.connections.lock().remove(&id).is_some() {
            self.stats.connections_closed.add(1);
        }
        self.clock.ring();
    }

    fn end_subscription(&self, channel: &ChannelName, id: SocketId, grace: Duration) {
        let mut hub = self.hub(channel);
        let Some(left) = hub.unsubscribe(self.now(), channel, id, grace) else { return };
        if let Some(user) = left.departed {
            let removed = Frame::text(&server_frame::member_removed(channel.as_str(), &user));
            deliver(&hub, channel, &removed, None);
        }
        if channel.access() != Access::Presence {
            self.count_changed(&mut hub, channel);
        }
    }

    /// A subscriber came or went: tells the others how many they are, now or later.
    fn count_changed(&self, hub: &mut AppHub, channel: &ChannelName) {
        if !self.config().subscription_count {
            return;
        }
        match hub.count_to_tell(self.now(), channel) {
            Some(count) => tell_count(hub, channel, count),
            None => self.clock.ring(),
        }
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

/// A presence channel's `subscription_succeeded`.
fn who_is_there(hub: &AppHub, channel: &ChannelName) -> Frame {
    let members = hub.members(channel);
    let members = members.map(|member| (member.user_id.as_str(), member.user_info.as_deref()));
    let data = presence_data(members);
    Frame::text(&server_frame::subscription_succeeded(channel.as_str(), &data))
}

fn tell_count(hub: &AppHub, channel: &ChannelName, count: usize) {
    let frame = Frame::text(&server_frame::subscription_count(channel.as_str(), count));
    deliver(hub, channel, &frame, None);
}
