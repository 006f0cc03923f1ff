//! The cache's engine as a driver runs it, with the store's queue beside it.

use crate::{
    events,
    store_queue::{Job, StoreQueue},
    wire::Database,
};
use echolite_cache::{CacheEngine, Config, Input, Mono, Now, Output, StoreInput};
use echolite_wasm_support::{Driver, Engine, JsPayload, Moment, js};
use js_sys::Function;
use std::rc::Rc;

/// The driver of the cache's engine.
pub(crate) type CacheDriver = Driver<Cached>;

/// The cache's engine.
pub(crate) struct Cached(CacheEngine<JsPayload>);

/// A driver with an engine of its own; rows are kept in `database`, if there is one.
pub(crate) fn driver(
    config: Config,
    database: Option<&Database>,
    onevent: Function,
) -> Rc<CacheDriver> {
    let engine = Cached(CacheEngine::new(config, js::seed()));
    let driver = Driver::new(engine, onevent, |driver| {
        database.map(|database| StoreQueue::new(database, driver.clone()))
    });
    if let Some(queue) = driver.store() {
        queue.own();
    }
    driver
}

impl Engine for Cached {
    type Input = Input<JsPayload>;
    type Output = Output<JsPayload>;
    type Store = Option<Rc<StoreQueue>>;

    fn handle(&mut self, now: Now, input: Self::Input) {
        self.0.handle(now, input);
    }

    fn poll_output(&mut self) -> Option<Self::Output> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<Mono> {
        self.0.poll_timeout().map(|timeout| timeout.at)
    }

    fn inspect(&self) -> String {
        self.0.inspect()
    }

    fn perform(driver: &Rc<CacheDriver>, output: Self::Output, moment: Moment) {
        match output {
            Output::Core(output) => driver.perform(output),
            Output::Load(name) => store(driver, Job::Load(name)),
            Output::Commit(request, batch) => store(driver, Job::Commit(request, Box::new(batch))),
            Output::ClearStore(request) => store(driver, Job::Clear(request)),
            Output::LeaveStore => {
                if let Some(queue) = driver.store() {
                    queue.leave();
                }
                events::cleared(driver.events(), events::OF_ANOTHER_TAB, None);
            }
            told => events::tell(driver.events(), told, moment),
        }
    }
}

fn store(driver: &Rc<CacheDriver>, job: Job) {
    match (driver.store(), job) {
        (Some(queue), job) => queue.push(job),
        // without a store, nothing is stored: that is an answer, too
        (None, Job::Load(name)) => driver.feed(Input::Store(StoreInput::Loaded(name, None))),
        (None, Job::Commit(request, _)) => {
            driver.feed(Input::Store(StoreInput::Committed(request, Ok(()))));
        }
        (None, Job::Clear(request)) => events::cleared(driver.events(), request, None),
        (None, Job::Claim | Job::Look) => {}
    }
}
