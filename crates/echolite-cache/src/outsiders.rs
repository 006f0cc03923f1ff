//! Rows of which an event said that they are not in the list, and of which nothing else is known (rule 14).
//!
//! A read that began before such an event may still have the row. Only the last few are remembered: an earlier one counts
//! as every row's.

use crate::Name;
use crate::freshness::Stamp;

/// So many are remembered by their ids.
const REMEMBERED: usize = 64;

/// The rows that were said to be outside, by the moment of their event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outsiders {
    last: Vec<(Name, Stamp)>,
    /// The last moment that was forgotten.
    before: Option<Stamp>,
}

impl Outsiders {
    /// An event said now that this row is not in the list.
    pub(crate) fn note(&mut self, id: Name, now: Stamp) {
        self.last.retain(|(known, _)| *known != id);
        if self.last.len() == REMEMBERED {
            self.before = Some(self.last.remove(0).1);
        }
        self.last.push((id, now));
    }

    /// Whether this row may have been said to be outside after `began`.
    pub(crate) fn since(&self, id: &Name, began: Stamp) -> bool {
        self.before.is_some_and(|before| before > began)
            || self.last.iter().any(|(known, at)| known == id && *at > began)
    }

    /// Whether any row may have been.
    pub(crate) fn any_since(&self, began: Stamp) -> bool {
        self.last.last().is_some_and(|(_, at)| *at > began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::freshness::Freshness;

    #[test]
    fn what_was_forgotten_counts_as_every_rows() {
        let mut freshness = Freshness::new(crate::Reason::Loading);
        let mut outsiders = Outsiders::default();
        let began = freshness.now();
        for id in 0..REMEMBERED {
            outsiders.note(format!("{id}").into(), freshness.now());
        }
        assert!(outsiders.since(&"0".into(), began) && outsiders.any_since(began));
        assert!(!outsiders.since(&"x".into(), began));
        assert!(!outsiders.any_since(freshness.now()));
        outsiders.note("0".into(), freshness.now());
        assert!(!outsiders.since(&"x".into(), began), "it is the same row");
        let forgotten = outsiders.last[0].1;
        outsiders.note("y".into(), freshness.now());
        assert!(outsiders.since(&"x".into(), began));
        assert!(!outsiders.since(&"x".into(), forgotten), "no later one was forgotten");
    }

    #[test]
    fn a_read_that_begins_with_the_event_is_not_from_before_it() {
        let mut freshness = Freshness::new(crate::Reason::Loading);
        let mut outsiders = Outsiders::default();
        let (began, at) = (freshness.now(), freshness.now());
        outsiders.note("1".into(), at);
        assert!(outsiders.since(&"1".into(), began) && outsiders.any_since(began));
        assert!(!outsiders.since(&"1".into(), at) && !outsiders.any_since(at));
    }
}
