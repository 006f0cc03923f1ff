//! The channels of a node alone: their members, last events and histories.
//!
//! `E` is whatever stands for a channel's last event, and `H` for an event with its place in the
//! channel's history; they are kept and handed out, and not looked into.

use super::channel::{Channel, Kept};
use super::histories::{Histories, Keeping};
use super::members::Full;
use crate::cluster::event::LastEvent;
use crate::delivery::Frame;
use crate::timers::Timers;
use echolite_protocol::{ChannelName, Member, Stream};
use indexmap::IndexMap;
use std::sync::Arc;
use std::time::Duration;

/// How long the last event of a cache channel is kept. Pusher documents 30 minutes.
pub(super) const CACHE_TIME: Duration = Duration::from_secs(30 * 60);
/// How often events that nobody may see any more are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Channels, with what is kept of them.
#[derive(Debug)]
pub(crate) struct LocalCluster<E = LastEvent, H = Frame> {
    pub(super) channels: IndexMap<ChannelName, Channel<E, H>>,
    pub(super) histories: Histories,
    pub(super) departures: Timers<(ChannelName, String)>,
    pub(super) next_sweep: Duration,
    /// Counts decisions.
    pub(super) sequence: u64,
}

impl<E, H> Default for LocalCluster<E, H> {
    fn default() -> Self {
        Self {
            channels: IndexMap::new(),
            histories: Histories::default(),
            departures: Timers::default(),
            next_sweep: SWEEP_INTERVAL,
            sequence: 0,
        }
    }
}

impl<E: Clone, H: Clone> LocalCluster<E, H> {
    /// A cluster whose channels keep history.
    pub(crate) fn keeping(keeping: Keeping) -> Self {
        Self { histories: Histories::new(keeping), ..Self::default() }
    }

    /// Counts a subscription, and its member; whether the member's user was not there before.
    ///
    /// # Errors
    /// [`Full`] when it would be a member more than `most`.
    pub(super) fn join(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        member: Option<&Arc<Member>>,
        most: usize,
    ) -> Result<bool, Full> {
        let covered = self.histories.covers(channel);
        if member.is_none() && !covered {
            return Ok(false);
        }
        let entry = self.entry(channel);
        let joined = member.map_or(Ok(false), |member| entry.members.join(now, member, most));
        match joined {
            Ok(_) => entry.references += usize::from(covered),
            Err(Full) => self.forget_if_empty(channel),
        }
        joined
    }

    /// Ends what [`Self::join`] counted; the user who is gone by it. One who may return within the
    /// grace time is not gone until then; with zero the user is gone at once.
    pub(super) fn leave(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        user_id: Option<&str>,
        grace: Duration,
    ) -> Option<String> {
        let covered = self.histories.covers(channel);
        let entry = self.channels.get_mut(channel.as_str())?;
        entry.references = entry.references.saturating_sub(usize::from(covered));
        let departed = user_id.and_then(|user_id| {
            if let Some(until) = entry.members.leave(now, user_id, grace) {
                self.departures.add(until, (channel.clone(), user_id.to_owned()));
            }
            entry.members.depart(now, user_id)
        });
        if let Some(history) = &mut entry.history {
            history.used = now;
        }
        self.forget_if_empty(channel);
        departed
    }

    /// A user whose grace time is over. Must be called at [`Self::deadline`] at the latest, until
    /// there is none.
    pub(super) fn next_departure(&mut self, now: Duration) -> Option<(ChannelName, String)> {
        if self.histories.ages() {
            self.sweep(now);
        }
        while let Some((channel, user_id)) = self.departures.pop_due(now) {
            let entry = self.channels.get_mut(channel.as_str());
            if let Some(user_id) = entry.and_then(|entry| entry.members.depart(now, &user_id)) {
                self.forget_if_empty(&channel);
                return Some((channel, user_id));
            }
        }
        None
    }

    /// When [`Self::next_departure`] has something to do.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let sweep = self.histories.ages().then_some(self.next_sweep);
        [self.departures.next(), sweep].into_iter().flatten().min()
    }

    /// Keeps a published event as the channel's last one, when it is a `cache` channel.
    ///
    /// It outlives the channel's subscribers, for [`CACHE_TIME`]. Client events must not come here:
    /// a whisper is not the channel's state.
    pub(super) fn keep(&mut self, now: Duration, channel: &ChannelName, event: impl FnOnce() -> E) {
        if channel.stream() != Stream::Cache {
            return;
        }
        self.sweep(now);
        let kept = Kept { event: event(), until: now + CACHE_TIME };
        self.entry(channel).last_event = Some(kept);
    }

    /// The last event of a `cache` channel.
    #[must_use]
    pub(crate) fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&E> {
        self.channels.get(channel.as_str())?.last_event(now)
    }

    /// The members of a presence channel.
    pub(crate) fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Arc<Member>> {
        self.channels.get(channel.as_str()).into_iter().flat_map(|entry| entry.members.iter())
    }

    /// How many members a presence channel has.
    pub(super) fn member_count(&self, channel: &ChannelName) -> usize {
        self.channels.get(channel.as_str()).map_or(0, |entry| entry.members.len())
    }

    /// Whether a user is a member of a presence channel.
    pub(super) fn is_member(&self, channel: &ChannelName, user_id: &str) -> bool {
        let entry = self.channels.get(channel.as_str());
        entry.is_some_and(|entry| entry.members.contains(user_id))
    }

    pub(super) fn entry(&mut self, channel: &ChannelName) -> &mut Channel<E, H> {
        if !self.channels.contains_key(channel.as_str()) {
            self.channels.insert(channel.clone(), Channel::default());
        }
        &mut self.channels[channel.as_str()]
    }

    pub(super) fn forget_if_empty(&mut self, channel: &ChannelName) {
        if self.channels.get(channel.as_str()).is_some_and(Channel::is_empty) {
            self.channels.swap_remove(channel.as_str());
        }
    }

    /// Forgets last events and history that are over their time, and channels that hold nothing else.
    pub(super) fn sweep(&mut self, now: Duration) {
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
