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
    /// It is confirmed, and waits for one more confirmation.
    is_confirmed: bool,
    /// The further confirmations that were answered before the first, which they follow: what each
    /// says of recovery.
    early: Vec<Option<bool>>,
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

impl Queued {
    /// Whether a channel as it was after a decision includes it.
    fn is_in(&self, sequence: u64) -> bool {
        self.sequence.is_some_and(|own| own <= sequence)
    }
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
            early: Vec::new(),
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

impl<R> Waiting<R> {
    /// How many confirmations its client is still owed.
    pub(super) fn unconfirmed(&self) -> usize {
        self.open + self.early.len()
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

    /// Is confirmed for the first time, with the channel as it was after a decision. Frames of
    /// decisions up to there are in it, and must not follow it: they are dropped. Gives the further
    /// confirmations that were answered before, which follow now.
    pub(super) fn confirm(&mut self, sequence: u64) -> Vec<Option<bool>> {
        self.open -= 1;
        self.is_confirmed = true;
        self.queue.retain(|queued| !queued.is_in(sequence));
        std::mem::take(&mut self.early)
    }

    /// Is confirmed once more, with the channel as it was after a decision: sends the frames of
    /// decisions up to there. Whether it was confirmed before; else this one follows the first.
    pub(super) fn confirm_again(&mut self, sequence: u64, recovered: Option<bool>) -> bool {
        self.open -= 1;
        if !self.is_confirmed {
            self.early.push(recovered);
            return false;
        }
        let last = self.queue.iter().rposition(|queued| queued.is_in(sequence));
        for queued in self.queue.drain(..last.map_or(0, |last| last + 1)) {
            self.subscriber.recipient.send(queued.frame);
        }
        true
    }

    /// Sends what waited; the subscription is live from here on.
    pub(super) fn release(self) -> (SocketId, Subscriber<R>) {
        for queued in self.queue {
            self.subscriber.recipient.send(queued.frame);
        }
        (self.socket, self.subscriber)
    }
}
