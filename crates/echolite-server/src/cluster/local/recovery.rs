//! Positions and recovery: keeping the events of channels, and giving them again.
//!
//! A position vouches for a channel's events while its epoch lasts. So whatever forgets how far a
//! channel was must end the epoch: a forgotten history begins again under a new one.

use super::channel::Channel;
use super::histories::Promise;
use super::history::{History, HistoryEpoch};
use super::state::LocalCluster;
use crate::cluster::replay::{Beginning, Recover, Replay};
use crate::cluster::usage::HistoryUsage;
use echolite_protocol::ChannelName;
use echolite_protocol::extension::Position;
use std::sync::Arc;
use std::time::Duration;

impl<E: Clone, H: Clone> LocalCluster<E, H> {
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

    /// Gives the position with which a subscription begins, and what its client missed.
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

    /// Events may be lost from now on: no positions, no recovery, until [`Self::keep_again`].
    /// All histories and last events are forgotten, so that nobody is ever told that they cover this time.
    pub(super) fn forget_all(&mut self, reason: &Arc<str>) {
        self.histories.promise = Promise::Uncertain(reason.clone());
        self.histories.held = HistoryUsage::default();
        self.forget(|entry| {
            entry.history = None;
            entry.last_event = None;
        });
    }

    fn forget(&mut self, what: impl Fn(&mut Channel<E, H>)) {
        self.channels.retain(|_, entry| {
            what(entry);
            !entry.is_empty()
        });
    }

    /// Every event comes again. Gives the new epochs of these channels, to be told before anything
    /// else is published.
    pub(super) fn keep_again(
        &mut self,
        now: Duration,
        channels: Vec<ChannelName>,
    ) -> Vec<(ChannelName, Position)> {
        if std::mem::take(&mut self.histories.promise) == Promise::Certain {
            return vec![];
        }
        // Those that came meanwhile need not have been the last.
        self.forget(|entry| entry.last_event = None);
        let position = |channel: ChannelName| {
            let position = self.change_history(now, &channel, |history| history.position())?;
            Some((channel, position))
        };
        channels.into_iter().filter_map(position).collect()
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
                let epoch = HistoryEpoch { seed: histories.keeping.seed, number: histories.begun };
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
        let used = |(name, entry): (&ChannelName, &Channel<E, H>)| {
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

#[cfg(test)]
mod tests;
