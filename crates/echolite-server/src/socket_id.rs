//! Socket ids: `123.456`, the name a connection has for everybody else.

use crate::shown::shown;
use std::fmt;
use std::str::FromStr;

/// The id of a connection. Its text matches `^\d+\.\d+$`, as stock clients require.
///
/// ```
/// use echolite_server::SocketId;
/// let id: SocketId = "123.456".parse().unwrap();
/// assert_eq!(id.to_string(), "123.456");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(u64);

/// The text is no socket id of this server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a socket id is two numbers with a dot between: 123.456")]
pub struct SocketIdError;

impl SocketId {
    /// Makes an id from 64 random bits.
    #[must_use]
    pub const fn from_random(bits: u64) -> Self {
        Self(bits)
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 >> 32, self.0 & 0xffff_ffff)
    }
}

impl FromStr for SocketId {
    type Err = SocketIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let half = |text: &str| text.parse::<u32>().map(u64::from).map_err(|_| SocketIdError);
        let (high, low) = text.split_once('.').ok_or(SocketIdError)?;
        Ok(Self(half(high)? << 32 | half(low)?))
    }
}

/// The error for a text without the form of a socket id, with the fix.
pub(crate) fn not_a_socket_id(text: &str) -> String {
    format!(
        "{:?} is not a socket id; expected a form such as 123.456. Leave it out while the page has no connection.",
        shown(text, 40)
    )
}

/// Whether a text has the form of a socket id, of this server or of any other.
pub(crate) fn has_socket_id_form(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.').is_some_and(|(high, low)| digits(high) && digits(low))
}
