//! The scope's store and the right to write to it.

use crate::{
    cached::CacheDriver,
    events,
    lock::{Grant, Lock, LockOwner},
    wire::Database,
};
use echolite_cache::{Activity, Batch, Input, Name, RequestId, StoreInput};
use echolite_store::{Store, StoreError};
use echolite_store_indexeddb::IndexedDbStore;
use echolite_wasm_support::{JsPayload, Moment, js};
use js_sys::futures::spawn_local;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

/// Limit for the browser to say whether the scope's lock is free (milliseconds). Later, jobs are done without it.
const LOCK: f64 = 2_000.0;

/// Pause before the scope is claimed again after the store failed (milliseconds).
const RETRY: f64 = 30_000.0;

/// Something for the store to do.
pub(crate) enum Job {
    /// The lock is ours: take the scope over.
    Claim,
    /// The page was away, or another tab says so: is the scope what it was?
    Look,
    Load(Name),
    Commit(RequestId, Box<Batch<JsPayload>>),
    Clear(RequestId),
}

/// The use of the store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Rows,
    /// A newer build of the application has taken it over: for nothing any more, even when the page is resumed.
    Retired,
    /// The scope was cleared.
    Left,
}

/// Does the jobs of a store in order, one at a time, and answers them.
pub(crate) struct StoreQueue {
    store: IndexedDbStore<JsPayload>,
    lock: Lock,
    jobs: RefCell<VecDeque<Job>>,
    used: Cell<Use>,
    /// Whether the first request for the lock was answered; jobs wait for that, for a while.
    is_ready: Cell<bool>,
    is_working: Cell<bool>,
    driver: Weak<CacheDriver>,
    this: Weak<Self>,
}

impl StoreQueue {
    pub(crate) fn new(database: &Database, driver: Weak<CacheDriver>) -> Rc<Self> {
        let Database { name, build } = database;
        Rc::new_cyclic(|queue: &Weak<Self>| Self {
            store: IndexedDbStore::of_build(name, *build),
            lock: Lock::new(name, queue.clone() as Weak<dyn LockOwner>),
            jobs: RefCell::new(VecDeque::new()),
            used: Cell::new(Use::Rows),
            is_ready: Cell::new(false),
            is_working: Cell::new(false),
            driver,
            this: queue.clone(),
        })
    }

    /// Asks for the scope's lock, unless that was done already, or it is not to be had any more.
    pub(crate) fn own(&self) {
        if self.used.get() == Use::Rows {
            self.lock.ask();
            self.later(LOCK, |queue| queue.start());
        }
    }

    /// The page is back: it has given its scope up, and others may have used it.
    pub(crate) fn resume(&self) {
        self.own();
        self.push(Job::Look);
    }

    /// Gives the scope up: another may take it over.
    pub(crate) fn release(&self) {
        self.lock.release();
        self.feed(StoreInput::Lost);
        self.start();
    }

    /// Gives the scope up to a newer build, for good.
    pub(crate) fn retire(&self) {
        if self.used.get() == Use::Rows {
            self.used.set(Use::Retired);
            self.release();
        }
    }

    /// Stops using the store: its rows are gone.
    pub(crate) fn leave(&self) {
        self.used.set(Use::Left);
        self.keep_clearings();
        self.lock.release();
    }

    pub(crate) fn push(&self, job: Job) {
        let clears = matches!(job, Job::Clear(_));
        if clears {
            // what is still to be stored must not be, and whoever clears needs no lock
            self.keep_clearings();
        } else if self.used.get() == Use::Left {
            return;
        }
        self.jobs.borrow_mut().push_back(job);
        if clears { self.start() } else { self.work() }
    }

    fn keep_clearings(&self) {
        self.jobs.borrow_mut().retain(|job| matches!(job, Job::Clear(_)));
    }

    /// Does what waited for the lock.
    fn start(&self) {
        self.is_ready.set(true);
        self.work();
    }

    fn work(&self) {
        let Some(queue) = self.this.upgrade().filter(|queue| queue.is_ready.get()) else { return };
        if self.is_working.replace(true) {
            return;
        }
        spawn_local(async move {
            loop {
                let job = queue.jobs.borrow_mut().pop_front();
                let Some(job) = job else { break };
                queue.perform(job).await;
            }
            queue.is_working.set(false);
        });
    }

    async fn perform(&self, job: Job) {
        match job {
            Job::Claim => self.claim().await,
            Job::Look => {
                if let Err(error) = self.store.look().await {
                    self.on_failure(&error);
                }
            }
            Job::Load(name) => {
                let loaded = match self.used.get() {
                    Use::Rows => self.store.load(&name).await,
                    Use::Retired | Use::Left => Ok(None),
                };
                let stored = loaded.unwrap_or_else(|error| {
                    self.on_failure(&error);
                    None
                });
                self.feed(StoreInput::Loaded(name, stored));
            }
            Job::Commit(request, batch) => {
                let result = self.store.commit(&batch).await;
                let told = result.as_ref().map_err(ToString::to_string).copied();
                self.feed(StoreInput::Committed(request, told));
                match result {
                    // nobody else owns the scope: its storage was cleared by hand, or evicted
                    Err(StoreError::Superseded { .. }) if self.lock.is_held() => {
                        self.feed(StoreInput::Lost);
                        self.claim().await;
                    }
                    Err(StoreError::Superseded { .. }) => self.release(),
                    Err(StoreError::Cleared) => self.feed(StoreInput::Cleared),
                    Err(StoreError::Newer) => self.retire(),
                    _ => {}
                }
            }
            Job::Clear(request) => self.clear(request).await,
        }
    }

    async fn claim(&self) {
        match self.store.claim().await {
            // it may have been released or stolen meanwhile
            Ok(term) if self.lock.is_ours() => self.feed(StoreInput::Owned(term)),
            Ok(_) => {}
            Err(error) => {
                self.on_failure(&error);
                self.later(RETRY, |queue| {
                    if queue.lock.is_ours() {
                        queue.push(Job::Claim);
                    }
                });
            }
        }
    }

    async fn clear(&self, request: RequestId) {
        let error = match self.store.clear().await {
            // where there is no store, nothing stays in it
            Ok(_) | Err(StoreError::Unavailable { .. }) => None,
            Err(error) => Some(error.to_string()),
        };
        // a commit that was under way may have asked for the lock again
        self.leave();
        self.store.close();
        if let Some(driver) = self.driver.upgrade() {
            events::cleared(driver.events(), request, error.as_deref());
        }
    }

    /// Calls back later, if the queue is still there.
    fn later(&self, milliseconds: f64, act: impl FnOnce(&Self) + 'static) {
        let queue = self.this.clone();
        js::later(milliseconds, move || {
            if let Some(queue) = queue.upgrade() {
                act(&queue);
            }
        });
    }

    fn feed(&self, input: StoreInput<JsPayload>) {
        if let Some(driver) = self.driver.upgrade() {
            driver.feed(Input::Store(input));
        }
    }

    /// What the engine has not asked for, or hears as "nothing stored", is told to the page here.
    fn on_failure(&self, error: &StoreError) {
        match error {
            StoreError::Cleared => return self.feed(StoreInput::Cleared),
            StoreError::Newer => self.retire(),
            _ => {}
        }
        if let Some(driver) = self.driver.upgrade() {
            let activity = Activity::StoreFailed { message: error.to_string() };
            events::did(driver.events(), &activity, Moment::now());
        }
    }
}

impl LockOwner for StoreQueue {
    fn lock(&self) -> &Lock {
        &self.lock
    }

    fn on_grant(self: Rc<Self>, grant: Grant) {
        match grant {
            Grant::Held | Grant::Missing => {
                // before what waits: an owner's loads are its own
                self.jobs.borrow_mut().push_front(Job::Claim);
            }
            Grant::Waiting => {}
            Grant::Stolen => {
                self.feed(StoreInput::Lost);
                self.own();
            }
        }
        self.start();
    }
}
