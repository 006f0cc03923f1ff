//! The heads that a change raised, and how far its events tell of them.

use std::collections::BTreeMap;

use crate::error::{FeedError, Result};
use crate::head::{EventHead, Head};

/// A resource's head, and after which seq the change log has everything.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    pub(crate) head: Head,
    pub(crate) log_from: i64,
}

/// By resource: the seq up to which events tell. At the beginning that of the counter, locked.
///
/// The counter in the table is the truth; a trigger may raise it as well.
#[derive(Debug, Default)]
pub(crate) struct RaisedHeads {
    up_to: BTreeMap<String, i64>,
    last: Vec<(String, EventHead)>,
}

impl RaisedHeads {
    pub(crate) fn begun(&mut self, resource: &str, counter: &Counter) {
        self.up_to.insert(resource.to_owned(), counter.head.seq);
    }

    /// The resources of the change.
    pub(crate) fn resources(&self) -> Vec<String> {
        self.up_to.keys().cloned().collect()
    }

    /// That a change is about this resource, and so holds its lock.
    pub(crate) fn holds(&self, resource: &str) -> Result<()> {
        let is_held = self.up_to.contains_key(resource);
        if is_held { Ok(()) } else { Err(FeedError::NotBegun(resource.to_owned())) }
    }

    /// The heads that the next event carries: of each resource that was raised since the event before it.
    /// When there is none, it is another event of the same change and carries the same heads.
    pub(crate) fn heads(&mut self, now: Vec<(String, Counter)>) -> &[(String, EventHead)] {
        let mut raised = Vec::new();
        for (resource, Counter { head: Head { epoch, seq }, .. }) in now {
            let Some(up_to) = self.up_to.get_mut(&resource).filter(|up_to| **up_to < seq) else {
                continue;
            };
            let prev = std::mem::replace(up_to, seq);
            raised.push((resource, EventHead { epoch, seq, prev }));
        }
        if !raised.is_empty() {
            self.last = raised;
        }
        &self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(seq: i64) -> Counter {
        Counter { head: Head { epoch: "a".into(), seq }, log_from: 0 }
    }

    #[test]
    fn each_event_tells_what_was_raised_since_the_one_before() {
        let mut raised = RaisedHeads::default();
        for resource in ["a", "b"] {
            raised.begun(resource, &counter(5));
        }
        let mut heads = |a, b| -> Vec<(String, i64, i64)> {
            let now = vec![("a".to_owned(), counter(a)), ("b".to_owned(), counter(b))];
            let heads = raised.heads(now).iter();
            heads.map(|(name, head)| (name.clone(), head.prev, head.seq)).collect()
        };
        assert_eq!(heads(5, 5), [], "nothing was raised yet");
        assert_eq!(heads(7, 5), [("a".to_owned(), 5, 7)]);
        assert_eq!(heads(7, 5), [("a".to_owned(), 5, 7)], "another event of the same change");
        assert_eq!(heads(8, 6), [("a".to_owned(), 7, 8), ("b".to_owned(), 5, 6)]);
        assert!(raised.holds("a").is_ok());
        assert!(matches!(raised.holds("c"), Err(FeedError::NotBegun(_))));
    }
}
