//! What the server counts, in one place.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Counters of a server since it started. They only grow.
        #[derive(Debug, Default)]
        pub(crate) struct Stats { $(pub(crate) $name: Counter,)* }

        /// The counters at one moment.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct StatsSnapshot { $($(#[$doc])* pub $name: u64,)* }

        impl Stats {
            /// Reads every counter.
            #[must_use]
            pub(crate) fn snapshot(&self) -> StatsSnapshot {
                StatsSnapshot { $($name: self.$name.get(),)* }
            }
        }
    };
}

counters! {
    /// Connections that were established.
    connections_opened;
    /// Connections that were established and are closed again.
    connections_closed;
    /// Connections refused when they were opened.
    connections_refused;
    /// Frames received from clients.
    messages_received;
    /// Events published, once a channel.
    events_published;
    /// Frames queued for subscribers because of a published or client event.
    deliveries;
    /// Connections closed because their queue was over its limit.
    slow_consumers;
    /// Subscriptions that got all they had missed.
    replays_served;
    /// Subscriptions that asked for what they had missed, which was not there any more.
    replays_refused;
    /// Events sent again to who had missed them.
    events_replayed;
    /// Requests that webhooks took.
    webhooks_delivered;
    /// Events that no webhook took: too many waited, or it failed for too long.
    webhook_events_lost;
}

/// What an application holds of its channels' history at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryStats {
    /// Channels that have a position.
    pub channels: usize,
    /// Events that can be replayed.
    pub events: usize,
    /// Memory that both take, as it counts towards the limits.
    pub bytes: usize,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        if n > 0 {
            self.0.fetch_add(n, Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
