//! Locks and stores: who owns a scope, and what becomes of commits.

use echolite_cache::{Batch, Input, Name, RequestId, StoreInput};
use echolite_core::json::Json;
use echolite_store::{Store, StoreError};

use crate::fault::Fault;
use crate::store_queue::{Job, done};
use crate::world::{Page, Plan, World};

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
        let commits = match &queue.current {
            None => return,
            Some(job) => matches!(job, Job::Commit(..)),
        };
        let after = if is_slow && commits {
            self.note(Fault::SlowCommit);
            self.random.u64(1_000..6_000)
        } else {
            self.random.u64(1..20)
        };
        self.plan(after, Plan::Store(page));
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
        match job {
            Job::Claim => self.claim(page),
            Job::Load(name) => self.load(page, name),
            Job::Commit(request, batch) => self.commit(page, request, &batch),
        }
        self.clients[page.0].store_queue.current = None;
        self.begin_job(page);
    }

    fn claim(&mut self, page: Page) {
        let scope = &self.scopes[self.clients[page.0].scope];
        let claimed = done(scope.store.claim());
        // it may have been taken away meanwhile
        if let (Ok(term), true) = (claimed, scope.holder == Some(page)) {
            self.say(|| format!("page {}: owns the scope with {term:?}", page.0));
            self.input(page.0, Input::Store(StoreInput::Owned(term)));
        }
    }

    fn load(&mut self, page: Page, name: Name) {
        let scope = &self.scopes[self.clients[page.0].scope];
        let stored = done(scope.store.load(&name)).ok().flatten();
        if stored.is_some() {
            self.note(Fault::LoadedFromStore);
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
            done(scope.store.commit(batch))
        };
        self.say(|| format!("page {}: commit {batch:?}: {result:?}", page.0));
        if let Err(StoreError::Superseded { .. }) = result {
            self.note(Fault::LateCommit);
            self.superseded(page);
        }
        let result = result.map_err(|error| error.to_string());
        self.input(page.0, Input::Store(StoreInput::Committed(request, result)));
    }

    /// As the browser's driver does it: who holds the lock claims anew, who does not stops writing.
    fn superseded(&mut self, page: Page) {
        self.input(page.0, Input::Store(StoreInput::Lost));
        if self.scopes[self.clients[page.0].scope].holder == Some(page) {
            self.claim(page);
        }
    }

    /// A commit that its page has not lived to see the end of.
    pub fn late_commit(&mut self, (scope, losses): (usize, u32), batch: &Batch<Json>) {
        if self.scopes[scope].losses != losses {
            return;
        }
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
        let scope = &mut self.scopes[self.clients[page.0].scope];
        if scope.holder.is_none() {
            self.grant(page);
        } else if scope.holder != Some(page) {
            scope.queue.push_back(page);
        }
        self.clients[page.0].store_queue.is_ready = true;
        self.begin_job(page);
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
            let losses = self.scopes[scope].losses;
            self.plan(after, Plan::LateCommit { scope, losses, batch });
        }
        self.clients[at].kill();
        self.scopes[scope].queue.retain(|waiting| *waiting != page);
        if self.scopes[scope].holder == Some(page) {
            self.scopes[scope].holder = None;
            self.hand_over(scope);
        }
    }

    /// Who waits longest has the lock.
    fn hand_over(&mut self, scope: usize) {
        if let Some(next) = self.scopes[scope].queue.pop_front() {
            self.note(Fault::OwnerKilled);
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
