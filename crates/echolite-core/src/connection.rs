//! The connection: one socket at a time, found dead in time, replaced at once.
//!
//! Close codes decide what follows a close ([`CloseAction`]). Silence longer than the activity timeout is
//! answered by a ping, and an unanswered ping is a lost connection, so a dead one is noticed within twice
//! the activity timeout, or within seconds when the page says that the network or the page came back.

use echolite_protocol::CloseAction;

use crate::context::Context;
use crate::{
    ClientFrame, Config, Frame, Mono, Name, Output, PageSignal, Payload, SocketInput, SocketNumber,
    backoff,
};

/// How long a socket may take until `pusher:connection_established`.
const CONNECT_DEADLINE: u64 = 10_000;
/// An outage longer than this is called `unavailable` (as in pusher-js).
const UNAVAILABLE_AFTER: u64 = 10_000;
/// A pong may take this long when the page has reason to doubt the connection.
const CHECK_DEADLINE: u64 = 3_000;
/// "Reconnect at once" is obeyed only by a connection that lived this long: no tight loops.
const SETTLED: u64 = 1_000;

#[derive(Clone, Debug)]
enum State {
    Initialized,
    Connecting {
        socket: SocketNumber,
        deadline: Mono,
    },
    Connected {
        socket: SocketNumber,
        id: Name,
        since: Mono,
        timeout: u64,
        liveness: Liveness,
        recovers: bool,
    },
    Waiting {
        until: Mono,
    },
    Disconnected,
    Failed,
}

/// What is known of the other side.
#[derive(Clone, Debug)]
enum Liveness {
    Heard(Mono),
    Pinged { deadline: Mono },
}

/// What the rest of the engine must know of an input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
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
    /// Since when there was no connection.
    outage: Mono,
    tls: bool,
    sockets: SocketNumber,
    announced: &'static str,
}

impl Connection {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            state: State::Initialized,
            outage: Mono(0),
            tls: config.tls,
            sockets: 0,
            announced: "initialized",
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

    /// Whether the server counts events, and replays what was missed.
    pub(crate) fn recovers(&self) -> bool {
        matches!(self.state, State::Connected { recovers: true, .. })
    }

    pub(crate) fn state_name(&self) -> &'static str {
        self.announced
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let unavailable =
            (self.announced == "connecting").then_some(self.outage + UNAVAILABLE_AFTER);
        let own = match &self.state {
            State::Connecting { deadline, .. } => Some(*deadline),
            State::Connected { timeout, liveness: Liveness::Heard(at), .. } => Some(*at + *timeout),
            State::Connected { liveness: Liveness::Pinged { deadline }, .. } => Some(*deadline),
            State::Waiting { until } => Some(*until),
            State::Initialized | State::Disconnected | State::Failed => None,
        };
        own.into_iter().chain(unavailable.filter(|_| own.is_some())).min()
    }

    pub(crate) fn connect<P>(&mut self, config: &Config, cx: &mut Context<'_, P>) {
        if matches!(self.state, State::Initialized | State::Disconnected | State::Failed) {
            self.outage = cx.now.mono;
            self.open(config, cx);
        }
    }

    pub(crate) fn disconnect<P>(&mut self, cx: &mut Context<'_, P>) -> Change {
        self.drop_socket(cx);
        self.set_state(State::Disconnected, "disconnect() was called", cx);
        Change::Failed
    }

    pub(crate) fn on_time<P>(&mut self, config: &Config, cx: &mut Context<'_, P>) -> Change {
        let now = cx.now.mono;
        let change = match &mut self.state {
            State::Connecting { deadline, .. } if *deadline <= now => {
                self.drop_socket(cx);
                self.wait("no answer within 10 s", cx)
            }
            State::Waiting { until } if *until <= now => {
                self.open(config, cx);
                Change::None
            }
            State::Connected { socket, timeout, liveness, .. } => match liveness {
                Liveness::Heard(at) if *at + *timeout <= now => {
                    let deadline = now + config.pong_timeout.min(*timeout);
                    *liveness = Liveness::Pinged { deadline };
                    cx.emit(Output::Send(*socket, ClientFrame::Ping));
                    Change::None
                }
                Liveness::Pinged { deadline } if *deadline <= now => {
                    self.drop_socket(cx);
                    self.lose("the server answered no ping", cx)
                }
                _ => Change::None,
            },
            _ => Change::None,
        };
        self.announce("the server cannot be reached", cx);
        change
    }

    /// Reconnects at once, or asks whether the connection still lives, when the page has reason to.
    pub(crate) fn on_page<P>(
        &mut self,
        signal: PageSignal,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) {
        match &self.state {
            State::Waiting { .. }
                if signal != PageSignal::Offline && signal != PageSignal::Hidden =>
            {
                self.open(config, cx);
            }
            State::Connected { .. } if signal != PageSignal::Hidden => self.check(cx),
            _ => {}
        }
    }

    /// Asks for a pong within seconds.
    pub(crate) fn check<P>(&mut self, cx: &mut Context<'_, P>) {
        if let State::Connected { socket, liveness, .. } = &mut self.state {
            let soon = cx.now.mono + CHECK_DEADLINE;
            if !matches!(liveness, Liveness::Pinged { deadline } if *deadline <= soon) {
                *liveness = Liveness::Pinged { deadline: soon };
                cx.emit(Output::Send(*socket, ClientFrame::Ping));
            }
        }
    }

    /// Whether what this socket reports still counts.
    pub(crate) fn is_current(&self, number: SocketNumber) -> bool {
        match self.state {
            State::Connecting { socket, .. } | State::Connected { socket, .. } => socket == number,
            _ => false,
        }
    }

    /// Takes in what the current socket reports; frames of channels are the caller's.
    pub(crate) fn on_socket<P: Payload>(
        &mut self,
        input: &SocketInput<P>,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> Change {
        if let State::Connected { liveness, .. } = &mut self.state {
            *liveness = Liveness::Heard(cx.now.mono);
        }
        match input {
            SocketInput::Opened => Change::None,
            SocketInput::Malformed => {
                cx.emit(Output::Error {
                    code: None,
                    message: "the server sent a frame that is no event: it was skipped".into(),
                });
                Change::None
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
    ) -> Change {
        match (&*frame.event, &self.state) {
            ("pusher:ping", State::Connected { socket, .. }) => {
                cx.emit(Output::Send(*socket, ClientFrame::Pong));
                Change::None
            }
            ("pusher:connection_established", State::Connecting { socket, .. }) => {
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
                    None => Change::None,
                }
            }
            _ => Change::None,
        }
    }

    fn establish<P: Payload>(
        &mut self,
        socket: SocketNumber,
        frame: &Frame<P>,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> Change {
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
        let liveness = Liveness::Heard(now);
        // a stock server says nothing of it: then nothing more is asked for
        let recovers =
            config.recover && frame.data.leaf("echolite.recovery") == crate::Scalar::Bool(true);
        let state = State::Connected { socket, id, since: now, timeout, liveness, recovers };
        self.set_state(state, "connected", cx);
        Change::Up
    }

    fn on_closed<P>(
        &mut self,
        code: u16,
        reason: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> Change {
        if code >= 4000 {
            cx.emit(Output::Error { code: Some(code), message: reason.to_owned() });
        }
        self.after_close(code, reason, config, cx)
    }

    fn after_close<P>(
        &mut self,
        code: u16,
        reason: &str,
        config: &Config,
        cx: &mut Context<'_, P>,
    ) -> Change {
        let settled =
            matches!(self.state, State::Connected { since, .. } if cx.now.mono - since >= SETTLED);
        let why = format!("closed with code {code}: {reason}");
        match CloseAction::of(code) {
            CloseAction::Refused => {
                self.set_state(State::Failed, &why, cx);
                Change::Failed
            }
            CloseAction::UseTls if !self.tls => {
                self.tls = true;
                self.lose_and_open(&why, config, cx)
            }
            CloseAction::Retry if settled => self.lose_and_open(&why, config, cx),
            CloseAction::UseTls | CloseAction::Retry | CloseAction::Backoff => self.lose(&why, cx),
        }
    }

    fn lose_and_open<P>(&mut self, why: &str, config: &Config, cx: &mut Context<'_, P>) -> Change {
        let change = self.lose(why, cx);
        self.open(config, cx);
        change
    }

    /// The connection, or the attempt at one, is gone.
    fn lose<P>(&mut self, why: &str, cx: &mut Context<'_, P>) -> Change {
        let connected = matches!(self.state, State::Connected { .. });
        if connected {
            self.outage = cx.now.mono;
        }
        self.wait(why, cx);
        if connected { Change::Lost } else { Change::Failed }
    }

    fn wait<P>(&mut self, why: &str, cx: &mut Context<'_, P>) -> Change {
        let pause = backoff::reconnect_pause(self.outage, cx.now.mono, cx.random);
        self.set_state(State::Waiting { until: cx.now.mono + pause }, why, cx);
        Change::Failed
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
        let deadline = cx.now.mono + CONNECT_DEADLINE;
        self.set_state(State::Connecting { socket, deadline }, "connecting", cx);
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
        if let State::Connecting { socket, .. } | State::Connected { socket, .. } = self.state {
            cx.emit(Output::CloseSocket(socket));
        }
    }

    /// The one door between states.
    fn set_state<P>(&mut self, next: State, reason: &str, cx: &mut Context<'_, P>) {
        self.state = next;
        self.announce(reason, cx);
    }

    /// Tells the state by the words that applications know, when it is another than the one told last.
    fn announce<P>(&mut self, reason: &str, cx: &mut Context<'_, P>) {
        let name = match &self.state {
            State::Initialized => "initialized",
            State::Connecting { .. } | State::Waiting { .. }
                if cx.now.mono - self.outage >= UNAVAILABLE_AFTER =>
            {
                "unavailable"
            }
            State::Connecting { .. } | State::Waiting { .. } => "connecting",
            State::Connected { .. } => "connected",
            State::Disconnected => "disconnected",
            State::Failed => "failed",
        };
        if name != self.announced {
            self.announced = name;
            let socket_id = self.socket_id().cloned();
            cx.emit(Output::Connection { state: name, reason: reason.to_owned(), socket_id });
        }
    }
}
