//! The brokers of a node, without locks.

use super::SHARDS;
use super::mailbox::Mailbox;
use crate::broker::{self, Broker, Host, Outcome, Refused};
use crate::cluster::LateCluster;
use crate::config::AppConfig;
use crate::session::Rules;
use crate::users::Users;
use crate::webhooks::{Event, Note, Webhooks};
use echolite_protocol::ChannelName;
use std::sync::Arc;
use std::time::Duration;

/// Everything of a node but its connections.
#[derive(Debug)]
pub(super) struct NodeHost {
    pub(super) now: Duration,
    pub(super) rules: Arc<Rules>,
    pub(super) brokers: Vec<Broker<Mailbox, LateCluster>>,
    pub(super) users: Users<Mailbox>,
    pub(super) webhooks: Webhooks,
}

impl NodeHost {
    /// The number of a channel's broker, the same in every run.
    pub(super) fn shard(&self, channel: &ChannelName) -> usize {
        channel.as_str().bytes().map(usize::from).sum::<usize>() % SHARDS
    }

    pub(super) fn all(&mut self) -> Vec<&mut Broker<Mailbox, LateCluster>> {
        self.brokers.iter_mut().collect()
    }

    /// Does what is due; gives the subscriptions that are refused.
    pub(super) fn on_time(&mut self) -> Vec<Refused> {
        let mut refused = Vec::new();
        for at in 0..self.brokers.len() {
            let outcome = self.brokers[at].on_time(self.now);
            refused.extend(self.settle(outcome));
        }
        let outcome = broker::end_absences(&mut self.users, self.now);
        refused.extend(self.settle(outcome));
        // Webhooks that take everything.
        for request in self.webhooks.on_time(self.now) {
            self.webhooks.on_answer(self.now, request.hook, true);
        }
        refused
    }

    /// When [`Self::on_time`] has something to do.
    pub(super) fn deadline(&self) -> Option<Duration> {
        let brokers = self.brokers.iter().filter_map(Broker::deadline).min();
        [brokers, self.users.deadline(), self.webhooks.deadline()].into_iter().flatten().min()
    }

    /// Tells the webhooks; gives the subscriptions that are refused.
    pub(super) fn settle(&mut self, outcome: Outcome) -> Vec<Refused> {
        for note in outcome.notes {
            self.webhooks.take(self.now, note);
        }
        outcome.refused
    }
}

impl Host for NodeHost {
    type Recipient = Mailbox;
    type Cluster = LateCluster;

    fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    fn with_broker(
        &mut self,
        channel: &ChannelName,
        act: impl FnOnce(&mut Broker<Mailbox, LateCluster>, Duration) -> Outcome,
    ) -> Vec<Refused> {
        let shard = self.shard(channel);
        let outcome = act(&mut self.brokers[shard], self.now);
        self.settle(outcome)
    }

    fn with_users(&mut self, act: impl FnOnce(&mut Users<Mailbox>, Duration) -> Outcome) {
        let outcome = act(&mut self.users, self.now);
        self.settle(outcome);
    }

    fn note(&mut self, event: Event) {
        self.webhooks.take(self.now, Note::Event(event));
    }
}
