//! Whoever gets frames.

use super::frame::Frame;
use super::outbox::Outbox;
use echolite_protocol::CloseCode;
use std::sync::Arc;

/// A connection, as far as frames go to it. A clone is the same connection.
pub(crate) trait Recipient: Clone {
    /// Queues a frame, behind everything that was queued before.
    fn send(&self, frame: Frame);

    /// How many bytes more it takes.
    fn room(&self) -> usize;

    /// Closes the connection after everything that is queued and a `pusher:error`; whether it was
    /// open till then.
    fn close(&self, code: CloseCode) -> bool;

    /// The code with which the connection is being closed, if somebody closed it.
    fn close_code(&self) -> Option<CloseCode>;
}

impl Recipient for Arc<Outbox> {
    fn send(&self, frame: Frame) {
        self.push(frame);
    }

    fn room(&self) -> usize {
        Outbox::room(self)
    }

    fn close(&self, code: CloseCode) -> bool {
        self.refuse(code)
    }

    fn close_code(&self) -> Option<CloseCode> {
        Outbox::close_code(self)
    }
}
