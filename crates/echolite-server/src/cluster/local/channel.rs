//! One channel of a cluster: its members, its last event and its history.

use super::histories::Histories;
use super::history::History;
use super::members::Members;
use crate::cluster::usage::HistoryUsage;
use std::time::Duration;

/// How long a channel's position is known after its last event and its last subscriber, so that who
/// comes back to a quiet channel is told that nothing was missed.
pub(super) const POSITION_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A channel that something is kept of.
#[derive(Debug)]
pub(super) struct Channel<E, H> {
    /// The subscriptions that hold on to its position, where it keeps history.
    pub(super) references: usize,
    pub(super) members: Members,
    pub(super) last_event: Option<Kept<E>>,
    pub(super) history: Option<History<H>>,
}

#[derive(Debug)]
pub(super) struct Kept<E> {
    pub(super) event: E,
    pub(super) until: Duration,
}

impl<E, H> Channel<E, H> {
    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.references == 0
            && self.members.len() == 0
            && self.last_event.is_none()
            && self.history.is_none()
    }

    pub(super) fn last_event(&self, now: Duration) -> Option<&E> {
        self.last_event.as_ref().filter(|kept| now < kept.until).map(|kept| &kept.event)
    }
}

impl<E, H> Channel<E, H> {
    /// Forgets events that are too old, and the position when nobody was here for long.
    pub(super) fn age(&mut self, now: Duration, histories: &mut Histories) {
        let Some(history) = &mut self.history else { return };
        histories.held -= history.held();
        history.trim(now);
        let over = history.is_empty() && self.references == 0;
        self.history.take_if(|history| over && now.saturating_sub(history.used) >= POSITION_TIME);
        if let Some(history) = &self.history {
            histories.held += history.held();
        }
    }

    /// Forgets the events and, where nobody is subscribed, the position too.
    pub(super) fn forget_events(&mut self, held: &mut HistoryUsage) {
        let Some(history) = &mut self.history else { return };
        *held -= history.held();
        history.clear();
        if self.references == 0 {
            self.history = None;
        } else {
            *held += history.held();
        }
    }
}

impl<E, H> Default for Channel<E, H> {
    fn default() -> Self {
        Self { references: 0, members: Members::default(), last_event: None, history: None }
    }
}
