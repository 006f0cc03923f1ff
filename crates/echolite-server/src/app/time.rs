//! What an application does at its time.

use super::App;
use crate::hub::Due;
use crate::webhooks::Delivery;
use std::time::Duration;

impl App {
    /// Does what is due, and gives the webhook requests to be made. Must be called at
    /// [`Self::deadline`] at the latest.
    pub(crate) fn on_time(&self, now: Duration) -> Vec<Delivery> {
        self.end_stays(now);
        self.webhooks.lock().on_time(now)
    }

    /// Tells of users who had until then to return, and of what else was put off.
    pub(super) fn end_stays(&self, until: Duration) {
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
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let hubs = self.hubs().filter_map(|hub| hub.deadline()).min();
        let users = self.users.lock().deadline();
        let webhooks = self.webhooks.lock().deadline();
        [hubs, users, webhooks].into_iter().flatten().min()
    }
}
