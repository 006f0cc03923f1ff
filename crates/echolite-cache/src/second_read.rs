//! Second reads (rule 4d): an event may come before its change can be read.
//!
//! It was published before the commit, or a replica is a second behind. Heads and versions show that; where an event has
//! none, a read that shows nothing new is as likely to be too early as to be right. So one more read decides, a few
//! seconds after the first such event. One in [`PAUSE`] is the most that this may cost.

use fastrand::Rng;

use crate::Mono;
use crate::freshness::Stamp;

/// The second read is due so long after the first event that owes it (milliseconds), spread over a crowd.
const DELAY: std::ops::Range<u64> = 2_000..5_000;
/// Between two second reads of one resource, at least (milliseconds).
const PAUSE: u64 = 30_000;

/// The second read that events since a moment ask for.
#[derive(Clone, Debug)]
struct Owed {
    since: Stamp,
    due: Mono,
    /// One of them only said that something changed.
    unspecific: bool,
    /// The rows were out of date before: what a read changes may be of that, and says nothing of the event.
    outdated: bool,
    /// A read showed nothing new: the one that is due decides.
    waits: bool,
}

/// The second read of a resource, where one is owed.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecondRead {
    owed: Option<Owed>,
    /// The moment at which the last one began.
    last: Option<Mono>,
}

impl SecondRead {
    /// An event came at `since` that no read can be seen to include. `unspecific`: it only said that something changed.
    pub(crate) fn owe(&mut self, unspecific: bool, since: Stamp, now: Mono, random: &mut Rng) {
        let due = now + random.u64(DELAY);
        let first = Owed { since, due, unspecific: false, outdated: false, waits: false };
        self.owed.get_or_insert(first).unspecific |= unspecific;
    }

    /// Nothing was read before the event that owes it, or nobody listened for a while.
    pub(crate) fn outdated(&mut self) {
        self.owed.iter_mut().for_each(|owed| owed.outdated = true);
    }

    /// A read was taken that settles nothing. `news`: it changed a row, perhaps back from what an event painted.
    pub(crate) fn leave_open(&mut self, news: bool) {
        self.owed.iter_mut().for_each(|owed| owed.unspecific |= news);
    }

    /// The first event that owes it.
    pub(crate) fn since(&self) -> Option<Stamp> {
        self.owed.as_ref().map(|owed| owed.since)
    }

    /// Whether a read showed nothing new, and another is to decide.
    pub(crate) fn is_awaited(&self) -> bool {
        self.owed.as_ref().is_some_and(|owed| owed.waits)
    }

    /// The moment since which painted rows stay, though a read that began at `began` contradicts them.
    pub(crate) fn painted_since(&self, began: Mono) -> Option<Stamp> {
        let may_wait = |owed: &&Owed| began < owed.due && (owed.waits || self.is_allowed(began));
        self.owed.as_ref().filter(may_wait).map(|owed| owed.since)
    }

    fn is_allowed(&self, now: Mono) -> bool {
        self.last.is_none_or(|last| now - last >= PAUSE)
    }

    /// A read that began at `began` was taken. `news`: it changed a row; `contradicted`: a painted row stayed in spite of
    /// it. Returns when the second read is due, if that is to decide.
    pub(crate) fn read(
        &mut self,
        (stamp, began): (Stamp, Mono),
        news: bool,
        contradicted: bool,
    ) -> Option<Mono> {
        let allowed = self.is_allowed(began);
        let owed = self.owed.as_mut()?;
        let news = news && !owed.outdated;
        if stamp < owed.since {
            // it overlapped the event: what it brought may be what the event told of
            owed.unspecific &= !news;
            return None;
        }
        if began < owed.due {
            let shows_nothing = contradicted || (owed.unspecific && !news);
            if owed.waits || (shows_nothing && allowed) {
                owed.waits = true;
                return Some(owed.due);
            }
        } else if owed.waits {
            self.last = Some(began);
        }
        self.owed = None;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;
    use crate::freshness::Freshness;

    fn owed(unspecific: bool) -> (SecondRead, Freshness, Mono) {
        let (mut second, mut freshness) = (SecondRead::default(), Freshness::new(Reason::Loading));
        second.owe(unspecific, freshness.now(), Mono(10_000), &mut Rng::with_seed(1));
        let due = second.owed.as_ref().map(|owed| owed.due).unwrap();
        assert!((12_000..15_000).contains(&due.0));
        (second, freshness, due)
    }

    #[test]
    fn a_read_that_shows_nothing_new_is_followed_by_one_that_decides() {
        let (mut second, mut freshness, due) = owed(true);
        let began = (freshness.now(), Mono(10_200));
        assert_eq!(second.read(began, false, false), Some(due));
        assert!(second.is_awaited());
        second.owe(true, freshness.now(), Mono(11_000), &mut Rng::with_seed(2));
        assert_eq!(
            second.read((freshness.now(), Mono(11_200)), true, false),
            Some(due),
            "not moved"
        );
        assert_eq!(second.read((freshness.now(), due), false, false), None);
        assert!(!second.is_awaited());
    }

    #[test]
    fn a_read_that_shows_something_new_is_enough() {
        let (mut second, mut freshness, _) = owed(true);
        assert_eq!(second.read((freshness.now(), Mono(10_200)), true, false), None);
        assert!(second.owed.is_none());
        let (mut second, mut freshness, _) = owed(false);
        assert_eq!(second.read((freshness.now(), Mono(10_200)), false, false), None);
        assert!(second.owed.is_none(), "it told which row changed");
    }

    #[test]
    fn what_a_read_changes_says_nothing_where_the_rows_were_out_of_date_before() {
        let (mut second, mut freshness, due) = owed(true);
        second.outdated();
        assert_eq!(second.read((freshness.now(), Mono(10_200)), true, false), Some(due));
        assert_eq!(second.read((freshness.now(), due), true, false), None);
    }

    #[test]
    fn a_read_that_overlapped_the_event_decides_nothing() {
        let mut freshness = Freshness::new(Reason::Loading);
        let began = (freshness.now(), Mono(9_900));
        for (news, then) in [(false, true), (true, false)] {
            let mut second = SecondRead::default();
            second.owe(true, freshness.now(), Mono(10_000), &mut Rng::with_seed(1));
            assert_eq!(second.read(began, news, false), None);
            let next = second.read((freshness.now(), Mono(10_500)), false, false);
            assert_eq!(next.is_some(), then, "{news}");
        }
    }

    #[test]
    fn a_late_first_read_decides_by_itself() {
        let (mut second, mut freshness, due) = owed(true);
        assert_eq!(second.read((freshness.now(), due), false, true), None);
        assert_eq!(second.last, None, "it was no second one");
    }

    #[test]
    fn there_is_one_in_thirty_seconds() {
        let (mut second, mut freshness, due) = owed(true);
        second.read((freshness.now(), Mono(10_200)), false, false);
        second.read((freshness.now(), due), false, false);
        for (after, allowed) in [(PAUSE - 1, false), (PAUSE, true)] {
            second.owe(true, freshness.now(), due + (after - 100), &mut Rng::with_seed(1));
            let began = due + after;
            assert_eq!(second.painted_since(began).is_some(), allowed);
            let next = second.read((freshness.now(), began), false, true);
            assert_eq!(next.is_some(), allowed, "{after}");
        }
    }
}
