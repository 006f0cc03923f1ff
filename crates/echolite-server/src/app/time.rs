//! What an application does at its time.

use super::{App, deliver, tell_count};
use crate::hub::Due;
use crate::transport::Frame;
use echolite_protocol::server_frame;
use std::time::Duration;

impl App {
    /// Does what is due. Must be called at [`Self::deadline`] at the latest.
    pub(crate) fn on_time(&self, now: Duration) {
        for mut hub in self.hubs() {
            for due in hub.on_time(now) {
                match due {
                    Due::Departed(channel, user) => {
                        let removed = server_frame::member_removed(channel.as_str(), &user);
                        deliver(&hub, &channel, &Frame::text(&removed), None);
                    }
                    Due::Count(channel, count) => tell_count(&hub, &channel, count),
                }
            }
        }
        self.users_on_time(now);
    }

    /// When something is due.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let hubs = self.hubs().filter_map(|hub| hub.deadline()).min();
        let users = self.users.lock().deadline();
        [hubs, users].into_iter().flatten().min()
    }
}
