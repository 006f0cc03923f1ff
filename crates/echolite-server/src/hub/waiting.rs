//! A subscription between a question to the cluster and its answer, with the frames that came
//! meanwhile.

use super::subscriber::Subscriber;
use crate::cluster::Ticket;
use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use echolite_protocol::CloseCode;

/// A subscription that waits for an answer. What is published meanwhile waits with it.
#[derive(Debug)]
pub(super) struct Waiting<R> {
    /// Tells it from another subscription of the same connection.
    pub(super) subscription: Ticket,
    pub(super) socket: SocketId,
    pub(super) subscriber: Subscriber<R>,
    /// The cluster has counted it.
    pub(super) is_joined: bool,
    /// It was confirmed before, and asks where it is once more.
    is_confirmed: bool,
    /// So many snapshots are still to come.
    pub(super) open: usize,
    queue: Vec<Queued>,
    bytes: usize,
}

#[derive(Debug)]
struct Queued {
    /// Which decision of the cluster it tells; none for what clients say, and for counts.
    sequence: Option<u64>,
    frame: Frame,
}

impl<R> Waiting<R> {
    /// A subscription that the cluster has not counted yet.
    pub(super) fn joining(
        subscription: Ticket,
        socket: SocketId,
        subscriber: Subscriber<R>,
    ) -> Self {
        Self {
            subscription,
            socket,
            subscriber,
            is_joined: false,
            is_confirmed: false,
            open: 1,
            queue: Vec::new(),
            bytes: 0,
        }
    }

    /// A subscription that was live, and is to be confirmed once more.
    pub(super) fn again(subscription: Ticket, socket: SocketId, subscriber: Subscriber<R>) -> Self {
        let joining = Self::joining(subscription, socket, subscriber);
        Self { is_joined: true, is_confirmed: true, ..joining }
    }
}

impl<R: Recipient> Waiting<R> {
    /// Keeps a frame back until the answer. A connection for which too much waits is closed.
    pub(super) fn hold(&mut self, sequence: Option<u64>, frame: Frame) {
        self.bytes += frame.len();
        if self.bytes > self.subscriber.recipient.room() {
            self.queue = Vec::new();
            self.subscriber.recipient.close(CloseCode::OverCapacity);
            return;
        }
        self.queue.push(Queued { sequence, frame });
    }

    /// The channel is told as it was after a decision. Frames of decisions up to there are in it, and
    /// must not follow it: they are dropped. One that was confirmed before gets them before it.
    pub(super) fn on_snapshot(&mut self, sequence: u64) {
        let is_in = |queued: &Queued| queued.sequence.is_some_and(|own| own <= sequence);
        if self.is_confirmed {
            let before = self.queue.iter().rposition(is_in).map_or(0, |last| last + 1);
            for queued in self.queue.drain(..before) {
                self.subscriber.recipient.send(queued.frame);
            }
        } else {
            self.queue.retain(|queued| !is_in(queued));
        }
        self.is_confirmed = true;
        self.open -= 1;
    }

    /// Sends what waited; the subscription is live from here on.
    pub(super) fn release(self) -> (SocketId, Subscriber<R>) {
        for queued in self.queue {
            self.subscriber.recipient.send(queued.frame);
        }
        (self.socket, self.subscriber)
    }
}
