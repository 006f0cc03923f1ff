//! What a hub does later: it looks whether users returned, and tells large channels their size.

use super::Hub;
use echolite_protocol::ChannelName;
use std::time::Duration;

/// Up to so many subscribers are told every change of their number; more only every
/// [`COUNT_INTERVAL`], as Pusher does: else each one who comes costs a frame to all the others.
const COUNTED_AT_ONCE: usize = 100;
const COUNT_INTERVAL: Duration = Duration::from_secs(5);

/// What to look at later.
#[derive(Debug)]
pub(super) enum Later {
    /// Whether a user has returned to a channel.
    Return(ChannelName, String),
    /// How many subscribers a channel has.
    Count(ChannelName),
}

/// What became due.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A user did not return to a channel, and is gone.
    Departed(ChannelName, String),
    /// How many subscribers a channel has is to be told.
    Count(ChannelName, usize),
}

impl<R, E: Clone, H: Clone> Hub<R, E, H> {
    /// How many subscribers a channel has, when it is to be told now that one came or went;
    /// else it is later.
    pub(crate) fn count_to_tell(&mut self, now: Duration, channel: &ChannelName) -> Option<usize> {
        let Some(entry) = self.channels.get_mut(channel.as_str()) else { return Some(0) };
        let count = entry.subscribers.len();
        if count <= COUNTED_AT_ONCE {
            return Some(count);
        }
        if !std::mem::replace(&mut entry.count_waits, true) {
            self.later.add(now + COUNT_INTERVAL, Later::Count(channel.clone()));
        }
        None
    }

    /// What became due. Must be called at [`Self::deadline`] at the latest.
    pub(crate) fn on_time(&mut self, now: Duration) -> Vec<Due> {
        if self.histories.ages() {
            self.sweep(now);
        }
        let mut due = Vec::new();
        while let Some(later) = self.later.pop_due(now) {
            due.extend(self.look_at(now, later));
        }
        due
    }

    /// When [`Self::on_time`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let sweep = self.histories.ages().then_some(self.next_sweep);
        [self.later.next(), sweep].into_iter().flatten().min()
    }

    fn look_at(&mut self, now: Duration, later: Later) -> Option<Due> {
        match later {
            Later::Return(channel, user) => {
                let user = self.channels.get_mut(channel.as_str())?.members.depart(now, &user)?;
                self.forget_if_empty(&channel);
                Some(Due::Departed(channel, user))
            }
            Later::Count(channel) => {
                let entry = self.channels.get_mut(channel.as_str())?;
                let count = entry.subscribers.len();
                std::mem::take(&mut entry.count_waits).then_some(Due::Count(channel, count))
            }
        }
    }
}
