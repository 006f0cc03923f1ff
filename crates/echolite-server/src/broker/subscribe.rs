//! Subscribing and unsubscribing: the questions. Their answers are handled in `answers.rs`.

use super::answers::confirmation;
use super::outcome::Outcome;
use super::pending::{Confirms, HistoryAsked, JoinAsked, LeaveAsked, Pending};
use super::prepared_subscription::PreparedSubscription;
use super::state::Broker;
use crate::cluster::{Cluster, Ticket};
use crate::delivery::Recipient;
use crate::hub::{Ended, Subscriber};
use crate::socket_id::SocketId;
use crate::webhooks::Note;
use echolite_protocol::extension::SubscriptionPosition;
use echolite_protocol::{Access, ChannelName};
use std::time::Duration;

/// How a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its client leaves the channel.
    Left,
    /// Its connection is gone. Its user may return within the grace time, and is gone only then.
    Gone { grace: Duration },
}

impl<R: Recipient, C: Cluster> Broker<R, C> {
    /// Subscribes a connection: it gets the confirmation, then what it missed or the last event, then
    /// live frames. The others are told of its member, or how many they are.
    pub(crate) fn subscribe(
        &mut self,
        now: Duration,
        subscription: PreparedSubscription,
        (socket, recipient): (SocketId, R),
    ) -> Outcome {
        self.change(|broker, outcome| {
            let PreparedSubscription { member, dialect, .. } = &subscription;
            let subscriber = Subscriber { recipient, member: member.clone(), dialect: *dialect };
            let ticket = broker.ticket();
            if broker.hub.wait(&subscription.channel, ticket, (socket, subscriber)) {
                let most = broker.rules.config.limits.presence_members;
                let join = JoinAsked { subscription, socket, most, ended: None };
                broker.ask(now, ticket, Pending::Join(join), outcome);
            }
        })
    }

    /// Confirms a subscription once more, to one who asked for positions.
    pub(crate) fn confirm_again(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        socket: SocketId,
        recovered: Option<bool>,
    ) -> Outcome {
        self.change(|broker, outcome| {
            let ticket = broker.ticket();
            if let Some(subscription) = broker.hub.wait_again(channel, ticket, socket) {
                let history = HistoryAsked {
                    subscription,
                    channel: channel.clone(),
                    follows: true,
                    after: None,
                    confirms: Confirms::Again { recovered },
                };
                broker.ask(now, ticket, Pending::History(history), outcome);
            }
        })
    }

    /// Ends a subscription. A client that leaves before it was answered gets its answers at once: it counts
    /// them, to tell them from those of its next subscription.
    pub(crate) fn unsubscribe(
        &mut self,
        now: Duration,
        channel: &ChannelName,
        socket: SocketId,
        ending: Ending,
    ) -> Outcome {
        self.change(|broker, outcome| {
            let Some(ended) = broker.hub.end(channel, socket) else { return };
            let Ended { subscriber, unanswered, unconfirmed, vacated } = ended;
            let grace = match ending {
                Ending::Left => {
                    broker.confirm_left(channel, &subscriber.recipient, unconfirmed);
                    Duration::ZERO
                }
                Ending::Gone { grace } => grace,
            };
            if let Some(ticket) = unanswered {
                return broker.end_unanswered(ticket, grace);
            }
            let leave = LeaveAsked { channel: channel.clone(), member: subscriber.member, grace };
            let ticket = broker.ticket();
            broker.ask(now, ticket, Pending::Leave(leave), outcome);
            if channel.access() != Access::Presence {
                broker.count_changed(now, (channel, socket), outcome);
            }
            if vacated && broker.notes_occupation() {
                outcome.notes.push(Note::Vacated(channel.clone(), now, socket));
            }
        })
    }

    /// Sends the confirmations that a subscription was owed when it was left.
    fn confirm_left(&self, channel: &ChannelName, recipient: &R, unconfirmed: usize) {
        if unconfirmed > 0 {
            let members: Vec<_> = self.cluster.members(channel).cloned().collect();
            let answer = confirmation(channel, &members, &SubscriptionPosition::default());
            (0..unconfirmed).for_each(|_| recipient.send(answer.clone()));
        }
    }

    /// What is counted later has then ended already.
    fn end_unanswered(&mut self, ticket: Ticket, grace: Duration) {
        if let Some(Pending::Join(join)) = self.pending.get_mut(&ticket) {
            join.ended = Some(grace);
        }
    }
}
