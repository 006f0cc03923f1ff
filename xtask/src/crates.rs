//! Which crates are built for what.

/// Crates that only exist for browsers.
const FOR_BROWSERS: &[&str] = &[
    "echolite-store-indexeddb",
    "echolite-wasm-support",
    "echolite-echo-wasm",
    "echolite-cache-wasm",
];
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// `--exclude` for each crate that cannot be built for this machine.
pub(crate) fn native() -> Vec<&'static str> {
    let mut arguments = vec!["--workspace"];
    for name in FOR_BROWSERS {
        arguments.extend(["--exclude", name]);
    }
    arguments
}

/// `--package` for each crate that only exists for browsers, and their target.
pub(crate) fn for_browsers() -> Vec<&'static str> {
    let mut arguments = vec!["--target", WASM_TARGET];
    for name in FOR_BROWSERS {
        arguments.extend(["--package", name]);
    }
    arguments
}
