//! Builds of the application of different age, in tabs beside each other: which of them may keep rows.
//!
//! As the page does it (`npm/src/cache/scope-channel.ts`): a tab that opens says its build to the others; the older of two
//! gives the store up, for good. A frozen tab may miss that, and hears of it from the store when it is back.

use echolite_cache::{Input, StoreInput};
use echolite_core::{Input as CoreInput, PageSignal};

use crate::client::{Client, Role};
use crate::fault::Fault;
use crate::store_queue::Job;
use crate::world::{Page, Plan, World};

/// The builds that a tab may be of.
const BUILDS: std::ops::RangeInclusive<u32> = 1..=3;

impl World {
    /// The build of the page that is loaded now: a tab may be loaded from a cache, older than the one beside it.
    pub fn draw_build(&mut self) -> Option<u32> {
        self.habits.builds.then(|| self.random.u32(BUILDS))
    }

    /// A tab that opens says its build to those beside it.
    pub fn say_build(&mut self, page: Page) {
        let Client { scope, build: Some(own), .. } = self.clients[page.0] else { return };
        for at in (0..self.clients.len()).filter(|at| *at != page.0) {
            let other = &self.clients[at];
            let is_beside = other.scope == scope && other.role == Role::Cache && other.is_alive;
            let Some(build) = other.build.filter(|_| is_beside) else { continue };
            let (older, after) = (if build < own { at } else { page.0 }, self.random.u64(0..20));
            if build != own {
                self.plan(after, Plan::Retire(self.page(older)));
            }
        }
    }

    /// A newer build is there: the store is given up, for good.
    pub fn retire(&mut self, page: Page) {
        // one that is frozen hears of it from the store
        if !self.is_there(page) || self.suspended(page).is_some() {
            return;
        }
        if !std::mem::replace(&mut self.clients[page.0].store_queue.is_retired, true) {
            self.note(Fault::OlderBuild);
            self.say(|| format!("page {}: gives the store up to a newer build", page.0));
            self.release(page);
        }
    }

    /// Gives the scope up.
    pub fn release(&mut self, page: Page) {
        let scope = self.clients[page.0].scope;
        self.scopes[scope].queue.retain(|waiting| *waiting != page);
        if self.scopes[scope].holder == Some(page) {
            self.scopes[scope].holder = None;
            self.hand_over(scope);
        }
        self.input(page.0, Input::Store(StoreInput::Lost));
        self.start_store(page);
    }

    /// The page hears what happened to it; one that is back looks whether its store is what it was.
    pub fn signal(&mut self, page: Page, signal: PageSignal) {
        let is_back = signal == PageSignal::Resumed && self.is_there(page);
        let is_back = is_back && self.suspended(page).is_none();
        self.hand(page, CoreInput::Page(signal));
        let Client { scope, role, .. } = self.clients[page.0];
        if is_back && role == Role::Cache && self.scopes[scope].persists {
            if !self.scopes[scope].queue.contains(&page) {
                self.ask_for_lock(page);
            }
            self.keep(page, Job::Look);
        }
    }

    /// Holds the store to its promise: nothing of an older build comes after a newer one has claimed it.
    pub fn note_writer(&mut self, page: Page, claims: bool) {
        let Client { scope, build: Some(own), .. } = self.clients[page.0] else { return };
        let newest = &mut self.scopes[scope].newest;
        if own < *newest {
            let broken = format!("page {}: build {own} wrote after build {newest}", page.0);
            self.broken.get_or_insert(broken);
        } else if claims {
            *newest = own;
        }
    }
}
