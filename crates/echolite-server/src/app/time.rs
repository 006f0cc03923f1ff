//! Timers of an application: grace times, late answers, webhooks.

use super::App;
use crate::broker::end_absences;
use crate::clock::Timed;
use std::sync::Arc;
use std::time::Duration;

impl Timed for App {
    fn on_time(self: Arc<Self>) -> Option<Duration> {
        let now = self.now();
        self.end_grace_times(now);
        let requests = self.webhooks.lock().on_time(now);
        requests.into_iter().for_each(|request| self.clone().post(request));
        self.deadline().map(|deadline| deadline.saturating_sub(now))
    }
}

impl App {
    /// Tells of users who had until then to return, and of what else was put off.
    pub(super) fn end_grace_times(&self, until: Duration) {
        for mut broker in self.brokers() {
            let outcome = broker.on_time(until);
            self.settle(outcome);
        }
        let mut users = self.users();
        let outcome = end_absences(&mut users, until);
        self.settle(outcome);
    }

    /// When something is due.
    fn deadline(&self) -> Option<Duration> {
        let brokers = self.brokers().filter_map(|broker| broker.deadline()).min();
        let users = self.users().deadline();
        let webhooks = self.webhooks.lock().deadline();
        [brokers, users, webhooks].into_iter().flatten().min()
    }
}
