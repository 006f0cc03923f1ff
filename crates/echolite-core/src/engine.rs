//! The engine: takes in what happened, gives out what to do.

use std::collections::VecDeque;

use crate::cache::{Cache, Socket};
use crate::channels::{Channels, Wanted};
use crate::connection::{Change, Connection};
use crate::context::Context;
use crate::{
    ClientFrame, Command, Config, Frame, Input, Mono, Name, Now, Output, PageSignal, Payload,
    Reason, RequestId, SocketInput, SocketNumber, StoreInput,
};

/// Clocks that differ by more than this since the last input show that the machine slept (rule 5).
const SLEPT: u64 = 2_000;

/// One connection with its channels, and the cache that lives by it.
///
/// ```
/// use echolite_core::{Command, Config, Engine, Input, Now, Output};
/// # use echolite_core::json::Json;
/// let mut engine: Engine<Json> = Engine::new(Config { key: "app".into(), ..Config::default() }, 1);
/// engine.handle(Now::default(), Input::Command(Command::Connect));
/// assert!(matches!(engine.poll_output(), Some(Output::OpenSocket(1, _))));
/// ```
#[derive(Debug)]
pub struct Engine<P: Payload> {
    config: Config,
    connection: Connection,
    channels: Channels,
    cache: Cache<P>,
    random: fastrand::Rng,
    requests: RequestId,
    outputs: VecDeque<Output<P>>,
    last: Option<Now>,
}

impl<P: Payload> Engine<P> {
    /// An engine that does nothing yet; `seed` is all its randomness.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            connection: Connection::new(&config),
            config,
            channels: Channels::default(),
            cache: Cache::new(),
            random: fastrand::Rng::with_seed(seed),
            requests: 0,
            outputs: VecDeque::new(),
            last: None,
        }
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, now: Now, input: Input<P>) {
        self.notice_sleep(now);
        match input {
            Input::Tick => {}
            Input::Command(command) => self.on_command(now, command),
            Input::Socket(socket, input) => self.on_socket(now, socket, input),
            Input::Page(signal) => self.on_page(now, signal),
            Input::Authorized(request, result) => self.with(now, |engine, cx| {
                let connected = engine.connection.socket().zip(engine.connection.socket_id());
                engine.channels.on_authorized(request, result, connected, cx);
            }),
            Input::Read(request, result) => {
                self.with(now, |engine, cx| engine.cache.on_read(request, result, cx));
            }
            Input::Consulted(request, verdict) => {
                self.with(now, |engine, cx| engine.cache.on_verdict(request, &verdict, cx));
            }
            Input::Store(input) => self.on_store(now, input),
        }
        self.on_time(now);
    }

    /// The next thing to do; `None` when there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    /// When to call [`Engine::handle`] with [`Input::Tick`] at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Mono> {
        [self.connection.deadline(), self.channels.deadline(), self.cache.deadline(&self.config)]
            .into_iter()
            .flatten()
            .min()
    }

    /// What the engine knows and concluded: a JSON object, for people and tests.
    #[must_use]
    pub fn inspect(&self) -> String {
        format!(
            "{{\"connection\":\"{}\",\"resources\":{}}}",
            self.connection.state_name(),
            self.cache.inspect()
        )
    }

    fn with(&mut self, now: Now, act: impl FnOnce(&mut Parts<'_, P>, &mut Context<'_, P>)) {
        let Self { config, connection, channels, cache, random, requests, outputs, .. } = self;
        let mut parts = Parts { config, connection, channels, cache };
        act(&mut parts, &mut Context { now, random, out: outputs, requests });
    }

    fn notice_sleep(&mut self, now: Now) {
        let last = self.last.replace(now).unwrap_or(now);
        let mono = now.mono - last.mono;
        let wall = now.wall.0.saturating_sub(last.wall.0);
        if wall.abs_diff(mono) > SLEPT {
            self.with(now, |engine, cx| {
                engine.connection.check(cx);
                engine.cache.revoke(Reason::Slept, cx);
            });
        }
    }

    fn on_command(&mut self, now: Now, command: Command<P>) {
        self.with(now, |engine, cx| {
            let cache = &mut *engine.cache;
            match command {
                Command::Connect => engine.connection.connect(engine.config, cx),
                Command::Disconnect => {
                    let change = engine.connection.disconnect(cx);
                    engine.follow(&change, cx);
                }
                Command::Subscribe(name) => engine.want(&name, Wanted::ByApplication, cx),
                Command::Unsubscribe(name) => {
                    engine.channels.leave(&name, engine.connection.socket(), cx);
                }
                Command::Trigger { channel, event, data } => {
                    engine.trigger(channel, event, data, cx);
                }
                Command::Resource(resource) => {
                    let channels = resource.channels.clone();
                    cache.declare(resource, engine.config, cx);
                    engine.connection.connect(engine.config, cx);
                    for channel in &channels {
                        engine.want(channel, Wanted::ByCache, cx);
                    }
                }
                Command::Live(id, resource, query) => cache.open_live(id, &resource, query, cx),
                Command::CloseLive(id) => cache.close_live(id),
                Command::Get(request, resource, id) => cache.get(request, &resource, id, cx),
                Command::Refresh(resource) => cache.refresh(&resource, cx),
                Command::Clear(request) => cache.clear(request, cx),
            }
        });
    }

    fn on_socket(&mut self, now: Now, socket: SocketNumber, input: SocketInput<P>) {
        if !self.connection.is_current(socket) {
            return;
        }
        self.with(now, |engine, cx| {
            let change = engine.connection.on_socket(&input, engine.config, cx);
            engine.follow(&change, cx);
            if let SocketInput::Frame(frame) = input
                && frame.channel.is_some()
            {
                engine.on_channel_frame(frame, cx);
            }
        });
    }

    fn on_page(&mut self, now: Now, signal: PageSignal) {
        self.with(now, |engine, cx| {
            engine.connection.on_page(signal, engine.config, cx);
            engine.cache.on_page(signal, cx);
        });
    }

    fn on_store(&mut self, now: Now, input: StoreInput<P>) {
        self.with(now, |engine, cx| engine.cache.on_store(input, cx));
    }

    /// What time has made due, after every input.
    fn on_time(&mut self, now: Now) {
        self.with(now, |engine, cx| {
            let change = engine.connection.on_time(engine.config, cx);
            engine.follow(&change, cx);
            engine.channels.on_time(engine.connection.socket_id(), cx);
            if !engine.cache.is_empty() {
                engine.cache.on_standing(engine.channels, cx);
                engine.cache.settle(engine.config, cx);
            }
        });
    }
}

/// The engine's parts, borrowed apart from the way out.
struct Parts<'a, P> {
    config: &'a Config,
    connection: &'a mut Connection,
    channels: &'a mut Channels,
    cache: &'a mut Cache<P>,
}

impl<P: Payload> Parts<'_, P> {
    /// Channels and cache follow the connection.
    fn follow(&mut self, change: &Change, cx: &mut Context<'_, P>) {
        match change {
            Change::None => {}
            Change::Up => {
                self.cache.on_link(Socket::Up);
                if let Some((socket, id)) =
                    self.connection.socket().zip(self.connection.socket_id())
                {
                    self.channels.on_up(socket, id, cx);
                }
            }
            Change::Lost => {
                self.channels.on_down();
                self.cache.on_link(Socket::Opening);
            }
            Change::Failed => {
                self.channels.on_down();
                self.cache.on_link(Socket::Absent);
            }
        }
    }

    fn want(&mut self, name: &Name, wanted: Wanted, cx: &mut Context<'_, P>) {
        let connected = self.connection.socket().zip(self.connection.socket_id());
        self.channels.want(name, wanted, connected, cx);
    }

    fn trigger(&mut self, channel: Name, event: Name, data: P, cx: &mut Context<'_, P>) {
        match self.connection.socket() {
            Some(socket) => {
                cx.emit(Output::Send(socket, ClientFrame::Event { channel, event, data }))
            }
            None => cx.emit(Output::Error {
                code: None,
                message: format!("{event} on {channel} was not sent: there is no connection"),
            }),
        }
    }

    fn on_channel_frame(&mut self, frame: Frame<P>, cx: &mut Context<'_, P>) {
        let Some(channel) = frame.channel.clone() else { return };
        let told = match &*frame.event {
            "pusher_internal:subscription_succeeded" => {
                if !self.channels.on_succeeded(&channel) {
                    return;
                }
                Name::from("pusher:subscription_succeeded")
            }
            "pusher_internal:subscription_count" => Name::from("pusher:subscription_count"),
            "pusher:subscription_error" => {
                return self.channels.on_error(&channel, &frame.data, cx);
            }
            // presence: the application's side keeps the members
            "pusher_internal:member_added" => Name::from("pusher:member_added"),
            "pusher_internal:member_removed" => Name::from("pusher:member_removed"),
            event if event.starts_with("pusher_internal:") => return,
            _ => {
                self.cache.on_frame(&frame, cx);
                frame.event
            }
        };
        if self.channels.is_heard(&channel) {
            let Frame { data, user_id, .. } = frame;
            cx.emit(Output::Event { channel, event: told, data, user_id });
        }
    }
}
