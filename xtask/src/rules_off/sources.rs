//! Where what is switched off stands.

pub(super) const ANSWERS: &str = "crates/echolite-core/src/cache/answers.rs";
pub(super) const CACHE: &str = "crates/echolite-core/src/cache/mod.rs";
pub(super) const CONNECTION: &str = "crates/echolite-core/src/connection.rs";
pub(super) const ENGINE: &str = "crates/echolite-core/src/engine.rs";
pub(super) const EVENTS: &str = "crates/echolite-core/src/cache/events.rs";
pub(super) const HEADS: &str = "crates/echolite-core/src/cache/heads.rs";
pub(super) const MEMORY: &str = "crates/echolite-store/src/memory.rs";
pub(super) const PAGES: &str = "crates/echolite-core/src/cache/pages.rs";
pub(super) const POSITIONS: &str = "crates/echolite-core/src/cache/positions.rs";
pub(super) const REACTION: &str = "crates/echolite-core/src/cache/reaction.rs";
pub(super) const READS: &str = "crates/echolite-core/src/cache/reads.rs";
pub(super) const RESOURCE: &str = "crates/echolite-core/src/cache/resource.rs";
pub(super) const ROWS: &str = "crates/echolite-core/src/cache/rows.rs";
pub(super) const RULES: &str = "crates/echolite-core/src/cache/rules.rs";
pub(super) const SAVING: &str = "crates/echolite-core/src/cache/saving.rs";
pub(super) const TELLING: &str = "crates/echolite-core/src/cache/telling.rs";
