//! Connections, frames, publishing: everything between the node and the pages.

use echolite_core::json::Json;
use echolite_core::json::{read_frame, write_frame};
use echolite_core::{ClientFrame, Input as CoreInput, Payload, SocketInput, SocketNumber};
use echolite_protocol::{ChannelName, CloseCode};
use echolite_server::SocketId;
use echolite_server::simulation::{Node, Outgoing, Published};
use serde_json::value::RawValue;

use crate::back_end::Fate;
use crate::client::{BrokenClient, Role};
use crate::fault::Fault;
use crate::names::EVENT;
use crate::network::{Connection, Mark, Parcel};
use crate::streams::Stream;
use crate::world::{Page, Plan, World};

/// A socket that closes without a close frame.
pub const ABNORMAL: u16 = 1006;

impl World {
    fn latency(&mut self) -> u64 {
        if !self.is_quiet && self.chance(60) {
            self.note(Fault::FrameDelayed);
            return self.random.u64(1_000..3_000);
        }
        self.random.u64(1..300)
    }

    pub fn open(&mut self, page: Page, number: SocketNumber, echolite: Option<&str>) {
        if !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::Open(page, number, echolite.map(str::to_owned)));
        }
        if self.lasts(self.trouble.server_down) {
            self.note(Fault::ConnectRefused);
            let closed = SocketInput::Closed { code: ABNORMAL, reason: String::new() };
            return self.hand(page, CoreInput::Socket(number, closed));
        }
        let at = self.connections.len();
        self.connections.push(Connection::new(page.0, page.1, number));
        self.clients[page.0].connection = Some(at);
        let id = socket_id(at);
        self.by_socket.insert(id, at);
        self.say(|| format!("page {}: connected as {at}", page.0));
        self.connections[at].follows = echolite.is_some();
        self.node.open(self.server_time(), id, echolite);
        self.pump(false);
    }

    /// The page sends a frame.
    pub fn send(&mut self, page: Page, number: SocketNumber, frame: &ClientFrame<Json>) {
        let Some(connection) = self.connection_of(page, number) else { return };
        self.note_subscription(connection, frame);
        let (latency, now) = (self.latency(), self.now);
        let text = write_frame(frame);
        let arrival = self.connections[connection].arrival_at_server(now, latency);
        self.plan_at(arrival, Plan::ToServer { connection, text });
    }

    /// The page asks for a channel, or leaves it.
    fn note_subscription(&mut self, connection: usize, frame: &ClientFrame<Json>) {
        match frame {
            ClientFrame::Subscribe { channel, .. } => {
                if let Some(channel) = self.channel(channel) {
                    self.connections[connection].ask(channel);
                }
            }
            ClientFrame::Unsubscribe(channel) => {
                if let Some(channel) = self.channel(channel)
                    && self.connections[connection].give_up(channel)
                {
                    self.note(Fault::LeftInFlight);
                }
            }
            _ => {}
        }
    }

    fn channel(&self, name: &str) -> Option<usize> {
        self.back.kind.channels().iter().position(|own| *own == name)
    }

    fn connection_of(&self, (at, _): Page, number: SocketNumber) -> Option<usize> {
        self.clients[at].connection.filter(|at| self.connections[*at].number == number)
    }

    pub fn at_server(&mut self, at: usize, text: &str) {
        if self.connections[at].is_dead {
            return;
        }
        self.hear(at, text);
        self.node.text(self.server_time(), socket_id(at), text);
        self.pump(false);
    }

    /// The node hears that a channel is asked for, or left.
    fn hear(&mut self, at: usize, text: &str) {
        let SocketInput::Frame(frame) = read_frame(text) else { return };
        let Some(channel) = frame.data.text("channel").and_then(|name| self.channel(&name)) else {
            return;
        };
        match &*frame.event {
            "pusher:subscribe" => {
                self.connections[at].heard[channel] += 1;
                self.connections[at].is_left_at_node[channel] = false;
            }
            "pusher:unsubscribe" => {
                self.connections[at].subscribed[channel] = false;
                self.connections[at].is_left_at_node[channel] = true;
                self.connections[at].progress[channel] = None;
            }
            _ => {}
        }
    }

    /// The page closes its socket.
    pub fn leave(&mut self, page: Page, number: SocketNumber) {
        if let Some(at) = self.connection_of(page, number) {
            self.hang_up(page.0, at);
        }
    }

    /// The page's side of a connection is over; the node hears of it, unless it is half open.
    pub fn hang_up(&mut self, client: usize, at: usize) {
        self.connections[at].is_left = true;
        self.clients[client].connection.take_if(|own| *own == at);
        if !self.connections[at].is_dead {
            let (latency, now) = (self.latency(), self.now);
            let arrival = self.connections[at].arrival_at_server(now, latency);
            self.plan_at(arrival, Plan::LeaveServer(at));
        }
    }

    pub fn leave_server(&mut self, at: usize) {
        self.connections[at].subscribed = [false; 2];
        self.node.close(self.server_time(), socket_id(at));
    }

    /// A connection breaks, and both sides notice.
    pub fn cut(&mut self, at: usize) {
        self.leave_server(at);
        let arrival = self.connections[at].last_arrival();
        let after = if self.chance(2) { 0 } else { arrival.saturating_sub(self.now) };
        self.plan(after, Plan::Closed { connection: at, code: ABNORMAL });
    }

    /// The page hears that its socket is closed.
    pub fn closed(&mut self, at: usize, code: u16) {
        let Connection { client, incarnation, number, .. } = self.connections[at];
        let page = (client, incarnation);
        if !self.connections[at].is_open() || !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::Closed { connection: at, code });
        }
        self.say(|| format!("page {client}: connection {at} is closed ({code})"));
        self.connections[at].is_left = true;
        self.clients[client].connection.take_if(|own| *own == at);
        let closed = SocketInput::Closed { code, reason: String::new() };
        self.input(client, CoreInput::Socket(number, closed));
    }

    /// Sends what the node has to send; `by_itself` if nobody made it do so.
    pub fn pump(&mut self, by_itself: bool) {
        while let Some(outgoing) = self.node.poll() {
            match outgoing {
                Outgoing::Frame { socket, text, as_of } => {
                    let Some(at) = self.by_socket.get(&socket).copied() else { continue };
                    let mark = self.mark(at, &text, as_of).unwrap_or_else(|broken| {
                        self.broken.get_or_insert(format!("connection {at}: {broken}"));
                        Mark::None
                    });
                    if by_itself && mark != Mark::None {
                        self.note(Fault::AnsweredLate);
                    }
                    let (latency, now) = (self.latency(), self.now);
                    let arrival = self.connections[at].arrival(now, latency);
                    self.plan_at(arrival, Plan::ToClient(Parcel { connection: at, text, mark }));
                }
                Outgoing::Close(socket, code) => {
                    let Some(at) = self.by_socket.get(&socket).copied() else { continue };
                    self.connections[at].subscribed = [false; 2];
                    let arrival = self.connections[at].last_arrival();
                    self.plan_at(arrival, Plan::Closed { connection: at, code });
                }
            }
        }
    }

    /// What a frame means.
    ///
    /// # Errors
    /// It is not one that is due.
    fn mark(&mut self, at: usize, text: &str, as_of: u64) -> Result<Mark, String> {
        let names = &self.back.kind.channels()[..self.back.channels];
        let is_of = |name: &&str| text.contains(&format!(r#""channel":"{name}""#));
        let Some(channel) = names.iter().position(is_of) else { return Ok(Mark::None) };
        if text.starts_with(r#"{"event":"pusher:subscription_error""#) {
            self.connections[at].answer(channel)?;
            return Ok(Mark::None);
        }
        if text.starts_with(r#"{"event":"pusher_internal:subscription_succeeded""#) {
            let subscription = self.connections[at].answer(channel)?;
            if !self.connections[at].is_joined_at_node(channel) {
                // the answer owed to a subscription that was left
                return Ok(Mark::Confirmed { channel, publications: 0, subscription });
            }
            self.connections[at].subscribed[channel] = true;
            self.note_recovery(text);
            let is_cached = self.back.kind.channels()[channel].contains("cache-");
            let caches = is_cached && !text.contains(r#"\"recovered\":true"#);
            let stream = &self.streams[channel];
            let follows = self.connections[at].follows;
            self.connections[at].progress[channel] =
                Some(stream.confirm((at, follows), as_of, caches));
            let last = stream.last_event(as_of);
            let last = last.and_then(|event| self.back.events[event].publication(channel));
            let publications = last.map_or(self.node_since, |last| last + 1);
            return Ok(Mark::Confirmed { channel, publications, subscription });
        }
        let Some(mut progress) = self.connections[at].progress[channel] else {
            return match is_event(text) {
                true => Err(format!("an event before the confirmation: {text}")),
                false => Ok(Mark::None),
            };
        };
        let mut mark = Mark::None;
        if text.starts_with(r#"{"event":"pusher:cache_miss""#) {
            progress.miss();
            if self.back.publications > 0 {
                self.note(Fault::CacheMiss);
            }
        } else if is_event(text) {
            let frame = (text, offset_of(text));
            let event = self.streams[channel].take(&self.back, &mut progress, frame)?;
            mark = Mark::Event { event, channel };
        }
        self.connections[at].progress[channel] = Some(progress);
        Ok(mark)
    }

    /// A frame reaches its page.
    pub fn deliver(&mut self, parcel: Parcel) {
        let connection = &mut self.connections[parcel.connection];
        let page = (connection.client, connection.incarnation);
        let number = connection.number;
        if !connection.is_open() || !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::ToClient(parcel));
        }
        let client = &mut self.clients[page.0];
        client.on_frame(&self.back, &mut self.connections[parcel.connection], parcel.mark);
        let is_event = matches!(parcel.mark, Mark::Event { .. });
        if is_event && self.clients[page.0].reading > 0 {
            self.note(Fault::OverlappingRead);
        }
        self.say(|| format!("page {}: frame {}", page.0, parcel.text));
        let deaf = match self.clients[page.0].role {
            Role::Cache => BrokenClient::Deaf,
            Role::Listener => BrokenClient::DeafListener,
        };
        if !(is_event && self.broken_client == deaf) {
            self.input(page.0, CoreInput::Socket(number, read_frame(&parcel.text)));
        }
        self.clients[page.0].on_event(&self.back);
    }

    // --- publishing --------------------------------------------------------------------------------

    /// Sends an event off, unless the publisher is down: then when it is up again. Each channel's events come to
    /// the node in order, but by ways of their own: on another node they may have come in another order.
    pub fn publish(&mut self, event: usize) {
        if self.lasts(self.trouble.publisher_down) {
            self.note(Fault::PublisherCrashed);
        }
        let until = self.trouble.publisher_down.max(self.trouble.stopped);
        if self.lasts(until) {
            return self.plan_at(until, Plan::Publish(event));
        }
        let event = self.outbox.pop_front().unwrap_or(event);
        for channel in self.back.events[event].channels.clone() {
            let delay = if self.chance(8) { self.random.u64(1..600) } else { 0 };
            self.ways[channel] = self.ways[channel].max(self.now + delay);
            self.plan_at(self.ways[channel], Plan::AtNode { event, channel });
        }
    }

    /// An event comes to the node, which tells it to those who are subscribed.
    pub fn at_node(&mut self, event: usize, channel: usize) {
        if self.back.events[event].fates[channel] != Fate::Pending {
            return;
        }
        if self.lasts(self.trouble.stopped) {
            self.back.events[event].fates[channel] = Fate::Lost;
            return;
        }
        if self.lasts(self.trouble.uncertain) && self.chance(2) {
            self.note(Fault::Uncertain);
            self.say(|| format!("event {event} is lost"));
            self.back.events[event].fates[channel] = Fate::Lost;
            return;
        }
        self.note_order(event, channel);
        self.note_missed(channel);
        let except = self.excluded();
        self.back.events[event].fates[channel] = Fate::Published(self.back.publications);
        self.back.publications += 1;
        self.back.note_publication(self.now, event);
        let data = serde_json::Value::from(self.back.events[event].data.as_str()).to_string();
        let name = ChannelName::new(self.back.kind.channels()[channel]);
        let (Ok(data), Ok(name)) = (RawValue::from_string(data), name) else { return };
        self.say(|| format!("event {event} is published on {name}: {data}"));
        let (socket, data) = (except.map(socket_id), data.into());
        let published = self.node.publish(self.server_time(), &name, (EVENT, &data), socket);
        let Published { sequence, offset } = published;
        self.streams[channel].publish(event, sequence, offset, except);
        self.pump(false);
    }

    /// `toOthers()`: the page that listens is left out. The cache's socket cannot be: nobody knows its id.
    fn excluded(&mut self) -> Option<usize> {
        let listener = self.clients.iter().find(|client| client.role == Role::Listener);
        let own = listener.and_then(|client| client.connection)?;
        if !self.chance(4) {
            return None;
        }
        self.note(Fault::ToOthers);
        Some(own)
    }

    fn note_recovery(&mut self, text: &str) {
        if text.contains(r#"\"recovered\":true"#) {
            self.note(Fault::Replayed);
        } else if text.contains(r#"\"recovered\":false"#) {
            self.note(Fault::NotCovered);
        }
    }

    /// The server cannot promise that every event comes, and some do not.
    pub fn mark_uncertain(&mut self, until: u64) {
        if self.back.kind.positions && !self.lasts(self.trouble.uncertain) {
            self.trouble.uncertain = until;
            self.node.mark_uncertain(self.server_time(), "the broker is away");
            self.pump(false);
            self.streams.iter_mut().for_each(Stream::forget);
            self.plan_at(until, Plan::MarkCertain);
        }
    }

    pub fn mark_certain(&mut self) {
        if self.lasts(self.trouble.uncertain) {
            return;
        }
        self.node.mark_certain(self.server_time());
        self.pump(false);
        // A node that was certain all along, because it started meanwhile, keeps what it has.
        if std::mem::take(&mut self.trouble.uncertain) > 0 {
            self.streams.iter_mut().for_each(Stream::forget);
        }
    }

    /// Notes whether a later event was published before this one.
    fn note_order(&mut self, event: usize, channel: usize) {
        let events = &self.back.events;
        let ids = |at: usize| {
            let changes = events[at].changes.clone();
            changes.map(|change| self.back.changes[change].id)
        };
        let published = |at: &usize, on: usize| events[*at].publication(on).is_some();
        let later = || event + 1..events.len();
        let overtaken = later().any(|at| published(&at, 1 - channel));
        let mut earlier = later().filter(|at| published(at, 0) || published(at, 1));
        let swapped = earlier.any(|at| ids(at).any(|id| ids(event).any(|own| own == id)));
        if overtaken {
            self.note(Fault::ChannelsReordered);
        }
        if swapped {
            self.note(Fault::EventsSwapped);
        }
    }

    fn note_missed(&mut self, channel: usize) {
        let one_of_two = |connection: &Connection| {
            connection.is_open()
                && connection.subscribed[1 - channel]
                && !connection.subscribed[channel]
        };
        if self.back.channels == 2
            && self.clients.iter().any(|client| {
                client.role == Role::Cache
                    && client.connection.is_some_and(|at| one_of_two(&self.connections[at]))
            })
        {
            self.note(Fault::ChannelMissed);
        }
    }

    /// The node is gone with all it knew, and another starts.
    pub fn restart(&mut self, node: Node) {
        self.node = node;
        self.streams = Default::default();
        self.trouble.uncertain = 0;
        self.node_since = self.back.publications;
        for at in 0..self.connections.len() {
            self.connections[at].subscribed = [false; 2];
            self.connections[at].progress = [None; 2];
            if self.connections[at].is_open() {
                let code = if self.chance(2) { ABNORMAL } else { CloseCode::Reconnect.code() };
                let arrival = self.connections[at].last_arrival();
                self.plan_at(arrival, Plan::Closed { connection: at, code });
            }
        }
    }
}

fn is_event(text: &str) -> bool {
    text.starts_with(r#"{"event":"Changed""#)
}

/// The number of an event that the server counts.
fn offset_of(text: &str) -> Option<u64> {
    let (_, rest) = text.rsplit_once(r#""offset":"#)?;
    rest.trim_end_matches('}').parse().ok()
}

/// The id that the node gives a connection.
fn socket_id(connection: usize) -> SocketId {
    SocketId::from_random(connection as u64 + 1)
}
