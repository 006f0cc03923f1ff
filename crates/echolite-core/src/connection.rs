//! The connection: one socket at a time, found dead in time, replaced at once.
//!
//! Close codes decide what follows a close ([`CloseAction`]). Silence longer than the activity timeout is
//! answered by a ping, and an unanswered ping is a lost connection, so a dead one is noticed within twice
//! the activity timeout, or within seconds when the page says that the network or the page came back.

use echolite_protocol::CloseAction;

use crate::context::Context;
use crate::timer_names;
use crate::timers::{Timeout, TimerName, Timers};
use crate::{
    ClientFrame, Config, Frame, Mono, Name, Output, PageSignal, Payload, SocketInput, SocketNumber,
    backoff,
};

/// How long a socket may take until `pusher:connection_established`.
const CONNECT_DEADLINE: u64 = 10_000;
/// A pong may take this long when the page gives a reason to check the connection.
const CHECK_DEADLINE: u64 = 3_000;
/// "Reconnect at once" is obeyed only by a connection that lived this long: no tight loops.
const SETTLED: u64 = 1_000;
/// A connection that did not live this long shows that the next may not either: each in a row doubles the pause,
/// which is 0.5–2 s after the first three and 15–30 s from the seventh on.
const STABLE: u64 = 10_000;

#[derive(Clone, Debug)]
enum State {
    Initialized,
    Connecting { socket: SocketNumber },
    Connected { socket: SocketNumber, id: Name, since: Mono, timeout: u64, recovers: bool },
    Waiting,
    Disconnected,
    Failed,
}

timer_names! {
    /// Everything that a connection waits for. A state has one of the first four, and of two that are due at once the
    /// first leads to the state after it, never back.
    enum Timer {
        /// Waiting: the next attempt.
        Reconnect = "reconnect",
        /// Connecting: the greeting is late.
        Connect = "connect deadline",
        /// Connected: the pong is late.
        Pong = "pong deadline",
        /// Connected: the other side was silent for too long.
        Ping = "ping",
        /// Connecting or waiting: the outage is to be called `unavailable`.
        Unavailable = "unavailable",
    }
}

/// The state of a connection, by the words that applications know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionState {
    Initialized,
    Connecting,
    Connected,
    Unavailable,
    Disconnected,
    Failed,
}

impl ConnectionState {
    const fn name(self) -> &'static str {
        match self {
            Self::Initialized => "initialized",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Unavailable => "unavailable",
            Self::Disconnected => "disconnected",
            Self::Failed => "failed",
        }
    }
}

/// What the rest of the engine must know of an input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LinkChange {
    /// Nothing.
    None,
    /// Connected, with a new socket id.
    Up,
    /// No longer connected; an attempt at a new connection is under way or follows.
    Lost,
    /// An attempt failed, or none will be made.
    Failed,
}

/// The connection state machine.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    state: State,
    timers: Timers<Timer, 5>,
    /// Since when there was no connection.
    outage: Mono,
    /// Count of connections in a row that died young, or were told to come back later.
    died_young: u32,
    tls: bool,
    /// An outage longer than this is called `unavailable`.
    unavailable_after: u64,
    sockets: SocketNumber,
    announced: ConnectionState,
}

impl Connection {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            state: State::Initialized,
            timers: Timers::default(),
            outage: Mono(0),
            died_young: 0,
            tls: config.tls,
            unavailable_after: config.unavailable_timeout,
            sockets: 0,
            announced: ConnectionState::Initialized,
        }
    }

    /// The socket frames may be sent on.
    pub(crate) fn socket(&self) -> Option<SocketNumber> {
        match self.state {
            State::Connected { socket, .. } => Some(socket),
            _ => None,
        }
    }

    pub(crate) fn socket_id(&self) -> Option<&Name> {
        match &self.state {
            State::Connected { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The socket frames may be sent on, and its id.
    pub(crate) fn connected(&self) -> Option<(SocketNumber, &Name)> {
        self.socket().zip(self.socket_id())
    }

    /// Whether the server counts events, and replays what was missed.
    pub(crate) fn recovers(&self) -> bool {
        matches!(self.state, State::Connected { recovers: true, .. })
    }

    pub(crate) fn state_name(&self) -> &'static str {
        self.announced.name()
    }

    /// The next timer that is due.
    pub(crate) fn timeout(&self) -> Option<Timeout> {
        self.timers.next()
    }

    pub(crate) fn connect<P>(&mut self, config: &Config, cx: &mut Context<'_, P>) {
        if matches!(self.state, State::Initialized | State::Disconnected | State::Failed) {
            self.outage = cx.now.mono;
            self.died_young = 0;
            self.open(config, cx);
        }
    }

    /// Gives the socket up for another, which the server knows nothing of.
    pub(crate) fn renew<P>(
        &mut self,
        why: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        if self.socket().is_none() {
            return LinkChange::None;
        }
        self.drop_socket(cx);
        self.lose_and_open(why, config, cx)
    }

    pub(crate) fn disconnect<P>(&mut self, cx: &mut Context<'_, P>) -> LinkChange {
        self.drop_socket(cx);
        self.set_state(State::Disconnected, "disconnect() was called", cx);
        LinkChange::Failed
    }

    pub(crate) fn on_time<P>(&mut self, config: &Config, cx: &mut Context<'_, P>) -> LinkChange {
        let mut change = LinkChange::None;
        for timer in Timer::ALL {
            if self.timers.take_due(*timer, cx.now.mono) {
                let next = self.expire(*timer, config, cx);
                change = if next == LinkChange::None { change } else { next };
            }
        }
        change
    }

    fn expire<P>(&mut self, timer: Timer, config: &Config, cx: &mut Context<'_, P>) -> LinkChange {
        match timer {
            Timer::Reconnect => self.open(config, cx),
            Timer::Connect => {
                self.drop_socket(cx);
                return self.wait("no answer within 10 s", cx);
            }
            Timer::Pong => {
                self.count_death(false, cx.now.mono);
                self.drop_socket(cx);
                return self.lose("the server answered no ping", cx);
            }
            Timer::Ping => {
                if let State::Connected { timeout, .. } = self.state {
                    self.ping(config.pong_timeout.min(timeout), cx);
                }
            }
            Timer::Unavailable => self.announce("the server cannot be reached", cx),
        }
        LinkChange::None
    }

    /// Reconnects at once, or asks whether the connection still lives, when the page has reason to.
    pub(crate) fn on_page<P>(
        &mut self,
        signal: PageSignal,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) {
        match &self.state {
            State::Waiting if signal != PageSignal::Offline && signal != PageSignal::Hidden => {
                self.open(config, cx);
            }
            State::Connected { .. } if signal != PageSignal::Hidden => self.check(cx),
            _ => {}
        }
    }

    /// Asks for a pong within seconds.
    pub(crate) fn check<P>(&mut self, cx: &mut Context<'_, P>) {
        let soon = cx.now.mono + CHECK_DEADLINE;
        if self.timers.get(Timer::Pong).is_none_or(|deadline| deadline > soon) {
            self.ping(CHECK_DEADLINE, cx);
        }
    }

    /// Asks for a pong within `patience` milliseconds.
    fn ping<P>(&mut self, patience: u64, cx: &mut Context<'_, P>) {
        let Some(socket) = self.socket() else { return };
        self.timers.stop(Timer::Ping);
        self.timers.set(Timer::Pong, cx.now.mono + patience);
        cx.emit(Output::Send(socket, ClientFrame::Ping));
    }

    /// The other side lives: it may be silent for `timeout` milliseconds from now on.
    fn heard(&mut self, timeout: u64, now: Mono) {
        self.timers.stop(Timer::Pong);
        self.timers.set(Timer::Ping, now + timeout);
    }

    /// Whether what this socket reports still counts.
    pub(crate) fn is_current(&self, number: SocketNumber) -> bool {
        match self.state {
            State::Connecting { socket } | State::Connected { socket, .. } => socket == number,
            _ => false,
        }
    }

    /// Takes in what the current socket reports; frames of channels are the caller's.
    pub(crate) fn on_socket<P: Payload>(
        &mut self,
        input: &SocketInput<P>,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        if let State::Connected { timeout, .. } = self.state {
            self.heard(timeout, cx.now.mono);
        }
        match input {
            SocketInput::Opened => LinkChange::None,
            SocketInput::Malformed => {
                cx.emit(Output::Error {
                    code: None,
                    message: "the server sent a frame that is no event: it was skipped".into(),
                });
                LinkChange::None
            }
            SocketInput::Frame(frame) => self.on_frame(frame, config, cx),
            SocketInput::Closed { code, reason } => self.on_closed(*code, reason, config, cx),
        }
    }

    fn on_frame<P: Payload>(
        &mut self,
        frame: &Frame<P>,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        match (&*frame.event, &self.state) {
            ("pusher:ping", State::Connected { socket, .. }) => {
                cx.emit(Output::Send(*socket, ClientFrame::Pong));
                LinkChange::None
            }
            ("pusher:connection_established", State::Connecting { socket }) => {
                let socket = *socket;
                self.establish(socket, frame, config, cx)
            }
            ("pusher:error", state) => {
                let refused = matches!(state, State::Connecting { .. });
                let code = match frame.data.leaf("code") {
                    crate::Scalar::Number(code) if (1.0..65_536.0).contains(&code) => {
                        Some(code as u16)
                    }
                    _ => None,
                };
                let message =
                    frame.data.text("message").map_or_else(String::new, |m| m.to_string());
                cx.emit(Output::Error { code, message: message.clone() });
                // Reverb refuses with an error and leaves the socket open: the code is the close code.
                match code.filter(|_| refused) {
                    Some(code) => {
                        self.drop_socket(cx);
                        self.after_close(code, &message, config, cx)
                    }
                    None => LinkChange::None,
                }
            }
            _ => LinkChange::None,
        }
    }

    fn establish<P: Payload>(
        &mut self,
        socket: SocketNumber,
        frame: &Frame<P>,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        let Some(id) = frame.data.text("socket_id") else {
            self.drop_socket(cx);
            return self.wait("the server's greeting has no socket_id", cx);
        };
        let asked = match frame.data.leaf("activity_timeout") {
            crate::Scalar::Number(seconds) if seconds > 0.0 => (seconds * 1_000.0) as u64,
            _ => config.activity_timeout,
        };
        let now = cx.now.mono;
        let timeout = config.activity_timeout.min(asked);
        // a stock server says nothing of it: then nothing more is asked for
        let recovers =
            config.recover && frame.data.leaf("echolite.recovery") == crate::Scalar::Bool(true);
        let state = State::Connected { socket, id, since: now, timeout, recovers };
        self.set_state(state, "connected", cx);
        self.heard(timeout, now);
        LinkChange::Up
    }

    fn on_closed<P>(
        &mut self,
        code: u16,
        reason: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        if code >= 4000 {
            cx.emit(Output::Error { code: Some(code), message: reason.to_owned() });
        }
        // closed it still is there, with all that listens to it
        self.drop_socket(cx);
        self.after_close(code, reason, config, cx)
    }

    fn after_close<P>(
        &mut self,
        code: u16,
        reason: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        self.count_death((4100..4200).contains(&code), cx.now.mono);
        let settled = self.died_young <= 1
            && matches!(self.state, State::Connected { since, .. } if cx.now.mono - since >= SETTLED);
        let why = format!("closed with code {code}: {reason}");
        match CloseAction::of(code) {
            CloseAction::Refused => {
                self.set_state(State::Failed, &why, cx);
                LinkChange::Failed
            }
            CloseAction::UseTls if !self.tls => {
                self.tls = true;
                self.lose_and_open(&why, config, cx)
            }
            CloseAction::Retry if settled => self.lose_and_open(&why, config, cx),
            CloseAction::UseTls | CloseAction::Retry | CloseAction::Backoff => self.lose(&why, cx),
        }
    }

    /// Counts connections in a row that died young. `later`: the server says that it is not able to serve now.
    fn count_death(&mut self, later: bool, now: Mono) {
        match self.state {
            State::Connected { since, .. } if !later && now - since >= STABLE => {
                self.died_young = 0
            }
            State::Connected { .. } => self.died_young += 1,
            _ => self.died_young += u32::from(later),
        }
    }

    fn lose_and_open<P>(
        &mut self,
        why: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> LinkChange {
        let change = self.lose(why, cx);
        self.open(config, cx);
        change
    }

    /// The connection, or the attempt at one, is gone.
    fn lose<P>(&mut self, why: &str, cx: &mut Context<'_, P>) -> LinkChange {
        let connected = matches!(self.state, State::Connected { .. });
        if connected {
            self.outage = cx.now.mono;
        }
        self.wait(why, cx);
        if connected { LinkChange::Lost } else { LinkChange::Failed }
    }

    fn wait<P>(&mut self, why: &str, cx: &mut Context<'_, P>) -> LinkChange {
        let mut pause = backoff::reconnect_pause(self.outage, cx.now.mono, cx.random);
        if self.died_young > 1 {
            pause = pause.max(backoff::retry_pause(self.died_young - 1, None, cx.random));
        }
        self.set_state(State::Waiting, why, cx);
        self.timers.set(Timer::Reconnect, cx.now.mono + pause);
        LinkChange::Failed
    }

    fn open<P>(&mut self, config: &Config, cx: &mut Context<'_, P>) {
        let allowed = if self.tls { config.allow_wss } else { config.allow_ws };
        if !allowed {
            let scheme = if self.tls { "wss" } else { "ws" };
            let why =
                format!("enabledTransports does not list '{scheme}', which forceTLS asks for");
            return self.set_state(State::Failed, &why, cx);
        }
        self.sockets += 1;
        let socket = self.sockets;
        cx.emit(Output::OpenSocket(socket, self.url(config)));
        self.set_state(State::Connecting { socket }, "connecting", cx);
        self.timers.set(Timer::Connect, cx.now.mono + CONNECT_DEADLINE);
    }

    fn url(&self, config: &Config) -> String {
        let (scheme, port) =
            if self.tls { ("wss", config.wss_port) } else { ("ws", config.ws_port) };
        let Config { host, path, key, .. } = config;
        let version = env!("CARGO_PKG_VERSION");
        let extension = if config.recover { "&echolite=1" } else { "" };
        format!(
            "{scheme}://{host}:{port}{path}/app/{key}?protocol=7&client=echolite&version={version}&flash=false{extension}"
        )
    }

    fn drop_socket<P>(&mut self, cx: &mut Context<'_, P>) {
        if let State::Connecting { socket } | State::Connected { socket, .. } = self.state {
            cx.emit(Output::CloseSocket(socket));
        }
    }

    /// The one door between states: stops the timers of the state before.
    fn set_state<P>(&mut self, next: State, reason: &str, cx: &mut Context<'_, P>) {
        self.state = next;
        self.timers.stop_all();
        self.announce(reason, cx);
        if self.announced == ConnectionState::Connecting {
            self.timers.set(Timer::Unavailable, self.outage + self.unavailable_after);
        }
    }

    /// Tells the state by the words that applications know, when it is another than the one told last.
    fn announce<P>(&mut self, reason: &str, cx: &mut Context<'_, P>) {
        let state = match &self.state {
            State::Initialized => ConnectionState::Initialized,
            State::Connecting { .. } | State::Waiting
                if cx.now.mono - self.outage >= self.unavailable_after =>
            {
                ConnectionState::Unavailable
            }
            State::Connecting { .. } | State::Waiting => ConnectionState::Connecting,
            State::Connected { .. } => ConnectionState::Connected,
            State::Disconnected => ConnectionState::Disconnected,
            State::Failed => ConnectionState::Failed,
        };
        if state != self.announced {
            self.announced = state;
            let (state, socket_id) = (state.name(), self.socket_id().cloned());
            cx.emit(Output::Connection { state, reason: reason.to_owned(), socket_id });
        }
    }
}
