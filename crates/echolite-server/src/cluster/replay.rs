//! Recovery: where a client was, and what it missed since.

use echolite_protocol::extension::{Position, SubscriptionPosition};
use std::sync::Arc;

/// Where a client says that it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recover {
    pub(crate) position: Position,
    /// How many bytes its connection can take.
    pub(crate) room: usize,
}

/// Where a subscription begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Beginning<H> {
    /// Where the channel is, if it keeps history.
    pub(crate) position: Option<Position>,
    /// Whether what was missed is there.
    pub(crate) replay: Replay<H>,
    /// Why delivery is uncertain, if it is.
    pub(crate) uncertain: Option<Arc<str>>,
}

/// What was missed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Replay<H> {
    /// Nobody asked.
    NotAsked,
    /// These events, all of them, in order.
    Covered(Vec<H>),
    /// Not known, or no longer there, or more than the connection can take.
    NotCovered,
}

impl<H> Beginning<H> {
    /// What the confirmation says of it.
    pub(crate) fn position(&self) -> SubscriptionPosition {
        let recovered = match self.replay {
            Replay::NotAsked => None,
            Replay::Covered(_) => Some(true),
            Replay::NotCovered => Some(false),
        };
        SubscriptionPosition { position: self.position.clone(), recovered }
    }
}
