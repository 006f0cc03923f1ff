//! Inputs of the connection's engine.

use crate::{Name, Position, RequestId, SocketNumber};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input<P> {
    /// The time asked for by `poll_timeout` has come.
    Tick,
    /// The application wants something.
    Command(Command<P>),
    /// A socket reports.
    Socket(SocketNumber, SocketInput<P>),
    /// The page or the network changed.
    Page(PageSignal),
    /// Answer to `Output::Authorize`.
    Authorized(RequestId, Result<Authorization, AuthFailure>),
    /// Answer to `Output::Authenticate`.
    Authenticated(RequestId, Result<UserAuthentication, AuthFailure>),
}

/// What an application asks for.
#[derive(Clone, Debug)]
pub enum Command<P> {
    /// Connect, and stay connected.
    Connect,
    /// Close the connection, and stay so.
    Disconnect,
    /// Subscribe to a channel by its full name.
    Subscribe(Name),
    /// Leave a channel.
    Unsubscribe(Name),
    /// Sign in as a user, now and after every reconnect.
    SignIn,
    /// Sign the user out: the server forgets a user with their socket, so that another one is opened.
    SignOut,
    /// Send a client event (`client-…`).
    Trigger {
        /// To which channel.
        channel: Name,
        /// Its name, prefix included.
        event: Name,
        /// Its data.
        data: P,
    },
    /// Subscribe to a channel for a layer above, which hears of its events by [`Notice::Event`](crate::Notice::Event).
    Follow {
        /// The channel.
        channel: Name,
        /// The position after which each event is needed, where the server can replay them.
        from: Option<Position>,
    },
    /// End a `Follow`.
    Unfollow(Name),
}

/// What a socket reports.
#[derive(Clone, Debug)]
pub enum SocketInput<P> {
    /// It is open.
    Opened,
    /// A frame came.
    Frame(Frame<P>),
    /// A frame came that is no JSON object with a text `event`.
    Malformed,
    /// It closed, or never opened.
    Closed {
        /// The close code; 1006 where there was none.
        code: u16,
        /// What the server said.
        reason: String,
    },
}

/// A frame of the protocol, both layers of JSON parsed.
#[derive(Clone, Debug)]
pub struct Frame<P> {
    /// The event's name.
    pub event: Name,
    /// The channel, if it belongs to one.
    pub channel: Option<Name>,
    /// Its data, parsed where it was a string of JSON.
    pub data: P,
    /// Who sent it: client events on presence channels.
    pub user_id: Option<Name>,
    /// Its number in the channel's history, where the server keeps one.
    pub offset: Option<u64>,
}

/// Changes of the page and its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSignal {
    /// `online`.
    Online,
    /// `offline`.
    Offline,
    /// The page became visible.
    Visible,
    /// The page became hidden.
    Hidden,
    /// Restored from the back/forward cache, or resumed after a freeze.
    Resumed,
}

/// A signature for a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// `key:signature`.
    pub auth: Name,
    /// Signed data, verbatim.
    pub channel_data: Option<Name>,
    /// The key of an encrypted channel, in base64.
    pub shared_secret: Option<Name>,
}

/// A signature for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAuthentication {
    /// `key:signature`.
    pub auth: Name,
    /// The JSON text that was signed, verbatim.
    pub user_data: Name,
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthFailure {
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// What to tell the application, with the fix where it is known.
    pub message: String,
    /// `Retry-After`, in milliseconds.
    pub retry_after: Option<u64>,
}

impl AuthFailure {
    /// No answer came, neither a signature nor an error.
    pub(crate) fn no_signature() -> Self {
        let message =
            "no signature came within 35 s: an authorizer must call back, with an error if need be";
        Self { status: None, message: message.to_owned(), retry_after: None }
    }

    /// Whether the same request may succeed later: no answer, an expired CSRF token (419), too many requests
    /// (429), an error of the back end.
    #[must_use]
    pub const fn may_pass(status: Option<u16>) -> bool {
        matches!(status, None | Some(419 | 429 | 500..=599))
    }
}
