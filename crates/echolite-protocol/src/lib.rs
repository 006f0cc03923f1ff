//! Pusher protocol 7 and its Echolite extension, as data: what client and server must agree on.
//!
//! Pure: no clock, no randomness, no I/O. The client engine uses it without features (the browser
//! parses JSON with `JSON.parse`); the server adds `json` (frames as text) and `sign` (signatures).

pub mod channel;
pub mod close_code;

pub use channel::{Access, ChannelName, ChannelNameError, Stream};
pub use close_code::{CloseAction, CloseCode};
