//! The members of a presence channel: users, each there while one of its connections is.

use super::Full;
use echolite_protocol::Member;
use indexmap::IndexMap;
use std::sync::Arc;

/// Users by id, with the number of their connections.
#[derive(Debug, Default)]
pub(super) struct Members(IndexMap<String, (Arc<Member>, usize)>);

impl Members {
    /// Adds a connection of a user; whether the user was not there before.
    ///
    /// What is told about a user is what the first connection said, as the others know it.
    pub(super) fn join(&mut self, member: &Arc<Member>, most: usize) -> Result<bool, Full> {
        if let Some((_, connections)) = self.0.get_mut(&member.user_id) {
            *connections += 1;
            return Ok(false);
        }
        if self.0.len() >= most {
            return Err(Full);
        }
        self.0.insert(member.user_id.clone(), (member.clone(), 1));
        Ok(true)
    }

    /// Removes a connection of a user; the user's id when it was the last one.
    pub(super) fn leave(&mut self, user_id: &str) -> Option<String> {
        let (_, connections) = self.0.get_mut(user_id)?;
        *connections -= 1;
        if *connections > 0 {
            return None;
        }
        self.0.swap_remove_entry(user_id).map(|(id, _)| id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.values().map(|(member, _)| &**member)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
