//! Signing in and out: who is told that a user is there, or gone.
//!
//! The signed-in users of an application are in one place, not in shards: these are functions over
//! [`Users`], which the caller has locked.

use super::outcome::Outcome;
use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use crate::users::Users;
use echolite_protocol::User;
use echolite_protocol::server_frame::{Watched, watchlist_events};
use std::sync::Arc;
use std::time::Duration;

/// Signs a connection in, tells it who of its watchlist is there, and tells the user's watchers.
pub(crate) fn sign_in<R: Recipient>(
    users: &mut Users<R>,
    now: Duration,
    user: &Arc<User>,
    (socket, recipient): (SocketId, &R),
) -> Outcome {
    change(users, |users| {
        let came = users.sign_in(now, socket, recipient, user);
        let online = users.online(&user.watchlist);
        if !online.is_empty() {
            recipient.send(Frame::text(&watchlist_events(Watched::Online, &online)));
        }
        if came {
            tell_watchers(users, Watched::Online, &user.id, Some(socket));
        }
    })
}

/// Signs a connection out, which may return within the grace time.
pub(crate) fn sign_out<R: Recipient>(
    users: &mut Users<R>,
    now: Duration,
    socket: SocketId,
    grace: Duration,
) -> Outcome {
    change(users, |users| {
        if let Some(gone) = users.sign_out(now, socket, grace) {
            tell_watchers(users, Watched::Offline, &gone, None);
        }
    })
}

/// Tells the watchers of users who did not return.
pub(crate) fn end_absences<R: Recipient>(users: &mut Users<R>, now: Duration) -> Outcome {
    change(users, |users| {
        for gone in users.on_time(now) {
            tell_watchers(users, Watched::Offline, &gone, None);
        }
    })
}

fn change<R: Recipient>(users: &mut Users<R>, change: impl FnOnce(&mut Users<R>)) -> Outcome {
    let before = users.deadline();
    change(users);
    Outcome { wake: users.deadline() != before, ..Outcome::default() }
}

fn tell_watchers<R: Recipient>(
    users: &Users<R>,
    watched: Watched,
    id: &str,
    except: Option<SocketId>,
) {
    let frame = Frame::text(&watchlist_events(watched, &[id]));
    users.watchers(id, except).for_each(|watcher| watcher.send(frame.clone()));
}
