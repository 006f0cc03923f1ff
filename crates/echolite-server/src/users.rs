//! Who is signed in, and who watches whom. Pure: no lock, no clock, no I/O.
//!
//! `R` is whatever stands for a connection, as in [`crate::hub`].

use crate::presence_grace::PresenceGrace;
use crate::socket_id::SocketId;
use crate::timers::Timers;
use echolite_protocol::User;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The signed-in users of an application.
#[derive(Debug)]
pub(crate) struct Users<R> {
    signed_in: HashMap<SocketId, Arc<User>>,
    users: HashMap<String, Known<R>>,
    /// By the id of who is watched, there or not.
    watchers: HashMap<String, IndexMap<SocketId, R>>,
    departures: Timers<String>,
}

/// A user who is there, or may yet return.
#[derive(Debug)]
struct Known<R> {
    grace: PresenceGrace,
    connections: IndexMap<SocketId, R>,
}

impl<R> Default for Users<R> {
    fn default() -> Self {
        Self {
            signed_in: HashMap::new(),
            users: HashMap::new(),
            watchers: HashMap::new(),
            departures: Timers::default(),
        }
    }
}

impl<R: Clone> Users<R> {
    /// Signs a connection in; whether its user was not there before. Doing it twice changes nothing.
    pub(crate) fn sign_in(
        &mut self,
        now: Duration,
        socket: SocketId,
        recipient: &R,
        user: &Arc<User>,
    ) -> bool {
        if self.signed_in.contains_key(&socket) {
            return false;
        }
        self.signed_in.insert(socket, user.clone());
        for id in &user.watchlist {
            self.watchers.entry(id.clone()).or_default().insert(socket, recipient.clone());
        }
        let came = !self.users.contains_key(&user.id);
        let known = self.users.entry(user.id.clone()).or_default();
        known.grace.come(now);
        known.connections.insert(socket, recipient.clone());
        came
    }

    /// Signs a connection out, which may return within the grace time; the user who is gone by it.
    pub(crate) fn sign_out(
        &mut self,
        now: Duration,
        socket: SocketId,
        grace: Duration,
    ) -> Option<String> {
        let user = self.signed_in.remove(&socket)?;
        for id in &user.watchlist {
            if let Some(watchers) = self.watchers.get_mut(id) {
                watchers.swap_remove(&socket);
                if watchers.is_empty() {
                    self.watchers.remove(id);
                }
            }
        }
        let known = self.users.get_mut(&user.id)?;
        known.connections.swap_remove(&socket);
        if let Some(until) = known.grace.go(now, grace) {
            self.departures.add(until, user.id.clone());
        }
        self.depart(now, &user.id)
    }

    /// Users whose time to return is over. Must be called at [`Self::deadline`] at the latest.
    pub(crate) fn on_time(&mut self, now: Duration) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some(id) = self.departures.pop_due(now) {
            gone.extend(self.depart(now, &id));
        }
        gone
    }

    /// When [`Self::on_time`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.departures.next()
    }

    /// Those of the users who are there.
    pub(crate) fn online<'a>(&self, ids: &'a [String]) -> Vec<&'a str> {
        let there = |id: &&str| self.users.contains_key(*id);
        ids.iter().map(String::as_str).filter(there).collect()
    }

    /// The connections that are told about a user, but for one.
    pub(crate) fn watchers(&self, id: &str, except: Option<SocketId>) -> impl Iterator<Item = &R> {
        let watchers = self.watchers.get(id).into_iter().flatten();
        watchers.filter(move |(socket, _)| Some(**socket) != except).map(|(_, watcher)| watcher)
    }

    /// The signed-in connections of a user.
    pub(crate) fn connections(&self, id: &str) -> impl Iterator<Item = &R> {
        self.users.get(id).into_iter().flat_map(|known| known.connections.values())
    }

    fn depart(&mut self, now: Duration, id: &str) -> Option<String> {
        let over = self.users.get(id)?.grace.is_over(now);
        if over { self.users.remove_entry(id).map(|(id, _)| id) } else { None }
    }
}

impl<R> Default for Known<R> {
    fn default() -> Self {
        Self { grace: PresenceGrace::default(), connections: IndexMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SocketId = SocketId::from_random(1);
    const B: SocketId = SocketId::from_random(2);
    const GRACE: Duration = Duration::from_secs(5);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn user(id: &str, watchlist: &[&str]) -> Arc<User> {
        let watchlist = watchlist.iter().map(|&id| id.to_owned()).collect();
        Arc::new(User { id: id.to_owned(), user_info: None, watchlist })
    }

    fn watchers(users: &Users<char>, id: &str) -> String {
        users.watchers(id, None).collect()
    }

    #[test]
    fn a_user_is_there_from_the_first_connection_to_the_last() {
        let mut users = Users::default();
        assert!(users.sign_in(at(0), A, &'a', &user("1", &[])));
        assert!(!users.sign_in(at(0), B, &'b', &user("1", &[])));
        assert!(!users.sign_in(at(0), B, &'b', &user("1", &[])));
        assert_eq!(users.connections("1").collect::<String>(), "ab");
        assert_eq!(users.sign_out(at(0), A, Duration::ZERO), None);
        assert_eq!(users.sign_out(at(0), A, Duration::ZERO), None);
        assert_eq!(users.sign_out(at(0), B, Duration::ZERO).as_deref(), Some("1"));
        assert_eq!(users.connections("1").count(), 0);
        assert!(users.users.is_empty() && users.signed_in.is_empty());
    }

    #[test]
    fn who_reconnects_in_time_was_never_gone() {
        let mut users = Users::default();
        users.sign_in(at(0), A, &'a', &user("1", &[]));
        assert_eq!(users.sign_out(at(1), A, GRACE), None);
        assert_eq!(users.deadline(), Some(at(6)));
        assert_eq!(users.online(&["1".to_owned(), "2".to_owned()]), ["1"]);
        assert!(!users.sign_in(at(5), B, &'b', &user("1", &[])));
        assert!(users.on_time(at(6)).is_empty());
        users.sign_out(at(7), B, GRACE);
        assert_eq!(users.on_time(at(12)), ["1"]);
        assert!(users.sign_in(at(12), A, &'a', &user("1", &[])));
    }

    #[test]
    fn a_connection_watches_until_it_is_gone() {
        let mut users = Users::default();
        users.sign_in(at(0), A, &'a', &user("1", &["2"]));
        users.sign_in(at(0), B, &'b', &user("2", &["1", "2"]));
        assert_eq!((watchers(&users, "1"), watchers(&users, "2")), ("b".into(), "ab".into()));
        assert_eq!(users.watchers("2", Some(B)).collect::<String>(), "a");
        users.sign_out(at(0), B, GRACE);
        assert_eq!((watchers(&users, "1"), watchers(&users, "2")), ("".into(), "a".into()));
    }
}
