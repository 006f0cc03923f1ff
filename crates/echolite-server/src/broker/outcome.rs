//! `Outcome`: what webhooks, clock and statistics must be told.

use crate::socket_id::SocketId;
use crate::webhooks::Note;
use echolite_protocol::ChannelName;
use tokio::sync::oneshot;

/// What others must do because of what a broker did. Frames are sent already.
#[derive(Debug, Default)]
#[must_use = "webhooks and the clock must hear of it"]
pub(crate) struct Outcome {
    /// What webhooks are told, in this order.
    pub(crate) notes: Vec<Note>,
    /// The broker's deadline has changed.
    pub(crate) wake: bool,
    /// Subscriptions that are refused because their channels are full.
    pub(crate) refused: Vec<Refused>,
    /// Comes when an event has its number, if it has none yet.
    pub(crate) receipt: Option<oneshot::Receiver<()>>,
    /// Frames queued for subscribers because of an event.
    pub(crate) deliveries: u64,
    /// Subscriptions that got all they had missed.
    pub(crate) replays_served: u64,
    /// Subscriptions that asked for what they had missed, which was not there any more.
    pub(crate) replays_refused: u64,
    /// Events sent again to who had missed them.
    pub(crate) events_replayed: u64,
}

/// A subscription for which there is no room. Its session must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) socket: SocketId,
    pub(crate) channel: ChannelName,
}
