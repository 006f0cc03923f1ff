//! The engine: takes in what happened, gives out what to do.

use std::collections::VecDeque;

use crate::cache::{Cache, Socket};
use crate::channels::{Channels, Wanted};
use crate::connection::{Change, Connection};
use crate::context::Context;
use crate::positions::{self, Arrival, Hearing};
use crate::sealed::{self, Keys};
use crate::user::User;
use crate::{
    AuthFailure, Authorization, ClientFrame, Command, Config, Frame, Input, Mono, Name, Now,
    Output, PageSignal, Payload, Reason, RequestId, SocketInput, SocketNumber, StoreInput,
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
///
/// A clone is another engine in the same state: what happens to one of them from then on does not happen to the other.
#[derive(Clone, Debug)]
pub struct Engine<P: Payload> {
    config: Config,
    connection: Connection,
    user: User,
    channels: Channels,
    keys: Keys<P>,
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
            user: User::new(),
            channels: Channels::new(config.batch_authorizations),
            config,
            keys: Keys::new(),
            cache: Cache::new(),
            random: fastrand::Rng::with_seed(seed),
            requests: 0,
            outputs: VecDeque::new(),
            last: None,
        }
    }

    /// Begins its randomness anew: clones draw alike until their seeds differ.
    pub fn reseed(&mut self, seed: u64) {
        self.random = fastrand::Rng::with_seed(seed);
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
                engine.on_authorized(request, result, cx);
            }),
            Input::Authenticated(request, result) => self.with(now, |engine, cx| {
                engine.user.on_authenticated(request, result, engine.connection.socket(), cx);
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
        let deadlines = [
            self.connection.deadline(),
            self.user.deadline(),
            self.channels.deadline(),
            self.cache.deadline(&self.config),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// What the engine knows and concluded: a JSON object, for people and tests.
    #[must_use]
    pub fn inspect(&self) -> String {
        format!(
            "{{\"connection\":\"{}\",\"resources\":{}}}",
            self.connection.state_name(),
            self.cache.inspect(
                &self.config,
                &self.channels,
                self.last.map_or(Mono(0), |now| now.mono)
            )
        )
    }

    fn with(&mut self, now: Now, act: impl FnOnce(&mut Parts<'_, P>, &mut Context<'_, P>)) {
        let Self { config, connection, user, channels, keys, cache, .. } = self;
        let (random, requests, outputs) = (&mut self.random, &mut self.requests, &mut self.outputs);
        let mut parts = Parts { config, connection, user, channels, keys, cache };
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
                Command::SignIn => {
                    engine.user.want(engine.connection.socket().is_some(), cx.now.mono);
                }
                Command::Trigger { channel, event, data } => {
                    engine.trigger(channel, event, data, cx);
                }
                Command::Resource(resource) => {
                    cache.declare(resource, engine.config, cx);
                    engine.connection.connect(engine.config, cx);
                    engine.join(cx);
                }
                Command::CloseResource(name) => {
                    for channel in cache.close(&name) {
                        engine.channels.release(&channel, engine.connection.socket(), cx);
                    }
                    engine.join(cx);
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
            if let SocketInput::Frame(frame) = input {
                match frame.channel {
                    Some(_) => engine.on_channel_frame(frame, cx),
                    None => engine.on_user_frame(frame, cx),
                }
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
        self.with(now, |engine, cx| {
            engine.cache.on_store(input, cx);
            engine.join(cx);
        });
    }

    /// What time has made due, after every input.
    fn on_time(&mut self, now: Now) {
        self.with(now, |engine, cx| {
            let change = engine.connection.on_time(engine.config, cx);
            engine.follow(&change, cx);
            engine.user.on_time(engine.connection.socket_id(), cx);
            engine.channels.on_time(engine.connection.socket_id(), cx);
            if !engine.cache.is_empty() {
                engine.cache.on_standing(engine.channels, cx);
                engine.cache.settle(engine.config, engine.channels, cx);
            }
        });
    }
}

/// The engine's parts, borrowed apart from the way out.
struct Parts<'a, P> {
    config: &'a Config,
    connection: &'a mut Connection,
    user: &'a mut User,
    channels: &'a mut Channels,
    keys: &'a mut Keys<P>,
    cache: &'a mut Cache<P>,
}

impl<P: Payload> Parts<'_, P> {
    /// Channels and cache follow the connection.
    fn follow(&mut self, change: &Change, cx: &mut Context<'_, P>) {
        match change {
            Change::None => {}
            Change::Up => {
                self.cache.on_link(Socket::Up);
                self.user.on_up(cx.now.mono);
                if let Some((socket, id)) =
                    self.connection.socket().zip(self.connection.socket_id())
                {
                    if self.connection.recovers() {
                        self.channels.recover(|channel| self.cache.position(channel));
                    }
                    self.channels.on_up(socket, id, cx);
                }
            }
            Change::Lost => self.go_down(Socket::Opening, cx),
            Change::Failed => self.go_down(Socket::Absent, cx),
        }
    }

    fn go_down(&mut self, socket: Socket, cx: &mut Context<'_, P>) {
        self.user.on_down(self.channels, cx);
        self.channels.on_down();
        self.keys.on_down();
        self.cache.on_link(socket);
    }

    /// Frames that belong to no channel, as far as they are not the connection's own.
    fn on_user_frame(&mut self, frame: Frame<P>, cx: &mut Context<'_, P>) {
        match &*frame.event {
            "pusher:signin_success" => {
                let connected = self.connection.socket().zip(self.connection.socket_id());
                self.user.on_success(&frame.data, self.channels, connected, cx);
            }
            "pusher_internal:watchlist_events" => cx.emit(Output::Watchlist(frame.data)),
            "echolite:uncertain" => {
                self.channels.on_uncertain();
                self.cache.on_uncertain(cx);
            }
            "echolite:certain" => self.cache.on_certain(cx),
            _ => {}
        }
    }

    /// Joins the channels that the cache needs and has not joined yet.
    fn join(&mut self, cx: &mut Context<'_, P>) {
        for channel in self.cache.channels(self.config.recover) {
            let rows = self.cache.position(&channel).filter(|_| self.connection.recovers());
            self.want(&channel, Wanted::ByCache(rows), cx);
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

    fn on_authorized(
        &mut self,
        request: RequestId,
        result: Result<Authorization, AuthFailure>,
        cx: &mut Context<'_, P>,
    ) {
        if let Some(frames) = self.keys.on_authorized(request, &result, cx) {
            return frames.into_iter().for_each(|frame| self.on_event(frame, cx));
        }
        let connected = self.connection.socket().zip(self.connection.socket_id());
        let authorization = result.clone().ok();
        let channel = self.channels.on_authorized(request, result, connected, cx);
        if let (Some(channel), Some(authorization)) = (channel, authorization) {
            self.keys.learn(&channel, &authorization);
        }
    }

    fn on_channel_frame(&mut self, frame: Frame<P>, cx: &mut Context<'_, P>) {
        let Some(channel) = frame.channel.clone() else { return };
        if sealed::is_sealed(&channel, &frame.event) {
            if let Some(frame) = self.keys.open(frame, self.connection.socket_id(), cx) {
                self.on_event(frame, cx);
            }
            return;
        }
        let told = match &*frame.event {
            "pusher_internal:subscription_succeeded" => {
                if !self.channels.on_succeeded(&channel, &frame.data) {
                    return;
                }
                Name::from("pusher:subscription_succeeded")
            }
            "pusher_internal:subscription_count" => {
                self.cache.on_count(&channel, &frame.data);
                Name::from("pusher:subscription_count")
            }
            "pusher:subscription_error" => {
                return self.channels.on_error(&channel, &frame.data, cx);
            }
            // presence: the application's side keeps the members
            "pusher_internal:member_added" => Name::from("pusher:member_added"),
            "pusher_internal:member_removed" => Name::from("pusher:member_removed"),
            event if event.starts_with("pusher_internal:") => return,
            _ => return self.on_event(frame, cx),
        };
        self.tell(Frame { event: told, ..frame }, false, cx);
    }

    /// An event of the application, readable.
    fn on_event(&mut self, frame: Frame<P>, cx: &mut Context<'_, P>) {
        let Some(channel) = frame.channel.clone() else { return };
        if &*frame.event == "echolite:position" {
            return self.on_position(&channel, &frame.data, cx);
        }
        let arrival = self.on_offset(&channel, frame.offset, cx);
        let hearing = match arrival {
            Arrival::Duplicate => return,
            Arrival::Unnumbered => Hearing::Live,
            Arrival::Next(hearing) | Arrival::Gap(hearing) => hearing,
        };
        let followed = self.channels.followed(&channel).filter(|_| arrival != Arrival::Unnumbered);
        self.cache.on_frame(&frame, followed.map(|followed| &followed.at), cx);
        if hearing != Hearing::Known {
            self.tell(frame, hearing == Hearing::Recovered, cx);
        }
    }

    /// What a number says of its event; events left out before it are told to the cache.
    fn on_offset(
        &mut self,
        channel: &Name,
        offset: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> Arrival {
        let Some(offset) = offset else { return Arrival::Unnumbered };
        self.cache.on_certain(cx);
        let arrival = self.channels.on_numbered(channel, offset);
        if matches!(arrival, Arrival::Gap(_)) {
            self.cache.doubt(channel, &Reason::Missed, cx);
        }
        arrival
    }

    /// `echolite:position`: the channel went on without this socket, or counts anew.
    fn on_position(&mut self, channel: &Name, data: &P, cx: &mut Context<'_, P>) {
        let Some(offset) = positions::offset(data.leaf("offset")) else { return };
        if let Some(epoch) = data.text("epoch")
            && self.channels.on_new_epoch(channel, epoch, offset)
        {
            self.cache.on_certain(cx);
            return self.cache.doubt(channel, &Reason::EpochChanged, cx);
        }
        // of what this socket was spared the rows know nothing
        if matches!(self.on_offset(channel, Some(offset), cx), Arrival::Next(_)) {
            self.cache.doubt(channel, &Reason::Missed, cx);
        }
    }

    fn tell(&mut self, frame: Frame<P>, recovered: bool, cx: &mut Context<'_, P>) {
        let Frame { event, channel, data, user_id, .. } = frame;
        if let Some(channel) = channel.filter(|channel| self.channels.is_heard(channel)) {
            cx.emit(Output::Event { channel, event, data, user_id, recovered });
        }
    }
}
