//! The rules of CONSISTENCY.md that decide about one row, as pure functions.
//!
//! Everything else in the cache carries out what these say. Each names the rule it implements.

use std::cmp::Ordering;

use crate::{Version, VersionMode};

/// What the cache knows of a row's id.
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

/// What an event does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Apply; it is final for this row.
    Apply,
    /// Show it, and read to confirm.
    Provisional,
    /// It is older than what is known: drop it.
    Ignore,
    /// Show nothing, but read.
    Doubt,
}

/// What a read does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The read is right.
    Take,
    /// The event that came during the read is right.
    Keep,
    /// Which is right cannot be said: keep, and read again.
    Unsure,
    /// The read is older than what is known: a lagging replica, perhaps.
    Suspect,
}

fn order(a: Option<&Version>, b: Option<&Version>) -> Option<Ordering> {
    a?.order(b?)
}

/// Rule 1, and rule 3 for ids not stored: what an event's row does.
#[must_use]
pub fn on_patch(known: Known<'_>, version: Option<&Version>, mode: VersionMode) -> Ruling {
    match known {
        Known::Unknown => Ruling::Provisional,
        Known::Tombstone(deleted) => match (order(version, deleted), mode) {
            (Some(Ordering::Greater), _) => Ruling::Provisional,
            (Some(Ordering::Less), _) | (Some(Ordering::Equal), VersionMode::Strict) => {
                Ruling::Ignore
            }
            // a late update of what is gone, or the row made anew within the same second
            (Some(Ordering::Equal), VersionMode::Coarse) | (None, _) => Ruling::Doubt,
        },
        Known::Row(stored) => match (order(version, stored), mode) {
            (Some(Ordering::Greater), _) => Ruling::Apply,
            (Some(Ordering::Less), _) | (Some(Ordering::Equal), VersionMode::Strict) => {
                Ruling::Ignore
            }
            (Some(Ordering::Equal), VersionMode::Coarse) | (None, _) => Ruling::Provisional,
        },
    }
}

/// Rule 1 for deletions: a delete wins ties. One that carries an older version than the row's may tell of
/// a row deleted by who had not seen its last change, so it is never simply dropped where versions are
/// coarse; and a tie may tell of a row that was made anew within the same second, so it is confirmed there.
#[must_use]
pub fn on_delete(known: Known<'_>, version: Option<&Version>, mode: VersionMode) -> Ruling {
    match known {
        Known::Unknown if version.is_some() => Ruling::Apply,
        Known::Unknown => Ruling::Provisional,
        Known::Tombstone(deleted) => match (order(version, deleted), mode) {
            // a tie may tell of the row made anew meanwhile: the deletion is as young as this event
            (Some(Ordering::Greater), _) | (Some(_), VersionMode::Coarse) => Ruling::Apply,
            (Some(_), VersionMode::Strict) => Ruling::Ignore,
            (None, _) => Ruling::Provisional,
        },
        Known::Row(stored) => match (order(version, stored), mode) {
            (Some(Ordering::Greater), _) | (Some(Ordering::Equal), VersionMode::Strict) => {
                Ruling::Apply
            }
            (Some(Ordering::Equal), VersionMode::Coarse) => Ruling::Provisional,
            (Some(Ordering::Less), VersionMode::Strict) => Ruling::Ignore,
            (Some(Ordering::Less), VersionMode::Coarse) => Ruling::Doubt,
            (None, _) => Ruling::Provisional,
        },
    }
}

/// How a row that a read lists stands to what is known (rule 2).
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

/// Rule 2: what a read that lists this row does to it.
#[must_use]
pub fn on_listed(
    known: Known<'_>,
    version: Option<&Version>,
    circumstances: Circumstances,
    mode: VersionMode,
) -> Reading {
    let Circumstances { overlapped, recent, ignored } = circumstances;
    match known {
        Known::Unknown => Reading::Take,
        Known::Row(stored) => match (order(version, stored), overlapped) {
            (Some(Ordering::Less), false) if ignored => Reading::Unsure,
            (Some(Ordering::Less), false) => Reading::Suspect,
            (_, false) | (Some(Ordering::Greater), true) => Reading::Take,
            (Some(Ordering::Less), true) => Reading::Keep,
            (Some(Ordering::Equal), true) if mode == VersionMode::Strict => Reading::Take,
            (Some(Ordering::Equal) | None, true) => Reading::Unsure,
        },
        Known::Tombstone(deleted) => match (order(version, deleted), overlapped) {
            (Some(Ordering::Less), true) => Reading::Keep,
            (Some(Ordering::Equal), true) if mode == VersionMode::Strict => Reading::Keep,
            (Some(Ordering::Equal | Ordering::Greater) | None, true) => Reading::Unsure,
            (Some(Ordering::Less | Ordering::Equal), false) if ignored => Reading::Unsure,
            (Some(Ordering::Less | Ordering::Equal), false) if recent => Reading::Suspect,
            (_, false) => Reading::Take,
        },
    }
}

/// Rule 2: what a read that does not list a row of the cache does to it.
#[must_use]
pub fn on_unlisted(version: Option<&Version>, circumstances: Circumstances) -> Reading {
    match circumstances {
        Circumstances { overlapped: true, .. } | Circumstances { ignored: true, .. } => {
            Reading::Unsure
        }
        Circumstances { recent: true, .. } if version.is_some() => Reading::Suspect,
        Circumstances { .. } => Reading::Take,
    }
}

/// What the rows of a read and those of events may be compared by.
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
pub fn by_head(basis: Basis, event: Option<u64>, overlapped: bool) -> Option<Reading> {
    match (basis, event) {
        (Basis::Versions, _) => None,
        (Basis::NewEpoch, _) if overlapped => Some(Reading::Unsure),
        (Basis::NewEpoch, _) => Some(Reading::Take),
        (Basis::Head(read), Some(event)) if event > read => Some(Reading::Keep),
        (Basis::Head(_), Some(_)) => Some(Reading::Take),
        (Basis::Head(_), None) if !overlapped => Some(Reading::Take),
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
            (number(6.0), Ruling::Apply, Ruling::Apply),
            (number(5.0), Ruling::Provisional, Ruling::Ignore),
            (number(4.0), Ruling::Ignore, Ruling::Ignore),
            (None, Ruling::Provisional, Ruling::Provisional),
        ] {
            assert_eq!(on_patch(row, version.as_ref(), Coarse), coarse, "{version:?}");
            assert_eq!(on_patch(row, version.as_ref(), Strict), strict, "{version:?}");
        }
    }

    #[test]
    fn a_late_update_does_not_raise_the_dead() {
        let five = number(5.0);
        let dead = Known::Tombstone(five.as_ref());
        assert_eq!(on_patch(dead, number(4.0).as_ref(), Coarse), Ruling::Ignore);
        assert_eq!(on_patch(dead, number(5.0).as_ref(), Strict), Ruling::Ignore);
        assert_eq!(on_patch(dead, number(5.0).as_ref(), Coarse), Ruling::Doubt);
        assert_eq!(on_patch(dead, number(6.0).as_ref(), Coarse), Ruling::Provisional);
        assert_eq!(on_patch(dead, None, Coarse), Ruling::Doubt);
        assert_eq!(on_patch(Known::Unknown, number(1.0).as_ref(), Coarse), Ruling::Provisional);
    }

    #[test]
    fn deletes_win_ties_and_old_ones_raise_doubt() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        assert_eq!(on_delete(row, number(5.0).as_ref(), Strict), Ruling::Apply);
        assert_eq!(on_delete(row, number(5.0).as_ref(), Coarse), Ruling::Provisional);
        assert_eq!(on_delete(row, number(6.0).as_ref(), Coarse), Ruling::Apply);
        assert_eq!(on_delete(row, number(4.0).as_ref(), Coarse), Ruling::Doubt);
        assert_eq!(on_delete(row, number(4.0).as_ref(), Strict), Ruling::Ignore);
        assert_eq!(on_delete(row, None, Coarse), Ruling::Provisional);
    }

    #[test]
    fn deletes_of_what_is_not_there_leave_a_tombstone_at_their_version() {
        for mode in [Coarse, Strict] {
            assert_eq!(on_delete(Known::Unknown, number(1.0).as_ref(), mode), Ruling::Apply);
            assert_eq!(on_delete(Known::Unknown, None, mode), Ruling::Provisional);
            let five = number(5.0);
            let dead = Known::Tombstone(five.as_ref());
            let again = if mode == Strict { Ruling::Ignore } else { Ruling::Apply };
            assert_eq!(on_delete(dead, number(6.0).as_ref(), mode), Ruling::Apply);
            assert_eq!(on_delete(dead, number(5.0).as_ref(), mode), again);
            assert_eq!(on_delete(dead, number(4.0).as_ref(), mode), again);
            assert_eq!(on_delete(dead, None, mode), Ruling::Provisional);
        }
    }

    #[test]
    fn a_read_is_authority_unless_it_is_older_than_what_is_known() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        let quiet = Circumstances { overlapped: false, recent: false, ignored: false };
        assert_eq!(on_listed(row, number(5.0).as_ref(), quiet, Coarse), Reading::Take);
        assert_eq!(on_listed(row, None, quiet, Coarse), Reading::Take);
        assert_eq!(on_listed(row, number(4.0).as_ref(), quiet, Coarse), Reading::Suspect);
        assert_eq!(on_unlisted(five.as_ref(), quiet), Reading::Take);
        let recent = Circumstances { recent: true, ..quiet };
        assert_eq!(on_unlisted(five.as_ref(), recent), Reading::Suspect);
        assert_eq!(on_unlisted(None, recent), Reading::Take);
        let dead = Known::Tombstone(five.as_ref());
        assert_eq!(on_listed(dead, number(5.0).as_ref(), recent, Coarse), Reading::Suspect);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), quiet, Coarse), Reading::Take);
    }

    #[test]
    fn a_read_that_overlapped_an_event_compares_row_by_row() {
        let five = number(5.0);
        let row = Known::Row(five.as_ref());
        let during = Circumstances { overlapped: true, recent: true, ignored: false };
        assert_eq!(on_listed(row, number(6.0).as_ref(), during, Coarse), Reading::Take);
        assert_eq!(on_listed(row, number(4.0).as_ref(), during, Coarse), Reading::Keep);
        assert_eq!(on_listed(row, number(5.0).as_ref(), during, Coarse), Reading::Unsure);
        assert_eq!(on_listed(row, number(5.0).as_ref(), during, Strict), Reading::Take);
        assert_eq!(on_listed(row, None, during, Coarse), Reading::Unsure);
        let dead = Known::Tombstone(five.as_ref());
        assert_eq!(on_listed(dead, number(4.0).as_ref(), during, Coarse), Reading::Keep);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), during, Strict), Reading::Keep);
        assert_eq!(on_listed(dead, number(5.0).as_ref(), during, Coarse), Reading::Unsure);
        assert_eq!(on_listed(dead, number(6.0).as_ref(), during, Coarse), Reading::Unsure);
        assert_eq!(on_unlisted(five.as_ref(), during), Reading::Unsure);
    }

    #[test]
    fn a_read_and_an_ignored_event_that_are_both_older_say_nothing_of_each_other() {
        let five = number(5.0);
        let ignored = Circumstances { overlapped: false, recent: true, ignored: true };
        for (known, equal) in [
            (Known::Row(five.as_ref()), Reading::Take),
            (Known::Tombstone(five.as_ref()), Reading::Unsure),
        ] {
            assert_eq!(on_listed(known, number(4.0).as_ref(), ignored, Strict), Reading::Unsure);
            assert_eq!(on_listed(known, number(5.0).as_ref(), ignored, Strict), equal);
            assert_eq!(on_listed(known, number(6.0).as_ref(), ignored, Strict), Reading::Take);
        }
        assert_eq!(on_unlisted(five.as_ref(), ignored), Reading::Unsure);
    }

    #[test]
    fn heads_tell_what_a_read_includes() {
        let read = Basis::Head(5);
        for overlapped in [false, true] {
            assert_eq!(by_head(read, Some(4), overlapped), Some(Reading::Take));
            assert_eq!(by_head(read, Some(5), overlapped), Some(Reading::Take));
            assert_eq!(by_head(read, Some(6), overlapped), Some(Reading::Keep));
            assert_eq!(by_head(Basis::Versions, Some(4), overlapped), None);
        }
        assert_eq!(by_head(read, None, false), Some(Reading::Take));
        assert_eq!(by_head(read, None, true), None);
    }

    #[test]
    fn across_epochs_only_what_came_during_the_read_is_in_question() {
        for event in [None, Some(4), Some(6)] {
            assert_eq!(by_head(Basis::NewEpoch, event, false), Some(Reading::Take));
            assert_eq!(by_head(Basis::NewEpoch, event, true), Some(Reading::Unsure));
        }
    }

    #[test]
    fn suspects_are_accepted_in_the_end() {
        assert!(!accepts_suspect(2, 29_999));
        assert!(accepts_suspect(3, 0));
        assert!(accepts_suspect(1, 30_000));
    }
}
