//! The store of a scope, its lock, and the pages that wait for both.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use echolite_cache::{Batch, Name, RequestId, Term};
use echolite_core::json::Json;
use echolite_store::MemoryStore;

use crate::names::START;

/// Something for the store to do.
#[derive(Clone, Debug)]
pub enum Job {
    Claim,
    /// Is the scope what it was?
    Look,
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
    /// It will not be answered, but given up.
    pub hangs: bool,
    /// A newer build of the application keeps its rows here: nothing is taken from the store, nor owned.
    pub is_retired: bool,
    /// The page's own connection to the store.
    pub connection: Option<Rc<MemoryStore<Json>>>,
}

/// What the pages of one user share.
#[derive(Debug)]
pub struct Scope {
    /// Whether it has a store at all.
    pub persists: bool,
    pub store: MemoryStore<Json>,
    /// The newest build that has claimed it.
    pub newest: u32,
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
            store: empty_store(0),
            newest: 0,
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

/// A store in which nothing was stored yet, as a browser makes it at that moment.
pub fn empty_store(now: u64) -> MemoryStore<Json> {
    MemoryStore::starting_at(Term(START + now))
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
