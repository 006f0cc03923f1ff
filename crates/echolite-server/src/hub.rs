//! Who is subscribed to what, and who therefore gets an event. Pure: no lock, no clock, no I/O.
//!
//! `R` is whatever stands for a recipient, `E` for a channel's last event, and `H` for an event with its
//! place in the channel's history; the hub keeps them and hands them out, and knows nothing of them.

mod history;
mod later;
mod members;
mod recovery;

pub(crate) use history::HistoryUsage;
pub(crate) use later::Due;
pub(crate) use recovery::{Keeping, Recover, Replay, Share};

use crate::dialect::Dialect;
use crate::socket_id::SocketId;
use crate::timers::Timers;
use echolite_protocol::{ChannelName, Member, Stream};
use history::History;
use indexmap::IndexMap;
use later::Later;
use members::Members;
use recovery::Histories;
use std::sync::Arc;
use std::time::Duration;

/// How long the last event of a cache channel is kept. Pusher documents 30 minutes.
pub(crate) const CACHE_TIME: Duration = Duration::from_secs(30 * 60);
/// How often events that nobody may see any more are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Channels and their subscribers.
#[derive(Debug)]
pub(crate) struct Hub<R, E, H = E> {
    channels: IndexMap<ChannelName, Channel<R, E, H>>,
    histories: Histories,
    later: Timers<Later>,
    next_sweep: Duration,
}

#[derive(Debug)]
struct Channel<R, E, H> {
    subscribers: IndexMap<SocketId, Subscriber<R>>,
    members: Members,
    last_event: Option<Kept<E>>,
    history: Option<History<H>>,
    /// How many subscribers there are will be told later.
    count_waits: bool,
}

/// A connection that wants to be subscribed, or is.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber<R> {
    pub(crate) recipient: R,
    /// Who it is, on presence channels.
    pub(crate) member: Option<Arc<Member>>,
    /// Whether it wants to know positions.
    pub(crate) dialect: Dialect,
}

#[derive(Debug)]
struct Kept<E> {
    event: E,
    until: Duration,
}

/// What a subscription did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Subscribed<E> {
    /// The channel had no subscriber before.
    pub(crate) occupied: bool,
    /// How many it has now.
    pub(crate) count: usize,
    /// The channel's last event, for `cache` channels.
    pub(crate) last_event: Option<E>,
    /// The connection's user was not there before.
    pub(crate) arrived: bool,
}

/// A presence channel has as many members as it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// What the end of a subscription did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsubscribed {
    /// The channel has no subscriber any more.
    pub(crate) vacated: bool,
    /// How many it has now.
    pub(crate) count: usize,
    /// The user who is gone by it.
    pub(crate) departed: Option<String>,
}

impl<R, E, H> Default for Hub<R, E, H> {
    fn default() -> Self {
        Self {
            channels: IndexMap::new(),
            histories: Histories::default(),
            later: Timers::default(),
            next_sweep: SWEEP_INTERVAL,
        }
    }
}

impl<R, E: Clone, H: Clone> Hub<R, E, H> {
    /// Subscribes a connection. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`Full`] when it would be a member more than `most_members`.
    pub(crate) fn subscribe(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        (socket, subscriber): (SocketId, Subscriber<R>),
        most_members: usize,
    ) -> Result<Subscribed<E>, Full> {
        let entry = match self.channels.get_mut(channel.as_str()) {
            Some(entry) => entry,
            None => self.channels.entry(channel.clone()).or_default(),
        };
        let occupied = entry.subscribers.is_empty();
        let mut arrived = false;
        if !entry.subscribers.contains_key(&socket) {
            if let Some(member) = &subscriber.member {
                arrived = entry.members.join(now, member, most_members)?;
            }
            entry.subscribers.insert(socket, subscriber);
        }
        let last_event = entry.last_event(now).cloned();
        Ok(Subscribed { occupied, count: entry.subscribers.len(), last_event, arrived })
    }

    /// Ends a subscription; `None` when there was none. A member may return within the grace time,
    /// and is not gone until then; with zero it is gone at once.
    pub(crate) fn unsubscribe(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        socket: SocketId,
        grace: Duration,
    ) -> Option<Unsubscribed> {
        let entry = self.channels.get_mut(channel.as_str())?;
        let subscriber = entry.subscribers.swap_remove(&socket)?;
        let departed = subscriber.member.and_then(|member| {
            if let Some(until) = entry.members.leave(now, &member.user_id, grace) {
                self.later.add(until, Later::Return(channel.clone(), member.user_id.clone()));
            }
            entry.members.depart(now, &member.user_id)
        });
        if let Some(history) = &mut entry.history {
            history.used = now;
        }
        let count = entry.subscribers.len();
        self.forget_if_empty(channel);
        Some(Unsubscribed { vacated: count == 0, count, departed })
    }

    fn forget_if_empty(&mut self, channel: &ChannelName) {
        if self.channels.get(channel.as_str()).is_some_and(Channel::is_empty) {
            self.channels.swap_remove(channel.as_str());
        }
    }

    /// Everybody who gets an event of the channel, but for the one it came from.
    pub(crate) fn recipients(
        &self,
        channel: &ChannelName,
        except: Option<SocketId>,
    ) -> impl Iterator<Item = &R> {
        let subscribers = self.channels.get(channel.as_str()).map(|entry| &entry.subscribers);
        let others = subscribers.into_iter().flatten();
        let others = others.filter(move |(id, _)| Some(**id) != except);
        others.map(|(_, subscriber)| &subscriber.recipient)
    }

    /// Keeps a published event as the channel's last one, when it is a `cache` channel.
    ///
    /// It outlives the channel's subscribers, for [`CACHE_TIME`]. Client events must not come here:
    /// a whisper is not the channel's state.
    pub(crate) fn keep(&mut self, now: Duration, channel: &ChannelName, event: E) {
        if channel.stream() != Stream::Cache {
            return;
        }
        self.sweep(now);
        let entry = self.channels.entry(channel.clone()).or_default();
        entry.last_event = Some(Kept { event, until: now + CACHE_TIME });
    }

    /// The last event of a `cache` channel.
    #[must_use]
    pub(crate) fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&E> {
        self.channels.get(channel.as_str())?.last_event(now)
    }

    /// How many subscriptions a channel has.
    #[must_use]
    pub(crate) fn count(&self, channel: &ChannelName) -> usize {
        self.channels.get(channel.as_str()).map_or(0, |entry| entry.subscribers.len())
    }

    /// The members of a presence channel.
    pub(crate) fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Member> {
        self.channels.get(channel.as_str()).into_iter().flat_map(|entry| entry.members.iter())
    }

    /// The connections with which a user is a member of presence channels, once a channel.
    pub(crate) fn connections_of(&self, user_id: &str) -> impl Iterator<Item = &R> {
        let channels = self.channels.values().filter(|entry| entry.members.contains(user_id));
        let is_user = move |member: &Option<Arc<Member>>| {
            member.as_ref().is_some_and(|member| member.user_id == user_id)
        };
        let subscribers = channels.flat_map(|entry| entry.subscribers.values());
        subscribers.filter(move |found| is_user(&found.member)).map(|found| &found.recipient)
    }

    /// The channels with at least one subscriber: how many, and how many members.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = (&ChannelName, usize, usize)> {
        let channels = self.channels.iter();
        let counts =
            channels.map(|(name, entry)| (name, entry.subscribers.len(), entry.members.len()));
        counts.filter(|(_, subscribers, _)| *subscribers > 0)
    }

    /// Forgets last events and history that are over their time, and channels that hold nothing else.
    fn sweep(&mut self, now: Duration) {
        if now < self.next_sweep {
            return;
        }
        // A server that stops asks for what is due at the end of time.
        self.next_sweep = now.saturating_add(SWEEP_INTERVAL);
        let Self { channels, histories, .. } = self;
        histories.expect_room();
        channels.retain(|_, entry| {
            entry.last_event.take_if(|kept| kept.until <= now);
            entry.age(now, histories);
            !entry.is_empty()
        });
    }
}

impl<R, E, H> Channel<R, E, H> {
    /// Whether it holds nothing.
    fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
            && self.members.len() == 0
            && self.last_event.is_none()
            && self.history.is_none()
    }

    fn last_event(&self, now: Duration) -> Option<&E> {
        self.last_event.as_ref().filter(|kept| now < kept.until).map(|kept| &kept.event)
    }
}

impl<R, E, H> Default for Channel<R, E, H> {
    fn default() -> Self {
        Self {
            subscribers: IndexMap::new(),
            members: Members::default(),
            last_event: None,
            history: None,
            count_waits: false,
        }
    }
}

#[cfg(test)]
mod tests;
