//! A page's engine. Two kinds are shipped, and each is simulated as it is.

use echolite_cache::{CacheEngine, Config, Input, Now, Output};
use echolite_core::json::Json;
use echolite_core::{Engine, Timeout};

use crate::client::Role;

/// The engine of a page.
#[derive(Debug)]
pub enum PageEngine {
    /// The cache's.
    Cache(Box<CacheEngine<Json>>),
    /// Echo's.
    Echo(Box<Engine<Json>>),
}

impl PageEngine {
    /// The engine that a page of this role is shipped with.
    pub fn new(role: Role, config: Config, seed: u64) -> Self {
        match role {
            Role::Cache => Self::Cache(Box::new(CacheEngine::new(config, seed))),
            Role::Listener => Self::Echo(Box::new(Engine::new(config.core, seed))),
        }
    }

    /// Takes in one thing that happened.
    ///
    /// # Panics
    /// When Echo's engine is given what only a cache can take: the simulation is wrong then.
    pub fn handle(&mut self, now: Now, input: Input<Json>) {
        match (self, input) {
            (Self::Cache(engine), input) => engine.handle(now, input),
            (Self::Echo(engine), Input::Core(input)) => engine.handle(now, input),
            (Self::Echo(_), input) => panic!("Echo's engine was given {input:?}"),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output<Json>> {
        match self {
            Self::Cache(engine) => engine.poll_output(),
            Self::Echo(engine) => engine.poll_output().map(Output::Core),
        }
    }

    pub fn poll_timeout(&self) -> Option<Timeout> {
        match self {
            Self::Cache(engine) => engine.poll_timeout(),
            Self::Echo(engine) => engine.poll_timeout(),
        }
    }
}
