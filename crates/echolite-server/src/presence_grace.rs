//! Keeps a user present while a connection is there, or one that dropped may yet return. Pure.

use std::collections::VecDeque;
use std::time::Duration;

/// One user's connections: their number, and for each that dropped the time until which it may return.
#[derive(Debug, Default)]
pub(crate) struct PresenceGrace {
    connections: usize,
    dropped: VecDeque<Duration>,
}

impl PresenceGrace {
    /// A connection came. It counts as the return of one that dropped, if one may yet return.
    pub(crate) fn come(&mut self, now: Duration) {
        self.dropped.retain(|until| now < *until);
        self.dropped.pop_front();
        self.connections += 1;
    }

    /// A connection went, and may return within the grace time; with zero it went for good.
    /// Gives the time at which to ask [`Self::is_over`] again.
    pub(crate) fn go(&mut self, now: Duration, grace: Duration) -> Option<Duration> {
        self.connections = self.connections.saturating_sub(1);
        let until = (!grace.is_zero()).then(|| now.saturating_add(grace))?;
        self.dropped.push_back(until);
        Some(until)
    }

    /// Whether nobody is there, and nobody to return.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.connections == 0 && self.dropped.back().is_none_or(|until| *until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_drops_stays_for_the_grace_time_and_who_leaves_does_not() {
        let mut grace = PresenceGrace::default();
        grace.come(at(0));
        assert_eq!(grace.go(at(1), GRACE), Some(at(6)));
        assert!(!grace.is_over(at(5)) && grace.is_over(at(6)));
        grace.come(at(3));
        assert_eq!(grace.go(at(4), Duration::ZERO), None);
        assert!(grace.is_over(at(4)));
    }

    #[test]
    fn a_grace_time_that_begins_at_the_end_of_time_is_over_there() {
        let mut grace = PresenceGrace::default();
        grace.come(at(0));
        assert_eq!(grace.go(Duration::MAX, GRACE), Some(Duration::MAX));
        assert!(grace.is_over(Duration::MAX));
    }

    #[test]
    fn one_tab_that_leaves_does_not_end_the_grace_of_another_that_reconnects() {
        let mut grace = PresenceGrace::default();
        grace.come(at(0));
        grace.come(at(0));
        grace.go(at(1), GRACE);
        grace.go(at(2), Duration::ZERO);
        assert!(!grace.is_over(at(2)) && grace.is_over(at(6)));
    }
}
