//! The engine of a cache: the engine of its connection, and the resources above it.

use std::collections::VecDeque;

use echolite_core::{Engine, Shared, Step, SubscriptionState, inspect};

use crate::cache::Cache;
use crate::context::Context;
use crate::{Command, Config, Input, Now, Output, Payload, Reason, StoreInput, Timeout};

/// One connection, and the cache that lives by it.
///
/// ```
/// use echolite_cache::{CacheEngine, Config, Now, Output};
/// use echolite_core as core;
/// # use echolite_core::json::Json;
/// let mut engine: CacheEngine<Json> = CacheEngine::new(Config::default(), 1);
/// engine.handle(Now::default(), core::Command::Connect.into());
/// assert!(matches!(engine.poll_output(), Some(Output::Core(core::Output::OpenSocket(1, _)))));
/// ```
///
/// A clone is another engine in the same state: what happens to one of them from then on does not happen to the other.
#[derive(Clone, Debug)]
pub struct CacheEngine<P: Payload> {
    config: Config,
    core: Engine<P>,
    cache: Cache<P>,
    outputs: VecDeque<Output<P>>,
}

impl<P: Payload> CacheEngine<P> {
    /// An engine that does nothing yet; `seed` is all its randomness.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        let core = Engine::with_notices(config.core.clone(), seed);
        Self { config, core, cache: Cache::new(), outputs: VecDeque::new() }
    }

    /// Begins its randomness anew: clones draw alike until their seeds differ.
    pub fn reseed(&mut self, seed: u64) {
        self.core.reseed(seed);
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, now: Now, input: Input<P>) {
        self.core.begin(now);
        self.drain(now);
        if self.cache.is_cleared() {
            self.after_the_end(now, input);
            return;
        }
        self.give_up_loading(now);
        match input {
            Input::Core(input) => self.on_core(now, input),
            Input::Command(command) => self.on_command(now, command),
            Input::Read(request, result) => {
                self.with(now, |cache, cx| cache.on_read(request, result, cx));
            }
            Input::ReadProgress(request) => self.cache.on_read_progress(request, now.mono),
            Input::Aged(request, age) => {
                self.with(now, |cache, cx| cache.on_aged(request, age, cx));
            }
            Input::Consulted(request, advice) => {
                self.with(now, |cache, cx| cache.on_advice(request, &advice, cx));
            }
            Input::Store(input) => self.on_store(now, input),
        }
        self.core.finish(now);
        self.drain(now);
        self.settle(now);
    }

    /// The next thing to do; `None` when there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    /// When to call [`CacheEngine::handle`] with [`echolite_core::Input::Tick`] at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timeout> {
        Timeout::earliest([self.core.poll_timeout(), self.cache.timeout(&self.config)])
    }

    /// Everything that the engine knows and concluded: a JSON object, for people and tests.
    #[must_use]
    pub fn inspect(&self) -> String {
        let now = self.core.last().unwrap_or_default();
        format!(
            "{{{},\"next\":{},\"resources\":{}}}",
            self.core.inspect_fields(),
            inspect::timeout(self.poll_timeout(), now.mono),
            self.cache.inspect(&self.config, self.core.channels(), now)
        )
    }

    fn with(&mut self, now: Now, act: impl FnOnce(&mut Cache<P>, &mut Context<'_, P>)) {
        let Shared { random, requests, .. } = self.core.shared();
        let out = &mut self.outputs;
        act(&mut self.cache, &mut Context { now, random, out, requests });
    }

    /// Passes on what the connection wants done, and lets the cache take in what happened to it, in this order.
    fn drain(&mut self, now: Now) {
        while let Some(step) = self.core.poll_step() {
            match step {
                Step::Output(output) => self.outputs.push_back(Output::Core(output)),
                Step::Notice(notice) => self.with(now, |cache, cx| cache.on_notice(notice, cx)),
            }
        }
    }

    /// The connection takes something in.
    fn take(&mut self, now: Now, input: echolite_core::Input<P>) {
        self.core.take(now, input);
        self.drain(now);
    }

    fn command(&mut self, now: Now, command: echolite_core::Command<P>) {
        self.take(now, echolite_core::Input::Command(command));
    }

    fn on_core(&mut self, now: Now, input: echolite_core::Input<P>) {
        let is_report = matches!(input, echolite_core::Input::Socket(..));
        if self.config.core.recover && is_report && !self.core.is_connected() {
            self.core.recover_from(|channel| self.cache.position(channel));
        }
        let signal = match &input {
            echolite_core::Input::Page(signal) => Some(*signal),
            _ => None,
        };
        self.take(now, input);
        if let Some(signal) = signal {
            self.with(now, |cache, cx| cache.on_page(signal, cx));
        }
    }

    fn on_command(&mut self, now: Now, command: Command) {
        match command {
            Command::Resource(resource) => {
                for channel in &resource.channels {
                    // whoever declares a resource asks to join, also where others were refused
                    if let SubscriptionState::Refused(_) =
                        self.core.channels().subscription(channel)
                    {
                        self.command(now, echolite_core::Command::Unfollow(channel.clone()));
                    }
                }
                let config = self.config.clone();
                self.with(now, |cache, cx| cache.declare(resource, &config, cx));
                self.command(now, echolite_core::Command::Connect);
                self.join(now);
            }
            Command::CloseResource(name) => {
                for channel in self.cache.close(&name) {
                    self.command(now, echolite_core::Command::Unfollow(channel));
                }
                self.join(now);
            }
            Command::Live(id, resource, query) => {
                self.with(now, |cache, cx| cache.open_live(id, &resource, query, cx));
            }
            Command::CloseLive(id) => self.cache.close_live(id),
            Command::Get(request, resource, id) => {
                self.with(now, |cache, cx| cache.get(request, &resource, id, cx));
            }
            Command::Refresh(resource) => {
                self.with(now, |cache, cx| cache.refresh(&resource, cx));
            }
            Command::Clear(request) => {
                self.with(now, Cache::clear);
                self.command(now, echolite_core::Command::Disconnect);
                self.outputs.push_back(Output::ClearStore(request));
            }
        }
    }

    fn on_store(&mut self, now: Now, input: StoreInput<P>) {
        self.with(now, |cache, cx| cache.on_store(input, cx));
        if self.cache.is_cleared() {
            self.command(now, echolite_core::Command::Disconnect);
        }
        self.join(now);
    }

    /// A store that does not answer is not waited for: the channels of its resources are joined, too.
    fn give_up_loading(&mut self, now: Now) {
        let mut given_up = false;
        self.with(now, |cache, cx| given_up = cache.give_up_loading(cx));
        if given_up {
            self.join(now);
        }
    }

    /// The scope was cleared, and the connection was closed: nothing happens any more, and whoever asks is told.
    fn after_the_end(&mut self, now: Now, input: Input<P>) {
        match input {
            Input::Command(Command::Clear(request)) => {
                self.outputs.push_back(Output::ClearStore(request));
            }
            Input::Command(Command::Live(id, ..) | Command::Get(id, ..)) => {
                let message = Reason::Cleared.detail().unwrap_or_default();
                self.outputs.push_back(Output::Rejected { id, message });
            }
            _ => {}
        }
        self.core.finish(now);
        self.drain(now);
    }

    /// Joins the channels that resources need and that are not joined yet.
    fn join(&mut self, now: Now) {
        for channel in self.cache.channels(self.config.core.recover) {
            let from = self.cache.position(&channel);
            self.command(now, echolite_core::Command::Follow { channel, from });
        }
    }

    /// Begins what is due, reports what changed, commits.
    fn settle(&mut self, now: Now) {
        if self.cache.is_empty() {
            return;
        }
        let Self { config, core, cache, outputs } = self;
        let Shared { channels, random, requests } = core.shared();
        let cx = &mut Context { now, random, out: outputs, requests };
        cache.on_subscriptions(channels, cx);
        cache.settle(config, channels, cx);
    }
}
