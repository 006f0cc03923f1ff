//! Inputs of the cache's engine.

use crate::{Head, LiveId, Name, Query, Reaction, RequestId, ResourceConfig, Stored, Term};

/// One thing that happened.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a resource is declared a few times in the life of a page, and no input is kept"
)]
pub enum Input<P> {
    /// Something that happened to the connection, the page or the time.
    Core(echolite_core::Input<P>),
    /// The application wants something of the cache.
    Command(Command),
    /// Answer to `Output::Read`.
    Read(RequestId, Result<ReadReply<P>, ReadFailure>),
    /// A part of the answer to `Output::Read` came: it is on its way.
    ReadProgress(RequestId),
    /// The answer to this read, which comes next, may be so many milliseconds older than its arrival: a cache on the way
    /// kept it (`Age`).
    Aged(RequestId, u64),
    /// Answer to `Output::Consult`.
    Consulted(RequestId, Advice<P>),
    /// The store reports.
    Store(StoreInput<P>),
}

impl<P> From<echolite_core::Input<P>> for Input<P> {
    fn from(input: echolite_core::Input<P>) -> Self {
        Self::Core(input)
    }
}

impl<P> From<echolite_core::Command<P>> for Input<P> {
    fn from(command: echolite_core::Command<P>) -> Self {
        Self::Core(echolite_core::Input::Command(command))
    }
}

impl<P> From<Command> for Input<P> {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

/// What an application asks for.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a resource is declared a few times in the life of a page, and no command is kept"
)]
pub enum Command {
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
    /// Forget everything of this scope, stored rows too, for good: afterwards the engine does nothing any more.
    Clear(RequestId),
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

/// The reaction to one event, with what the application says of it.
#[derive(Clone, Debug)]
pub struct Advice<P> {
    /// The reaction.
    pub reaction: Reaction,
    /// The row, where the application made one from the event.
    pub row: Option<P>,
    /// Whether `row`, or the row of the event, is deleted.
    pub deleted: bool,
    /// Whether the row belongs to the list, or for each of several rows whether it does; what is missing, the
    /// application cannot say.
    pub belongs: Vec<bool>,
}

impl<P> Advice<P> {
    /// What is declared for the event, with nothing said by the application.
    #[must_use]
    pub fn declared(reaction: Reaction) -> Self {
        Self { reaction, row: None, deleted: false, belongs: Vec::new() }
    }
}

/// What the store reports.
#[derive(Clone, Debug)]
pub enum StoreInput<P> {
    /// This engine owns the scope from now on, and may write with this term.
    Owned(Term),
    /// Another took the scope over: stop writing.
    Lost,
    /// Answer to `Output::Load`, with the name that it gave; `None` where nothing was stored.
    Loaded(Name, Option<Stored<P>>),
    /// A commit is durable, or failed with this message.
    Committed(RequestId, Result<(), String>),
    /// Another tab cleared the scope: nothing of it may stay.
    Cleared,
}
