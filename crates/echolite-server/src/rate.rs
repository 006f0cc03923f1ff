//! A limit on how often something may happen. Pure.

use std::time::Duration;

/// At most so many in a window of time; the window begins with the first one in it.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    most: u32,
    window: Duration,
    began: Option<Duration>,
    count: u32,
}

impl Rate {
    pub(crate) const fn new(most: u32, window: Duration) -> Self {
        Self { most, window, began: None, count: 0 }
    }

    /// Counts one and says whether it is within the limit.
    pub(crate) fn allows(&mut self, now: Duration) -> bool {
        self.allows_many(now, 1)
    }

    /// Counts several and says whether the last one is within the limit.
    pub(crate) fn allows_many(&mut self, now: Duration, count: u32) -> bool {
        if self.began.is_none_or(|began| now >= began + self.window) {
            self.began = Some(now);
            self.count = 0;
        }
        self.count = self.count.saturating_add(count);
        self.count <= self.most
    }

    /// The moment at which it is within the limit again, if it is not now.
    pub(crate) fn exceeded_until(&self, now: Duration) -> Option<Duration> {
        let until = self.began? + self.window;
        (now < until && self.count > self.most).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_full_until_it_ends() {
        let mut rate = Rate::new(2, Duration::from_secs(1));
        let at = Duration::from_millis;
        assert!(rate.allows(at(0)) && rate.allows(at(500)));
        assert!(!rate.allows(at(999)));
        assert_eq!(rate.exceeded_until(at(999)), Some(at(1_000)));
        assert_eq!(rate.exceeded_until(at(1_000)), None);
        assert!(rate.allows(at(1_000)));
    }
}
