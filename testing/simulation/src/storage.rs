//! Locks and stores: who owns a scope, and what becomes of commits.

use std::rc::Rc;

use echolite_cache::{Batch, Input, Name, RequestId, StoreInput};
use echolite_core::json::Json;
use echolite_store::{MemoryStore, Store, StoreError};

use crate::client::Client;
use crate::fault::Fault;
use crate::store_queue::{Job, done};
use crate::world::{Page, Plan, World};

/// The browser's driver waits so long for the lock, and for each job (milliseconds).
const LOCK: u64 = 2_000;
const JOB: u64 = 10_000;
/// It claims the scope again so long after it could not.
const CLAIM_AGAIN: u64 = 30_000;
/// The engine waits so long for its rows.
const LOAD: u64 = 5_000;
/// One in so many jobs is answered late, or never, where the browser's storage hangs.
const HANGS: u32 = 4;

impl World {
    /// A job for the page's store; after those before it.
    pub fn keep(&mut self, page: Page, job: Job) {
        self.clients[page.0].store_queue.jobs.push_back(job);
        self.begin_job(page);
    }

    fn begin_job(&mut self, page: Page) {
        let scope = &self.scopes[self.clients[page.0].scope];
        let is_slow = self.lasts(scope.commits_slow_until);
        let queue = &mut self.clients[page.0].store_queue;
        if !queue.is_ready || queue.current.is_some() {
            return;
        }
        queue.current = queue.jobs.pop_front();
        let (loads, commits) = match &queue.current {
            None => return,
            Some(job) => (matches!(job, Job::Load(..)), matches!(job, Job::Commit(..))),
        };
        let hangs =
            self.habits.store_hangs && !self.is_quiet && self.chance(if loads { 2 } else { HANGS });
        let after = match (hangs, is_slow && commits) {
            (true, _) if self.random.bool() => {
                self.clients[page.0].store_queue.hangs = true;
                JOB
            }
            (true, _) => self.random.u64(LOAD..JOB),
            (false, true) => {
                self.note(Fault::SlowCommit);
                self.random.u64(1_000..6_000)
            }
            (false, false) => self.random.u64(1..20),
        };
        self.plan(after, Plan::Store(page));
    }

    /// A job is given up that was not answered. Some were done all the same.
    fn give_up(&mut self, page: Page, job: Job) {
        self.say(|| format!("page {}: the store does not answer {job:?}", page.0));
        let is_done = self.random.bool();
        let store = self.store_of(page);
        match job {
            Job::Look => {}
            Job::Claim => {
                if is_done && done(store.claim()).is_ok() {
                    self.note_writer(page, true);
                }
                self.plan(CLAIM_AGAIN, Plan::ClaimAgain(page));
            }
            Job::Load(name) => {
                self.note(Fault::LoadUnanswered);
                self.input(page.0, Input::Store(StoreInput::Loaded(name, None)));
            }
            Job::Commit(request, batch) => {
                if is_done && done(store.commit(&batch)).is_ok() {
                    self.note_writer(page, false);
                }
                self.note(Fault::CommitUnanswered);
                let result = Err("the browser did not answer".into());
                self.input(page.0, Input::Store(StoreInput::Committed(request, result)));
            }
        }
    }

    /// The scope could not be claimed a while ago.
    pub fn claim_again(&mut self, page: Page) {
        if self.is_there(page) && self.scopes[self.clients[page.0].scope].holder == Some(page) {
            self.keep(page, Job::Claim);
        }
    }

    /// A job of the page's store ends.
    pub fn work(&mut self, page: Page) {
        if !self.is_there(page) {
            return;
        }
        if let Some(until) = self.suspended(page) {
            return self.plan_at(until, Plan::Store(page));
        }
        let Some(job) = self.clients[page.0].store_queue.current.clone() else { return };
        let hangs = std::mem::take(&mut self.clients[page.0].store_queue.hangs);
        match job {
            job if hangs => self.give_up(page, job),
            Job::Claim => self.claim(page),
            Job::Look => self.look_at_scope(page),
            Job::Load(name) => self.load(page, name),
            Job::Commit(request, batch) => self.commit(page, request, &batch),
        }
        self.clients[page.0].store_queue.current = None;
        self.begin_job(page);
    }

    /// The page's own connection to the store of its scope.
    fn store_of(&mut self, (at, _): Page) -> Rc<MemoryStore<Json>> {
        let client = &mut self.clients[at];
        let (scope, build) = (client.scope, client.build.map(f64::from));
        let store = &self.scopes[scope].store;
        let open = || Rc::new(store.of_build(build));
        client.store_queue.connection.get_or_insert_with(open).clone()
    }

    fn claim(&mut self, page: Page) {
        match done(self.store_of(page).claim()) {
            // it may have been taken away meanwhile
            Ok(term) => {
                self.note_writer(page, true);
                if self.scopes[self.clients[page.0].scope].holder == Some(page) {
                    self.say(|| format!("page {}: owns the scope with {term:?}", page.0));
                    self.input(page.0, Input::Store(StoreInput::Owned(term)));
                }
            }
            Err(error) => self.on_failure(page, &error),
        }
    }

    /// A newer build is in the store: this one gives it up.
    fn on_failure(&mut self, page: Page, error: &StoreError) {
        if *error == StoreError::Newer {
            self.note(Fault::OlderBuildBack);
            self.retire(page);
        }
    }

    fn look_at_scope(&mut self, page: Page) {
        if let Err(error) = done(self.store_of(page).look()) {
            self.on_failure(page, &error);
        }
    }

    fn load(&mut self, page: Page, name: Name) {
        let Client { scope, opened, .. } = self.clients[page.0];
        let loaded = match self.clients[page.0].store_queue.is_retired {
            true => Ok(None),
            false => done(self.store_of(page).load(&name)),
        };
        let stored = loaded.unwrap_or_else(|error| {
            self.on_failure(page, &error);
            None
        });
        let kept = done(self.scopes[scope].store.resources()).unwrap_or_default();
        if kept.iter().any(|other| *other != name) {
            self.note(Fault::Redeclared);
        }
        if stored.is_some() {
            let in_time = self.now < opened + LOAD;
            self.note(if in_time { Fault::LoadedFromStore } else { Fault::LoadedTooLate });
        }
        self.say(|| format!("page {}: loaded {stored:?}", page.0));
        self.input(page.0, Input::Store(StoreInput::Loaded(name, stored)));
    }

    fn commit(&mut self, page: Page, request: RequestId, batch: &Batch<Json>) {
        let scope = &self.scopes[self.clients[page.0].scope];
        let result = if self.lasts(scope.commits_fail_until) {
            self.note(Fault::CommitFailed);
            Err(StoreError::Quota)
        } else {
            done(self.store_of(page).commit(batch))
        };
        if result.is_ok() {
            self.note_writer(page, false);
        }
        self.say(|| format!("page {}: commit {batch:?}: {result:?}", page.0));
        let is_superseded = matches!(result, Err(StoreError::Superseded { .. }));
        let result = result.map_err(|error| error.to_string());
        self.input(page.0, Input::Store(StoreInput::Committed(request, result)));
        if is_superseded {
            self.superseded(page);
        }
    }

    /// As the browser's driver does it: who holds the lock claims anew, for its storage was lost; who does not stops
    /// writing.
    fn superseded(&mut self, page: Page) {
        let holds = self.scopes[self.clients[page.0].scope].holder == Some(page);
        self.note(if holds { Fault::StoreVanished } else { Fault::LateCommit });
        match holds {
            true => {
                self.input(page.0, Input::Store(StoreInput::Lost));
                self.claim(page);
            }
            false => self.release(page),
        }
    }

    /// A commit that its page has not lived to see the end of.
    pub fn late_commit(&mut self, scope: usize, batch: &Batch<Json>) {
        let result = done(self.scopes[scope].store.commit(batch));
        self.say(|| format!("scope {scope}: late commit {batch:?}: {result:?}"));
        if result.is_err() {
            self.note(Fault::LateCommit);
        }
    }

    // --- the lock ----------------------------------------------------------------------------------

    pub fn ask_for_lock(&mut self, page: Page) {
        if !self.is_there(page) {
            return;
        }
        if self.clients[page.0].store_queue.is_retired {
            return;
        }
        let scope = &mut self.scopes[self.clients[page.0].scope];
        if scope.holder.is_none() {
            self.grant(page);
        } else if scope.holder != Some(page) {
            scope.queue.push_back(page);
        }
        self.start_store(page);
    }

    /// What waited for the lock is done, with it or without.
    pub fn start_store(&mut self, page: Page) {
        if self.is_there(page) {
            self.clients[page.0].store_queue.is_ready = true;
            self.begin_job(page);
        }
    }

    /// The page asks for its scope's lock.
    pub fn want_lock(&mut self, page: Page) {
        let hangs = self.habits.store_hangs && !self.is_quiet && self.chance(HANGS);
        let after = if hangs { self.random.u64(LOCK..2 * JOB) } else { self.random.u64(1..20) };
        if hangs {
            self.note(Fault::LockUnanswered);
        }
        self.plan(after, Plan::Lock(page));
        self.plan(LOCK, Plan::StartStore(page));
    }

    fn grant(&mut self, page: Page) {
        self.scopes[self.clients[page.0].scope].holder = Some(page);
        // before what waits: an owner's loads are its own
        self.clients[page.0].store_queue.jobs.push_front(Job::Claim);
        self.clients[page.0].store_queue.is_ready = true;
    }

    /// The page is gone, and with it its lock; a commit under way may still be carried out.
    pub fn kill(&mut self, at: usize) {
        let page = self.page(at);
        let scope = self.clients[at].scope;
        self.say(|| format!("page {at}: gone"));
        if let Some(connection) = self.clients[at].connection {
            self.hang_up(at, connection);
        }
        if let Some(Job::Commit(_, batch)) = self.clients[at].store_queue.current.take()
            && self.chance(2)
        {
            let after = self.random.u64(1..4_000);
            self.plan(after, Plan::LateCommit { scope, batch });
        }
        self.clients[at].kill();
        self.scopes[scope].queue.retain(|waiting| *waiting != page);
        if self.scopes[scope].holder == Some(page) {
            self.scopes[scope].holder = None;
            if !self.scopes[scope].queue.is_empty() {
                self.note(Fault::OwnerKilled);
            }
            self.hand_over(scope);
        }
    }

    /// Who waits longest has the lock.
    pub fn hand_over(&mut self, scope: usize) {
        if let Some(next) = self.scopes[scope].queue.pop_front() {
            self.grant(next);
            self.begin_job(next);
        }
    }

    /// Steals as soon as a commit is under way, if there is one soon.
    pub fn steal_in_time(&mut self, scope: usize) {
        let holder = self.scopes[scope].holder.map(|page| &self.clients[page.0].store_queue);
        if holder.is_some_and(|queue| matches!(queue.current, Some(Job::Commit(..)))) {
            self.steal(scope);
        } else if self.lasts(self.scopes[scope].commits_slow_until) {
            self.plan(100, Plan::Steal(scope));
        }
    }

    /// Another page takes the lock away from its holder, which then waits for it.
    fn steal(&mut self, scope: usize) {
        let Some(old) = self.scopes[scope].holder else { return };
        let Some(next) = self.scopes[scope].queue.pop_front() else { return };
        self.say(|| format!("page {}: takes the scope from page {}", next.0, old.0));
        self.scopes[scope].queue.push_back(old);
        self.grant(next);
        self.begin_job(next);
        if self.suspended(old).is_none() {
            self.input(old.0, Input::Store(StoreInput::Lost));
        }
    }
}
