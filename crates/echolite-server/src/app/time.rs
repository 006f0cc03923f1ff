//! What an application does at its time.

use super::App;
use crate::clock::Timed;
use crate::hub::Due;
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
        for mut hub in self.hubs() {
            for due in hub.on_time(until) {
                match due {
                    Due::Departed(channel, user) => self.tell_departed(&hub, &channel, &user),
                    Due::Count(channel, count) => self.tell_count(&hub, &channel, count),
                }
            }
        }
        self.users_on_time(until);
    }

    /// When something is due.
    fn deadline(&self) -> Option<Duration> {
        let hubs = self.hubs().filter_map(|hub| hub.deadline()).min();
        let users = self.users.lock().deadline();
        let webhooks = self.webhooks.lock().deadline();
        [hubs, users, webhooks].into_iter().flatten().min()
    }
}
