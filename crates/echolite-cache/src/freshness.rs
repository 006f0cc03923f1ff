//! Freshness of the rows: what made them stale, and which read ends that.
//!
//! Half of the decision whether a list is fresh; `Resource::reason` in `resource/status.rs` adds connection,
//! subscription and gaps. An event, a lost connection or a failed read marks the list, or one of its rows, as
//! stale; a read ends that only if it began later. Moments are counted, not timed: each mark and each read takes the
//! next number, so that "began later" is exact whatever the clocks do.

use crate::{Mono, Name, Reason};

/// A moment in a resource's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Before anything happened.
    pub(crate) const START: Self = Self(0);
}

/// So many moments are remembered with their times.
const REMEMBERED: usize = 64;

#[derive(Clone, Debug)]
struct Staleness {
    since: Stamp,
    reason: Reason,
    /// All reasons there were only said that nobody listened for a while.
    of_link: bool,
    /// All reasons there were are answered by what changed since the rows' head.
    by_since: bool,
}

/// The freshness of a list. With nothing marked as stale, the rows equal the back end's, as far as events and reads
/// tell.
#[derive(Clone, Debug)]
pub(crate) struct Freshness {
    last: Stamp,
    list: Option<Staleness>,
    /// Stale single rows, by URL.
    rows: Vec<(Name, Stamp)>,
    /// The last moment of inputs that brought one, with their times, the latest last.
    times: Vec<(Mono, Stamp)>,
}

impl Freshness {
    /// The freshness of a list of which nothing was read yet.
    pub(crate) fn new(reason: Reason) -> Self {
        let since = Stamp(1);
        let list = Some(Staleness { since, reason, of_link: false, by_since: false });
        Self { last: since, list, rows: Vec::new(), times: Vec::new() }
    }

    /// The moment after all that happened so far.
    pub(crate) fn now(&mut self) -> Stamp {
        self.last.0 += 1;
        self.last
    }

    /// An input was taken in: its moments were at this time.
    pub(crate) fn note_time(&mut self, now: Mono) {
        if self.times.last().is_some_and(|(_, last)| *last == self.last) {
            return;
        }
        if self.times.len() == REMEMBERED {
            // with every other one forgotten, a time between them counts as an earlier moment
            self.times = self.times.iter().skip(1).step_by(2).copied().collect();
        }
        self.times.push((now, self.last));
    }

    /// The last moment before this time that is known.
    pub(crate) fn before(&self, time: Mono) -> Stamp {
        let earlier = self.times.iter().rev().find(|(at, _)| *at < time);
        earlier.map_or(Stamp::START, |(_, stamp)| *stamp)
    }

    /// Marks the list as stale from now on, for this reason.
    pub(crate) fn mark_stale(&mut self, reason: Reason) {
        let since = self.now();
        let of_link = reason.is_of_link() && self.list.as_ref().is_none_or(|stale| stale.of_link);
        let by_since = reason.is_answered_by_since() && self.is_answered_by_since();
        self.list = Some(Staleness { since, reason, of_link, by_since });
    }

    /// Marks the list as stale from now on; the reason stays the one there was.
    pub(crate) fn require_new_read(&mut self) {
        let since = self.now();
        match &mut self.list {
            Some(stale) => stale.since = since,
            None => {
                let reason = Reason::Subscribing;
                self.list = Some(Staleness { since, reason, of_link: true, by_since: true });
            }
        }
    }

    /// Rows come from the store, where nothing was read before: only their age makes them stale.
    pub(crate) fn restore(&mut self) {
        let since = self.now();
        let reason = Reason::Restored;
        self.list = Some(Staleness { since, reason, of_link: true, by_since: true });
    }

    /// Whether all that makes the list stale is that something may have been missed.
    pub(crate) fn is_of_link(&self) -> bool {
        self.list.as_ref().is_none_or(|stale| stale.of_link)
    }

    /// Whether what changed since the rows' head answers all that makes the list stale.
    pub(crate) fn is_answered_by_since(&self) -> bool {
        self.list.as_ref().is_none_or(|stale| stale.by_since)
    }

    /// A head or a replay shows that nothing was missed.
    pub(crate) fn confirm(&mut self) {
        self.list.take_if(|stale| stale.of_link);
    }

    /// Marks one row as stale, by its URL.
    pub(crate) fn mark_row_stale(&mut self, url: Name) {
        let since = self.now();
        self.rows.retain(|(stale, _)| *stale != url);
        self.rows.push((url, since));
    }

    /// A read of the list that began at `began` holds.
    pub(crate) fn list_read(&mut self, began: Stamp) {
        if self.list.as_ref().is_some_and(|stale| stale.since <= began) {
            self.list = None;
        }
        self.rows.retain(|(_, since)| *since > began);
    }

    /// A read of one row that began at `began` holds.
    pub(crate) fn row_read(&mut self, url: &str, began: Stamp) {
        self.rows.retain(|(stale, since)| **stale != *url || *since > began);
    }

    /// Whether the list as a whole is stale.
    pub(crate) fn is_list_stale(&self) -> bool {
        self.list.is_some()
    }

    /// Whether the list became stale after `began`.
    pub(crate) fn is_list_stale_since(&self, began: Stamp) -> bool {
        self.list.as_ref().is_some_and(|stale| stale.since > began)
    }

    /// The URLs of stale rows, in the order in which they became so.
    pub(crate) fn stale_rows(&self) -> impl DoubleEndedIterator<Item = &Name> {
        self.rows.iter().map(|(url, _)| url)
    }

    /// Whether a single row is stale.
    pub(crate) fn has_stale_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether the row at this URL is stale.
    pub(crate) fn is_row_stale(&self, url: &str) -> bool {
        self.rows.iter().any(|(stale, _)| **stale == *url)
    }

    /// The list is read instead of its stale rows.
    pub(crate) fn forget_stale_rows(&mut self) {
        self.rows.clear();
    }

    /// Why something is stale, if anything is.
    pub(crate) fn reason(&self) -> Option<Reason> {
        match &self.list {
            Some(stale) => Some(stale.reason.clone()),
            None if self.rows.is_empty() => None,
            None => Some(Reason::RowOutdated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_read_that_began_later_makes_the_list_fresh() {
        let mut freshness = Freshness::new(Reason::Loading);
        let early = freshness.now();
        freshness.mark_stale(Reason::Changed);
        freshness.list_read(early);
        assert_eq!(freshness.reason(), Some(Reason::Changed));
        let late = freshness.now();
        freshness.list_read(late);
        assert_eq!(freshness.reason(), None);
    }

    #[test]
    fn a_time_is_the_last_moment_before_it_and_never_a_later_one() {
        let mut freshness = Freshness::new(Reason::Loading);
        assert_eq!(freshness.before(Mono(5)), Stamp::START);
        let mut moments = Vec::new();
        for time in 1..=1_000 {
            moments.push(freshness.now());
            freshness.note_time(Mono(time * 10));
        }
        freshness.note_time(Mono(20_000));
        assert_eq!(freshness.before(Mono(30_000)), moments[999]);
        assert_eq!(freshness.before(Mono(10_000)), moments[998]);
        assert!(freshness.times.len() <= REMEMBERED);
        for time in 1..=1_000_u64 {
            assert!(freshness.before(Mono(time * 10)) < moments[time as usize - 1]);
        }
        assert!(freshness.before(Mono(9_900)) > moments[950], "the last ones are told apart");
    }

    #[test]
    fn a_list_read_covers_rows_that_became_stale_before_it() {
        let mut freshness = Freshness::new(Reason::Loading);
        freshness.mark_row_stale("/a".into());
        let between = freshness.now();
        freshness.mark_row_stale("/b".into());
        freshness.list_read(between);
        assert_eq!(freshness.reason(), Some(Reason::RowOutdated));
        assert_eq!(freshness.stale_rows().map(|url| &**url).collect::<Vec<_>>(), ["/b"]);
        let end = freshness.now();
        freshness.row_read("/b", between);
        assert_eq!(freshness.reason(), Some(Reason::RowOutdated), "it became stale since");
        freshness.row_read("/b", end);
        assert_eq!(freshness.reason(), None);
    }

    #[test]
    fn only_what_the_link_made_stale_is_confirmed_without_a_read() {
        let mut freshness = Freshness::new(Reason::Loading);
        let began = freshness.now();
        freshness.list_read(began);
        freshness.mark_stale(Reason::Disconnected);
        freshness.require_new_read();
        assert!(freshness.is_of_link());
        freshness.confirm();
        assert_eq!(freshness.reason(), None);
        freshness.mark_stale(Reason::Changed);
        freshness.mark_stale(Reason::Disconnected);
        assert!(!freshness.is_of_link(), "a reason before it was another");
        freshness.confirm();
        assert_eq!(freshness.reason(), Some(Reason::Disconnected));
    }

    #[test]
    fn when_too_many_moments_are_remembered_every_other_one_goes_and_the_last_stays() {
        let mut freshness = Freshness::new(Reason::Loading);
        let mut moments = Vec::new();
        for time in 0..=REMEMBERED {
            moments.push(freshness.now());
            freshness.note_time(Mono(time as u64));
            freshness.note_time(Mono(time as u64 + 1));
        }
        assert_eq!(freshness.times.len(), REMEMBERED / 2 + 1, "a moment has one time");
        for (time, moment) in moments.iter().enumerate().skip(1) {
            let before = freshness.before(Mono(time as u64 + 1));
            let earlier = moments[time.saturating_sub(1)];
            assert!(before == *moment || before == earlier, "{time}: {before:?} {moment:?}");
        }
        let (last, at) = (moments[REMEMBERED - 1], Mono(REMEMBERED as u64));
        assert_eq!(freshness.before(at), last);
    }
}
