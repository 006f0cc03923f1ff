//! Reading: what is asked about channels, without changing anything.
//!
//! Members, last events and history are read from this node's part of the cluster.

use super::state::Broker;
use crate::cluster::{Cluster, HistoryUsage};
use crate::delivery::Recipient;
use echolite_protocol::extension::Position;
use echolite_protocol::{Access, ChannelName, Member};
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;

impl<R: Recipient, C: Cluster> Broker<R, C> {
    /// How many subscriptions a channel has.
    pub(crate) fn count(&self, channel: &ChannelName) -> usize {
        self.hub.count(channel)
    }

    /// The channels with at least one subscriber: how many, and how many members.
    pub(crate) fn occupied(&self) -> impl Iterator<Item = (&ChannelName, usize, usize)> {
        self.hub.occupied().map(|(channel, count)| (channel, count, self.member_count(channel)))
    }

    /// How many members a channel has, which only presence channels have.
    pub(crate) fn member_count(&self, channel: &ChannelName) -> usize {
        match channel.access() {
            Access::Presence => self.cluster.member_count(channel),
            _ => 0,
        }
    }

    /// The members of a presence channel.
    pub(crate) fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Arc<Member>> {
        self.cluster.members(channel)
    }

    /// The data of a `cache` channel's last event.
    pub(crate) fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&RawValue> {
        self.cluster.last_event(now, channel).map(|(_, data)| &**data)
    }

    /// Where a channel is, and what is held of it, if it keeps history and has any.
    pub(crate) fn history(&self, channel: &ChannelName) -> Option<(Position, HistoryUsage)> {
        self.cluster.history(channel)
    }

    /// The last decision of the cluster about the channels of this broker.
    #[cfg(feature = "simulation")]
    pub(crate) fn last_decision(&self) -> u64 {
        self.cluster.last_decision()
    }

    /// What is held of all channels' history.
    pub(crate) fn held(&self) -> HistoryUsage {
        self.cluster.held()
    }

    /// The connections with which a user is a member of presence channels, once a channel.
    pub(super) fn connections_of<'a>(&'a self, user_id: &'a str) -> impl Iterator<Item = &'a R> {
        let channels = self.hub.occupied().map(|(channel, _)| channel);
        let channels = channels.filter(|channel| channel.access() == Access::Presence);
        let channels = channels.filter(move |channel| self.cluster.is_member(channel, user_id));
        channels.flat_map(move |channel| self.hub.connections_of(channel, user_id))
    }
}
