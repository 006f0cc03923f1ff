//! Things to do later, in the order of their times. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things with the time at which each is due.
#[derive(Debug)]
pub(crate) struct Timers<T> {
    /// Numbered, so that what is due at the same time is done in the order of its coming.
    things: BTreeMap<(Duration, u64), T>,
    added: u64,
}

impl<T> Timers<T> {
    /// Does a thing at a time.
    pub(crate) fn add(&mut self, at: Duration, thing: T) {
        self.things.insert((at, self.added), thing);
        self.added += 1;
    }

    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.things.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes a thing that is due.
    pub(crate) fn pop_due(&mut self, now: Duration) -> Option<T> {
        let first = self.things.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self { things: BTreeMap::new(), added: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_by_their_time_then_in_the_order_they_were_added() {
        let mut timers = Timers::default();
        let at = Duration::from_secs;
        for (time, thing) in [(2, 'c'), (1, 'a'), (1, 'b')] {
            timers.add(at(time), thing);
        }
        assert_eq!(timers.next(), Some(at(1)));
        assert_eq!(timers.pop_due(Duration::ZERO), None);
        let due: String = std::iter::from_fn(|| timers.pop_due(at(2))).collect();
        assert_eq!((due.as_str(), timers.next()), ("abc", None));
    }
}
