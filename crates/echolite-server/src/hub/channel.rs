//! One channel of a hub: its subscribers, live and waiting.

use super::subscriber::{Share, Subscriber};
use super::waiting::Waiting;
use crate::cluster::Ticket;
use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use echolite_protocol::{ChannelName, extension};
use indexmap::IndexMap;

/// A channel that somebody is subscribed to, or wants to be.
#[derive(Debug)]
pub(super) struct Channel<R> {
    pub(super) live: IndexMap<SocketId, Subscriber<R>>,
    /// Few, and for a moment: those whose answer is still to come.
    pub(super) waiting: Vec<Waiting<R>>,
    /// How many subscribers there are will be told later.
    pub(super) count_waits: bool,
}

/// An event in the forms in which a channel with history sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberedEvent<'a> {
    pub(crate) plain: &'a Frame,
    pub(crate) numbered: &'a Frame,
    pub(crate) offset: u64,
}

impl<R> Channel<R> {
    /// Whether nobody is there, and nobody wants to be.
    pub(super) fn is_empty(&self) -> bool {
        self.live.is_empty() && self.waiting.is_empty()
    }

    /// The subscriptions that the cluster has counted.
    pub(super) fn count(&self) -> usize {
        self.live.len() + self.waiting.iter().filter(|waiting| waiting.is_joined).count()
    }

    pub(super) fn contains(&self, socket: SocketId) -> bool {
        self.live.contains_key(&socket) || self.waiting_of(socket).is_some()
    }

    pub(super) fn waiting_of(&self, socket: SocketId) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.socket == socket)
    }

    pub(super) fn waiting(&mut self, subscription: Ticket) -> Option<&mut Waiting<R>> {
        self.waiting.iter_mut().find(|waiting| waiting.subscription == subscription)
    }

    /// Takes a waiting subscription out, and the memory that the last one leaves.
    pub(super) fn take_waiting(&mut self, at: usize) -> Waiting<R> {
        let waiting = self.waiting.swap_remove(at);
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
        }
        waiting
    }

    /// All subscribers whom the cluster has counted.
    pub(super) fn subscribers(&self) -> impl Iterator<Item = &Subscriber<R>> {
        let waiting = self.waiting.iter().filter(|waiting| waiting.is_joined);
        self.live.values().chain(waiting.map(|waiting| &waiting.subscriber))
    }

    /// Those who asked for positions. One that waits for an answer learns from it what they are told.
    pub(super) fn followers(&self) -> impl Iterator<Item = (SocketId, &R)> {
        let followers = self.live.iter().filter(|(_, subscriber)| subscriber.follows());
        followers.map(|(socket, subscriber)| (*socket, &subscriber.recipient))
    }
}

impl<R: Recipient> Channel<R> {
    /// Sends a frame to everybody but one; how many get it.
    pub(super) fn send(
        &mut self,
        frame: &Frame,
        sequence: Option<u64>,
        except: Option<SocketId>,
    ) -> u64 {
        let mut sent = 0;
        for (socket, subscriber) in &self.live {
            if Some(*socket) != except {
                subscriber.recipient.send(frame.clone());
                sent += 1;
            }
        }
        for waiting in &mut self.waiting {
            if Some(waiting.socket) != except {
                waiting.hold(sequence, frame.clone());
                sent += 1;
            }
        }
        sent
    }

    /// Sends each its share of an event; how many get the event itself.
    pub(super) fn send_numbered(
        &mut self,
        channel: &ChannelName,
        event: NumberedEvent<'_>,
        sequence: u64,
        except: Option<SocketId>,
    ) -> u64 {
        let mut sent = 0;
        let mut choose = |share| {
            sent += u64::from(share != Share::Position);
            match share {
                Share::Plain => event.plain.clone(),
                Share::Numbered => event.numbered.clone(),
                // One connection at most.
                Share::Position => {
                    Frame::text(&extension::position(channel.as_str(), event.offset))
                }
            }
        };
        for (socket, subscriber) in &self.live {
            if let Some(share) = subscriber.share(*socket, except) {
                subscriber.recipient.send(choose(share));
            }
        }
        for waiting in &mut self.waiting {
            if let Some(share) = waiting.subscriber.share(waiting.socket, except) {
                waiting.hold(Some(sequence), choose(share));
            }
        }
        sent
    }
}

impl<R> Default for Channel<R> {
    fn default() -> Self {
        Self { live: IndexMap::new(), waiting: Vec::new(), count_waits: false }
    }
}
