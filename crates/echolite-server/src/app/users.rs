//! The users of an application: signing in, being watched, being terminated.

use super::{App, deliver_to};
use crate::delivery::{Frame, Outbox};
use crate::socket_id::SocketId;
use crate::users::Users;
use echolite_protocol::server_frame::{Watched, watchlist_events};
use echolite_protocol::{CloseCode, User};
use std::sync::Arc;
use std::time::Duration;

type AppUsers = Users<Arc<Outbox>>;

impl App {
    /// Signs a connection in, tells it who of its watchlist is there, and tells the user's watchers.
    pub(crate) fn sign_in(&self, user: &Arc<User>, id: SocketId, outbox: &Arc<Outbox>) {
        let mut users = self.users.lock();
        let came = users.sign_in(self.now(), id, outbox, user);
        let online = users.online(&user.watchlist);
        if !online.is_empty() {
            outbox.push(Frame::text(&watchlist_events(Watched::Online, &online)));
        }
        if came {
            tell_watchers(&users, Watched::Online, &user.id, Some(id));
        }
    }

    /// Signs a connection out, which may return within the grace time.
    pub(super) fn sign_out(&self, id: SocketId, grace: Duration) {
        let mut users = self.users.lock();
        if let Some(gone) = users.sign_out(self.now(), id, grace) {
            tell_watchers(&users, Watched::Offline, &gone, None);
        }
    }

    /// Tells the watchers of users who did not return.
    pub(super) fn users_on_time(&self, now: Duration) {
        let mut users = self.users.lock();
        for gone in users.on_time(now) {
            tell_watchers(&users, Watched::Offline, &gone, None);
        }
    }

    /// Closes a user's connections with 4009, so that their clients do not come back: those signed
    /// in, and those that are members of presence channels as this user. Gives how many they are.
    pub(crate) fn terminate_connections(&self, user_id: &str) -> usize {
        let mut outboxes: Vec<_> = self.users.lock().connections(user_id).cloned().collect();
        for hub in self.hubs() {
            outboxes.extend(hub.connections_of(user_id).cloned());
        }
        // A connection may be found several times, and is closed once.
        let closed = outboxes.iter().filter(|outbox| outbox.refuse(CloseCode::Unauthorized));
        let count = closed.count();
        tracing::info!(app = self.config().app_id, user_id, count, "connections terminated");
        count
    }
}

fn tell_watchers(users: &AppUsers, change: Watched, id: &str, except: Option<SocketId>) {
    let frame = Frame::text(&watchlist_events(change, &[id]));
    deliver_to(users.watchers(id, except), &frame);
}
