//! All channels of a hub.
//!
//! `R` is whatever stands for a recipient.

use super::channel::{Channel, NumberedEvent};
use super::subscriber::Subscriber;
use super::waiting::Waiting;
use crate::cluster::Ticket;
use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use crate::timers::Timers;
use echolite_protocol::ChannelName;
use indexmap::IndexMap;

/// Channels and their subscribers on this node.
#[derive(Debug)]
pub(crate) struct Hub<R> {
    pub(super) channels: IndexMap<ChannelName, Channel<R>>,
    /// The channels whose size is told later.
    pub(super) counts: Timers<ChannelName>,
}

/// A subscription that ended.
#[derive(Debug)]
pub(crate) struct Ended<R> {
    pub(crate) subscriber: Subscriber<R>,
    /// The cluster had not counted it yet: the ticket of that question.
    pub(crate) unanswered: Option<Ticket>,
    /// So many of its client's frames have no confirmation yet.
    pub(crate) unconfirmed: usize,
    /// The channel has no subscriber any more.
    pub(crate) vacated: bool,
}

impl<R> Default for Hub<R> {
    fn default() -> Self {
        Self { channels: IndexMap::new(), counts: Timers::default() }
    }
}

impl<R: Recipient> Hub<R> {
    /// Lets a subscription wait for its answers; whether it is a new one. Frames for it wait too.
    pub(crate) fn wait(
        &mut self,
        channel: &ChannelName,
        subscription: Ticket,
        (socket, subscriber): (SocketId, Subscriber<R>),
    ) -> bool {
        let entry = match self.channels.get_mut(channel.as_str()) {
            Some(entry) => entry,
            None => self.channels.entry(channel.clone()).or_default(),
        };
        let is_new = !entry.contains(socket);
        if is_new {
            entry.waiting.push(Waiting::joining(subscription, socket, subscriber));
        }
        is_new
    }

    /// Lets a subscription wait for one more answer; the ticket that it has. None when there is none.
    pub(crate) fn wait_again(
        &mut self,
        channel: &ChannelName,
        subscription: Ticket,
        socket: SocketId,
    ) -> Option<Ticket> {
        let entry = self.channels.get_mut(channel.as_str())?;
        if let Some(at) = entry.waiting_of(socket) {
            entry.waiting[at].open += 1;
            return Some(entry.waiting[at].subscription);
        }
        let subscriber = entry.live.swap_remove(&socket)?;
        entry.waiting.push(Waiting::again(subscription, socket, subscriber));
        Some(subscription)
    }

    /// The cluster has counted a subscription; whether it is the channel's first, and the recipient.
    /// None when it has ended meanwhile.
    pub(crate) fn joined(
        &mut self,
        channel: &ChannelName,
        subscription: Ticket,
    ) -> Option<(bool, R)> {
        let entry = self.channels.get_mut(channel.as_str())?;
        let occupied = entry.count() == 0;
        let waiting = entry.waiting(subscription)?;
        waiting.is_joined = true;
        Some((occupied, waiting.subscriber.recipient.clone()))
    }

    /// The first snapshot is there for a subscription: drops the frames that are in it. Gives the
    /// recipient, and what further confirmations that were answered before say of recovery. None when
    /// the subscription has ended meanwhile.
    pub(crate) fn confirm(
        &mut self,
        channel: &ChannelName,
        subscription: Ticket,
        sequence: u64,
    ) -> Option<(R, Vec<Option<bool>>)> {
        let waiting = self.channels.get_mut(channel.as_str())?.waiting(subscription)?;
        let early = waiting.confirm(sequence);
        Some((waiting.subscriber.recipient.clone(), early))
    }

    /// One more snapshot is there for a subscription: sends the frames that are in it, and gives the
    /// recipient. None when the subscription is not confirmed yet, which then follows by
    /// [`Self::confirm`], or has ended meanwhile.
    pub(crate) fn confirm_again(
        &mut self,
        channel: &ChannelName,
        subscription: Ticket,
        sequence: u64,
        recovered: Option<bool>,
    ) -> Option<R> {
        let waiting = self.channels.get_mut(channel.as_str())?.waiting(subscription)?;
        let is_confirmed = waiting.confirm_again(sequence, recovered);
        is_confirmed.then(|| waiting.subscriber.recipient.clone())
    }

    /// Sends what waited behind the answer, unless one more answer is to come.
    pub(crate) fn release(&mut self, channel: &ChannelName, subscription: Ticket) {
        let Some(entry) = self.channels.get_mut(channel.as_str()) else { return };
        let is_ready =
            |waiting: &Waiting<R>| waiting.subscription == subscription && waiting.open == 0;
        if let Some(at) = entry.waiting.iter().position(is_ready) {
            let (socket, subscriber) = entry.take_waiting(at).release();
            entry.live.insert(socket, subscriber);
        }
    }

    /// Ends a subscription; `None` when there was none.
    pub(crate) fn end(&mut self, channel: &ChannelName, socket: SocketId) -> Option<Ended<R>> {
        let entry = self.channels.get_mut(channel.as_str())?;
        let (subscriber, unanswered, unconfirmed) = match entry.waiting_of(socket) {
            None => (entry.live.swap_remove(&socket)?, None, 0),
            Some(at) => {
                let waiting = entry.take_waiting(at);
                let (unanswered, unconfirmed) = (!waiting.is_joined, waiting.unconfirmed());
                let ticket = unanswered.then_some(waiting.subscription);
                (waiting.subscriber, ticket, unconfirmed)
            }
        };
        let vacated = unanswered.is_none() && entry.count() == 0;
        if entry.is_empty() {
            self.channels.swap_remove(channel.as_str());
        }
        Some(Ended { subscriber, unanswered, unconfirmed, vacated })
    }

    /// Sends a frame to everybody on a channel but one; how many get it. Its sequence is the decision
    /// of the cluster that it tells, if it tells one.
    pub(crate) fn send(
        &mut self,
        channel: &ChannelName,
        frame: &Frame,
        sequence: Option<u64>,
        except: Option<SocketId>,
    ) -> u64 {
        let entry = self.channels.get_mut(channel.as_str());
        entry.map_or(0, |entry| entry.send(frame, sequence, except))
    }

    /// Sends each on a channel its share of an event; how many get the event itself.
    pub(crate) fn send_numbered(
        &mut self,
        channel: &ChannelName,
        event: NumberedEvent<'_>,
        sequence: u64,
        except: Option<SocketId>,
    ) -> u64 {
        let entry = self.channels.get_mut(channel.as_str());
        entry.map_or(0, |entry| entry.send_numbered(channel, event, sequence, except))
    }
}

impl<R> Hub<R> {
    /// How many subscriptions a channel has.
    #[must_use]
    pub(crate) fn count(&self, channel: &ChannelName) -> usize {
        self.channels.get(channel.as_str()).map_or(0, Channel::count)
    }

    /// The channels with at least one subscriber, and how many each has.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = (&ChannelName, usize)> {
        let counts = self.channels.iter().map(|(name, entry)| (name, entry.count()));
        counts.filter(|(_, subscribers)| *subscribers > 0)
    }

    /// The connections with which a user is subscribed to a presence channel.
    pub(crate) fn connections_of(
        &self,
        channel: &ChannelName,
        user_id: &str,
    ) -> impl Iterator<Item = &R> {
        let entry = self.channels.get(channel.as_str());
        let subscribers = entry.into_iter().flat_map(Channel::subscribers);
        let is_user = move |subscriber: &&Subscriber<R>| {
            subscriber.member.as_ref().is_some_and(|member| member.user_id == user_id)
        };
        subscribers.filter(is_user).map(|subscriber| &subscriber.recipient)
    }

    /// The channels on which somebody asked for positions.
    pub(crate) fn followed(&self) -> impl Iterator<Item = &ChannelName> {
        let channels = self.channels.iter();
        let followed = channels.filter(|(_, entry)| entry.followers().next().is_some());
        followed.map(|(channel, _)| channel)
    }

    /// Everybody who asked for positions on a channel.
    pub(crate) fn followers(&self, channel: &ChannelName) -> impl Iterator<Item = &R> {
        let entry = self.channels.get(channel.as_str());
        entry.into_iter().flat_map(Channel::followers).map(|(_, recipient)| recipient)
    }

    /// Everybody who asked for positions, once a subscription.
    pub(crate) fn all_followers(&self) -> impl Iterator<Item = (SocketId, &R)> {
        self.channels.values().flat_map(Channel::followers)
    }
}
