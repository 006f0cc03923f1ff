//! Channel names: the alphabet, the limit, and what the prefix says.

use crate::quoted;

/// The longest channel name accepted, in bytes. Pusher documents 164; its SDKs let 200 through.
pub const MAX_CHANNEL_NAME: usize = 200;

/// Who may subscribe to a channel, by its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Everybody.
    Public,
    /// Who shows a signature of the application's back end.
    Private,
    /// As private, and the members see each other.
    Presence,
    /// As private, and the payload is encrypted end to end.
    Encrypted,
    /// `#server-to-user-{id}`: the signed-in user's own connections only.
    ServerToUser,
}

/// Whether the channel keeps its last event for new subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Events pass by.
    Plain,
    /// The last event is kept (`cache-` variants).
    Cache,
}

/// A valid channel name. The dash belongs to the prefix: `privateroom` is a public channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelName(Box<str>);

/// Why a text is no channel name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelNameError {
    /// Empty, or only the `#`.
    #[error("a channel name must not be empty")]
    Empty,
    /// Longer than [`MAX_CHANNEL_NAME`].
    #[error("a channel name has at most {MAX_CHANNEL_NAME} characters, this one has {0}")]
    TooLong(usize),
    /// It begins with `#` and is not a user's own channel.
    #[error(
        "channel name {} begins with #, which belongs to the server; only #server-to-user-{{id}} may be used",
        quoted(.0)
    )]
    ServersOwn(String),
    /// A character outside the alphabet.
    #[error(
        "channel name {} has {}; allowed are letters, digits and _ - = @ , . ;",
        quoted(.name), quoted(found.encode_utf8(&mut [0; 4]))
    )]
    Alphabet {
        /// The name as given.
        name: String,
        /// The first character outside the alphabet.
        found: char,
    },
}

/// The channel of one signed-in user. All other names with `#` are the server's.
const USERS_OWN: &str = "#server-to-user-";

/// Prefixes, longest first, and what they mean.
const PREFIXES: &[(&str, Access, Stream)] = &[
    ("private-encrypted-cache-", Access::Encrypted, Stream::Cache),
    ("private-encrypted-", Access::Encrypted, Stream::Plain),
    ("private-cache-", Access::Private, Stream::Cache),
    ("presence-cache-", Access::Presence, Stream::Cache),
    ("private-", Access::Private, Stream::Plain),
    ("presence-", Access::Presence, Stream::Plain),
    ("cache-", Access::Public, Stream::Cache),
    (USERS_OWN, Access::ServerToUser, Stream::Plain),
];

impl ChannelName {
    /// Checks a name.
    ///
    /// ```
    /// use echolite_protocol::{Access, ChannelName};
    /// let name = ChannelName::new("private-orders.7").unwrap();
    /// assert_eq!(name.access(), Access::Private);
    /// assert!(ChannelName::new("no spaces").is_err());
    /// ```
    ///
    /// # Errors
    /// [`ChannelNameError`] when the name is empty, too long or outside the alphabet.
    pub fn new(name: &str) -> Result<Self, ChannelNameError> {
        let body = name.strip_prefix('#').unwrap_or(name);
        if body.is_empty() {
            return Err(ChannelNameError::Empty);
        }
        if name.len() > MAX_CHANNEL_NAME {
            return Err(ChannelNameError::TooLong(name.len()));
        }
        let allowed = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '=' | '@' | ',' | '.' | ';')
        };
        match body.chars().find(|c| !allowed(*c)) {
            None if name.starts_with('#') && !name.starts_with(USERS_OWN) => {
                Err(ChannelNameError::ServersOwn(name.to_owned()))
            }
            Some(found) => Err(ChannelNameError::Alphabet { name: name.to_owned(), found }),
            None => Ok(Self(name.into())),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who may subscribe.
    #[must_use]
    pub fn access(&self) -> Access {
        self.prefix().0
    }

    /// Whether the last event is kept.
    #[must_use]
    pub fn stream(&self) -> Stream {
        self.prefix().1
    }

    /// The name without its prefix, as an application calls it.
    ///
    /// ```
    /// # use echolite_protocol::ChannelName;
    /// assert_eq!(ChannelName::new("private-cache-orders.7").unwrap().base(), "orders.7");
    /// ```
    #[must_use]
    pub fn base(&self) -> &str {
        let prefix = PREFIXES.iter().find_map(|(prefix, ..)| self.0.strip_prefix(prefix));
        prefix.unwrap_or(&self.0)
    }

    fn prefix(&self) -> (Access, Stream) {
        PREFIXES
            .iter()
            .find(|(prefix, ..)| self.0.starts_with(prefix))
            .map_or((Access::Public, Stream::Plain), |(_, access, stream)| (*access, *stream))
    }
}

impl std::fmt::Display for ChannelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ChannelName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_says_the_kind_dash_included() {
        let kind = |name| {
            let name = ChannelName::new(name).unwrap();
            (name.access(), name.stream())
        };
        assert_eq!(kind("products"), (Access::Public, Stream::Plain));
        assert_eq!(kind("privateroom"), (Access::Public, Stream::Plain));
        assert_eq!(kind("private-room"), (Access::Private, Stream::Plain));
        assert_eq!(kind("private-cache-room"), (Access::Private, Stream::Cache));
        assert_eq!(kind("private-encrypted-room"), (Access::Encrypted, Stream::Plain));
        assert_eq!(kind("private-encrypted-cache-room"), (Access::Encrypted, Stream::Cache));
        assert_eq!(kind("presence-room"), (Access::Presence, Stream::Plain));
        assert_eq!(kind("presence-cache-room"), (Access::Presence, Stream::Cache));
        assert_eq!(kind("cache-room"), (Access::Public, Stream::Cache));
        assert_eq!(kind("#server-to-user-7"), (Access::ServerToUser, Stream::Plain));
    }

    #[test]
    fn names_outside_the_alphabet_or_over_the_limit_are_refused() {
        assert_eq!(ChannelName::new(""), Err(ChannelNameError::Empty));
        assert_eq!(ChannelName::new("#"), Err(ChannelNameError::Empty));
        for name in
            ["#room", "#server-to-user", "#Server-to-user-7", "#private-a", "#presence-a", "#7"]
        {
            assert_eq!(ChannelName::new(name), Err(ChannelNameError::ServersOwn(name.into())));
        }
        assert_eq!(ChannelName::new(&"a".repeat(201)), Err(ChannelNameError::TooLong(201)));
        assert!(ChannelName::new(&"a".repeat(200)).is_ok());
        for bad in ["a b", "a/b", "a:b", "ä", "a\n", "a#b"] {
            assert!(
                matches!(ChannelName::new(bad), Err(ChannelNameError::Alphabet { .. })),
                "{bad}"
            );
        }
    }
}
