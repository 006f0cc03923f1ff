//! Error texts, in one table: server, client, tests and documentation use the same words.
//!
//! Reverb's wording is kept where it has one, because clients log it and people search for it.

/// HTTP API: the signature, the key or something signed is wrong (401).
pub const SIGNATURE_INVALID: &str = "Authentication signature invalid.";
/// HTTP API: the request is larger than the server accepts (413).
pub const PAYLOAD_TOO_LARGE: &str = "Payload too large.";
/// WebSocket, code 4200: the frame is not a message of the protocol. The connection stays.
pub const INVALID_MESSAGE: &str = "Invalid message format";
/// WebSocket, code 4301: the application does not take client events.
pub const CLIENT_EVENTS_DISABLED: &str = "The app does not have client messaging enabled.";
/// WebSocket, code 4301: a client event for a channel that its sender did not join. Reverb says 4009, which is
/// the code of refused connections.
pub const NOT_A_MEMBER: &str = "The client is not a member of the specified channel.";
/// WebSocket, code 4301: more messages than the application's rate limit allows.
pub const RATE_LIMITED: &str = "Rate limit exceeded";
/// WebSocket, code 4301: more client events in a second than the limit allows.
pub const CLIENT_EVENTS_LIMITED: &str = "Client event rejected due to rate limit";
/// WebSocket, code 4009 and `pusher:subscription_error`: a signature is wrong.
pub const UNAUTHORIZED: &str = "Connection is unauthorized";

/// HTTP API: no application has this id (404).
///
/// ```
/// use echolite_protocol::error_text::no_matching_application;
/// assert_eq!(no_matching_application("7"), "No matching application for ID [7].");
/// ```
#[must_use]
pub fn no_matching_application(id: &str) -> String {
    format!("No matching application for ID [{id}].")
}
