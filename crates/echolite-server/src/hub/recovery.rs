//! Positions and recovery: what a hub keeps of its channels' events, and who may have it again.
//!
//! A position vouches for a channel's events while its epoch lasts. So whatever forgets how far a
//! channel was must end the epoch: a forgotten history begins again under a new one.

use super::history::{History, HistoryEpoch, HistoryUsage, Limits};
use super::{Channel, Hub, Subscriber};
use crate::config::HistoryConfig;
use crate::dialect::Dialect;
use crate::socket_id::SocketId;
use echolite_protocol::ChannelName;
use echolite_protocol::extension::{Position, SubscriptionPosition};
use indexmap::IndexMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a channel's position is known after its last event and its last subscriber, so that who
/// comes back to a quiet channel is told that nothing was missed.
const POSITION_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What a hub keeps of events, and where its epochs begin.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    /// The first that covers a channel is its history.
    pub(crate) histories: Arc<[HistoryConfig]>,
    /// The most bytes of all channels' history.
    pub(crate) memory: usize,
    /// Random: no other hub, of this server or of one before, has the same.
    pub(crate) seed: u64,
}

/// Histories of all channels: what they take, and whether they can be trusted.
#[derive(Debug, Default)]
pub(super) struct Histories {
    keeping: Keeping,
    promise: Promise,
    begun: u64,
    held: HistoryUsage,
    /// Beyond the memory, how much may be held until room is made again: what subscribed channels
    /// take cannot be freed, and must not be looked for with each event.
    excess: usize,
}

/// Whether every event reaches the hub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Promise {
    #[default]
    Certain,
    /// Some may not, for this reason: nothing is numbered and nothing kept.
    Uncertain(Arc<str>),
}

/// Where a client says that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recover {
    pub(crate) position: Position,
    /// How many bytes its connection can take.
    pub(crate) room: usize,
}

/// Where a subscription begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Beginning<H> {
    /// Where the channel is, if it keeps history.
    pub(crate) position: Option<Position>,
    /// Whether what was missed is there.
    pub(crate) replay: Replay<H>,
    /// Why delivery is uncertain, if it is.
    pub(crate) uncertain: Option<Arc<str>>,
}

/// What was missed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Replay<H> {
    /// Nobody asked.
    NotAsked,
    /// These events, all of them, in order.
    Covered(Vec<H>),
    /// Not known, or no longer there, or more than the connection can take.
    NotCovered,
}

/// What a subscriber is sent of an event that was numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// The event alone.
    Plain,
    /// The event with its offset.
    Numbered,
    /// The offset alone: it caused the event, and must not take it for missed.
    Position,
}

impl<H> Beginning<H> {
    /// What the confirmation says of it.
    pub(crate) fn position(&self) -> SubscriptionPosition {
        let recovered = match self.replay {
            Replay::NotAsked => None,
            Replay::Covered(_) => Some(true),
            Replay::NotCovered => Some(false),
        };
        SubscriptionPosition { position: self.position.clone(), recovered }
    }
}

impl<R, E: Clone, H: Clone> Hub<R, E, H> {
    /// A hub whose channels keep history.
    pub(crate) fn keeping(keeping: Keeping) -> Self {
        Self { histories: Histories { keeping, ..Histories::default() }, ..Self::default() }
    }

    /// Numbers a published event and keeps it, if its channel keeps history; gives number and event.
    ///
    /// `bytes` is what the event takes. Client events must not come here: what a client says is not
    /// the channel's history.
    pub(crate) fn record(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        bytes: usize,
        encode: impl FnOnce(u64) -> H,
    ) -> Option<(u64, H)> {
        self.histories.limits(channel)?;
        self.sweep(now);
        let recorded =
            self.change_history(now, channel, |history| history.push(now, bytes, encode));
        self.make_room();
        recorded
    }

    /// Where a subscription stands that was made under the same lock, and what its client missed.
    pub(crate) fn begin(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        recover: Option<&Recover>,
    ) -> Beginning<H> {
        self.sweep(now);
        let uncertain = self.histories.uncertain();
        let begun = self.change_history(now, channel, |history| {
            history.used = now;
            history.trim(now);
            let missed = |asked: &Recover| {
                history.after(&asked.position).filter(|(_, bytes)| *bytes <= asked.room)
            };
            (history.position(), recover.and_then(missed).map(|(events, _)| events))
        });
        self.make_room();
        let (position, missed) = begun.map_or((None, None), |(at, missed)| (Some(at), missed));
        let replay = match (recover, missed) {
            (None, _) => Replay::NotAsked,
            (Some(_), Some(missed)) => Replay::Covered(missed),
            (Some(_), None) => Replay::NotCovered,
        };
        Beginning { position, replay, uncertain }
    }

    /// Where a channel is, and what is held of it, if it keeps history and has any.
    pub(crate) fn history(&self, channel: &ChannelName) -> Option<(Position, HistoryUsage)> {
        let history = self.channels.get(channel.as_str())?.history.as_ref()?;
        Some((history.position(), history.held()))
    }

    /// What is held of all channels.
    pub(crate) fn held(&self) -> HistoryUsage {
        self.histories.held
    }

    /// Events may be lost from now on: no positions, no recovery, until [`Self::mark_certain`] is called.
    /// All histories and last events are forgotten, so that nobody is ever told that they cover this time.
    pub(crate) fn mark_uncertain(&mut self, reason: &Arc<str>) {
        self.histories.promise = Promise::Uncertain(reason.clone());
        self.histories.held = HistoryUsage::default();
        self.forget(|entry| {
            entry.history = None;
            entry.last_event = None;
        });
    }

    fn forget(&mut self, what: impl Fn(&mut Channel<R, E, H>)) {
        self.channels.retain(|_, entry| {
            what(entry);
            !entry.is_empty()
        });
    }

    /// Every event comes again. Gives the new epochs of channels that somebody follows, to be told
    /// before anything else is published.
    pub(crate) fn mark_certain(&mut self, now: Duration) -> Vec<(ChannelName, Position)> {
        if std::mem::take(&mut self.histories.promise) == Promise::Certain {
            return vec![];
        }
        // those that came meanwhile need not have been the last
        self.forget(|entry| entry.last_event = None);
        let channels = self.channels.iter();
        let followed = channels.filter(|(_, entry)| followers(&entry.subscribers).next().is_some());
        let followed: Vec<_> = followed.map(|(channel, _)| channel.clone()).collect();
        let position = |channel: ChannelName| {
            let position = self.change_history(now, &channel, |history| history.position())?;
            Some((channel, position))
        };
        followed.into_iter().filter_map(position).collect()
    }

    /// What each subscriber of a channel is sent when an event was numbered, but for the one whom it
    /// came from and who asked for no positions.
    pub(crate) fn shares(
        &self,
        channel: &ChannelName,
        except: Option<SocketId>,
    ) -> impl Iterator<Item = (&R, Share)> {
        let subscribers = self.channels.get(channel.as_str()).map(|entry| &entry.subscribers);
        subscribers.into_iter().flatten().filter_map(move |(id, subscriber)| {
            let share = match (subscriber.dialect, Some(*id) == except) {
                (Dialect::Pusher, true) => return None,
                (Dialect::Pusher, false) => Share::Plain,
                (Dialect::Echolite, true) => Share::Position,
                (Dialect::Echolite, false) => Share::Numbered,
            };
            Some((&subscriber.recipient, share))
        })
    }

    /// Everybody who asked for positions on a channel.
    pub(crate) fn followers(&self, channel: &ChannelName) -> impl Iterator<Item = &R> {
        let entry = self.channels.get(channel.as_str());
        entry.into_iter().flat_map(|entry| followers(&entry.subscribers))
    }

    /// Everybody who asked for positions, once a subscription.
    pub(crate) fn all_followers(&self) -> impl Iterator<Item = &R> {
        self.channels.values().flat_map(|entry| followers(&entry.subscribers))
    }

    /// Changes a channel's history, which begins if there is none; `None` where none is kept.
    fn change_history<T>(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        change: impl FnOnce(&mut History<H>) -> T,
    ) -> Option<T> {
        let Self { channels, histories, .. } = self;
        let limits = histories.limits(channel)?;
        let entry = match channels.get_mut(channel.as_str()) {
            Some(entry) => entry,
            None => channels.entry(channel.clone()).or_default(),
        };
        let history = match &mut entry.history {
            Some(history) => {
                histories.held -= history.held();
                history
            }
            none => {
                histories.begun += 1;
                let epoch = HistoryEpoch { hub: histories.keeping.seed, number: histories.begun };
                none.insert(History::new(epoch, limits, now))
            }
        };
        let changed = change(history);
        histories.held += history.held();
        Some(changed)
    }

    /// Over the memory, forgets the histories that were not used for longest, an eighth of all.
    ///
    /// Where somebody is subscribed only the events are forgotten: live events go on in the epoch
    /// that the subscriber knows.
    fn make_room(&mut self) {
        let memory = self.histories.keeping.memory;
        if self.histories.held.bytes <= memory + self.histories.excess {
            return;
        }
        let target = memory - memory / 8;
        let used = |(name, entry): (&ChannelName, &Channel<R, E, H>)| {
            Some((entry.history.as_ref()?.used, name.clone()))
        };
        let mut oldest: Vec<_> = self.channels.iter().filter_map(used).collect();
        oldest.sort_unstable();
        for (_, name) in oldest {
            if self.histories.held.bytes <= target {
                break;
            }
            let Some(entry) = self.channels.get_mut(name.as_str()) else { continue };
            entry.forget_events(&mut self.histories.held);
            self.forget_if_empty(&name);
        }
        let left = self.histories.held.bytes;
        self.histories.excess = (left + memory / 8).saturating_sub(memory);
    }
}

impl Histories {
    /// What a channel's history may take, if it keeps one. None does while delivery is uncertain.
    fn limits(&self, channel: &ChannelName) -> Option<Limits> {
        match self.promise {
            Promise::Certain => {
                let mut histories = self.keeping.histories.iter();
                histories.find(|history| history.covers(channel.as_str())).map(Limits::from)
            }
            Promise::Uncertain(_) => None,
        }
    }

    fn uncertain(&self) -> Option<Arc<str>> {
        match &self.promise {
            Promise::Certain => None,
            Promise::Uncertain(reason) => Some(reason.clone()),
        }
    }

    /// What could not be freed before may be free by now.
    pub(super) fn expect_room(&mut self) {
        self.excess = 0;
    }

    /// Whether something is held that will have to be forgotten.
    pub(super) fn ages(&self) -> bool {
        self.held.channels > 0
    }
}

impl<R, E, H> Channel<R, E, H> {
    /// Forgets events that are too old, and the position when nobody was here for long.
    pub(super) fn age(&mut self, now: Duration, histories: &mut Histories) {
        let Some(history) = &mut self.history else { return };
        histories.held -= history.held();
        history.trim(now);
        let over = history.is_empty() && self.subscribers.is_empty();
        self.history.take_if(|history| over && now.saturating_sub(history.used) >= POSITION_TIME);
        if let Some(history) = &self.history {
            histories.held += history.held();
        }
    }

    /// Forgets the events and, where nobody is subscribed, the position too.
    fn forget_events(&mut self, held: &mut HistoryUsage) {
        let Some(history) = &mut self.history else { return };
        *held -= history.held();
        history.clear();
        if self.subscribers.is_empty() {
            self.history = None;
        } else {
            *held += history.held();
        }
    }
}

fn followers<R>(subscribers: &IndexMap<SocketId, Subscriber<R>>) -> impl Iterator<Item = &R> {
    let followers = subscribers.values().filter(|found| found.dialect == Dialect::Echolite);
    followers.map(|found| &found.recipient)
}

#[cfg(test)]
mod tests;
