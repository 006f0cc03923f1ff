//! The scope's store and the right to write to it.

use crate::{
    cached::CacheDriver,
    events,
    lock::{Grant, Lock, LockOwner},
};
use echolite_cache::{Activity, Batch, Input, Name, RequestId, StoreInput};
use echolite_store::{Store, StoreError};
use echolite_store_indexeddb::IndexedDbStore;
use echolite_wasm_support::{JsPayload, Moment};
use js_sys::futures::spawn_local;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

/// Something for the store to do.
pub(crate) enum Job {
    /// The lock is ours: take the scope over.
    Claim,
    Load(Name),
    Commit(RequestId, Box<Batch<JsPayload>>),
    Clear(RequestId),
}

/// Does the jobs of a store in order, one at a time, and answers them.
pub(crate) struct StoreQueue {
    store: IndexedDbStore<JsPayload>,
    lock: Lock,
    jobs: RefCell<VecDeque<Job>>,
    /// Whether the first request for the lock was answered; jobs wait for that.
    is_ready: Cell<bool>,
    is_working: Cell<bool>,
    driver: Weak<CacheDriver>,
}

impl StoreQueue {
    pub(crate) fn new(database: &str, driver: Weak<CacheDriver>) -> Rc<Self> {
        Rc::new_cyclic(|queue: &Weak<Self>| Self {
            store: IndexedDbStore::new(database),
            lock: Lock::new(database, queue.clone() as Weak<dyn LockOwner>),
            jobs: RefCell::new(VecDeque::new()),
            is_ready: Cell::new(false),
            is_working: Cell::new(false),
            driver,
        })
    }

    /// Asks for the scope's lock, unless that was done already.
    pub(crate) fn own(&self) {
        self.lock.ask();
    }

    /// Gives the scope up: another may take it over.
    pub(crate) fn release(&self) {
        self.lock.release();
        self.feed(StoreInput::Lost);
    }

    pub(crate) fn push(self: &Rc<Self>, job: Job) {
        self.jobs.borrow_mut().push_back(job);
        self.work();
    }

    fn work(self: &Rc<Self>) {
        if !self.is_ready.get() || self.is_working.replace(true) {
            return;
        }
        let queue = self.clone();
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
            Job::Claim => match self.store.claim().await {
                // it may have been released or stolen meanwhile
                Ok(term) if self.lock.is_ours() => self.feed(StoreInput::Owned(term)),
                Ok(_) => {}
                Err(error) => self.tell_failure(&error),
            },
            Job::Load(name) => {
                let stored = self.store.load(&name).await.unwrap_or_else(|error| {
                    self.tell_failure(&error);
                    None
                });
                self.feed(StoreInput::Loaded(name, stored));
            }
            Job::Commit(request, batch) => {
                let result = self.store.commit(&batch).await;
                if let Err(StoreError::Superseded { .. }) = result {
                    self.on_superseded().await;
                }
                let result = result.map_err(|error| error.to_string());
                self.feed(StoreInput::Committed(request, result));
            }
            Job::Clear(request) => {
                let cleared = self.store.clear().await;
                if let (Ok(term), true) = (&cleared, self.lock.is_ours()) {
                    self.feed(StoreInput::Owned(*term));
                }
                let error = cleared.err().map(|error| error.to_string());
                if let Some(driver) = self.driver.upgrade() {
                    events::cleared(driver.events(), request, error.as_deref());
                }
            }
        }
    }

    /// Somebody raised the term: another owner, or a tab that cleared the scope while we hold its lock.
    async fn on_superseded(&self) {
        if !self.lock.is_held() {
            return self.release();
        }
        self.feed(StoreInput::Lost);
        match self.store.claim().await {
            Ok(term) if self.lock.is_held() => self.feed(StoreInput::Owned(term)),
            Ok(_) => {}
            Err(error) => self.tell_failure(&error),
        }
    }

    fn feed(&self, input: StoreInput<JsPayload>) {
        if let Some(driver) = self.driver.upgrade() {
            driver.feed(Input::Store(input));
        }
    }

    /// What the engine has not asked for, or hears as "nothing stored", is told to the page here.
    fn tell_failure(&self, error: &StoreError) {
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
        self.is_ready.set(true);
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
        self.work();
    }
}
