//! The far end of a connection and the clock, for every rig whose engine has a connection.

use echolite_core::json::Json;
use echolite_core::{
    AuthFailure, Authorization, ClientFrame, Command, Frame, Input, Mono, Name, Now, Output,
    PageSignal, SocketInput, SocketNumber, Timeout,
};
use serde_json::{Value, json};

pub trait Wire {
    /// The engine takes in something that happened to its connection.
    fn happens(&mut self, input: Input<Json>);

    /// The socket opened last.
    fn socket_number(&self) -> SocketNumber;

    fn now_mut(&mut self) -> &mut Now;

    fn poll_timeout(&self) -> Option<Timeout>;

    /// Takes out of what the engine wanted what `pick` gives something for.
    fn take<T>(&mut self, pick: impl FnMut(&Output<Json>) -> Option<T>) -> Vec<T>;

    // --- time --------------------------------------------------------------------------------------

    /// Lets time pass; the engine is woken when it asked for it.
    fn pass(&mut self, milliseconds: u64) {
        let end = self.now_mut().mono + milliseconds;
        for _ in 0..10_000 {
            let due = self.poll_timeout().map(|timeout| timeout.at).filter(|at| *at <= end);
            let now = self.now_mut();
            let passed = due.unwrap_or(end) - now.mono;
            now.mono = now.mono + passed;
            now.wall.0 += passed;
            self.happens(Input::Tick);
            if due.is_none() {
                return;
            }
        }
        panic!("the engine asks to be woken for ever");
    }

    // --- what the application does -----------------------------------------------------------------

    fn connect(&mut self) {
        self.happens(Input::Command(Command::Connect));
    }

    fn subscribe(&mut self, channel: &str) {
        self.happens(Input::Command(Command::Subscribe(channel.into())));
    }

    fn page(&mut self, signal: PageSignal) {
        self.happens(Input::Page(signal));
    }

    fn authorize(&mut self, request: u32) {
        let auth =
            Authorization { auth: "app:sig".into(), channel_data: None, shared_secret: None };
        self.happens(Input::Authorized(request, Ok(auth)));
    }

    fn refuse(&mut self, request: u32, status: Option<u16>) {
        let failure = AuthFailure { status, message: "refused".into(), retry_after: None };
        self.happens(Input::Authorized(request, Err(failure)));
    }

    // --- what the server does ----------------------------------------------------------------------

    fn socket(&mut self, input: SocketInput<Json>) {
        let number = self.socket_number();
        self.happens(Input::Socket(number, input));
    }

    fn frame(&mut self, event: &str, channel: Option<&str>, data: Value) {
        let (event, channel, data) = (event.into(), channel.map(Name::from), data.into());
        let frame = Frame { event, channel, data, user_id: None, offset: None };
        self.socket(SocketInput::Frame(frame));
    }

    /// An event with its number in the channel's history.
    fn numbered(&mut self, channel: &str, offset: u64, event: &str, data: Value) {
        let (event, channel, data) = (event.into(), Some(channel.into()), data.into());
        let frame = Frame { event, channel, data, user_id: None, offset: Some(offset) };
        self.socket(SocketInput::Frame(frame));
    }

    fn establish(&mut self) {
        self.socket(SocketInput::Opened);
        let data = json!({ "socket_id": "1.1", "activity_timeout": 30 });
        self.frame("pusher:connection_established", None, data);
    }

    /// The same by a server that counts events and replays them; it is given the signatures asked for.
    fn establish_recovering(&mut self) {
        let echolite = json!({ "version": 1, "recovery": true });
        let data = json!({ "socket_id": "1.1", "activity_timeout": 30, "echolite": echolite });
        self.frame("pusher:connection_established", None, data);
        for (request, _) in self.authorizations() {
            self.authorize(request);
        }
    }

    fn confirm(&mut self, channel: &str) {
        self.confirm_with(channel, json!({}));
    }

    fn confirm_with(&mut self, channel: &str, data: Value) {
        self.frame("pusher_internal:subscription_succeeded", Some(channel), data);
    }

    fn close(&mut self, code: u16) {
        self.socket(SocketInput::Closed { code, reason: "test".into() });
    }

    // --- what the engine wanted --------------------------------------------------------------------

    /// Signatures asked for since last taken: request and channel.
    fn authorizations(&mut self) -> Vec<(u32, String)> {
        self.take(|output| match output {
            Output::Authorize { request, channel, .. } => Some((*request, channel.to_string())),
            _ => None,
        })
    }

    /// Frames sent since last taken, in words.
    fn sent(&mut self) -> Vec<String> {
        self.take(|output| match output {
            Output::Send(_, frame) => Some(in_words(frame)),
            _ => None,
        })
    }

    /// Connection states told since last taken.
    fn connections(&mut self) -> Vec<&'static str> {
        self.take(|output| match output {
            Output::Connection { state, .. } => Some(*state),
            _ => None,
        })
    }

    /// How many sockets were opened since last taken.
    fn opened(&mut self) -> usize {
        self.take(|output| matches!(output, Output::OpenSocket(..)).then_some(())).len()
    }
}

fn in_words(frame: &ClientFrame<Json>) -> String {
    match frame {
        ClientFrame::Ping => "ping".into(),
        ClientFrame::Pong => "pong".into(),
        ClientFrame::Subscribe { channel, auth, recover, .. } => {
            let auth = auth.as_ref().map(|auth| format!(" {auth}"));
            let after = recover.as_ref().map(|at| format!(" after {};{}", at.epoch, at.offset));
            let [auth, after] = [auth, after].map(Option::unwrap_or_default);
            format!("subscribe {channel}{auth}{after}")
        }
        ClientFrame::SignIn { auth, user_data } => format!("signin {auth} {user_data}"),
        ClientFrame::Unsubscribe(channel) => format!("unsubscribe {channel}"),
        ClientFrame::Event { channel, event, .. } => format!("{event} on {channel}"),
    }
}

/// Where a channel stands, as a confirmation says.
pub fn standing(epoch: &str, offset: u64) -> Value {
    json!({ "position": { "epoch": epoch, "offset": offset } })
}

/// The same where a replay was asked for.
pub fn recovered(epoch: &str, offset: u64, covered: bool) -> Value {
    json!({ "position": { "epoch": epoch, "offset": offset }, "recovered": covered })
}
