//! The broker: its state, and what is told because time passes.

use super::outcome::Outcome;
use super::pending::{Pending, Unnumbered};
use crate::cluster::{Cluster, LocalCluster, News, Ticket};
use crate::config::WebhookEvent;
use crate::delivery::{Frame, Recipient};
use crate::hub::Hub;
use crate::session::Rules;
use crate::socket_id::SocketId;
use crate::webhooks::{Event, Note};
use echolite_protocol::{ChannelName, server_frame};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The broker of some channels.
#[derive(Debug)]
pub(crate) struct Broker<R, C = LocalCluster> {
    pub(super) rules: Arc<Rules>,
    pub(super) hub: Hub<R>,
    pub(super) cluster: C,
    tickets: u64,
    /// Events without a number yet.
    pub(super) publications: BTreeMap<Ticket, Unnumbered>,
    /// What waits for other answers.
    pub(super) pending: BTreeMap<Ticket, Pending>,
}

impl<R: Recipient, C: Cluster> Broker<R, C> {
    pub(crate) fn new(rules: Arc<Rules>, cluster: C) -> Self {
        Self {
            rules,
            hub: Hub::default(),
            cluster,
            tickets: 0,
            publications: BTreeMap::new(),
            pending: BTreeMap::new(),
        }
    }

    /// Does what is due: departures, counts, late answers. Must be called at [`Self::deadline`] at
    /// the latest.
    pub(crate) fn on_time(&mut self, now: Duration) -> Outcome {
        self.change(|broker, outcome| {
            broker.take_news(now, outcome);
            while let Some((channel, count)) = broker.hub.next_count(now) {
                broker.tell_count((&channel, None), count, outcome);
            }
        })
    }

    /// When [`Self::on_time`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        [self.cluster.deadline(), self.hub.deadline()].into_iter().flatten().min()
    }

    /// Collects what a change leads to.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self, &mut Outcome)) -> Outcome {
        let before = self.deadline();
        let mut outcome = Outcome::default();
        change(self, &mut outcome);
        outcome.wake = self.deadline() != before;
        outcome
    }

    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// Handles everything that the cluster has to say.
    pub(super) fn take_news(&mut self, now: Duration, outcome: &mut Outcome) {
        while let Some(news) = self.cluster.poll(now) {
            match news {
                News::Answered(ticket, answer) => self.on_late(now, ticket, answer, outcome),
                News::Departed { sequence, channel, user_id } => {
                    self.tell_departed((&channel, sequence), &user_id, outcome);
                }
            }
        }
    }

    /// Tells that a user is gone from a channel.
    pub(super) fn tell_departed(
        &mut self,
        (channel, sequence): (&ChannelName, u64),
        user_id: &str,
        outcome: &mut Outcome,
    ) {
        let removed = Frame::text(&server_frame::member_removed(channel.as_str(), user_id));
        self.hub.send(channel, &removed, Some(sequence), None);
        self.note(outcome, || {
            Event::member(WebhookEvent::MemberRemoved, channel.as_str(), user_id)
        });
    }

    /// A subscriber came or went: tells the others how many they are, now or later.
    pub(super) fn count_changed(
        &mut self,
        now: Duration,
        (channel, socket): (&ChannelName, SocketId),
        outcome: &mut Outcome,
    ) {
        if !self.rules.config.subscription_count && !self.notes(WebhookEvent::SubscriptionCount) {
            return;
        }
        if let Some(count) = self.hub.count_to_tell(now, channel) {
            self.tell_count((channel, Some(socket)), count, outcome);
        }
    }

    /// Tells how many subscribers a channel has.
    pub(super) fn tell_count(
        &mut self,
        (channel, by): (&ChannelName, Option<SocketId>),
        count: usize,
        outcome: &mut Outcome,
    ) {
        if self.rules.config.subscription_count {
            let frame = server_frame::subscription_count(channel.as_str(), count);
            self.hub.send(channel, &Frame::text(&frame), None, None);
        }
        self.note(outcome, || {
            let event = Event::count(channel.as_str(), count);
            by.into_iter().fold(event, Event::by)
        });
    }

    /// Has the webhooks told, if there are any.
    pub(super) fn note(&self, outcome: &mut Outcome, event: impl FnOnce() -> Event) {
        if !self.rules.config.webhooks.is_empty() {
            outcome.notes.push(Note::Event(event()));
        }
    }

    /// Whether any webhook is told of such an event.
    pub(super) fn notes(&self, event: WebhookEvent) -> bool {
        self.rules.config.webhooks.iter().any(|hook| hook.events.contains(&event))
    }

    pub(super) fn notes_occupation(&self) -> bool {
        self.notes(WebhookEvent::ChannelOccupied) || self.notes(WebhookEvent::ChannelVacated)
    }
}
