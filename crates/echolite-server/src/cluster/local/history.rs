//! The latest events of one channel: numbered, and within limits.

use crate::cluster::usage::HistoryUsage;
use crate::config::HistoryConfig;
use echolite_protocol::extension::Position;
use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// What keeping an event takes beside its bytes: its place in the queue, its offset's digits, and
/// what the allocator adds.
const EVENT_OVERHEAD: usize = 128;
/// What a channel takes that keeps no event: its name and its place among the channels.
const CHANNEL_OVERHEAD: usize = 512;

/// Names a history. No two have the same: `seed` is random, and `number` counts the histories begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HistoryEpoch {
    pub(super) seed: u64,
    pub(super) number: u64,
}

impl fmt::Display for HistoryEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.seed, self.number)
    }
}

/// The limits of a channel's history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    events: usize,
    bytes: usize,
    age: Duration,
}

impl From<&HistoryConfig> for Limits {
    fn from(config: &HistoryConfig) -> Self {
        Self { events: config.max_events, bytes: config.max_bytes, age: config.max_age() }
    }
}

/// The history of a channel.
#[derive(Debug)]
pub(super) struct History<H> {
    epoch: HistoryEpoch,
    /// The number of the last event, kept or not; 0 before the first.
    offset: u64,
    /// Without a gap, up to `offset`.
    events: VecDeque<Event<H>>,
    bytes: usize,
    limits: Limits,
    /// When somebody published, came or went.
    pub(super) used: Duration,
}

#[derive(Debug)]
struct Event<H> {
    event: H,
    bytes: usize,
    at: Duration,
}

impl<H> History<H> {
    pub(super) fn new(epoch: HistoryEpoch, limits: Limits, now: Duration) -> Self {
        Self { epoch, offset: 0, events: VecDeque::new(), bytes: 0, limits, used: now }
    }

    pub(super) fn position(&self) -> Position {
        Position { epoch: self.epoch.to_string(), offset: self.offset }
    }

    pub(super) fn held(&self) -> HistoryUsage {
        HistoryUsage {
            channels: 1,
            events: self.events.len(),
            bytes: CHANNEL_OVERHEAD + self.bytes,
        }
    }

    /// Numbers an event and keeps it, if the limits let it stay; gives its number.
    pub(super) fn push(
        &mut self,
        now: Duration,
        bytes: usize,
        encode: impl FnOnce(u64) -> H,
    ) -> (u64, H)
    where
        H: Clone,
    {
        self.offset += 1;
        let event = encode(self.offset);
        let bytes = bytes + EVENT_OVERHEAD;
        self.events.push_back(Event { event: event.clone(), bytes, at: now });
        self.bytes += bytes;
        self.used = now;
        self.trim(now);
        (self.offset, event)
    }

    /// Forgets what is over the limits.
    pub(super) fn trim(&mut self, now: Duration) {
        let Limits { events, bytes, age } = self.limits;
        while let Some(oldest) = self.events.front() {
            let over = self.events.len() > events || self.bytes > bytes;
            if !over && now.saturating_sub(oldest.at) < age {
                return;
            }
            self.bytes -= oldest.bytes;
            self.events.pop_front();
        }
        self.clear();
    }

    /// Forgets all events. The position stays, so nobody is told that they missed nothing.
    pub(super) fn clear(&mut self) {
        self.events = VecDeque::new();
        self.bytes = 0;
    }

    /// The events after a position, if all of them are there, and how many bytes they are.
    pub(super) fn after(&self, position: &Position) -> Option<(Vec<H>, usize)>
    where
        H: Clone,
    {
        if self.epoch.to_string() != position.epoch {
            return None;
        }
        let missed = usize::try_from(self.offset.checked_sub(position.offset)?).ok()?;
        let first = self.events.len().checked_sub(missed)?;
        let missed = self.events.range(first..);
        let bytes = missed.clone().map(|kept| kept.bytes).sum();
        Some((missed.map(|kept| kept.event.clone()).collect(), bytes))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}
