//! What is stored: by whom, how, for whom, and what if it fails.

use super::Check::{Core, Page, Store};
use super::Entry;

const ANSWERS: &str = "crates/echolite-core/src/cache/answers.rs";
const CACHE: &str = "crates/echolite-core/src/cache/mod.rs";
const EVENTS: &str = "crates/echolite-core/src/cache/events.rs";
const MEMORY: &str = "crates/echolite-store/src/memory.rs";
const POSITIONS: &str = "crates/echolite-core/src/cache/positions.rs";
const RESOURCE: &str = "crates/echolite-core/src/cache/resource.rs";
const SAVING: &str = "crates/echolite-core/src/cache/saving.rs";
const TELLING: &str = "crates/echolite-core/src/cache/telling.rs";

pub(super) const CLAUSES: &[Entry] = &[
    // one owner a scope
    Entry {
        rule: 6,
        off: "a commit with an older term is accepted",
        file: MEMORY,
        old: "if batch.term < scope.term {",
        new: "if batch.term < Term(0) {",
        check: Store,
    },
    Entry {
        rule: 6,
        off: "a take-over does not raise the term",
        file: MEMORY,
        old: "scope.term.0 += 1;",
        new: "",
        check: Store,
    },
    Entry {
        rule: 6,
        off: "who lost the store goes on writing",
        file: CACHE,
        old: "StoreInput::Lost => self.term = None,",
        new: "StoreInput::Lost => {}",
        check: Core(&["store", "regressions"]),
    },
    Entry {
        rule: 6,
        off: "who takes over trusts what another owner wrote last",
        file: CACHE,
        old: "resource.saving.rewrite();",
        new: "let _ = resource;",
        check: Core(&["store", "regressions"]),
    },
    Entry {
        rule: 6,
        off: "an older build keeps the store from a newer one",
        file: "npm/src/handover.ts",
        old: "if (data > build) port.post('release');",
        new: "if (data > build) return;",
        check: Page("tests/handover.test.ts"),
    },
    // what is stored is consistent
    Entry {
        rule: 7,
        off: "the validator outlives a patch",
        file: EVENTS,
        old: "Ruling::Apply if !filtered => {\n                self.put_row(row);\n                self.validator = None;",
        new: "Ruling::Apply if !filtered => {\n                self.put_row(row);",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 7,
        off: "a 304 without a validator is an answer",
        file: ANSWERS,
        old: "let usable = self.validator.is_some() && flight.target == ReadTarget::List;",
        new: "let usable = flight.target == ReadTarget::List;",
        check: Core(&["regressions", "cache", "heads"]),
    },
    Entry {
        rule: 7,
        off: "a head is stored with rows that are in doubt",
        file: TELLING,
        old: "self.heads.reflected().filter(|_| certain).cloned()",
        new: "self.heads.reflected().filter(|_| true).cloned()",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 7,
        off: "positions are stored with rows that are in doubt",
        file: POSITIONS,
        old: "if !self.is_storable() {",
        new: "if !self.is_storable() && self.as_of.is_none() {",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 7,
        off: "rows are stored without what is known of them all",
        file: SAVING,
        old: "ids.push(id.clone());\n                *meta = true;",
        new: "ids.push(id.clone());",
        check: Core(&["store", "regressions"]),
    },
    // a user sees only their scope
    Entry {
        rule: 8,
        off: "a cache is made without a scope",
        file: "npm/src/cache.ts",
        old: "if (scope !== null && typeof scope !== 'string' && typeof scope !== 'number') {",
        new: "if (typeof scope === 'boolean') {",
        check: Page("tests/cache.test.ts"),
    },
    Entry {
        rule: 8,
        off: "all users have one database",
        file: "npm/src/cache-config.ts",
        old: "`echolite:${config.key}:${scope}`",
        new: "`echolite:${config.key}`",
        check: Page("tests/cache.test.ts"),
    },
    Entry {
        rule: 8,
        off: "rows of private channels are stored for nobody in particular",
        file: "npm/src/definition.ts",
        old: "persist: !anonymous || channels.every(isPublic),",
        new: "persist: !anonymous || channels.some(isPublic),",
        check: Page("tests/definition.test.ts"),
    },
    Entry {
        rule: 8,
        off: "clear() leaves rows",
        file: RESOURCE,
        old: "self.rows = Rows::new();",
        new: "",
        check: Core(&["regressions", "store"]),
    },
    Entry {
        rule: 8,
        off: "clear() leaves the validator of rows that are gone",
        file: RESOURCE,
        old: "self.rows = Rows::new();\n        self.validator = None;",
        new: "self.rows = Rows::new();",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 8,
        off: "clear() leaves what is stored",
        file: MEMORY,
        old: "self.scope.borrow_mut().resources.clear();",
        new: "",
        check: Store,
    },
    // losing the store loses only time
    Entry {
        rule: 9,
        off: "a store that has nothing is waited for",
        file: RESOURCE,
        old: "self.loading = false;",
        new: "self.loading = stored.is_none();",
        check: Core(&["store", "positions"]),
    },
    Entry {
        rule: 9,
        off: "what a failed commit was to write is not written again",
        file: SAVING,
        old: "self.scope = Scope::Everything;\n            self.not_before = now + RETRY;",
        new: "self.not_before = now + RETRY;",
        check: Core(&["store"]),
    },
    Entry {
        rule: 9,
        off: "rows of another schema are taken",
        file: RESOURCE,
        old: "stored.filter(|stored| stored.meta.schema == self.config.schema)",
        new: "stored",
        check: Core(&["store"]),
    },
];
