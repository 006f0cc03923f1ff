//! Everything that an engine knows, as JSON for people and tests.

use crate::{Mono, Timeout};

pub use echolite_protocol::quoted;

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
