//! The engine: takes in what happened, gives out what to do.

use std::collections::VecDeque;

use crate::channels::{Channels, Subscriber};
use crate::connection::{Connection, LinkChange};
use crate::context::Context;
use crate::positions::{self, Arrival, Hearing};
use crate::sealed::{self, Keys};
use crate::user::User;
use crate::{
    AuthFailure, Authorization, ClientFrame, Command, Config, Frame, Input, Mono, Name, Notice,
    Now, Output, Payload, Position, RequestId, Scalar, SocketInput, SocketNumber, Step, Timeout,
    inspect,
};

/// Clocks that differ by more than this since the last input show that the machine slept (rule 5).
const SLEPT: u64 = 2_000;

/// One connection with its channels and its user.
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
///
/// A layer above (the cache) makes its engine by [`Engine::with_notices`], calls [`Engine::begin`], [`Engine::take`]
/// and [`Engine::finish`] in place of [`Engine::handle`], and after each of them polls its steps.
#[derive(Clone, Debug)]
pub struct Engine<P: Payload> {
    config: Config,
    connection: Connection,
    user: User,
    channels: Channels,
    keys: Keys<P>,
    /// Whether the server says that it may be losing events.
    uncertain: bool,
    random: fastrand::Rng,
    requests: RequestId,
    steps: VecDeque<Step<P>>,
    /// Whether a layer above takes notices.
    notices: bool,
    last: Option<Now>,
}

/// What a layer above shares with its engine: one source of randomness, one count of requests.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The channels, as they stand.
    pub channels: &'a Channels,
    /// All randomness of both.
    pub random: &'a mut fastrand::Rng,
    /// The number of the last request of either.
    pub requests: &'a mut RequestId,
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
            uncertain: false,
            random: fastrand::Rng::with_seed(seed),
            requests: 0,
            steps: VecDeque::new(),
            notices: false,
            last: None,
        }
    }

    /// An engine for a layer above, which also polls notices.
    #[must_use]
    pub fn with_notices(config: Config, seed: u64) -> Self {
        Self { notices: true, ..Self::new(config, seed) }
    }

    /// Begins its randomness anew: clones draw alike until their seeds differ.
    pub fn reseed(&mut self, seed: u64) {
        self.random = fastrand::Rng::with_seed(seed);
    }

    /// Takes in one thing that happened.
    pub fn handle(&mut self, now: Now, input: Input<P>) {
        self.begin(now);
        self.take(now, input);
        self.finish(now);
    }

    /// The first part of [`Engine::handle`]: notices when the machine slept.
    pub fn begin(&mut self, now: Now) {
        let last = self.last.replace(now).unwrap_or(now);
        let mono = now.mono - last.mono;
        let wall = now.wall.0.saturating_sub(last.wall.0);
        if wall.abs_diff(mono) > SLEPT {
            self.with(now, |engine, cx| {
                engine.connection.check(cx);
                cx.notice(Notice::Slept);
            });
        }
    }

    /// The second part: takes an input in. A layer above may take several in, or none.
    pub fn take(&mut self, now: Now, input: Input<P>) {
        match input {
            Input::Tick => {}
            Input::Command(command) => self.on_command(now, command),
            Input::Socket(socket, input) => self.on_socket(now, socket, input),
            Input::Page(signal) => self.with(now, |engine, cx| {
                engine.connection.on_page(signal, engine.config, cx);
            }),
            Input::Authorized(request, result) => self.with(now, |engine, cx| {
                engine.on_authorized(request, result, cx);
            }),
            Input::Authenticated(request, result) => self.with(now, |engine, cx| {
                engine.user.on_authenticated(request, result, engine.connection.socket(), cx);
            }),
        }
    }

    /// The third part: carries out what time has made due.
    pub fn finish(&mut self, now: Now) {
        self.with(now, |engine, cx| {
            let change = engine.connection.on_time(engine.config, cx);
            engine.follow(&change, cx);
            engine.user.on_time(engine.connection.socket_id(), cx);
            engine.channels.on_time(engine.connection.connected(), cx);
        });
    }

    /// The next thing to do; `None` when there is nothing left.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        loop {
            if let Step::Output(output) = self.steps.pop_front()? {
                return Some(output);
            }
        }
    }

    /// The next step, for a layer above; `None` when there is nothing left.
    pub fn poll_step(&mut self) -> Option<Step<P>> {
        self.steps.pop_front()
    }

    /// When to call [`Engine::handle`] with [`Input::Tick`] at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timeout> {
        let parts = [self.connection.timeout(), self.user.timeout(), self.channels.timeout()];
        Timeout::earliest(parts)
    }

    /// Whether there is a connection.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.connection.socket().is_some()
    }

    /// Everything that the engine knows: a JSON object, for people and tests.
    #[must_use]
    pub fn inspect(&self) -> String {
        let now = self.last.map_or(Mono(0), |now| now.mono);
        let next = inspect::timeout(self.poll_timeout(), now);
        format!("{{{},\"next\":{next}}}", self.inspect_fields())
    }

    /// The fields of a JSON object: the states of connection, user and channels, with their reasons.
    #[must_use]
    pub fn inspect_fields(&self) -> String {
        format!(
            "\"connection\":\"{}\",\"signIn\":{},\"channels\":{}",
            self.connection.state_name(),
            self.user.inspect(),
            self.channels.inspect()
        )
    }

    // --- for a layer above -------------------------------------------------------------------------

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its channels, as they stand.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// The moment of the last input.
    #[must_use]
    pub fn last(&self) -> Option<Now> {
        self.last
    }

    /// Takes in after which position the layer above needs the events of each channel: to be said before a socket
    /// reports, because its report may bring the connection and with it all subscriptions.
    pub fn recover_from(&mut self, from: impl Fn(&str) -> Option<Position>) {
        self.channels.keep_from(from);
    }

    /// What a layer above works with while it handles an input.
    pub fn shared(&mut self) -> Shared<'_> {
        let Self { channels, random, requests, .. } = self;
        Shared { channels, random, requests }
    }

    // --- inputs ------------------------------------------------------------------------------------

    fn with(&mut self, now: Now, act: impl FnOnce(&mut Parts<'_, P>, &mut Context<'_, P>)) {
        let Self { config, connection, user, channels, keys, uncertain, .. } = self;
        let (random, requests, steps) = (&mut self.random, &mut self.requests, &mut self.steps);
        let mut parts = Parts { config, connection, user, channels, keys, uncertain };
        let mut cx = Context { now, random, steps, requests, notices: self.notices };
        act(&mut parts, &mut cx);
        parts.end_uncertainty(&mut cx);
    }

    fn on_command(&mut self, now: Now, command: Command<P>) {
        self.with(now, |engine, cx| match command {
            Command::Connect => engine.connection.connect(engine.config, cx),
            Command::Disconnect => {
                let change = engine.connection.disconnect(cx);
                engine.follow(&change, cx);
            }
            Command::Subscribe(name) => engine.want(&name, Subscriber::Application, cx),
            Command::Unsubscribe(name) => {
                engine.channels.leave(&name, engine.connection.socket(), cx);
                engine.forget_key(&name);
            }
            Command::SignIn => {
                engine.user.want(engine.connection.socket().is_some(), cx.now.mono);
            }
            Command::SignOut => {
                if engine.user.sign_out(engine.channels, cx) {
                    let change = engine.connection.renew("signed out", engine.config, cx);
                    engine.follow(&change, cx);
                }
            }
            Command::Trigger { channel, event, data } => {
                engine.trigger(channel, event, data, cx);
            }
            Command::Follow { channel, from } => {
                let asked = from.filter(|_| engine.connection.recovers());
                engine.want(&channel, Subscriber::Layer(asked), cx);
            }
            Command::Unfollow(channel) => {
                engine.channels.release(&channel, engine.connection.socket(), cx);
                engine.forget_key(&channel);
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
            match input {
                SocketInput::Frame(frame) if frame.channel.is_some() => {
                    engine.on_channel_frame(frame, cx);
                }
                SocketInput::Frame(frame) => engine.on_user_frame(frame, cx),
                // it may have been an event of any of them
                SocketInput::Malformed => {
                    let names = engine.channels.names();
                    names.for_each(|name| cx.notice(Notice::Missed(name.clone())));
                }
                SocketInput::Opened | SocketInput::Closed { .. } => {}
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
    uncertain: &'a mut bool,
}

impl<P: Payload> Parts<'_, P> {
    /// User and channels follow the connection.
    fn follow(&mut self, change: &LinkChange, cx: &mut Context<'_, P>) {
        match change {
            LinkChange::None => {}
            LinkChange::Up => {
                *self.uncertain = false;
                cx.notice(Notice::Up);
                self.user.on_up(cx.now.mono);
                if let Some((socket, id)) = self.connection.connected() {
                    if self.connection.recovers() {
                        self.channels.recover();
                    }
                    self.channels.on_up(socket, id, cx);
                }
            }
            LinkChange::Lost => self.go_down(Notice::Down, cx),
            LinkChange::Failed => self.go_down(Notice::Absent, cx),
        }
    }

    fn go_down(&mut self, notice: Notice<P>, cx: &mut Context<'_, P>) {
        self.user.on_down(self.channels, cx);
        self.channels.on_down();
        self.keys.on_down();
        // another connection knows for itself
        *self.uncertain = false;
        cx.notice(notice);
    }

    /// Frames that belong to no channel, as far as they are not the connection's own.
    fn on_user_frame(&mut self, frame: Frame<P>, cx: &mut Context<'_, P>) {
        match &*frame.event {
            "pusher:signin_success" => {
                let connected = self.connection.connected();
                self.user.on_success(&frame.data, self.channels, connected, cx);
            }
            "pusher_internal:watchlist_events" => cx.emit(Output::Watchlist(frame.data)),
            "echolite:uncertain" => {
                self.channels.on_uncertain();
                *self.uncertain = true;
                cx.notice(Notice::Uncertain);
            }
            "echolite:certain" => self.on_certain(cx),
            _ => {}
        }
    }

    /// The server counts again.
    fn on_certain(&mut self, cx: &mut Context<'_, P>) {
        if std::mem::take(self.uncertain) {
            cx.notice(Notice::Certain);
        }
    }

    /// The server tells those who follow a channel whether it is certain, and tells it with each confirmation: what it said
    /// ends with the last channel.
    fn end_uncertainty(&mut self, cx: &mut Context<'_, P>) {
        if *self.uncertain && !self.channels.is_any_subscribed() {
            self.on_certain(cx);
        }
    }

    fn want(&mut self, name: &Name, subscriber: Subscriber, cx: &mut Context<'_, P>) {
        let connected = self.connection.connected();
        self.channels.want(name, subscriber, connected, cx);
    }

    /// Whoever joins a channel again is given a key again, and hears no event from before.
    fn forget_key(&mut self, channel: &Name) {
        if !self.channels.is_wanted(channel) {
            self.keys.forget(channel);
        }
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
        let connected = self.connection.connected();
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
                if let Scalar::Number(count) = frame.data.leaf("subscription_count") {
                    cx.notice(Notice::Count(channel, count as u64));
                }
                Name::from("pusher:subscription_count")
            }
            "pusher:subscription_error" => {
                return self.channels.on_error(&channel, &frame.data, cx);
            }
            // of a subscription that was left: the members come with the confirmation
            "pusher_internal:member_added" | "pusher_internal:member_removed"
                if !self.channels.is_subscribed(&channel) =>
            {
                return;
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
        let is_new = hearing != Hearing::Known;
        let told = if cx.notices {
            // most events are for the layer above alone
            let told = (is_new && self.channels.is_heard(&channel)).then(|| frame.clone());
            let followed =
                self.channels.followed(&channel).filter(|_| arrival != Arrival::Unnumbered);
            let at = followed.map(|followed| followed.at.clone());
            cx.notice(Notice::Event(frame, at));
            told
        } else {
            is_new.then_some(frame)
        };
        if let Some(frame) = told {
            self.tell(frame, hearing == Hearing::Recovered, cx);
        }
    }

    /// Says how a number stands to those before; events left out before it are noticed.
    fn on_offset(
        &mut self,
        channel: &Name,
        offset: Option<u64>,
        cx: &mut Context<'_, P>,
    ) -> Arrival {
        let Some(offset) = offset else { return Arrival::Unnumbered };
        self.on_certain(cx);
        let arrival = self.channels.on_numbered(channel, offset);
        if matches!(arrival, Arrival::Gap(_)) {
            cx.notice(Notice::Missed(channel.clone()));
        }
        arrival
    }

    /// `echolite:position`: the channel went on without this socket, or counts anew.
    fn on_position(&mut self, channel: &Name, data: &P, cx: &mut Context<'_, P>) {
        let Some(offset) = positions::offset(data.leaf("offset")) else { return };
        if let Some(epoch) = data.text("epoch")
            && self.channels.on_new_epoch(channel, epoch, offset)
        {
            self.on_certain(cx);
            return cx.notice(Notice::EpochChanged(channel.clone()));
        }
        // the event was published, and not sent to this socket
        if matches!(self.on_offset(channel, Some(offset), cx), Arrival::Next(_)) {
            cx.notice(Notice::Missed(channel.clone()));
        }
    }

    fn tell(&mut self, frame: Frame<P>, recovered: bool, cx: &mut Context<'_, P>) {
        let Frame { event, channel, data, user_id, .. } = frame;
        if let Some(channel) = channel.filter(|channel| self.channels.is_heard(channel)) {
            cx.emit(Output::Event { channel, event, data, user_id, recovered });
        }
    }
}
