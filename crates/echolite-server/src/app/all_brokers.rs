//! What concerns all channels of an application: certainty, termination, and what is held.

use super::App;
use crate::broker;
use crate::cluster::HistoryUsage;

impl App {
    /// What is held of all channels' history.
    pub(crate) fn held(&self) -> HistoryUsage {
        let mut held = HistoryUsage::default();
        self.brokers().for_each(|broker| held += broker.held());
        held
    }

    /// Events may be lost from now on: tells so, and gives no positions until [`Self::mark_certain`].
    pub(crate) fn mark_uncertain(&self, reason: &str) {
        let followers = self.with_all(|brokers, _| {
            let (followers, outcomes) = broker::mark_uncertain(brokers, self.now(), reason);
            outcomes.into_iter().for_each(|outcome| self.settle(outcome));
            followers
        });
        let app = &self.config().app_id;
        tracing::warn!(app, %reason, followers, "delivery is uncertain; history is forgotten");
    }

    /// Every event comes again: tells so, and before that the new epochs.
    pub(crate) fn mark_certain(&self) {
        self.with_all(|brokers, _| {
            let outcomes = broker::mark_certain(brokers, self.now());
            outcomes.into_iter().for_each(|outcome| self.settle(outcome));
        });
        tracing::info!(app = self.config().app_id, "delivery is certain again, in new epochs");
    }

    /// Closes a user's connections, so that their clients do not come back. Gives how many they are.
    pub(crate) fn terminate_connections(&self, user_id: &str) -> usize {
        let count = self.with_all(|brokers, users| broker::terminate(brokers, users, user_id));
        tracing::info!(app = self.config().app_id, user_id, count, "connections terminated");
        count
    }
}
