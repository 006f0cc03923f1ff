//! Signing in: who the user of a connection is, told anew to every connection.
//!
//! The back end signs the user's data for one socket id; the server confirms, and from then on the channel
//! `#server-to-user-{id}` may be joined, which carries what is sent to the user wherever they are.

use crate::channels::{Channels, SIGNATURE_DEADLINE, Subscriber, TOLD_AFTER};
use crate::context::Context;
use crate::timer_names;
use crate::timers::{Timeout, TimerName, Timers};
use crate::{
    AuthFailure, ClientFrame, Mono, Name, Output, Payload, RequestId, Scalar, SocketNumber,
    UserAuthentication, backoff, inspect,
};

/// How long the server may take to confirm.
const DEADLINE: u64 = 10_000;

#[derive(Clone, Debug)]
enum State {
    /// Nobody asked to sign in.
    Out,
    /// To be done at the next connection; after a refusal too.
    Waiting,
    /// The back end is to be asked.
    Due { failures: u32 },
    /// The back end was asked.
    Asking { request: RequestId, failures: u32 },
    /// The server was asked.
    Signing,
    /// Signed in, with this channel of the user's own.
    In { channel: Option<Name> },
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Waiting => "waiting",
            Self::Due { .. } => "due",
            Self::Asking { .. } => "asking",
            Self::Signing => "signing",
            Self::In { .. } => "in",
        }
    }
}

timer_names! {
    /// Everything that signing in waits for. No state has more than one.
    enum Timer {
        /// Asking: the signature is late.
        Signature = "signature deadline",
        /// Due: the back end is asked.
        Authenticate = "authenticate",
        /// Signing: the server's confirmation is late.
        Confirm = "sign-in deadline",
    }
}

/// The user of a connection.
#[derive(Clone, Debug)]
pub(crate) struct User {
    state: State,
    timers: Timers<Timer, 3>,
    /// Why the state is what it is, for people.
    why: &'static str,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { state: State::Out, timers: Timers::default(), why: "nobody asked to sign in" }
    }

    /// The application wants to be signed in.
    pub(crate) fn want(&mut self, connected: bool, now: Mono) {
        if matches!(self.state, State::Out | State::Waiting) {
            match connected {
                true => self.ask_at(now, 0, "the application asked to sign in"),
                false => self.set_state(State::Waiting, "there is no connection yet"),
            }
        }
    }

    /// The application wants nobody to be signed in. Whether the server knows a user by this connection.
    pub(crate) fn sign_out<P>(&mut self, channels: &mut Channels, cx: &mut Context<'_, P>) -> bool {
        let is_known = matches!(self.state, State::Signing | State::In { .. });
        self.on_down(channels, cx);
        self.set_state(State::Out, "the application signed the user out");
        is_known
    }

    pub(crate) fn on_up(&mut self, now: Mono) {
        if !matches!(self.state, State::Out) {
            self.ask_at(now, 0, "connected");
        }
    }

    /// The connection is gone; the user's own channel must wait for the next sign-in.
    pub(crate) fn on_down<P>(&mut self, channels: &mut Channels, cx: &mut Context<'_, P>) {
        if let State::In { channel: Some(channel) } = &self.state {
            channels.leave(channel, None, cx);
        }
        if !matches!(self.state, State::Out) {
            self.set_state(State::Waiting, "the connection is gone");
        }
    }

    /// A JSON object: the state, and the reason for it.
    pub(crate) fn inspect(&self) -> String {
        inspect::state(self.state.name(), self.why)
    }

    /// The next timer that is due.
    pub(crate) fn timeout(&self) -> Option<Timeout> {
        self.timers.next()
    }

    pub(crate) fn on_time<P>(&mut self, socket_id: Option<&Name>, cx: &mut Context<'_, P>) {
        for timer in Timer::ALL {
            if self.timers.take_due(*timer, cx.now.mono) {
                self.expire(*timer, socket_id, cx);
            }
        }
    }

    fn expire<P>(&mut self, timer: Timer, socket_id: Option<&Name>, cx: &mut Context<'_, P>) {
        match timer {
            Timer::Signature => self.not_authenticated(AuthFailure::no_signature(), true, cx),
            Timer::Authenticate => self.authenticate(socket_id, cx),
            Timer::Confirm => {
                let message = "the server did not confirm the sign-in within 10 s";
                self.fail(None, message.into(), cx);
            }
        }
    }

    /// Asks the back end; without a connection, waits for one.
    fn authenticate<P>(&mut self, socket_id: Option<&Name>, cx: &mut Context<'_, P>) {
        // no other state has this timer: the door stops it
        let State::Due { failures } = self.state else { return };
        let Some(socket_id) = socket_id.cloned() else {
            return self.set_state(State::Waiting, "there is no connection yet");
        };
        let request = cx.next_request();
        self.set_state(State::Asking { request, failures }, "the back end is asked");
        self.timers.set(Timer::Signature, cx.now.mono + SIGNATURE_DEADLINE);
        cx.emit(Output::Authenticate { request, socket_id });
    }

    pub(crate) fn on_authenticated<P>(
        &mut self,
        request: RequestId,
        result: Result<UserAuthentication, AuthFailure>,
        socket: Option<SocketNumber>,
        cx: &mut Context<'_, P>,
    ) {
        let State::Asking { request: own, .. } = self.state else { return };
        let Some(socket) = socket.filter(|_| own == request) else { return };
        match result {
            Ok(UserAuthentication { auth, user_data }) => {
                self.set_state(State::Signing, "the back end signed");
                self.timers.set(Timer::Confirm, cx.now.mono + DEADLINE);
                cx.emit(Output::Send(socket, ClientFrame::SignIn { auth, user_data }));
            }
            Err(failure) => self.not_authenticated(failure, false, cx),
        }
    }

    /// There is no signature. `silent`: no answer came either, which is told at once.
    fn not_authenticated<P>(
        &mut self,
        failure: AuthFailure,
        silent: bool,
        cx: &mut Context<'_, P>,
    ) {
        let State::Asking { failures, .. } = self.state else { return };
        let AuthFailure { status, message, retry_after } = failure;
        let may_pass = AuthFailure::may_pass(status);
        let failures = (failures + 1).max(if silent { TOLD_AFTER } else { 0 });
        if !may_pass || failures == TOLD_AFTER {
            self.fail(status, message, cx);
        }
        if may_pass {
            let pause = backoff::retry_pause(failures, retry_after, cx.random);
            self.ask_at(cx.now.mono + pause, failures, "a failure that may pass");
        }
    }

    /// `pusher:signin_success`.
    pub(crate) fn on_success<P: Payload>(
        &mut self,
        data: &P,
        channels: &mut Channels,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) {
        let State::Signing = self.state else { return };
        let Some(user_data) = data.text("user_data") else { return };
        let id = P::parse(&user_data).map(|user| user.leaf("id"));
        let channel = match id {
            Some(Scalar::Text(id)) if !id.is_empty() => {
                Some(format!("#server-to-user-{id}").into())
            }
            _ => None,
        };
        if let Some(channel) = &channel {
            channels.want(channel, Subscriber::Application, connected, cx);
        }
        self.set_state(State::In { channel }, "the server confirmed");
        cx.emit(Output::SignedIn { user_data });
    }

    fn fail<P>(&mut self, status: Option<u16>, message: String, cx: &mut Context<'_, P>) {
        self.set_state(State::Waiting, "signing in failed");
        cx.emit(Output::SignInFailed { status, message });
    }

    /// The back end is to be asked then.
    fn ask_at(&mut self, at: Mono, failures: u32, why: &'static str) {
        self.set_state(State::Due { failures }, why);
        self.timers.set(Timer::Authenticate, at);
    }

    /// The one door between states: stops the timers of the state before.
    fn set_state(&mut self, next: State, why: &'static str) {
        self.state = next;
        self.timers.stop_all();
        self.why = why;
    }
}
