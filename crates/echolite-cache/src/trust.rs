//! Whether the rows may be called fresh: what is in doubt, and since when.
//!
//! Moments are counted, not timed: each doubt and each read takes the next number, so "began after" is
//! exact whatever the clocks do.

use crate::{Name, Reason};

/// A moment in a resource's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Before anything happened.
    pub(crate) const START: Self = Self(0);
}

#[derive(Clone, Debug)]
struct Doubt {
    since: Stamp,
    reason: Reason,
    /// All reasons there were only said that nobody listened.
    of_link: bool,
}

/// What is in doubt. Nothing: the rows equal the back end's, as far as events and reads tell.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    last: Stamp,
    list: Option<Doubt>,
    /// Outdated single rows, by URL.
    rows: Vec<(Name, Stamp)>,
}

impl Trust {
    /// Nothing was read yet.
    pub(crate) fn new(reason: Reason) -> Self {
        let since = Stamp(1);
        Self { last: since, list: Some(Doubt { since, reason, of_link: false }), rows: Vec::new() }
    }

    /// The moment after all that happened so far.
    pub(crate) fn now(&mut self) -> Stamp {
        self.last.0 += 1;
        self.last
    }

    pub(crate) fn doubt_list(&mut self, reason: Reason) {
        let since = self.now();
        let of_link = reason.is_of_link() && self.list.as_ref().is_none_or(|doubt| doubt.of_link);
        self.list = Some(Doubt { since, reason, of_link });
    }

    /// As [`Self::doubt_list`], but the reason told stays the one there was.
    pub(crate) fn renew(&mut self) {
        let since = self.now();
        match &mut self.list {
            Some(doubt) => doubt.since = since,
            None => {
                self.list = Some(Doubt { since, reason: Reason::Subscribing, of_link: true });
            }
        }
    }

    /// Rows come from the store, where nothing was read before: only their age is in doubt.
    pub(crate) fn restore(&mut self) {
        let since = self.now();
        self.list = Some(Doubt { since, reason: Reason::Restored, of_link: true });
    }

    /// Whether what is in doubt is only whether something was missed.
    pub(crate) fn is_of_link(&self) -> bool {
        self.list.as_ref().is_none_or(|doubt| doubt.of_link)
    }

    /// Something shows that nothing was missed.
    pub(crate) fn vouch(&mut self) {
        self.list.take_if(|doubt| doubt.of_link);
    }

    pub(crate) fn doubt_row(&mut self, url: Name) {
        let since = self.now();
        self.rows.retain(|(doubted, _)| *doubted != url);
        self.rows.push((url, since));
    }

    /// A read of the list that began at `began` holds.
    pub(crate) fn list_read(&mut self, began: Stamp) {
        if self.list.as_ref().is_some_and(|doubt| doubt.since <= began) {
            self.list = None;
        }
        self.rows.retain(|(_, since)| *since > began);
    }

    /// A read of one row that began at `began` holds.
    pub(crate) fn row_read(&mut self, url: &str, began: Stamp) {
        self.rows.retain(|(doubted, since)| **doubted != *url || *since > began);
    }

    pub(crate) fn is_list_doubted(&self) -> bool {
        self.list.is_some()
    }

    /// Whether the list came into doubt after `began`.
    pub(crate) fn is_list_doubted_since(&self, began: Stamp) -> bool {
        self.list.as_ref().is_some_and(|doubt| doubt.since > began)
    }

    pub(crate) fn doubted_rows(&self) -> impl Iterator<Item = &Name> {
        self.rows.iter().map(|(url, _)| url)
    }

    pub(crate) fn forget_rows(&mut self) {
        self.rows.clear();
    }

    /// The reason for the doubt, if there is any.
    pub(crate) fn reason(&self) -> Option<Reason> {
        match &self.list {
            Some(doubt) => Some(doubt.reason.clone()),
            None if self.rows.is_empty() => None,
            None => Some(Reason::RowOutdated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_read_that_began_after_the_doubt_ends_it() {
        let mut trust = Trust::new(Reason::Loading);
        let early = trust.now();
        trust.doubt_list(Reason::Changed);
        trust.list_read(early);
        assert_eq!(trust.reason(), Some(Reason::Changed));
        let late = trust.now();
        trust.list_read(late);
        assert_eq!(trust.reason(), None);
    }

    #[test]
    fn a_list_read_covers_rows_doubted_before_it() {
        let mut trust = Trust::new(Reason::Loading);
        trust.doubt_row("/a".into());
        let between = trust.now();
        trust.doubt_row("/b".into());
        trust.list_read(between);
        assert_eq!(trust.reason(), Some(Reason::RowOutdated));
        assert_eq!(trust.doubted_rows().map(|url| &**url).collect::<Vec<_>>(), ["/b"]);
        let end = trust.now();
        trust.row_read("/b", between);
        assert_eq!(trust.reason(), Some(Reason::RowOutdated), "it came into doubt since");
        trust.row_read("/b", end);
        assert_eq!(trust.reason(), None);
    }
}
