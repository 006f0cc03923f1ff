//! Single rows that the list does not have: who asked for which, and what their URLs answered.
//!
//! A row of the list is given as the list has it. Of another, only its own URL can tell: it is read each time, by
//! a read that begins after the question, and what it answered before is kept for its validator alone. So an entry
//! cannot be stale, and whatever events and lists say of its row needs no second place to be written to.

use crate::freshness::Stamp;
use crate::{Mono, Name, RequestId};

/// Answers kept, at most; beyond, the oldest goes.
const ENTRIES: usize = 100;

/// A question for a row.
#[derive(Clone, Debug)]
pub(crate) struct Get {
    pub(crate) request: RequestId,
    pub(crate) id: Name,
    pub(crate) asked: Stamp,
    pub(crate) at: Mono,
}

/// What a row's URL answered last.
#[derive(Clone, Debug)]
struct Entry<P> {
    url: Name,
    validator: Name,
    row: P,
}

/// The answer of a row's URL.
pub(crate) enum RowReply<P> {
    /// 304.
    NotModified,
    /// The row, and its validator.
    Row(P, Option<Name>),
    /// There is no such row.
    Gone,
}

/// The questions for rows, and the rows kept for their validators.
#[derive(Clone, Debug)]
pub(crate) struct SingleRows<P> {
    /// In the order in which they were asked.
    gets: Vec<Get>,
    /// Oldest first.
    entries: Vec<Entry<P>>,
}

impl<P: Clone> SingleRows<P> {
    pub(crate) const fn new() -> Self {
        Self { gets: Vec::new(), entries: Vec::new() }
    }

    // --- questions ---------------------------------------------------------------------------------

    pub(crate) fn ask(&mut self, get: Get) {
        self.gets.push(get);
    }

    /// The question that waits for longest.
    pub(crate) fn first(&self) -> Option<&Get> {
        self.gets.first()
    }

    /// Takes out the questions that `is_answered` says are.
    pub(crate) fn take(&mut self, is_answered: impl Fn(&Get) -> bool) -> Vec<Get> {
        self.gets.extract_if(.., |get| is_answered(get)).collect()
    }

    // --- what URLs answered ------------------------------------------------------------------------

    fn entry(&self, url: &str) -> Option<&Entry<P>> {
        self.entries.iter().find(|entry| *entry.url == *url)
    }

    /// The validator to ask a URL with.
    pub(crate) fn validator(&self, url: &str) -> Option<Name> {
        Some(self.entry(url)?.validator.clone())
    }

    /// The row that a URL answered last, and its validator.
    pub(crate) fn kept(&self, url: &str) -> Option<(P, Name)> {
        self.entry(url).map(|entry| (entry.row.clone(), entry.validator.clone()))
    }

    /// Keeps what a URL answered, if it has a validator.
    pub(crate) fn keep(&mut self, url: &Name, validator: Option<Name>, row: P) {
        self.forget(url);
        if let Some(validator) = validator {
            if self.entries.len() == ENTRIES {
                self.entries.remove(0);
            }
            self.entries.push(Entry { url: url.clone(), validator, row });
        }
    }

    /// There is no row at this URL.
    pub(crate) fn forget(&mut self, url: &str) {
        self.entries.retain(|entry| *entry.url != *url);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_its_validator_alone() {
        let mut rows = SingleRows::new();
        rows.keep(&"/1".into(), Some("a".into()), 'a');
        assert_eq!(rows.kept("/1"), Some(('a', "a".into())));
        rows.keep(&"/1".into(), None, 'b');
        assert_eq!((rows.kept("/1"), rows.validator("/1")), (None, None));
    }

    #[test]
    fn the_oldest_answer_goes_first() {
        let mut rows = SingleRows::new();
        for n in 0..=ENTRIES {
            rows.keep(&format!("/{n}").into(), Some("v".into()), n);
        }
        assert_eq!(rows.kept("/0"), None);
        assert!(rows.kept("/1").is_some());
    }

    #[test]
    fn questions_are_taken_as_they_are_answered_and_keep_their_order() {
        let mut rows: SingleRows<()> = SingleRows::new();
        for request in 1..=3 {
            let (id, asked, at) = ("1".into(), Stamp::START, Mono(0));
            rows.ask(Get { request, id, asked, at });
        }
        let taken = rows.take(|get| get.request != 2);
        assert_eq!(taken.iter().map(|get| get.request).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(rows.first().map(|get| get.request), Some(2));
    }
}
