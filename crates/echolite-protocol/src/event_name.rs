//! Names of events: those that belong to the protocol.

/// Beginnings of names that the protocol uses. A client takes such an event for the server's own word.
const RESERVED: [&str; 3] = ["pusher:", "pusher_internal:", "echolite:"];

/// The beginning of an event's name that is reserved for the protocol, if it has one: a back end must not publish it.
///
/// ```
/// use echolite_protocol::reserved_prefix;
/// assert_eq!(reserved_prefix("pusher_internal:member_added"), Some("pusher_internal:"));
/// assert_eq!(reserved_prefix("pusher.changed"), None);
/// ```
#[must_use]
pub fn reserved_prefix(name: &str) -> Option<&'static str> {
    RESERVED.into_iter().find(|prefix| name.starts_with(prefix))
}
