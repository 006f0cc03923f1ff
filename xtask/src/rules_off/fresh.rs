//! When rows may be called fresh, and what may say so.

use super::Check::{Core, Model, Page};
use super::Entry;

const CACHE: &str = "crates/echolite-core/src/cache/mod.rs";
const CONNECTION: &str = "crates/echolite-core/src/connection.rs";
const ENGINE: &str = "crates/echolite-core/src/engine.rs";
const EVENTS: &str = "crates/echolite-core/src/cache/events.rs";
const HEADS: &str = "crates/echolite-core/src/cache/heads.rs";
const POSITIONS: &str = "crates/echolite-core/src/cache/positions.rs";
const REACTION: &str = "crates/echolite-core/src/cache/reaction.rs";
const READS: &str = "crates/echolite-core/src/cache/reads.rs";
const RESOURCE: &str = "crates/echolite-core/src/cache/resource.rs";
const TELLING: &str = "crates/echolite-core/src/cache/telling.rs";

pub(super) const CLAUSES: &[Entry] = &[
    // `fresh` is earned
    Entry {
        rule: 4,
        off: "a list is fresh before its subscription is confirmed",
        file: TELLING,
        old: "_ => Some(doubt.unwrap_or(Reason::Subscribing)),",
        new: "_ => doubt,",
        check: Core(&["cache"]),
    },
    Entry {
        rule: 4,
        off: "(a) a read from before the confirmation earns it",
        file: RESOURCE,
        old: "self.trust.renew();",
        new: "",
        check: Core(&["regressions", "cache"]),
    },
    Entry {
        rule: 4,
        off: "(b) a replay on one of several channels earns it",
        file: POSITIONS,
        old: "&& pairs.all(|(channel, followed)| {",
        new: "&& pairs.any(|(channel, followed)| {",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 4,
        off: "(b) a replay from positions that are not those of the rows earns it",
        file: POSITIONS,
        old: "followed.is_some_and(|followed| self.positions.of(channel) == Some(&followed.at))",
        new: "followed.is_some()",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 4,
        off: "(c) the first event after the confirmation earns it, whatever its head",
        file: EVENTS,
        old: "if awaited && place == Place::Past && self.heads.is_reached() && self.held.is_empty() {",
        new: "if awaited {",
        check: Core(&["heads", "regressions"]),
    },
    Entry {
        rule: 4,
        off: "a head that is known to exist need not be reached",
        file: HEADS,
        old: "reflected.epoch == required.epoch && reflected.seq >= required.seq",
        new: "reflected.epoch == required.epoch || reflected.seq >= required.seq",
        check: Core(&["lib", "heads"]),
    },
    Entry {
        rule: 4,
        off: "a provisional row is as good as any",
        file: EVENTS,
        old: "self.doubt(Reason::Provisional, cx);\n                Outcome::Provisional\n            }\n        })",
        new: "Outcome::Provisional\n            }\n        })",
        check: Core(&["cache", "regressions"]),
    },
    // `fresh` is revoked at once
    Entry {
        rule: 5,
        off: "a closed socket changes nothing",
        file: ENGINE,
        old: "self.channels.on_down();\n        self.keys.on_down();\n        self.cache.on_link(socket);",
        new: "self.keys.on_down();\n        let _ = socket;",
        check: Core(&["cache", "regressions"]),
    },
    Entry {
        rule: 5,
        off: "a server that answers no ping is waited for",
        file: CONNECTION,
        old: "Liveness::Pinged { deadline } if *deadline <= now => {",
        new: "Liveness::Pinged { deadline } if *deadline + 600_000 <= now => {",
        check: Core(&["connection"]),
    },
    Entry {
        rule: 5,
        off: "a gap between offsets is not noticed",
        file: ENGINE,
        old: "if matches!(arrival, Arrival::Gap(_)) {\n            self.cache.doubt(channel, &Reason::Missed, cx);\n        }",
        new: "",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 5,
        off: "a channel that counts anew is not noticed",
        file: ENGINE,
        old: "return self.cache.doubt(channel, &Reason::EpochChanged, cx);",
        new: "return;",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 5,
        off: "a refused subscription counts as confirmed",
        file: RESOURCE,
        old: "Standing::Subscribed => {}",
        new: "Standing::Subscribed | Standing::Refused(_) => {}",
        check: Core(&["cache", "positions"]),
    },
    Entry {
        rule: 5,
        off: "an event does not raise what is required",
        file: EVENTS,
        old: "self.heads.require(head);",
        new: "",
        check: Core(&["heads", "epochs"]),
    },
    Entry {
        rule: 5,
        off: "a server that says it may lose events is believed nevertheless",
        file: POSITIONS,
        old: "self.link.uncertain = true;\n        self.revoke(Reason::Uncertain, cx);",
        new: "let _ = cx;",
        check: Core(&["positions"]),
    },
    Entry {
        rule: 5,
        off: "a page that was frozen goes on as if it was not",
        file: CACHE,
        old: "PageSignal::Resumed => self.revoke(Reason::Resumed, cx),",
        new: "PageSignal::Resumed => {}",
        check: Core(&["regressions"]),
    },
    Entry {
        rule: 5,
        off: "a page from the back/forward cache is not told so",
        file: "npm/src/page.ts",
        old: "persisted && port.post('page', 'resumed')",
        new: "persisted && port.post('page', 'visible')",
        check: Page("tests/page.test.ts"),
    },
    Entry {
        rule: 5,
        off: "clocks that diverge say nothing",
        file: ENGINE,
        old: "engine.cache.revoke(Reason::Slept, cx);",
        new: "",
        check: Core(&["regressions"]),
    },
    // a gap waits briefly
    Entry {
        rule: 11,
        off: "an event beyond a gap is taken as the next one",
        file: HEADS,
        old: "Some(_) => Place::Gap,",
        new: "Some(_) => Place::Next,",
        check: Core(&["lib", "heads"]),
    },
    Entry {
        rule: 11,
        off: "an event beyond a gap waits for ever",
        file: EVENTS,
        old: "if !self.held.is_empty() && self.held_until <= cx.now.mono {",
        new: "if self.held.len() > 1_000 && self.held_until <= cx.now.mono {",
        check: Core(&["heads"]),
    },
    Entry {
        rule: 11,
        off: "an event beyond a gap does not wait",
        file: EVENTS,
        old: "const GAP_PATIENCE: u64 = 1_000;",
        new: "const GAP_PATIENCE: u64 = 0;",
        check: Core(&["heads"]),
    },
    // no storm of reads
    Entry {
        rule: 12,
        off: "a read begins while another is under way",
        file: READS,
        old: "if self.flight.is_some() {\n            return None;\n        }",
        new: "",
        check: Core(&["cache"]),
    },
    Entry {
        rule: 12,
        off: "the window does not grow while events keep coming",
        file: READS,
        old: "if overtaken { (self.window * 2).min(LONGEST_WINDOW) } else { WINDOW }",
        new: "WINDOW",
        check: Core(&["cache", "regressions"]),
    },
    Entry {
        rule: 12,
        off: "all who hear a broadcast read at once",
        file: READS,
        old: "self.doubt_due = cx.now.mono + cx.jitter(self.spread);",
        new: "self.doubt_due = cx.now.mono;",
        check: Core(&["cache"]),
    },
    Entry {
        rule: 12,
        off: "a crowd is spread no wider than a few",
        file: READS,
        old: "self.spread = (subscribers / 4).clamp(SPREAD, WIDEST_SPREAD);",
        new: "self.spread = SPREAD;",
        check: Core(&["cache"]),
    },
    Entry {
        rule: 12,
        off: "Retry-After is not obeyed",
        file: READS,
        old: "after => backoff::retry_pause(self.failures, after, cx.random),",
        new: "_ => backoff::retry_pause(self.failures, None, cx.random),",
        check: Core(&["cache"]),
    },
    // only the back end speaks
    Entry {
        rule: 15,
        off: "`client-*` events are heard",
        file: EVENTS,
        old: "if frame.event.starts_with(\"client-\") {",
        new: "if frame.event.starts_with(\"client--\") {",
        check: Core(&["cache", "regressions"]),
    },
    Entry {
        rule: 15,
        off: "a URL outside of the declared prefixes is read",
        file: REACTION,
        old: "if let Some(id) = id_in(prefix, &absolute)",
        new: "if let Some(id) = id_in(prefix, &absolute).or(absolute.rsplit('/').next())",
        check: Core(&["cache"]),
    },
    Entry {
        rule: 15,
        off: "a cached event without a head shows that nothing was missed",
        file: EVENTS,
        old: "if awaited && place == Place::Unordered && head.is_some() && self.shows(data, verdict) {",
        new: "if awaited && place == Place::Unordered {",
        check: Core(&["heads"]),
    },
    Entry {
        rule: 15,
        off: "the head of another resource counts",
        file: HEADS,
        old: "let named = || data.at(\"heads\")?.at(&config.name);",
        new: "let named = || data.at(\"heads\")?.at(\"orders\");",
        check: Core(&["heads"]),
    },
    Entry {
        rule: 15,
        off: "a cache miss is waited out",
        file: EVENTS,
        old: "if &*frame.event == \"pusher:cache_miss\" {",
        new: "if &*frame.event == \"pusher:cache-miss\" {",
        check: Core(&["heads"]),
    },
    // the cache's socket is its own
    Entry {
        rule: 16,
        off: "a cache that goes with an Echo makes no connection of its own",
        file: "npm/src/cache.ts",
        old: "const port = config === undefined ? new InertPort() :",
        new: "const port = config === undefined || this.settings.echo ? new InertPort() :",
        check: Page("tests/cache.test.ts"),
    },
    Entry {
        rule: 16,
        off: "`toOthers()` leaves the cache out",
        file: "crates/echolite-model/src/world.rs",
        old: "let excluded = schedules.straw == Some(Straw::Excluded);",
        new: "let excluded = true;",
        check: Model,
    },
];
