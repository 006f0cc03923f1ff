//! Going on with the cluster's answers, whether they come within the call or late.

use super::outcome::{Outcome, Refused};
use super::pending::{Confirms, HistoryAsked, JoinAsked, LeaveAsked, Pending};
use super::prepared_subscription::PreparedSubscription;
use super::state::Broker;
use crate::cluster::{Answer, Beginning, Cluster, Recover, Replay, Snapshot, Ticket};
use crate::config::WebhookEvent;
use crate::delivery::{Frame, Recipient};
use crate::dialect::Dialect;
use crate::socket_id::SocketId;
use crate::webhooks::{Event, Note};
use echolite_protocol::extension::{self, SubscriptionPosition};
use echolite_protocol::member::presence_data_with;
use echolite_protocol::{Access, ChannelName, Member, server_frame};
use std::sync::Arc;
use std::time::Duration;

impl<R: Recipient, C: Cluster> Broker<R, C> {
    /// Asks the cluster, and goes on at once if it answers at once.
    pub(super) fn ask(
        &mut self,
        now: Duration,
        ticket: Ticket,
        pending: Pending,
        outcome: &mut Outcome,
    ) {
        match self.cluster.ask(now, ticket, pending.ask()) {
            Some(answer) => self.on_answer(now, (ticket, pending), answer, outcome),
            None => _ = self.pending.insert(ticket, pending),
        }
    }

    /// Goes on with an answer that did not come within the call.
    pub(super) fn on_late(
        &mut self,
        now: Duration,
        ticket: Ticket,
        answer: Answer,
        outcome: &mut Outcome,
    ) {
        if let Some(publication) = self.publications.remove(&ticket) {
            self.on_numbered(publication, answer, outcome);
        } else if let Some(pending) = self.pending.remove(&ticket) {
            self.on_answer(now, (ticket, pending), answer, outcome);
        }
    }

    fn on_answer(
        &mut self,
        now: Duration,
        (ticket, pending): (Ticket, Pending),
        answer: Answer,
        outcome: &mut Outcome,
    ) {
        match (pending, answer) {
            (Pending::Join(join), Answer::Joined { sequence, arrived }) => {
                let arrived = arrived.then_some(sequence);
                self.on_joined(now, (ticket, join), arrived, outcome);
            }
            (Pending::Join(join), Answer::Full) => self.on_full(join, outcome),
            (Pending::History(history), Answer::History(snapshot)) => {
                self.on_snapshot(history, *snapshot, outcome);
            }
            (Pending::Leave(LeaveAsked { channel, .. }), Answer::Left { sequence, departed }) => {
                if let Some(user_id) = departed {
                    self.tell_departed((&channel, sequence), &user_id, outcome);
                }
            }
            (pending, answer) => debug_assert!(false, "{pending:?} is not answered by {answer:?}"),
        }
    }

    /// The subscription is counted: asks what it begins with, and tells the others. `arrived` is the
    /// decision that its user is there, who was not before.
    fn on_joined(
        &mut self,
        now: Duration,
        (ticket, join): (Ticket, JoinAsked),
        arrived: Option<u64>,
        outcome: &mut Outcome,
    ) {
        let JoinAsked { subscription, socket, ended, .. } = join;
        let PreparedSubscription { channel, member, dialect, recover, added, miss } = subscription;
        if let Some(grace) = ended {
            self.announce((&channel, socket), member.as_deref(), added.zip(arrived), outcome);
            let leave = Pending::Leave(LeaveAsked { channel, member, grace });
            let ticket = self.ticket();
            return self.ask(now, ticket, leave, outcome);
        }
        let Some((occupied, recipient)) = self.hub.joined(&channel, ticket) else { return };
        if occupied && self.notes_occupation() {
            outcome.notes.push(Note::Occupied(channel.clone(), socket));
        }
        let after = recover.map(|position| {
            // Some room is left for what comes live.
            let room = recipient.room();
            Recover { position, room: room - room / 4 }
        });
        let history = HistoryAsked {
            subscription: ticket,
            channel: channel.clone(),
            follows: dialect == Dialect::Echolite,
            after,
            confirms: Confirms::Anew { miss: miss.map(|miss| (miss, socket)) },
        };
        let asked = self.ticket();
        self.ask(now, asked, Pending::History(history), outcome);
        if member.is_some() {
            self.announce((&channel, socket), member.as_deref(), added.zip(arrived), outcome);
        } else {
            self.count_changed(now, (&channel, socket), outcome);
        }
    }

    /// The channel has as many members as it may.
    fn on_full(&mut self, join: JoinAsked, outcome: &mut Outcome) {
        let JoinAsked { subscription, socket, ended, .. } = join;
        if ended.is_none() {
            self.hub.end(&subscription.channel, socket);
            outcome.refused.push(Refused { socket, channel: subscription.channel });
        }
    }

    /// Tells the others of a member who was not there before.
    fn announce(
        &mut self,
        (channel, socket): (&ChannelName, SocketId),
        member: Option<&Member>,
        added: Option<(Frame, u64)>,
        outcome: &mut Outcome,
    ) {
        let (Some((added, sequence)), Some(member)) = (added, member) else { return };
        self.hub.send(channel, &added, Some(sequence), Some(socket));
        let name = channel.as_str();
        self.note(outcome, || Event::member(WebhookEvent::MemberAdded, name, &member.user_id));
    }

    /// What a subscription begins with is known: confirms it, then sends what was missed or the last
    /// event, then what was published meanwhile.
    fn on_snapshot(&mut self, history: HistoryAsked, snapshot: Snapshot, outcome: &mut Outcome) {
        let HistoryAsked { subscription, channel, confirms, .. } = history;
        let sequence = snapshot.sequence;
        match confirms {
            Confirms::Anew { miss } => {
                if let Some(confirmed) = self.hub.confirm(&channel, subscription, sequence) {
                    self.begin(&channel, confirmed, (snapshot, miss), outcome);
                }
            }
            Confirms::Again { recovered } => {
                let hub = &mut self.hub;
                let confirmed = hub.confirm_again(&channel, subscription, sequence, recovered);
                if let Some(recipient) = confirmed {
                    let (position, uncertain) = snapshot
                        .beginning
                        .map_or((None, None), |begun| (begun.position, begun.uncertain));
                    let position = SubscriptionPosition { position, recovered };
                    recipient.send(confirmation(&channel, &snapshot.members, &position));
                    // It may not have been told while it waited.
                    if let Some(reason) = uncertain {
                        recipient.send(Frame::text(&extension::uncertain(&reason)));
                    }
                }
            }
        }
        self.hub.release(&channel, subscription);
    }

    /// Sends a subscription its first confirmation and what it begins with; then the further ones that
    /// were answered before it, which say where it is by now.
    fn begin(
        &mut self,
        channel: &ChannelName,
        (recipient, early): (R, Vec<Option<bool>>),
        (snapshot, miss): (Snapshot, Option<(Frame, SocketId)>),
        outcome: &mut Outcome,
    ) {
        let Snapshot { members, beginning, last_event, .. } = snapshot;
        let position = beginning.as_ref().map(Beginning::position).unwrap_or_default();
        recipient.send(confirmation(channel, &members, &position));
        let mut has_all = false;
        if let Some(Beginning { uncertain, replay, .. }) = beginning {
            if let Some(reason) = uncertain {
                recipient.send(Frame::text(&extension::uncertain(&reason)));
            }
            has_all = send_missed(replay, &recipient, outcome);
        }
        match (last_event, miss) {
            // It has had the last event, or got it with what it missed.
            _ if has_all => {}
            (Some(frame), _) => recipient.send(frame),
            (None, Some((miss, by))) => {
                recipient.send(miss);
                self.note(outcome, || {
                    Event::channel(WebhookEvent::CacheMiss, channel.as_str()).by(by)
                });
            }
            (None, None) => {}
        }
        for recovered in early {
            let position = SubscriptionPosition { recovered, ..position.clone() };
            recipient.send(confirmation(channel, &members, &position));
        }
    }
}

/// Sends what was missed; whether that is all of it.
fn send_missed(replay: Replay<Frame>, recipient: &impl Recipient, outcome: &mut Outcome) -> bool {
    match replay {
        Replay::NotAsked => false,
        Replay::NotCovered => {
            outcome.replays_refused += 1;
            false
        }
        Replay::Covered(missed) => {
            outcome.replays_served += 1;
            outcome.events_replayed += missed.len() as u64;
            missed.into_iter().for_each(|frame| recipient.send(frame));
            true
        }
    }
}

/// A channel's `subscription_succeeded`.
pub(super) fn confirmation(
    channel: &ChannelName,
    members: &[Arc<Member>],
    position: &SubscriptionPosition,
) -> Frame {
    let data = match channel.access() {
        Access::Presence => {
            let members = members.iter();
            let members =
                members.map(|member| (member.user_id.as_str(), member.user_info.as_deref()));
            presence_data_with(members, position)
        }
        _ => extension::subscription_data(position),
    };
    Frame::text(&server_frame::subscription_succeeded(channel.as_str(), &data))
}
