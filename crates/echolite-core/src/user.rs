//! Signing in: who the user of a connection is, told anew to every connection.
//!
//! The back end signs the user's data for one socket id; the server confirms, and from then on the channel
//! `#server-to-user-{id}` may be joined, which carries what is sent to the user wherever they are.

use crate::channels::{Channels, Wanted};
use crate::context::Context;
use crate::{
    AuthFailure, ClientFrame, Mono, Name, Output, Payload, RequestId, Scalar, SocketNumber,
    UserAuthentication, backoff,
};

/// How long the server may take to confirm.
const DEADLINE: u64 = 10_000;
/// Failures that may pass are told to the application from this one on, and tried again all the same.
const TOLD_AFTER: u32 = 3;

#[derive(Clone, Debug)]
enum State {
    /// Nobody asked to sign in.
    Out,
    /// To be done at the next connection; after a refusal too.
    Waiting,
    /// The back end is to be asked.
    Due { at: Mono, failures: u32 },
    /// The back end was asked.
    Asking { request: RequestId, failures: u32 },
    /// The server was asked.
    Signing { deadline: Mono },
    /// Signed in, with this channel of the user's own.
    In { channel: Option<Name> },
}

/// The user of a connection.
#[derive(Clone, Debug)]
pub(crate) struct User {
    state: State,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { state: State::Out }
    }

    /// The application wants to be signed in.
    pub(crate) fn want(&mut self, connected: bool, now: Mono) {
        if matches!(self.state, State::Out | State::Waiting) {
            self.state =
                if connected { State::Due { at: now, failures: 0 } } else { State::Waiting };
        }
    }

    pub(crate) fn on_up(&mut self, now: Mono) {
        if !matches!(self.state, State::Out) {
            self.state = State::Due { at: now, failures: 0 };
        }
    }

    /// The connection is gone; the user's own channel must wait for the next sign-in.
    pub(crate) fn on_down<P>(&mut self, channels: &mut Channels, cx: &mut Context<'_, P>) {
        if let State::In { channel: Some(channel) } = &self.state {
            channels.leave(channel, None, cx);
        }
        if !matches!(self.state, State::Out) {
            self.state = State::Waiting;
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        match self.state {
            State::Due { at, .. } => Some(at),
            State::Signing { deadline } => Some(deadline),
            _ => None,
        }
    }

    pub(crate) fn on_time<P>(&mut self, socket_id: Option<&Name>, cx: &mut Context<'_, P>) {
        match (&self.state, socket_id) {
            (State::Due { at, failures }, Some(socket_id)) if *at <= cx.now.mono => {
                let (request, failures) = (cx.next_request(), *failures);
                self.state = State::Asking { request, failures };
                cx.emit(Output::Authenticate { request, socket_id: socket_id.clone() });
            }
            (State::Signing { deadline }, _) if *deadline <= cx.now.mono => {
                self.fail(None, "the server did not confirm the sign-in within 10 s".into(), cx);
            }
            _ => {}
        }
    }

    pub(crate) fn on_authenticated<P>(
        &mut self,
        request: RequestId,
        result: Result<UserAuthentication, AuthFailure>,
        socket: Option<SocketNumber>,
        cx: &mut Context<'_, P>,
    ) {
        let State::Asking { request: own, failures } = self.state else { return };
        let Some(socket) = socket.filter(|_| own == request) else { return };
        match result {
            Ok(UserAuthentication { auth, user_data }) => {
                self.state = State::Signing { deadline: cx.now.mono + DEADLINE };
                cx.emit(Output::Send(socket, ClientFrame::SignIn { auth, user_data }));
            }
            Err(AuthFailure { status, message, retry_after }) => {
                let may_pass = AuthFailure::may_pass(status);
                let failures = failures + 1;
                if !may_pass || failures == TOLD_AFTER {
                    self.fail(status, message, cx);
                }
                if may_pass {
                    let pause = backoff::retry_pause(failures, retry_after, cx.random);
                    self.state = State::Due { at: cx.now.mono + pause, failures };
                }
            }
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
        let Some(user_data) = data.text("user_data") else { return };
        let id = P::parse(&user_data).map(|user| user.leaf("id"));
        let channel = match id {
            Some(Scalar::Text(id)) if !id.is_empty() => {
                Some(format!("#server-to-user-{id}").into())
            }
            _ => None,
        };
        if let Some(channel) = &channel {
            channels.want(channel, Wanted::ByApplication, connected, cx);
        }
        self.state = State::In { channel };
        cx.emit(Output::SignedIn { user_data });
    }

    fn fail<P>(&mut self, status: Option<u16>, message: String, cx: &mut Context<'_, P>) {
        self.state = State::Waiting;
        cx.emit(Output::SignInFailed { status, message });
    }
}
