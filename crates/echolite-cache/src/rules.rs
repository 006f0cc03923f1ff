//! The rules that decide about one row, as pure functions; docs/mutations.md lists all rules.
//!
//! `resource/row_changes.rs` and `reconcile.rs` carry out what these say. Each names the rule it implements.

use std::cmp::Ordering;

use crate::{Version, VersionMode};

/// Knowledge of a row's id.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// Never seen, or forgotten.
    Unknown,
    /// It is in the list.
    Row(Option<&'a Version>),
    /// It was deleted.
    Tombstone(Option<&'a Version>),
}

impl<'a> Known<'a> {
    /// The version of the row, or at which it was deleted.
    pub(crate) fn version(&self) -> Option<&'a Version> {
        match *self {
            Self::Unknown => None,
            Self::Row(version) | Self::Tombstone(version) => version,
        }
    }
}

/// The decision about a row that an event carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventDecision {
    /// Apply; it is final for this row.
    Apply,
    /// Show it, and read to confirm.
    Provisional,
    /// It is older than what is known: drop it.
    Ignore,
    /// Show nothing, but read.
    Read,
}

/// The decision about a row that a read brings, or lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadDecision {
    /// The read is right.
    Take,
    /// The event that came during the read is right.
    Keep,
    /// Which is right cannot be said: keep, and read again.
    Unsure,
    /// The read is older than what is known: a lagging replica, perhaps.
    Suspect,
}

/// The order of two versions. Where equal ones are to mean the same row, they must be so to the last digit: a tie by
/// lost precision decides nothing then.
pub(crate) fn order(
    a: Option<&Version>,
    b: Option<&Version>,
    mode: VersionMode,
) -> Option<Ordering> {
    let (a, b) = (a?, b?);
    let strict = mode == VersionMode::Strict;
    a.order(b).filter(|order| order.is_ne() || !strict || a.is_same(b))
}

/// Rule 1, and rule 3 for ids not stored: decides about a row that an event carries.
#[must_use]
pub fn on_patch(known: Known<'_>, version: Option<&Version>, mode: VersionMode) -> EventDecision {
    match known {
        Known::Unknown => EventDecision::Provisional,
        Known::Tombstone(deleted) => match order(version, deleted, mode) {
            Some(Ordering::Greater) => EventDecision::Provisional,
            // a late update of what is gone, or of the next life of its key, which counts from the beginning again
            Some(Ordering::Less | Ordering::Equal) | None => EventDecision::Read,
        },
        Known::Row(stored) => match (order(version, stored, mode), mode) {
            (Some(Ordering::Greater), _) => EventDecision::Apply,
            (Some(Ordering::Less), _) | (Some(Ordering::Equal), VersionMode::Strict) => {
                EventDecision::Ignore
            }
            (Some(Ordering::Equal), VersionMode::Coarse) | (None, _) => EventDecision::Provisional,
        },
    }
}

/// Rule 1 for deletions: a delete wins ties. One that carries an older version than the row's may tell of
/// a row deleted by who had not seen its last change, so it is never simply dropped where versions are
/// coarse; and a tie may tell of a row that was made anew within the same second, so it is confirmed there.
#[must_use]
pub fn on_delete(known: Known<'_>, version: Option<&Version>, mode: VersionMode) -> EventDecision {
    match known {
        Known::Unknown if version.is_some_and(Version::is_ordered) => EventDecision::Apply,
        Known::Unknown => EventDecision::Provisional,
        Known::Tombstone(deleted) => match (order(version, deleted, mode), mode) {
            // a tie may tell of the row made anew meanwhile: the deletion is as young as this event
            (Some(Ordering::Greater), _) | (Some(_), VersionMode::Coarse) => EventDecision::Apply,
            (Some(_), VersionMode::Strict) => EventDecision::Ignore,
            (None, _) => EventDecision::Provisional,
        },
        Known::Row(stored) => match (order(version, stored, mode), mode) {
            (Some(Ordering::Greater), _) | (Some(Ordering::Equal), VersionMode::Strict) => {
                EventDecision::Apply
            }
            (Some(Ordering::Equal), VersionMode::Coarse) => EventDecision::Provisional,
            (Some(Ordering::Less), VersionMode::Strict) => EventDecision::Ignore,
            (Some(Ordering::Less), VersionMode::Coarse) => EventDecision::Read,
            (None, _) => EventDecision::Provisional,
        },
    }
}

/// The relation of a read to what is known of a row (rule 2).
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// An event about this row came after the read began.
    pub overlapped: bool,
    /// What is known came by an event, not long ago.
    pub recent: bool,
    /// An event about this row came after the read began, and was ignored as older than what is known. If the read
    /// shows something older too, then a backup was restored, and the event may be the newer of the two.
    pub ignored: bool,
}

/// Rule 2: decides about a row that a read lists.
#[must_use]
pub fn on_listed(
    known: Known<'_>,
    version: Option<&Version>,
    circumstances: Circumstances,
    mode: VersionMode,
) -> ReadDecision {
    let Circumstances { overlapped, recent, ignored } = circumstances;
    match known {
        Known::Unknown => ReadDecision::Take,
        Known::Row(stored) => match (order(version, stored, mode), overlapped) {
            (Some(Ordering::Less), false) if ignored => ReadDecision::Unsure,
            (Some(Ordering::Less), false) => ReadDecision::Suspect,
            (_, false) | (Some(Ordering::Greater), true) => ReadDecision::Take,
            (Some(Ordering::Less), true) => ReadDecision::Keep,
            (Some(Ordering::Equal), true) if mode == VersionMode::Strict => ReadDecision::Take,
            (Some(Ordering::Equal) | None, true) => ReadDecision::Unsure,
        },
        Known::Tombstone(deleted) => match (order(version, deleted, mode), overlapped) {
            (Some(Ordering::Less), true) => ReadDecision::Keep,
            (Some(Ordering::Equal), true) if mode == VersionMode::Strict => ReadDecision::Keep,
            (Some(Ordering::Equal | Ordering::Greater) | None, true) => ReadDecision::Unsure,
            (Some(Ordering::Less | Ordering::Equal), false) if ignored => ReadDecision::Unsure,
            (Some(Ordering::Less | Ordering::Equal), false) if recent => ReadDecision::Suspect,
            (_, false) => ReadDecision::Take,
        },
    }
}

/// Rule 2: decides about a row of the cache that a read does not list.
#[must_use]
pub fn on_unlisted(version: Option<&Version>, circumstances: Circumstances) -> ReadDecision {
    match circumstances {
        Circumstances { overlapped: true, .. } | Circumstances { ignored: true, .. } => {
            ReadDecision::Unsure
        }
        Circumstances { recent: true, .. } if version.is_some_and(Version::is_ordered) => {
            ReadDecision::Suspect
        }
        Circumstances { .. } => ReadDecision::Take,
    }
}

/// The measure by which rows of a read and of events are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Their versions, if they have any.
    Versions,
    /// Their heads: this is the read's.
    Head(u64),
    /// Nothing: the read is the first of another epoch.
    NewEpoch,
}

/// Rule 2 with heads: events up to the read's head are in it, later ones are applied over it. Rule 10: what an event
/// of the epoch before says counts no more, unless it came during the read. `None` where heads cannot tell.
#[must_use]
pub fn by_head(basis: Basis, event: Option<u64>, overlapped: bool) -> Option<ReadDecision> {
    match (basis, event) {
        (Basis::Versions, _) => None,
        (Basis::NewEpoch, _) if overlapped => Some(ReadDecision::Unsure),
        (Basis::NewEpoch, _) => Some(ReadDecision::Take),
        (Basis::Head(read), Some(event)) if event > read => Some(ReadDecision::Keep),
        (Basis::Head(_), Some(_)) => Some(ReadDecision::Take),
        (Basis::Head(_), None) if !overlapped => Some(ReadDecision::Take),
        (Basis::Head(_), None) => None,
    }
}

/// Rule 2: suspect reads are accepted once so many in a row…
const SUSPECTS: u32 = 3;
/// … or over so many milliseconds agree.
const SUSPECT_TIME: u64 = 30_000;

/// Whether a suspect read is to be accepted: the `count`th in a row, `lasting` milliseconds after the first.
#[must_use]
pub fn accepts_suspect(count: u32, lasting: u64) -> bool {
    count >= SUSPECTS || lasting >= SUSPECT_TIME
}

#[cfg(test)]
mod tests {
    use super::*;
    use VersionMode::{Coarse, Strict};

    fn number(n: f64) -> Option<Version> {
        Some(Version::Number(n))
    }

    #[test]
    fn patches_follow_versions() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        for (version, coarse, strict) in [
            (number(6.0), EventDecision::Apply, EventDecision::Apply),
            (number(5.0), EventDecision::Provisional, EventDecision::Ignore),
            (number(4.0), EventDecision::Ignore, EventDecision::Ignore),
            (None, EventDecision::Provisional, EventDecision::Provisional),
        ] {
            assert_eq!(on_patch(row, version.as_ref(), Coarse), coarse, "{version:?}");
            assert_eq!(on_patch(row, version.as_ref(), Strict), strict, "{version:?}");
        }
    }

    #[test]
    fn a_late_update_does_not_raise_the_dead() {
        let five = number(5.0);
        let dead = Known::Tombstone(five.as_ref());
        for mode in [Coarse, Strict] {
            // nor is it dropped: the key may live again, and count from the beginning
            assert_eq!(on_patch(dead, number(4.0).as_ref(), mode), EventDecision::Read);
            assert_eq!(on_patch(dead, number(5.0).as_ref(), mode), EventDecision::Read);
        }
        assert_eq!(on_patch(dead, number(6.0).as_ref(), Coarse), EventDecision::Provisional);
        assert_eq!(on_patch(dead, None, Coarse), EventDecision::Read);
        assert_eq!(
            on_patch(Known::Unknown, number(1.0).as_ref(), Coarse),
            EventDecision::Provisional
        );
    }

    #[test]
    fn deletes_win_ties_and_old_ones_raise_doubt() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        assert_eq!(on_delete(row, number(5.0).as_ref(), Strict), EventDecision::Apply);
        assert_eq!(on_delete(row, number(5.0).as_ref(), Coarse), EventDecision::Provisional);
        assert_eq!(on_delete(row, number(6.0).as_ref(), Coarse), EventDecision::Apply);
        assert_eq!(on_delete(row, number(4.0).as_ref(), Coarse), EventDecision::Read);
        assert_eq!(on_delete(row, number(4.0).as_ref(), Strict), EventDecision::Ignore);
        assert_eq!(on_delete(row, None, Coarse), EventDecision::Provisional);
    }

    #[test]
    fn deletes_of_what_is_not_there_leave_a_tombstone_at_their_version() {
        for mode in [Coarse, Strict] {
            assert_eq!(on_delete(Known::Unknown, number(1.0).as_ref(), mode), EventDecision::Apply);
            assert_eq!(on_delete(Known::Unknown, None, mode), EventDecision::Provisional);
            let five = number(5.0);
            let dead = Known::Tombstone(five.as_ref());
            let again = if mode == Strict { EventDecision::Ignore } else { EventDecision::Apply };
            assert_eq!(on_delete(dead, number(6.0).as_ref(), mode), EventDecision::Apply);
            assert_eq!(on_delete(dead, number(5.0).as_ref(), mode), again);
            assert_eq!(on_delete(dead, number(4.0).as_ref(), mode), again);
            assert_eq!(on_delete(dead, None, mode), EventDecision::Provisional);
        }
    }

    #[test]
    fn a_read_is_authority_unless_it_is_older_than_what_is_known() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        let quiet = Circumstances { overlapped: false, recent: false, ignored: false };
        assert_eq!(on_listed(row, number(5.0).as_ref(), quiet, Coarse), ReadDecision::Take);
        assert_eq!(on_listed(row, None, quiet, Coarse), ReadDecision::Take);
        assert_eq!(on_listed(row, number(4.0).as_ref(), quiet, Coarse), ReadDecision::Suspect);
        assert_eq!(on_unlisted(five.as_ref(), quiet), ReadDecision::Take);
        let recent = Circumstances { recent: true, ..quiet };
        assert_eq!(on_unlisted(five.as_ref(), recent), ReadDecision::Suspect);
        assert_eq!(on_unlisted(None, recent), ReadDecision::Take);
        let dead = Known::Tombstone(five.as_ref());
        assert_eq!(on_listed(dead, number(5.0).as_ref(), recent, Coarse), ReadDecision::Suspect);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), quiet, Coarse), ReadDecision::Take);
    }

    #[test]
    fn a_read_that_overlapped_an_event_compares_row_by_row() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        let during = Circumstances { overlapped: true, recent: true, ignored: false };
        assert_eq!(on_listed(row, number(6.0).as_ref(), during, Coarse), ReadDecision::Take);
        assert_eq!(on_listed(row, number(4.0).as_ref(), during, Coarse), ReadDecision::Keep);
        assert_eq!(on_listed(row, number(5.0).as_ref(), during, Coarse), ReadDecision::Unsure);
        assert_eq!(on_listed(row, number(5.0).as_ref(), during, Strict), ReadDecision::Take);
        assert_eq!(on_listed(row, None, during, Coarse), ReadDecision::Unsure);
        let dead = Known::Tombstone(five.as_ref());
        assert_eq!(on_listed(dead, number(4.0).as_ref(), during, Coarse), ReadDecision::Keep);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), during, Strict), ReadDecision::Keep);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), during, Coarse), ReadDecision::Unsure);
        assert_eq!(on_listed(dead, number(6.0).as_ref(), during, Coarse), ReadDecision::Unsure);
        assert_eq!(on_unlisted(five.as_ref(), during), ReadDecision::Unsure);
    }

    #[test]
    fn a_read_and_an_ignored_event_that_are_both_older_say_nothing_of_each_other() {
        let five = number(5.0);
        let ignored = Circumstances { overlapped: false, recent: true, ignored: true };
        for (known, equal) in [
            (Known::Row(five.as_ref()), ReadDecision::Take),
            (Known::Tombstone(five.as_ref()), ReadDecision::Unsure),
        ] {
            assert_eq!(
                on_listed(known, number(4.0).as_ref(), ignored, Strict),
                ReadDecision::Unsure
            );
            assert_eq!(on_listed(known, number(5.0).as_ref(), ignored, Strict), equal);
            assert_eq!(on_listed(known, number(6.0).as_ref(), ignored, Strict), ReadDecision::Take);
        }
        assert_eq!(on_unlisted(five.as_ref(), ignored), ReadDecision::Unsure);
    }

    #[test]
    fn heads_tell_what_a_read_includes() {
        let read = Basis::Head(5);
        for overlapped in [false, true] {
            assert_eq!(by_head(read, Some(4), overlapped), Some(ReadDecision::Take));
            assert_eq!(by_head(read, Some(5), overlapped), Some(ReadDecision::Take));
            assert_eq!(by_head(read, Some(6), overlapped), Some(ReadDecision::Keep));
            assert_eq!(by_head(Basis::Versions, Some(4), overlapped), None);
        }
        assert_eq!(by_head(read, None, false), Some(ReadDecision::Take));
        assert_eq!(by_head(read, None, true), None);
    }

    #[test]
    fn across_epochs_only_what_came_during_the_read_is_in_question() {
        for event in [None, Some(4), Some(6)] {
            assert_eq!(by_head(Basis::NewEpoch, event, false), Some(ReadDecision::Take));
            assert_eq!(by_head(Basis::NewEpoch, event, true), Some(ReadDecision::Unsure));
        }
    }

    #[test]
    fn suspects_are_accepted_in_the_end() {
        assert!(!accepts_suspect(2, 29_999));
        assert!(accepts_suspect(3, 0));
        assert!(accepts_suspect(1, 30_000));
    }
}
