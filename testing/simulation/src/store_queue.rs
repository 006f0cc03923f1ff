//! The store of a scope, its lock, and the pages that wait for both.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use echolite_cache::{Batch, Name, RequestId};
use echolite_core::json::Json;
use echolite_store::MemoryStore;

/// Something for the store to do.
#[derive(Clone, Debug)]
pub enum Job {
    Claim,
    Load(Name),
    Commit(RequestId, Box<Batch<Json>>),
}

/// A page's way to the store: one job at a time, in order.
#[derive(Debug, Default)]
pub struct StoreQueue {
    pub jobs: VecDeque<Job>,
    /// The first request for the lock was answered.
    pub is_ready: bool,
    /// The job under way.
    pub current: Option<Job>,
}

/// What the pages of one user share.
#[derive(Debug)]
pub struct Scope {
    /// Whether it has a store at all.
    pub persists: bool,
    pub store: MemoryStore<Json>,
    /// How many stores were lost before this one.
    pub losses: u32,
    /// Who holds the lock, and who waits for it: client and incarnation.
    pub holder: Option<(usize, u32)>,
    pub queue: VecDeque<(usize, u32)>,
    pub commits_fail_until: u64,
    pub commits_slow_until: u64,
    /// By the wall clock when a read began: how many changes it confirms.
    pub confirms: BTreeMap<u64, usize>,
    /// How many changes were in what its pages read last.
    pub read: usize,
}

impl Scope {
    pub fn new(persists: bool) -> Self {
        Self {
            persists,
            store: MemoryStore::new(),
            losses: 0,
            holder: None,
            queue: VecDeque::new(),
            commits_fail_until: 0,
            commits_slow_until: 0,
            confirms: BTreeMap::new(),
            read: 0,
        }
    }

    /// A read confirms so many changes; of two that began together the lesser counts.
    pub fn confirm(&mut self, wall: u64, changes: usize) {
        let least = self.confirms.entry(wall).or_insert(changes);
        *least = (*least).min(changes);
    }
}

/// The result of a store that never waits.
///
/// # Panics
/// When it waits all the same: a store in memory has nothing to wait for.
pub fn done<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("a store in memory never waits"),
    }
}
