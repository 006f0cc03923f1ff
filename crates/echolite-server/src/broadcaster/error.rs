//! Why something was not published, or not found out.

/// Why an event was not published, or a question not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BroadcastError {
    /// The payload cannot be written as JSON.
    #[error("the payload of {event:?} cannot be written as JSON: {source}")]
    Payload {
        /// The event's name.
        event: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The event has no name.
    #[error("an event needs a name")]
    NoName,
    /// The event has a name of the protocol.
    #[error(
        "the event {name:?} must not begin with {prefix}: such events are the server's own; choose another name"
    )]
    ReservedName {
        /// The event's name.
        name: String,
        /// The reserved prefix.
        prefix: &'static str,
    },
    /// The event names no channel.
    #[error("the event {0:?} names no channel; say .public(..), .private(..) or .channel(..)")]
    NoChannel(String),
    /// A channel's name is not valid.
    #[error(transparent)]
    Channel(#[from] echolite_protocol::ChannelNameError),
    /// An event for an encrypted channel names other channels too.
    #[error(
        "{0} is encrypted, so the event must be for this channel alone; send one event a channel"
    )]
    EncryptedWithOthers(String),
    /// An event for an encrypted channel, and no key to encrypt it with.
    #[error("{0} is encrypted, and the broadcaster has no key; say .encryption_master_key(..)")]
    NoMasterKey(String),
    /// The operating system gave no random bytes to encrypt with.
    #[error("no random bytes to encrypt with: {0}")]
    Randomness(String),
    /// Members were asked for, of a channel that is not a presence channel.
    #[error("{0} is no presence channel, so it has no members")]
    NotPresence(String),
    /// The queue has as many events as it may: they come faster than the server takes them.
    #[error("the queue is full with {capacity} events; is the server answering?")]
    QueueFull {
        /// How many events it may have.
        capacity: usize,
    },
    /// The queue was shut down.
    #[error("the queue was shut down; nothing more is sent")]
    QueueClosed,
    /// The options of a remote server do not fit.
    #[error("{0}")]
    Options(String),
    /// The server cannot be reached, or broke off.
    #[cfg(feature = "http-client")]
    #[error("{url} cannot be reached: {reason}; is the server running there?")]
    Unreachable {
        /// The address of the request, without its signature and without credentials.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused the event or the question.
    #[cfg(feature = "http-client")]
    #[error("{url} answered {status}: {body}")]
    Refused {
        /// The address of the request, without its signature.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of the server's answer, on one line.
        body: String,
    },
    /// The server's answer is not one of the HTTP API.
    #[cfg(feature = "http-client")]
    #[error("{url} gave an answer that is not understood: {reason}")]
    Answer {
        /// The address of the request, without its signature.
        url: String,
        /// Why.
        reason: String,
    },
}

impl BroadcastError {
    /// Whether the same may succeed a little later: the server is away, busy or failing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::QueueFull { .. } => true,
            #[cfg(feature = "http-client")]
            Self::Unreachable { .. } => true,
            #[cfg(feature = "http-client")]
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}
