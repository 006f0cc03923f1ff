//! What can happen to an engine.

use crate::{
    Head, LiveId, Name, Query, Reaction, RequestId, ResourceConfig, SocketNumber, Stored, Term,
};

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
    /// Answer to `Output::Read`.
    Read(RequestId, Result<ReadReply<P>, ReadFailure>),
    /// Answer to `Output::Consult`.
    Consulted(RequestId, Verdict<P>),
    /// The store reports.
    Store(StoreInput<P>),
}

/// What an application asks for.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a resource is declared a few times in the life of a page, and no command is kept"
)]
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
    /// Send a client event (`client-…`).
    Trigger {
        /// To which channel.
        channel: Name,
        /// Its name, prefix included.
        event: Name,
        /// Its data.
        data: P,
    },
    /// Declare a resource; its channels are subscribed.
    Resource(ResourceConfig),
    /// Forget a resource declared before; its stored rows stay.
    CloseResource(Name),
    /// Open a live query, or change an open one.
    Live(LiveId, Name, Query),
    /// Close a live query.
    CloseLive(LiveId),
    /// Give a row as soon as its resource has been read once.
    Get(RequestId, Name, Name),
    /// Read a resource again, now.
    Refresh(Name),
    /// Forget everything of this scope, stored rows too.
    Clear(RequestId),
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
    /// Whether the same request may succeed later: no answer, an expired CSRF token (419), too many requests
    /// (429), an error of the back end.
    #[must_use]
    pub const fn may_pass(status: Option<u16>) -> bool {
        matches!(status, None | Some(419 | 429 | 500..=599))
    }
}

/// What a read brought.
#[derive(Clone, Debug)]
pub enum ReadReply<P> {
    /// 304: as the validator says.
    NotModified {
        /// `X-Cache-Head`.
        head: Option<Head>,
    },
    /// What changed since the head that was asked for.
    Since {
        /// Rows that are new or different.
        changed: Vec<P>,
        /// Ids of rows that are gone.
        deleted: Vec<Name>,
        /// The head that the answer includes.
        head: Head,
    },
    /// The whole list.
    List {
        /// Its rows, as the application extracted them.
        rows: Vec<P>,
        /// `ETag`.
        validator: Option<Name>,
        /// `X-Cache-Head`.
        head: Option<Head>,
    },
    /// One page of a list.
    Page {
        /// Its rows, as the application extracted them.
        rows: Vec<P>,
        /// `ETag`.
        validator: Option<Name>,
        /// `X-Cache-Head`.
        head: Option<Head>,
        /// The URL of the page after it; `None` for the last one.
        next: Option<Name>,
    },
    /// One row.
    Row {
        /// The row.
        row: P,
        /// `ETag`.
        validator: Option<Name>,
        /// `X-Cache-Head`.
        head: Option<Head>,
    },
    /// 404 or 410 for one row.
    Gone,
}

/// Why a read brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFailure {
    /// The HTTP status; `None` where no answer came (network).
    pub status: Option<u16>,
    /// What to tell, with the fix where it is known.
    pub message: String,
    /// `Retry-After`, in milliseconds.
    pub retry_after: Option<u64>,
}

/// What the application says of an event.
#[derive(Clone, Debug)]
pub struct Verdict<P> {
    /// The reaction.
    pub reaction: Reaction,
    /// The row, where the application made one from the event.
    pub row: Option<P>,
    /// Whether `row`, or the row of the event, is deleted.
    pub deleted: bool,
    /// Whether the row belongs to the list; `None` where the application cannot say.
    pub belongs: Option<bool>,
}

impl<P> Verdict<P> {
    /// What is declared for the event, with nothing said by the application.
    #[must_use]
    pub fn declared(reaction: Reaction) -> Self {
        Self { reaction, row: None, deleted: false, belongs: None }
    }
}

/// What the store reports.
#[derive(Clone, Debug)]
pub enum StoreInput<P> {
    /// This engine owns the scope from now on, and may write with this term.
    Owned(Term),
    /// Another took the scope over: stop writing.
    Lost,
    /// Answer to `Output::Load`; `None` where nothing was stored.
    Loaded(Name, Option<Stored<P>>),
    /// A commit is durable, or failed with this message.
    Committed(RequestId, Result<(), String>),
}
