//! What goes to the connections of a node, in the order in which it is sent.

use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use echolite_protocol::{CloseCode, server_frame};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Bytes that a connection can take of a replay: more than any schedule makes.
const ROOM: usize = 1 << 20;

/// What goes to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// A frame.
    Frame {
        /// The connection.
        socket: SocketId,
        /// The frame's text.
        text: String,
        /// The decision of the cluster that was told last: what a confirmation is as of.
        as_of: u64,
    },
    /// The end, with its close code; what came before it is sent first.
    Close(SocketId, u16),
}

/// Everything that is to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    queue: Rc<RefCell<VecDeque<Outgoing>>>,
    as_of: Rc<Cell<u64>>,
}

impl Outbound {
    pub(super) fn mailbox(&self, id: SocketId) -> Mailbox {
        let (queue, as_of) = (self.queue.clone(), self.as_of.clone());
        Mailbox { id, queue, as_of, closed: Rc::default() }
    }

    /// Where clusters write which decision they told last.
    pub(super) fn as_of(&self) -> Rc<Cell<u64>> {
        self.as_of.clone()
    }

    pub(super) fn poll(&mut self) -> Option<Outgoing> {
        self.queue.borrow_mut().pop_front()
    }
}

/// A connection of a node.
#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    id: SocketId,
    queue: Rc<RefCell<VecDeque<Outgoing>>>,
    as_of: Rc<Cell<u64>>,
    closed: Rc<Cell<Option<CloseCode>>>,
}

impl Mailbox {
    pub(super) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }
}

impl Recipient for Mailbox {
    fn send(&self, frame: Frame) {
        if self.is_closed() {
            return;
        }
        let (socket, text, as_of) = (self.id, frame.to_text(), self.as_of.get());
        self.queue.borrow_mut().push_back(Outgoing::Frame { socket, text, as_of });
    }

    fn room(&self) -> usize {
        ROOM
    }

    fn close(&self, code: CloseCode) -> bool {
        let is_open = !self.is_closed();
        if is_open {
            self.send(Frame::text(&server_frame::refusal(code)));
            self.closed.set(Some(code));
            self.queue.borrow_mut().push_back(Outgoing::Close(self.id, code.code()));
        }
        is_open
    }

    fn close_code(&self) -> Option<CloseCode> {
        self.closed.get()
    }
}
