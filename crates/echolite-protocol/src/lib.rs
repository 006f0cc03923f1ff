//! Pusher protocol 7 and its Echolite extension, as data: what client and server must agree on.
//!
//! Pure: no clock, no randomness, no I/O. The client engine uses it without features (the browser
//! parses JSON with `JSON.parse`); the server adds `json` (frames as text) and `sign` (signatures);
//! both take `encrypt` (encrypted channels).

// Pure: neither clock nor randomness, and the same order in every run.
#![warn(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod channel;
pub mod close_code;
pub mod error_text;
mod event_name;
pub mod limits;
mod quoted;

#[cfg(feature = "json")]
pub mod client_frame;
#[cfg(feature = "encrypt")]
pub mod encryption;
#[cfg(feature = "json")]
pub mod extension;
#[cfg(feature = "json")]
pub mod member;
#[cfg(feature = "sign")]
pub mod request;
#[cfg(feature = "json")]
pub mod server_frame;
#[cfg(feature = "sign")]
pub mod sign;
#[cfg(feature = "json")]
pub mod user;

pub use channel::{Access, ChannelName, ChannelNameError, Stream};
pub use close_code::{CloseAction, CloseCode};
pub use event_name::reserved_prefix;
pub use limits::Limits;
pub use quoted::quoted;

#[cfg(feature = "json")]
pub use client_frame::{ClientFrame, FrameError, Subscribe};
#[cfg(feature = "json")]
pub use member::Member;
#[cfg(feature = "sign")]
pub use request::{ApiRequest, RequestError};
#[cfg(feature = "sign")]
pub use sign::{AuthError, Credentials};
#[cfg(feature = "json")]
pub use user::User;
