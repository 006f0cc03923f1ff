//! Channels as values.

use std::fmt;

/// A channel by its kind and the name an application calls it by.
///
/// Text is a full name, prefix included: where a channel is asked for, `"private-products"` and
/// `Channel::private("products")` mean the same.
///
/// ```
/// use echolite_server::Channel;
/// assert_eq!(Channel::private("products").to_string(), "private-products");
/// assert_eq!(Channel::private("products").cached().to_string(), "private-cache-products");
/// assert_eq!(Channel::encrypted("orders.7").to_string(), "private-encrypted-orders.7");
/// assert_eq!(Channel::from("presence-room.1"), Channel::presence("room.1"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(String);

/// Prefixes that `cache-` comes after, longest first.
const PREFIXES: [&str; 4] = ["private-encrypted-", "private-", "presence-", ""];

impl Channel {
    /// A public channel: everybody may listen.
    #[must_use]
    pub fn public(name: impl fmt::Display) -> Self {
        Self(name.to_string())
    }

    /// A private channel: who the application lets in.
    #[must_use]
    pub fn private(name: impl fmt::Display) -> Self {
        Self(format!("private-{name}"))
    }

    /// A presence channel: as private, and the members see each other.
    #[must_use]
    pub fn presence(name: impl fmt::Display) -> Self {
        Self(format!("presence-{name}"))
    }

    /// An encrypted channel: as private, and the server cannot read what it carries.
    #[must_use]
    pub fn encrypted(name: impl fmt::Display) -> Self {
        Self(format!("private-encrypted-{name}"))
    }

    /// A signed-in user's own connections.
    #[must_use]
    pub fn user(id: impl fmt::Display) -> Self {
        Self(format!("#server-to-user-{id}"))
    }

    /// The variant that keeps its last event for new subscribers.
    #[must_use]
    pub fn cached(self) -> Self {
        let prefix = PREFIXES.iter().find(|prefix| self.0.starts_with(**prefix));
        let prefix = prefix.copied().unwrap_or_default();
        match self.0.strip_prefix(prefix) {
            Some(name) if !name.starts_with("cache-") => Self(format!("{prefix}cache-{name}")),
            _ => self,
        }
    }

    /// The full name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Channel {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<&String> for Channel {
    fn from(name: &String) -> Self {
        Self(name.clone())
    }
}

impl From<String> for Channel {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl From<&Channel> for Channel {
    fn from(channel: &Channel) -> Self {
        channel.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Channel;

    #[test]
    fn each_kind_has_a_cached_variant() {
        let cached = |channel: Channel| channel.cached().to_string();
        assert_eq!(cached(Channel::public("a")), "cache-a");
        assert_eq!(cached(Channel::presence("a")), "presence-cache-a");
        assert_eq!(cached(Channel::encrypted("a")), "private-encrypted-cache-a");
        assert_eq!(cached(Channel::private("a").cached()), "private-cache-a");
    }
}
