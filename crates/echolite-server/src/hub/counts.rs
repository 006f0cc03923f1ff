//! When subscribers are told how many they are.

use super::channel::Channel;
use super::registry::Hub;
use echolite_protocol::ChannelName;
use std::time::Duration;

/// Up to so many subscribers are told every change of their number; more only every
/// [`COUNT_INTERVAL`], as Pusher does: else each one who comes costs a frame to all the others.
const COUNTED_AT_ONCE: usize = 100;
const COUNT_INTERVAL: Duration = Duration::from_secs(5);

impl<R> Hub<R> {
    /// How many subscribers a channel has, when it is to be told now that one came or went;
    /// else it is later.
    pub(crate) fn count_to_tell(&mut self, now: Duration, channel: &ChannelName) -> Option<usize> {
        let Some(entry) = self.channels.get_mut(channel.as_str()) else { return Some(0) };
        let count = entry.count();
        if count <= COUNTED_AT_ONCE {
            return Some(count);
        }
        if !std::mem::replace(&mut entry.count_waits, true) {
            // A server that stops asks for what is due at the end of time.
            self.counts.add(now.saturating_add(COUNT_INTERVAL), channel.clone());
        }
        None
    }

    /// A channel, and how many subscribers it has, of which that is to be told now. Must be called
    /// at [`Self::deadline`] at the latest, until there is none.
    pub(crate) fn next_count(&mut self, now: Duration) -> Option<(ChannelName, usize)> {
        while let Some(channel) = self.counts.pop_due(now) {
            let entry = self.channels.get_mut(channel.as_str());
            if let Some(entry) = entry.filter(|entry| entry.count_waits) {
                entry.count_waits = false;
                return Some((channel, Channel::count(entry)));
            }
        }
        None
    }

    /// When [`Self::next_count`] has something.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.counts.next()
    }
}
