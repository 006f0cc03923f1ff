//! What tidy checks, as tables.

/// The crates of the workspace, and which others of it each may depend on (not counting its tests).
pub(super) const ARROWS: &[(&str, &[&str])] = &[
    ("echolite-protocol", &[]),
    ("echolite-core", &["echolite-protocol"]),
    ("echolite-cache", &["echolite-protocol", "echolite-core"]),
    ("echolite-store", &["echolite-cache"]),
    ("echolite-store-indexeddb", &["echolite-cache", "echolite-store"]),
    ("echolite-wasm-support", &["echolite-core"]),
    ("echolite-echo-wasm", &["echolite-core", "echolite-wasm-support"]),
    (
        "echolite-cache-wasm",
        &[
            "echolite-core",
            "echolite-cache",
            "echolite-store",
            "echolite-store-indexeddb",
            "echolite-wasm-support",
        ],
    ),
    ("echolite-server", &["echolite-protocol"]),
    ("echolite-feed", &["echolite-server"]),
    ("echolite-demo", &["echolite-server", "echolite-feed"]),
    ("echolite-bench", &["echolite-protocol"]),
    ("echolite-model-checker", &["echolite-core", "echolite-cache"]),
    (
        "echolite-simulation",
        &[
            "echolite-protocol",
            "echolite-core",
            "echolite-cache",
            "echolite-store",
            "echolite-server",
        ],
    ),
    ("xtask", &[]),
];

/// Crates without clock, socket, randomness or JavaScript.
pub(super) const PURE: &[&str] = &["echolite-protocol", "echolite-core", "echolite-cache"];

/// Packages that a pure crate has nowhere in its tree, and why.
pub(super) const IMPURE_PACKAGES: &[(&str, &str)] = &[
    ("tokio", "an executor"),
    ("mio", "sockets"),
    ("socket2", "sockets"),
    ("wasm-bindgen", "JavaScript"),
    ("js-sys", "JavaScript"),
    ("web-sys", "JavaScript"),
    ("gloo-timers", "JavaScript"),
    ("rand", "randomness"),
    ("getrandom", "randomness"),
    ("web-time", "a clock"),
    ("chrono", "a clock"),
    ("time", "a clock"),
];

/// A word that must not stand in some files. Comments and tests within a file are not looked at. Clocks, randomness and
/// unordered maps in pure crates are refused by clippy (clippy.toml).
pub(super) struct Word {
    /// Beginnings of paths.
    pub(super) under: &'static [&'static str],
    pub(super) word: &'static str,
    pub(super) instead: &'static str,
}

pub(super) const WORDS: &[Word] = &[
    Word {
        under: &["tests/", "npm/", "demo/web"],
        word: "waitForTimeout",
        instead: "wait for a condition",
    },
    Word {
        under: &["crates/", "testing/", "demo/server"],
        word: "thread::sleep",
        instead: "wait for a condition",
    },
];

/// Text that must not be in any file of the repository, comments and strings included.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("/root/", "a path of one machine"),
    ("/work/", "a path of one machine"),
    ("/home/runner", "a path of one machine"),
];

/// Classes whose objects applications hold, or which those use.
pub(super) const HELD: &str = "npm/src/";

/// A file longer than this fails, unless it says why near its top.
pub(super) const FILE_LINES: usize = 600;
/// A file longer than this is printed.
pub(super) const LONG_FILE_LINES: usize = 300;

/// Files that import each other in a circle: from so many on they are a finding.
pub(super) const CIRCLE: usize = 3;

/// Mark of a reason near the top of a file that is longer.
pub(super) const LONG_BECAUSE: &str = "tidy: long because";

/// Written by programs, or data.
pub(super) const NOT_CODE: &[&str] =
    &["Cargo.lock", "package-lock.json", "tests/fixtures/", "demo/web/package-lock.json"];

/// Where length is printed but does not fail: a test may be a long list of steps.
pub(super) const TESTS: &[&str] =
    &["tests/", "/tests/", "/test/", ".test.ts", "_test.rs", "tests.rs"];
