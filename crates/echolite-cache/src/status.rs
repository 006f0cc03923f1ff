//! Status and reasons of a list, as reported.

use crate::{Name, Wall};

/// The status of a resource, told to every observer with each change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which of the four.
    pub state: StatusState,
    /// When the read that the rows rest on began.
    pub as_of: Option<Wall>,
}

/// The four states of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusState {
    /// Nothing was ever read.
    Empty(Reason),
    /// Rows may be out of date.
    Stale(Reason),
    /// The rows equal the back end's.
    Fresh,
    /// The back end cannot be reached.
    Offline(Reason),
}

/// Why a resource is not fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The first read is under way.
    Loading,
    /// Rows come from the store, and were not verified since.
    Restored,
    /// The connection is being made.
    Connecting,
    /// A channel's subscription is not confirmed yet.
    Subscribing,
    /// A channel refused the subscription.
    Refused {
        /// Which channel.
        channel: Name,
        /// What the back end or server said.
        message: String,
    },
    /// The socket closed.
    Disconnected,
    /// There is no socket; the list is polled.
    Polling,
    /// An event said that the list changed; the read that follows is not done.
    Changed,
    /// Events keep coming faster than reads may follow.
    Changing,
    /// The list's pages changed while they were read, three times in a row: they are not of one moment.
    Moving,
    /// An event's row is shown that nothing orders; a read will confirm it.
    Provisional,
    /// An event changed a row, and nobody declared whether it is still in the list.
    Membership,
    /// An event is missing before one that came.
    Gap,
    /// An event was missed: what it changed is not known.
    Missed,
    /// The back end or the server began to count anew.
    EpochChanged,
    /// The server says that it may be losing events.
    Uncertain,
    /// A row was named as outdated and is being read.
    RowOutdated,
    /// A read showed rows older than those already seen: a lagging replica, perhaps.
    LaggingRead,
    /// The page was frozen or came back from the back/forward cache.
    Resumed,
    /// The machine slept.
    Slept,
    /// The verification interval passed.
    Unverified,
    /// The application asked for a refresh.
    Requested,
    /// A read failed.
    ReadFailed {
        /// What came instead, and the fix where it is known.
        message: String,
    },
    /// The browser says that there is no network.
    NoNetwork,
    /// Requests do not reach the back end.
    Unreachable,
    /// The scope was cleared, here or in another tab; nothing follows.
    Cleared,
}

impl Reason {
    /// A stable word for applications to switch on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Restored => "restored",
            Self::Connecting => "connecting",
            Self::Subscribing => "subscribing",
            Self::Refused { .. } => "refused",
            Self::Disconnected => "disconnected",
            Self::Polling => "polling",
            Self::Changed => "changed",
            Self::Changing => "changing",
            Self::Moving => "moving",
            Self::Provisional => "provisional",
            Self::Membership => "membership",
            Self::Gap => "gap",
            Self::Missed => "missed",
            Self::EpochChanged => "epoch-changed",
            Self::Uncertain => "uncertain",
            Self::RowOutdated => "row-outdated",
            Self::LaggingRead => "lagging-read",
            Self::Resumed => "resumed",
            Self::Slept => "slept",
            Self::Unverified => "unverified",
            Self::Requested => "requested",
            Self::ReadFailed { .. } => "read-failed",
            Self::NoNetwork => "no-network",
            Self::Unreachable => "unreachable",
            Self::Cleared => "cleared",
        }
    }

    /// Whether it only says that nobody listened for a while: a head or a replay can show that nothing was
    /// missed. Others end by a read alone.
    pub(crate) const fn is_of_link(&self) -> bool {
        matches!(
            self,
            Self::Disconnected
                | Self::Connecting
                | Self::Subscribing
                | Self::Restored
                | Self::Resumed
                | Self::Slept
                | Self::Unverified
        )
    }

    /// Whether what changed since the rows' head answers it, where the back end can say that.
    pub(crate) fn is_answered_by_since(&self) -> bool {
        self.is_of_link() || *self == Self::Membership
    }

    /// What is known beyond the word, for people.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Refused { channel, message } => Some(format!("{channel}: {message}")),
            Self::ReadFailed { message } => Some(message.clone()),
            Self::Cleared => {
                Some("the cache was cleared; make a new one with createCache".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_tells_what_it_knows_beyond_its_word() {
        let refused = Reason::Refused { channel: "private-a".into(), message: "403".into() };
        assert_eq!(refused.detail().as_deref(), Some("private-a: 403"));
        let failed = Reason::ReadFailed { message: "500".into() };
        assert_eq!(failed.detail().as_deref(), Some("500"));
        assert_eq!(Reason::Changed.detail(), None);
    }
}
