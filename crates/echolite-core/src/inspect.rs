//! Everything that an engine knows, as JSON for people and tests.

use std::fmt::Write;

use crate::{Mono, Timeout};

/// A JSON string.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                // writing to a String cannot fail
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A JSON object: what an engine does next, if nothing happens before, and in how many milliseconds; or `null`.
#[must_use]
pub fn timeout(next: Option<Timeout>, now: Mono) -> String {
    next.map_or_else(
        || "null".to_owned(),
        |Timeout { at, why }| format!("{{\"why\":{},\"in\":{}}}", quoted(why), at - now),
    )
}

/// A JSON object: a state and the reason for it.
pub(crate) fn state(name: &str, why: &str) -> String {
    format!("{{\"state\":{},\"why\":{}}}", quoted(name), quoted(why))
}
