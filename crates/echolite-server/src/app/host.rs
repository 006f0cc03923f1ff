//! The application as the host of its brokers: their locks, its time, and what follows from what
//! they do.

use super::App;
use crate::broker::{Broker, Host, Outcome, Refused};
use crate::cluster::LocalCluster;
use crate::config::AppConfig;
use crate::delivery::Outbox;
use crate::users::Users;
use crate::webhooks::{Event, Note};
use echolite_protocol::ChannelName;
use std::sync::Arc;
use std::time::Duration;

impl Host for &App {
    type Recipient = Arc<Outbox>;
    type Cluster = LocalCluster;

    fn config(&self) -> &AppConfig {
        &self.rules.config
    }

    fn with_broker(
        &mut self,
        channel: &ChannelName,
        act: impl FnOnce(&mut Broker<Arc<Outbox>>, Duration) -> Outcome,
    ) -> Vec<Refused> {
        let mut broker = self.broker(channel);
        let mut outcome = act(&mut broker, self.now());
        let refused = std::mem::take(&mut outcome.refused);
        // Under the lock: webhooks are told in the order in which it happened.
        self.settle(outcome);
        refused
    }

    fn with_users(&mut self, act: impl FnOnce(&mut Users<Arc<Outbox>>, Duration) -> Outcome) {
        let mut users = self.users();
        let outcome = act(&mut users, self.now());
        self.settle(outcome);
    }

    fn note(&mut self, event: Event) {
        self.note_all(vec![Note::Event(event)]);
    }
}

impl App {
    /// Sees to what follows from what a broker did.
    pub(super) fn settle(&self, outcome: Outcome) {
        let Outcome { notes, wake, deliveries, refused, .. } = outcome;
        debug_assert!(
            refused.is_empty(),
            "a cluster that answers at once refuses a subscription within the call that asks for it, \
             and `with_broker` gives that back"
        );
        self.stats.deliveries.add(deliveries);
        self.stats.replays_served.add(outcome.replays_served);
        self.stats.replays_refused.add(outcome.replays_refused);
        self.stats.events_replayed.add(outcome.events_replayed);
        self.note_all(notes);
        if wake {
            self.clock.wake();
        }
    }
}
