//! Outputs of the cache's engine.

use crate::{
    Batch, EventOutcome, LiveId, Name, Reaction, ReadOutcome, RequestId, RowChangeKind, Status,
    WarningCode,
};

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Output<P> {
    /// Something that the connection wants done or tells.
    Core(echolite_core::Output<P>),
    /// Read from the back end.
    Read(ReadRequest),
    /// Ask the application about an event (functions in `on`, `belongs`).
    Consult {
        /// To be named in the answer.
        request: RequestId,
        /// The resource.
        resource: Name,
        /// The event's name on the wire.
        event: Name,
        /// Its data.
        data: P,
    },
    /// Load a resource from the store, by the name under which its rows are stored.
    Load(Name),
    /// Commit to the store; commits of one engine are carried out in order.
    Commit(RequestId, Batch<P>),
    /// Forget everything stored in this scope; the request is the application's, to be answered when done.
    ClearStore(RequestId),
    /// Another tab cleared the scope: stop using the store.
    LeaveStore,
    /// A live query's rows or status changed.
    Live(LiveUpdate<P>),
    /// Answer to `Command::Get`.
    Got(RequestId, Option<P>),
    /// A command could not be carried out: what was wrong with it.
    Rejected {
        /// The live query or get request it came from.
        id: u32,
        /// What was wrong, and the fix.
        message: String,
    },
    /// What the cache did, for `cache.on('activity')`.
    Activity(Activity),
}

/// A read of the back end, to be done by a page (cookies, CSRF token).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRequest {
    /// To be named in the answer.
    pub request: RequestId,
    /// Which resource.
    pub resource: Name,
    /// The list, or one row.
    pub target: ReadTarget,
    /// Where.
    pub url: Name,
    /// Sent as `If-None-Match`.
    pub validator: Option<Name>,
}

/// What a read covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadTarget {
    /// The whole list.
    List,
    /// What is new in an append list: answered by a list that is added to the rows.
    Tail,
    /// What changed since a head: answered by what changed, or by the whole list.
    Since,
    /// A page of the list, of a read whose first page is answered.
    Page,
    /// One row of the list, which an event named as outdated.
    Row,
    /// One row that somebody asked for and the list does not have.
    Entry,
}

/// How a live query's rows changed.
#[derive(Clone, Debug)]
pub struct LiveUpdate<P> {
    /// Which query.
    pub live: LiveId,
    /// To be applied in order to the rows shown before.
    pub splices: Vec<Splice<P>>,
    /// Which of the rows shown are new or different, for highlighting; empty for the first rows.
    pub changes: Vec<RowChange>,
    /// How many rows match, whatever `offset` and `limit`.
    pub total: usize,
    /// The resource's status now.
    pub status: Status,
}

/// Removes `remove` rows at `at`, then inserts there.
#[derive(Clone, Debug)]
pub struct Splice<P> {
    /// Index in the rows as they are when this splice is applied.
    pub at: usize,
    /// How many rows go.
    pub remove: usize,
    /// Which rows come.
    pub insert: Vec<P>,
}

/// A row that is new, different or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// Its id.
    pub id: Name,
    /// Which of the three.
    pub kind: RowChangeKind,
}

/// One thing that the cache did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// An event was taken in.
    Event {
        /// The resource.
        resource: Name,
        /// The event's name on the wire.
        event: Name,
        /// The reaction chosen.
        reaction: Reaction,
        /// What became of it.
        outcome: EventOutcome,
        /// Why, where it was ignored or rejected.
        detail: Option<String>,
    },
    /// A read ended.
    Read {
        /// The resource.
        resource: Name,
        /// Where.
        url: Name,
        /// What became of it.
        outcome: ReadOutcome,
        /// How many rows differ from before.
        changed: usize,
        /// From request to answer, in milliseconds.
        took: u64,
    },
    /// Rows came from the store.
    Restored {
        /// The resource.
        resource: Name,
        /// How many.
        rows: usize,
    },
    /// The store failed; the engine goes on in memory.
    StoreFailed {
        /// What it said.
        message: String,
    },
    /// Something that only a developer can mend: said once for each subject.
    Warning {
        /// The resource.
        resource: Name,
        /// The warning.
        code: WarningCode,
        /// Its subject, and the values that it names.
        values: Vec<Name>,
    },
    /// The status of a resource changed.
    Status {
        /// The resource.
        resource: Name,
        /// From which.
        from: Status,
        /// To which.
        to: Status,
    },
}
