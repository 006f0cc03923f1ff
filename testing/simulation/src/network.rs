//! Connections between clients and the node: what is on its way arrives in order, or not at all.

use echolite_core::SocketNumber;

use crate::streams::Progress;

/// What a frame means to the simulation, which knows what the engine must not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    None,
    /// A subscription is confirmed; so many publications were before it.
    Confirmed {
        channel: usize,
        publications: u64,
        /// The how-manieth subscription of this channel it answers.
        subscription: u32,
    },
    /// An event of the back end.
    Event {
        event: usize,
        channel: usize,
    },
}

/// A frame on its way to a client.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub connection: usize,
    pub text: String,
    pub mark: Mark,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Connection {
    pub client: usize,
    pub incarnation: u32,
    pub number: SocketNumber,
    /// Half open: nothing arrives any more, in either direction, and nobody says so.
    pub is_dead: bool,
    /// Whether it asked for positions.
    pub follows: bool,
    /// The client has given it up, or knows that it is closed.
    pub is_left: bool,
    /// At the node, by channel.
    pub subscribed: [bool; 2],
    /// By channel: how many subscriptions the client has asked for, how many of them the node has heard, and how many
    /// it has answered. Each is answered once, in order.
    pub asked: [u32; 2],
    pub heard: [u32; 2],
    pub answered: [u32; 2],
    /// By channel: the node has heard that the client left the last one that it heard of.
    pub is_left_at_node: [bool; 2],
    /// By channel: the client has not left it since.
    pub is_wanted: [bool; 2],
    /// As the client knows, by channel: how many publications were before.
    pub confirmed: [Option<u64>; 2],
    /// Events that the client has handled.
    pub handled: Vec<usize>,
    /// What it has got of each channel, once its subscription is confirmed.
    pub progress: [Option<Progress>; 2],
    arrival: u64,
    at_server: u64,
}

impl Connection {
    pub fn new(client: usize, incarnation: u32, number: SocketNumber) -> Self {
        Self {
            client,
            incarnation,
            number,
            is_dead: false,
            follows: false,
            is_left: false,
            subscribed: [false; 2],
            asked: [0; 2],
            heard: [0; 2],
            answered: [0; 2],
            is_left_at_node: [false; 2],
            is_wanted: [false; 2],
            confirmed: [None; 2],
            handled: Vec::new(),
            progress: [None; 2],
            arrival: 0,
            at_server: 0,
        }
    }

    /// Whether frames reach the client.
    pub const fn is_open(&self) -> bool {
        !self.is_dead && !self.is_left
    }

    /// The client asks for a channel.
    pub fn ask(&mut self, channel: usize) {
        self.asked[channel] += 1;
        self.is_wanted[channel] = true;
        self.confirmed[channel] = None;
    }

    /// The client leaves a channel. Whether an answer is still owed.
    pub fn give_up(&mut self, channel: usize) -> bool {
        let is_answered = self.confirmed[channel].take().is_some();
        std::mem::take(&mut self.is_wanted[channel]) && !is_answered
    }

    /// The node answers the next subscription to a channel that it has not answered yet: the how-manieth.
    ///
    /// # Errors
    /// It has answered all of them.
    pub fn answer(&mut self, channel: usize) -> Result<u32, String> {
        let (answered, heard) = (&mut self.answered[channel], self.heard[channel]);
        *answered += 1;
        match *answered <= heard {
            true => Ok(*answered),
            false => Err(format!("{answered} answers to {heard} subscriptions")),
        }
    }

    /// Whether the node has answered the last subscription that it heard of, and that is not left.
    pub const fn is_joined_at_node(&self, channel: usize) -> bool {
        self.answered[channel] == self.heard[channel] && !self.is_left_at_node[channel]
    }

    /// When a frame arrives that is written now: after all that were written before.
    pub fn arrival(&mut self, now: u64, latency: u64) -> u64 {
        self.arrival = self.arrival.max(now + latency);
        self.arrival
    }

    /// When everything that was written has arrived.
    pub const fn last_arrival(&self) -> u64 {
        self.arrival
    }

    /// When a frame arrives at the server.
    pub fn arrival_at_server(&mut self, now: u64, latency: u64) -> u64 {
        self.at_server = self.at_server.max(now + latency);
        self.at_server
    }
}
