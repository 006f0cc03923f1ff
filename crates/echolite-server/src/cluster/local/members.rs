//! The members of a presence channel: users, each there while one of its connections is.

use crate::presence_grace::PresenceGrace;
use echolite_protocol::Member;
use indexmap::IndexMap;
use std::sync::Arc;
use std::time::Duration;

/// A presence channel has as many members as it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Users by id, with the connections and the grace time that keep each present.
#[derive(Debug, Default)]
pub(super) struct Members(IndexMap<String, (Arc<Member>, PresenceGrace)>);

impl Members {
    /// Adds a connection of a user; whether the user was not there before.
    ///
    /// What is told about a user is what the first connection said, as the others know it.
    pub(super) fn join(
        &mut self,
        now: Duration,
        member: &Arc<Member>,
        most: usize,
    ) -> Result<bool, Full> {
        if let Some((_, presence)) = self.0.get_mut(&member.user_id) {
            presence.come(now);
            return Ok(false);
        }
        if self.0.len() >= most {
            return Err(Full);
        }
        let mut grace = PresenceGrace::default();
        grace.come(now);
        self.0.insert(member.user_id.clone(), (member.clone(), grace));
        Ok(true)
    }

    /// Removes a connection of a user, which may return within the grace time; when to call
    /// [`Self::depart`] again.
    pub(super) fn leave(
        &mut self,
        now: Duration,
        user_id: &str,
        grace: Duration,
    ) -> Option<Duration> {
        let (_, presence) = self.0.get_mut(user_id)?;
        presence.go(now, grace)
    }

    /// Removes a user without connections whose grace time is over; gives the id.
    pub(super) fn depart(&mut self, now: Duration, user_id: &str) -> Option<String> {
        let over = self.0.get(user_id)?.1.is_over(now);
        if over { self.0.swap_remove_entry(user_id).map(|(id, _)| id) } else { None }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.0.values().map(|(member, _)| member)
    }

    pub(super) fn contains(&self, user_id: &str) -> bool {
        self.0.contains_key(user_id)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
