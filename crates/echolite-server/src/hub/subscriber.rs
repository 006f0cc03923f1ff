//! One subscriber of a channel, and what it is sent of an event.

use crate::dialect::Dialect;
use crate::socket_id::SocketId;
use echolite_protocol::Member;
use std::sync::Arc;

/// A connection that wants to be subscribed, or is.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber<R> {
    pub(crate) recipient: R,
    /// Who it is, on presence channels.
    pub(crate) member: Option<Arc<Member>>,
    /// Whether it wants to know positions.
    pub(crate) dialect: Dialect,
}

/// The part of a numbered event that a subscriber is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// The event alone.
    Plain,
    /// The event with its offset.
    Numbered,
    /// The offset alone: it caused the event, and must not take it for missed.
    Position,
}

impl<R> Subscriber<R> {
    /// Its share of a numbered event; none for the one whom it came from and who asked for no
    /// positions.
    pub(super) fn share(&self, socket: SocketId, except: Option<SocketId>) -> Option<Share> {
        match (self.dialect, Some(socket) == except) {
            (Dialect::Pusher, true) => None,
            (Dialect::Pusher, false) => Some(Share::Plain),
            (Dialect::Echolite, true) => Some(Share::Position),
            (Dialect::Echolite, false) => Some(Share::Numbered),
        }
    }

    /// Whether it asked for positions.
    pub(super) fn follows(&self) -> bool {
        self.dialect == Dialect::Echolite
    }
}
