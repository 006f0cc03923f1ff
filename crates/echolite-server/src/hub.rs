//! Who is subscribed to what, and who therefore gets an event. Pure: no lock, no clock, no I/O.
//!
//! `R` is whatever stands for a recipient; the hub keeps it and hands it out, and knows nothing of it.

use crate::socket_id::SocketId;
use echolite_protocol::{ChannelName, Stream};
use indexmap::IndexMap;
use std::time::Duration;

/// How long the last event of a cache channel is kept. Pusher documents 30 minutes.
pub(crate) const CACHE_TIME: Duration = Duration::from_secs(30 * 60);
/// How often events that nobody may see any more are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// Channels and their subscribers.
#[derive(Debug)]
pub(crate) struct Hub<R, E> {
    channels: IndexMap<ChannelName, Channel<R, E>>,
    next_sweep: Duration,
}

#[derive(Debug)]
struct Channel<R, E> {
    subscribers: IndexMap<SocketId, R>,
    last_event: Option<Kept<E>>,
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
}

/// What the end of a subscription did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsubscribed {
    /// The channel has no subscriber any more.
    pub(crate) vacated: bool,
    /// How many it has now.
    pub(crate) count: usize,
}

impl<R, E> Default for Hub<R, E> {
    fn default() -> Self {
        Self { channels: IndexMap::new(), next_sweep: SWEEP_INTERVAL }
    }
}

impl<R, E: Clone> Hub<R, E> {
    /// Subscribes a connection. Doing it twice changes nothing.
    pub(crate) fn subscribe(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        socket: SocketId,
        recipient: R,
    ) -> Subscribed<E> {
        let entry = match self.channels.get_mut(channel.as_str()) {
            Some(entry) => entry,
            None => self.channels.entry(channel.clone()).or_default(),
        };
        let occupied = entry.subscribers.is_empty();
        entry.subscribers.entry(socket).or_insert(recipient);
        let last_event = entry.last_event(now).cloned();
        Subscribed { occupied, count: entry.subscribers.len(), last_event }
    }

    /// Ends a subscription; `None` when there was none.
    pub(crate) fn unsubscribe(
        &mut self,
        channel: &ChannelName,
        socket: SocketId,
    ) -> Option<Unsubscribed> {
        let entry = self.channels.get_mut(channel.as_str())?;
        entry.subscribers.swap_remove(&socket)?;
        let count = entry.subscribers.len();
        if count == 0 && entry.last_event.is_none() {
            self.channels.swap_remove(channel.as_str());
        }
        Some(Unsubscribed { vacated: count == 0, count })
    }

    /// Everybody who gets an event of the channel, but for the one it came from.
    pub(crate) fn recipients(
        &self,
        channel: &ChannelName,
        except: Option<SocketId>,
    ) -> impl Iterator<Item = &R> {
        let subscribers = self.channels.get(channel.as_str()).map(|entry| &entry.subscribers);
        let others = subscribers.into_iter().flatten();
        others.filter(move |(id, _)| Some(**id) != except).map(|(_, recipient)| recipient)
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

    /// The channels with at least one subscriber, and how many they have.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = (&ChannelName, usize)> {
        let counts = self.channels.iter().map(|(name, entry)| (name, entry.subscribers.len()));
        counts.filter(|(_, count)| *count > 0)
    }

    /// Forgets last events that are over their time, and channels that hold nothing else.
    fn sweep(&mut self, now: Duration) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SWEEP_INTERVAL;
        self.channels.retain(|_, entry| {
            entry.last_event.take_if(|kept| kept.until <= now);
            entry.last_event.is_some() || !entry.subscribers.is_empty()
        });
    }
}

impl<R, E> Channel<R, E> {
    fn last_event(&self, now: Duration) -> Option<&E> {
        self.last_event.as_ref().filter(|kept| now < kept.until).map(|kept| &kept.event)
    }
}

impl<R, E> Default for Channel<R, E> {
    fn default() -> Self {
        Self { subscribers: IndexMap::new(), last_event: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SocketId = SocketId::from_random(1);
    const B: SocketId = SocketId::from_random(2);
    const START: Duration = Duration::ZERO;

    fn name(text: &str) -> ChannelName {
        ChannelName::new(text).unwrap()
    }

    fn hub() -> Hub<char, u8> {
        Hub::default()
    }

    fn all(hub: &Hub<char, u8>, channel: &str, except: Option<SocketId>) -> String {
        hub.recipients(&name(channel), except).collect()
    }

    #[test]
    fn an_event_goes_to_the_subscribers_of_its_channel_but_its_sender() {
        let mut hub = hub();
        hub.subscribe(START, &name("news"), A, 'a');
        hub.subscribe(START, &name("news"), B, 'b');
        hub.subscribe(START, &name("other"), B, 'b');
        assert_eq!(all(&hub, "news", None), "ab");
        assert_eq!(all(&hub, "news", Some(A)), "b");
        assert_eq!(all(&hub, "other", Some(A)), "b");
        assert_eq!(all(&hub, "nobody", None), "");
    }

    #[test]
    fn the_first_subscription_occupies_and_the_last_vacates() {
        let mut hub = hub();
        assert!(hub.subscribe(START, &name("news"), A, 'a').occupied);
        assert!(!hub.subscribe(START, &name("news"), B, 'b').occupied);
        let left = |vacated, count| Some(Unsubscribed { vacated, count });
        assert_eq!(hub.unsubscribe(&name("news"), A), left(false, 1));
        assert_eq!(hub.unsubscribe(&name("news"), A), None);
        assert_eq!(hub.unsubscribe(&name("news"), B), left(true, 0));
        assert_eq!(hub.occupied().count(), 0);
        assert!(hub.channels.is_empty());
    }

    #[test]
    fn subscribing_twice_counts_once() {
        let mut hub = hub();
        hub.subscribe(START, &name("news"), A, 'a');
        assert_eq!(hub.subscribe(START, &name("news"), A, 'a').count, 1);
    }

    #[test]
    fn a_cache_channel_keeps_its_last_event_beyond_its_subscribers() {
        let mut hub = hub();
        hub.keep(START, &name("cache-news"), 1);
        hub.keep(START, &name("cache-news"), 2);
        hub.keep(START, &name("news"), 3);
        assert_eq!(hub.subscribe(START, &name("cache-news"), A, 'a').last_event, Some(2));
        assert_eq!(hub.subscribe(START, &name("news"), A, 'a').last_event, None);
        hub.unsubscribe(&name("cache-news"), A);
        assert_eq!(hub.last_event(START, &name("cache-news")), Some(&2));
    }

    #[test]
    fn a_last_event_is_forgotten_after_its_time() {
        let mut hub = hub();
        hub.keep(START, &name("cache-news"), 1);
        assert_eq!(hub.last_event(CACHE_TIME, &name("cache-news")), None);
        hub.keep(CACHE_TIME, &name("cache-other"), 2);
        assert_eq!(hub.channels.len(), 1);
    }
}
