//! The locks of an application, and their order.
//!
//! Whoever holds one may take those that follow it here, and no other:
//! 1. the shards, in the order of their numbers ([`App::brokers`] takes all of them);
//! 2. the users;
//! 3. the outboxes, each for a moment while a frame is queued;
//! 4. the webhooks.
//!
//! The list of connections is taken alone. Shards and users are taken only here.

use super::{App, AppBroker};
use crate::delivery::Outbox;
use crate::shards::SHARDS;
use crate::users::Users;
use echolite_protocol::ChannelName;
use parking_lot::{Mutex, MutexGuard};
use std::hash::BuildHasher;
use std::sync::Arc;

impl App {
    /// The broker of a channel, locked. Whatever is queued under this lock is seen by every
    /// subscriber in the same order; so frames are encoded before it is taken, but for those that say
    /// what is known only under it.
    pub(crate) fn broker(&self, channel: &ChannelName) -> MutexGuard<'_, AppBroker> {
        let shard = self.hashes.hash_one(channel) as usize % SHARDS;
        self.brokers[shard].lock()
    }

    /// Every broker in turn, locked.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = MutexGuard<'_, AppBroker>> {
        self.brokers.iter().map(Mutex::lock)
    }

    /// Does something with all brokers at once, and with the users.
    pub(super) fn with_all<T>(
        &self,
        act: impl FnOnce(&mut [&mut AppBroker], &mut Users<Arc<Outbox>>) -> T,
    ) -> T {
        let mut shards: Vec<_> = self.brokers().collect();
        let mut users = self.users();
        let mut brokers: Vec<_> = shards.iter_mut().map(|broker| &mut **broker).collect();
        act(&mut brokers, &mut users)
    }

    /// The signed-in users, locked.
    pub(super) fn users(&self) -> MutexGuard<'_, Users<Arc<Outbox>>> {
        self.users.lock()
    }
}
