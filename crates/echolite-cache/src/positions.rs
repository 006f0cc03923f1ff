//! Which events the rows include, by the positions of their channels (rules 4b, 7).
//!
//! In memory a position goes with each event that came in, whether it is carried out, or kept in mind until it
//! is (a consultation, an outdated row, an event beyond a gap). What is stored is stricter: rows with something
//! kept in mind are stored without positions, because a reload keeps nothing in mind.

use echolite_core::Channels;

use super::resource::{Resource, Subscription};
use crate::cache::Cache;
use crate::context::Context;
use crate::{Name, Payload, Position, Reason};

/// Positions that moved while the rows stayed are stored every so many events.
const LAG: u64 = 16;

/// Where the channels of a resource stand whose events it has taken in; a channel of which that cannot be said
/// is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    taken: Vec<(Name, Position)>,
    /// What was handed to the store last.
    pub(super) stored: Vec<(Name, Position)>,
}

fn find<'a>(positions: &'a [(Name, Position)], channel: &str) -> Option<&'a Position> {
    positions.iter().find(|(name, _)| **name == *channel).map(|(_, position)| position)
}

impl Positions {
    pub(super) fn restored(stored: Vec<(Name, Position)>) -> Self {
        Self { taken: stored.clone(), stored }
    }

    pub(super) fn of(&self, channel: &str) -> Option<&Position> {
        find(&self.taken, channel)
    }

    pub(super) fn clear(&mut self) {
        self.taken.clear();
    }

    /// An event at this position comes in; `false` where the rows include it already.
    pub(super) fn take(&mut self, channel: &Name, at: &Position) -> bool {
        let known = self.taken.iter().position(|(name, _)| name == channel);
        let Some(index) = known else { return true };
        let taken = &mut self.taken[index].1;
        if taken.epoch == at.epoch && taken.offset >= at.offset {
            return false;
        }
        if taken.epoch == at.epoch && taken.offset + 1 == at.offset {
            taken.offset = at.offset;
        } else {
            self.taken.swap_remove(index);
        }
        true
    }

    /// The rows include all that came on this channel.
    fn set(&mut self, channel: &Name, at: Option<&Position>) {
        if self.of(channel) == at {
            return;
        }
        self.taken.retain(|(name, _)| name != channel);
        self.taken.extend(at.map(|at| (channel.clone(), at.clone())));
    }

    /// Whether what is stored would have much more replayed than is needed.
    fn outdates_store(&self) -> bool {
        self.taken.iter().any(|(channel, at)| {
            find(&self.stored, channel)
                .is_none_or(|stored| stored.epoch != at.epoch || stored.offset + LAG <= at.offset)
        })
    }
}

impl<P: Payload> Cache<P> {
    /// The channels that resources need. `recover`: not before the store has said where their rows stand.
    pub(crate) fn channels(&self, recover: bool) -> Vec<Name> {
        let all = self.resources.iter().flat_map(|resource| &resource.config.channels);
        let is_loading = |channel: &&Name| {
            let mut of = self.resources.iter().filter(|r| r.config.channels.contains(channel));
            of.any(|resource| resource.loading)
        };
        all.filter(|channel| !(recover && is_loading(channel))).cloned().collect()
    }

    /// From where on a channel is to be replayed: each resource skips what its rows include.
    pub(crate) fn position(&self, channel: &str) -> Option<Position> {
        let taken = self.resources.iter().filter_map(|resource| resource.positions.of(channel));
        let earlier = |a: &Position, b: &Position| a.epoch == b.epoch && b.offset < a.offset;
        taken.reduce(|a, b| if earlier(a, b) { b } else { a }).cloned()
    }

    /// Something happened on a channel that the rows do not include (rule 5).
    pub(crate) fn doubt(&mut self, channel: &Name, reason: &Reason, cx: &mut Context<'_, P>) {
        let of = self.resources.iter_mut().filter(|r| r.config.channels.contains(channel));
        of.for_each(|resource| resource.revoke(reason.clone(), cx));
    }

    /// The server cannot promise delivery: lists are polled until it can.
    pub(crate) fn on_uncertain(&mut self, cx: &mut Context<'_, P>) {
        self.link.uncertain = true;
        self.revoke(Reason::Uncertain, cx);
    }

    /// The server counts again: what was lost meanwhile is to be read.
    pub(crate) fn on_certain(&mut self, cx: &mut Context<'_, P>) {
        if std::mem::take(&mut self.link.uncertain) {
            self.revoke(Reason::Uncertain, cx);
        }
    }
}

impl<P: Payload> Resource<P> {
    /// Follows the channels: whether a replay shows that nothing was missed, and which events the rows include.
    pub(super) fn follow(&mut self, channels: &Channels, cx: &mut Context<'_, P>) {
        if self.subscription == Subscription::Confirmed {
            self.await_replay(channels, cx);
            if !self.trust.is_list_doubted() {
                for channel in &self.config.channels {
                    let followed = channels.followed(channel);
                    self.positions.set(channel, followed.map(|followed| &followed.at));
                }
            }
        }
        if !self.trust.is_of_link() {
            self.positions.clear();
        }
    }

    fn await_replay(&mut self, channels: &Channels, cx: &mut Context<'_, P>) {
        let Some(until) = self.awaiting_replay else { return };
        let followed = || self.config.channels.iter().map(|channel| channels.followed(channel));
        let replaying = followed().flatten().any(|followed| followed.is_replaying());
        if replaying {
            // the last event of a cache channel is not the first one of a replay
            self.awaiting_head = None;
            self.awaiting_replay.take_if(|_| until <= cx.now.mono);
            return;
        }
        self.awaiting_replay = None;
        let mut pairs = self.config.channels.iter().zip(followed());
        let whole = !self.config.channels.is_empty()
            && pairs.all(|(channel, followed)| {
                followed.is_some_and(|followed| self.positions.of(channel) == Some(&followed.at))
            });
        if whole && self.trust.is_of_link() {
            self.awaiting_head = None;
            self.vouch(cx);
        }
    }

    /// Something shows that nothing was missed.
    pub(super) fn vouch(&mut self, cx: &Context<'_, P>) {
        self.trust.vouch();
        self.reads.vouched(cx.now.mono);
    }

    /// Whether the rows include each event that came, and none of them by half.
    fn is_storable(&self) -> bool {
        self.trust.is_of_link()
            && self.trust.doubted_rows().next().is_none()
            && self.consultations.is_empty()
            && self.held.is_empty()
            && self.heads.is_reached()
    }

    /// The positions to be stored with the rows as they are now.
    pub(super) fn storable_positions(&mut self) -> Vec<(Name, Position)> {
        if !self.is_storable() {
            return Vec::new();
        }
        if self.positions.outdates_store() {
            self.saving.touch_meta();
        }
        self.positions.taken.clone()
    }
}
