//! What the rows are: events, reads, tombstones, epochs, pages, filters.

use super::Check::{Core, Page};
use super::Entry;

const ANSWERS: &str = "crates/echolite-core/src/cache/answers.rs";
const EVENTS: &str = "crates/echolite-core/src/cache/events.rs";
const HEADS: &str = "crates/echolite-core/src/cache/heads.rs";
const PAGES: &str = "crates/echolite-core/src/cache/pages.rs";
const RESOURCE: &str = "crates/echolite-core/src/cache/resource.rs";
const ROWS: &str = "crates/echolite-core/src/cache/rows.rs";
const RULES: &str = "crates/echolite-core/src/cache/rules.rs";

pub(super) const CLAUSES: &[Entry] = &[
    // events are ordered
    Entry {
        rule: 1,
        off: "an older event is applied, too",
        file: RULES,
        old: "(Some(Ordering::Greater), _) => Ruling::Apply,",
        new: "(Some(Ordering::Greater | Ordering::Less), _) => Ruling::Apply,",
        check: Core(&["lib", "cache", "regressions"]),
    },
    Entry {
        rule: 1,
        off: "of two events with one timestamp the first is final",
        file: RULES,
        old: "(Some(Ordering::Equal), VersionMode::Coarse) | (None, _) => Ruling::Provisional,",
        new: "(Some(Ordering::Equal), VersionMode::Coarse) | (None, _) => Ruling::Ignore,",
        check: Core(&["lib", "cache", "regressions"]),
    },
    Entry {
        rule: 1,
        off: "versions decide where heads say the order",
        file: EVENTS,
        old: "Some(_) => Ruling::Apply,\n            None if self.is_appended(&row) => Ruling::Apply,\n            None =>",
        new: "None if self.is_appended(&row) => Ruling::Apply,\n            _ =>",
        check: Core(&["heads"]),
    },
    Entry {
        rule: 1,
        off: "an event of a head that the rows include is applied again",
        file: HEADS,
        old: "if event.seq <= reflected.seq => Place::Past,",
        new: "if event.seq <= reflected.seq => Place::Next,",
        check: Core(&["lib", "heads", "regressions"]),
    },
    Entry {
        rule: 1,
        off: "a delete loses ties",
        file: RULES,
        old: "(Some(Ordering::Equal), VersionMode::Coarse) => Ruling::Provisional,",
        new: "(Some(Ordering::Equal), VersionMode::Coarse) => Ruling::Ignore,",
        check: Core(&["lib", "cache", "regressions"]),
    },
    // a read is authority
    Entry {
        rule: 2,
        off: "a read that began after all events is compared by versions",
        file: RULES,
        old: "(_, false) | (Some(Ordering::Greater), true) => Reading::Take,",
        new: "(None | Some(Ordering::Equal), false) => Reading::Keep,\n            (Some(Ordering::Greater), _) => Reading::Take,",
        check: Core(&["lib", "cache", "regressions"]),
    },
    Entry {
        rule: 2,
        off: "a read that overlapped an event replaces the row all the same",
        file: ROWS,
        old: "overlapped: touched > began,",
        new: "overlapped: touched < Stamp::START && touched > began,",
        check: Core(&["regressions", "heads"]),
    },
    Entry {
        rule: 2,
        off: "on a tie there is no second read",
        file: RULES,
        old: "(Some(Ordering::Equal) | None, true) => Reading::Unsure,",
        new: "(Some(Ordering::Equal) | None, true) => Reading::Take,",
        check: Core(&["lib", "regressions"]),
    },
    Entry {
        rule: 2,
        off: "a read that is older than what is known is nothing to wonder at",
        file: RULES,
        old: "(Some(Ordering::Less), false) => Reading::Suspect,",
        new: "(Some(Ordering::Less), false) => Reading::Take,",
        check: Core(&["lib", "regressions"]),
    },
    Entry {
        rule: 2,
        off: "a suspect read is accepted at once",
        file: RULES,
        old: "const SUSPECTS: u32 = 3;",
        new: "const SUSPECTS: u32 = 1;",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 2,
        off: "suspect reads are never accepted, however many agree",
        file: RULES,
        old: "count >= SUSPECTS || lasting >= SUSPECT_TIME",
        new: "count >= SUSPECTS && lasting == u64::MAX",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 2,
        off: "events later than the read's head are lost in it",
        file: RULES,
        old: "if event > read => Some(Reading::Keep),",
        new: "if event > read => Some(Reading::Take),",
        check: Core(&["lib", "heads"]),
    },
    // deletes leave tombstones
    Entry {
        rule: 3,
        off: "a delete leaves no tombstone",
        file: RESOURCE,
        old: "self.rows.bury(id.clone(), tombstone);",
        new: "drop(tombstone);",
        check: Core(&["regressions", "store", "cache"]),
    },
    Entry {
        rule: 3,
        off: "tombstones go after an hour",
        file: ROWS,
        old: "const TOMBSTONE_AGE: u64 = 24 * 3_600_000;",
        new: "const TOMBSTONE_AGE: u64 = 3_600_000;",
        check: Core(&["store"]),
    },
    Entry {
        rule: 3,
        off: "tombstones are kept without a cap",
        file: ROWS,
        old: "const TOMBSTONES: usize = 10_000;",
        new: "const TOMBSTONES: usize = usize::MAX;",
        check: Core(&["store"]),
    },
    Entry {
        rule: 3,
        off: "a row that a full read no longer lists leaves no tombstone",
        file: ANSWERS,
        old: "} else {\n                self.remove_row(&id, Some(tombstone));",
        new: "} else {\n                self.remove_row(&id, Some(tombstone).filter(|_| many));",
        check: Core(&["regressions", "store", "cache"]),
    },
    Entry {
        rule: 3,
        off: "an event inserts an unknown row for good",
        file: RULES,
        old: "match known {\n        Known::Unknown => Ruling::Provisional,",
        new: "match known {\n        Known::Unknown => Ruling::Apply,",
        check: Core(&["lib", "cache", "regressions"]),
    },
    Entry {
        rule: 3,
        off: "a soft delete is an update",
        file: "npm/src/model-events.ts",
        old: "if (event === 'Deleted' || event === 'Trashed')",
        new: "if (event === 'Deleted')",
        check: Page("tests/reads.test.ts"),
    },
    // epochs end
    Entry {
        rule: 10,
        off: "an event of another epoch is ordered by its seq",
        file: HEADS,
        old: "if reflected.epoch != event.epoch => Place::NewEpoch,",
        new: "if reflected.epoch != event.epoch && event.seq > u64::MAX / 2 => Place::NewEpoch,",
        check: Core(&["lib", "heads", "epochs"]),
    },
    Entry {
        rule: 10,
        off: "what a row of the old epoch had is kept over a read of the new one",
        file: RULES,
        old: "(Basis::NewEpoch, _) => Some(Reading::Take),",
        new: "(Basis::NewEpoch, _) => None,",
        check: Core(&["lib", "epochs"]),
    },
    Entry {
        rule: 10,
        off: "an event's seq counts on in the next epoch",
        file: ANSWERS,
        old: "self.rows.forget_seqs();",
        new: "",
        check: Core(&["epochs"]),
    },
    Entry {
        rule: 10,
        off: "retired epochs are not remembered",
        file: HEADS,
        old: "self.retired.push(epoch);",
        new: "drop(epoch);",
        check: Core(&["lib", "heads"]),
    },
    // many pages are one read only if all report one head
    Entry {
        rule: 13,
        off: "pages of different heads are one read",
        file: PAGES,
        old: "return *first == head,",
        new: "return first.epoch == head.epoch,",
        check: Core(&["pages"]),
    },
    Entry {
        rule: 13,
        off: "pages by number without heads are not looked at twice",
        file: PAGES,
        old: "pass.verified = (moves && pass.order.len() > 1).then_some(0);",
        new: "pass.verified = (moves && pass.order.is_empty()).then_some(0);",
        check: Core(&["pages", "regressions"]),
    },
    Entry {
        rule: 13,
        off: "pages that moved three times are taken as they are",
        file: PAGES,
        old: "Step::Moving(pass.began, self.rows(pass).cloned().collect())",
        new: "Step::Whole(pass.began, self.rows(pass).cloned().collect(), None)",
        check: Core(&["pages"]),
    },
    // a filtered list
    Entry {
        rule: 14,
        off: "a filtered list takes any row by patch",
        file: EVENTS,
        old: "let filtered = belongs.is_none() && (outside || self.config.url.contains('?'));",
        new: "let filtered = belongs.is_none() && outside;",
        check: Core(&["cache", "entries"]),
    },
    Entry {
        rule: 14,
        off: "a row that does not belong is taken in",
        file: EVENTS,
        old: "Ruling::Apply if belongs == Some(false) => {",
        new: "Ruling::Apply if belongs == Some(false) && outside => {",
        check: Core(&["entries"]),
    },
];
