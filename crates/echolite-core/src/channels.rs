//! Channels: who wants them, whether they may be joined, whether they are.
//!
//! A private channel's signature belongs to one socket id, so each connection asks anew: at most
//! [`AUTHORIZATIONS`] requests at once (all in one where the page batches them), failures that may pass (no
//! answer, 419, 429, 5xx) tried again.
//! An answer of the back end counts only for the request that the channel waits for: one that comes after
//! `leave`, or for an earlier socket, is dropped. An answer of the server names its channel alone, and each
//! `pusher:subscribe` is answered once, in order: answers owed to subscriptions that were left are counted, and
//! the next one counts only after them.

use echolite_protocol::{Access, ChannelName, Stream};

use crate::context::Context;
use crate::positions::{Arrival, Followed, Track};
use crate::timer_names;
use crate::timers::{Timeout, Timers};
use crate::{
    AuthFailure, Authorization, ClientFrame, Mono, Name, Output, Payload, Position, RequestId,
    SocketNumber, backoff, inspect, sealed,
};

/// Requests for signatures under way at once, at most.
const AUTHORIZATIONS: usize = 6;
/// A request not answered within this (milliseconds) makes room for another: an authoriser that never calls back
/// holds up nobody else.
const SLOW: u64 = 5_000;
/// Failures that may pass are told to the application from this one on, and tried again all the same.
pub(crate) const TOLD_AFTER: u32 = 3;
/// A signature that does not come within this (milliseconds) is asked for again. Longer than the page waits for an
/// answer over HTTP, whose error says more.
pub(crate) const SIGNATURE_DEADLINE: u64 = 35_000;
/// A subscription not confirmed within this (milliseconds) is told as an error. Reverb says of a refusal
/// only that there was one, not which channel it was.
const CONFIRM_DEADLINE: u64 = 10_000;
/// A deadline that is noticed later than this shows that the page did not run: frames may wait to be handled.
const PUNCTUAL: u64 = 100;
/// Time for the frames that came while the page did not run.
const LAST_CALL: u64 = 1_000;
const NOT_CONFIRMED: &str = "the server did not confirm the subscription within 10 s";

/// A side that wants a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subscriber {
    /// The application: it is told each event.
    Application,
    /// The layer above only, which may need what came after this position.
    Layer(Option<Position>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// No connection.
    Idle,
    /// A signature is to be asked for.
    Queued { failures: u32 },
    /// A signature was asked for.
    Authorizing { request: RequestId, failures: u32 },
    /// The server was asked. `doubtful`: an answer came since that was taken for one owed to a subscription before.
    Subscribing { doubtful: bool },
    /// The server confirmed.
    Subscribed,
    /// The server was asked and did not answer in time; it still may.
    Unanswered,
    /// Refused, until the next connection or until somebody asks to join again.
    Refused { message: String },
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Queued { .. } => "queued",
            Self::Authorizing { .. } => "authorizing",
            Self::Subscribing { .. } => "subscribing",
            Self::Subscribed => "subscribed",
            Self::Unanswered | Self::Refused { .. } => "refused",
        }
    }
}

timer_names! {
    /// Everything that a channel waits for.
    enum Timer {
        /// Queued: the back end may be asked for a signature.
        Authorize = "authorize",
        /// Authorizing: the request makes room for another.
        Slow = "slow authorisation",
        /// Authorizing: the signature is late.
        Signature = "signature deadline",
        /// Subscribing: the server's confirmation is late.
        Confirm = "subscription deadline",
        /// Subscribing: the page did not run at the deadline, and has handled what came until then.
        LastCall = "subscription deadline after a pause",
    }
}

#[derive(Clone, Debug)]
struct Channel {
    name: Name,
    by_application: bool,
    by_layer: bool,
    /// The position after which the layer above needs each event, as it said last.
    from: Option<Position>,
    state: State,
    timers: Timers<Timer, 5>,
    /// Why the state is what it is, for people.
    why: &'static str,
    track: Track,
}

/// The state of a subscription, for a layer above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState<'a> {
    /// Not yet.
    Pending,
    /// Confirmed by the server.
    Subscribed,
    /// Refused, with the reason.
    Refused(&'a str),
}

/// All channels of a connection.
#[derive(Clone, Debug)]
pub struct Channels {
    /// In the order in which they were first wanted, which is kept over reconnects.
    channels: Vec<Channel>,
    /// The channels that were left before the server had answered, once for each answer that it still owes.
    owed: Vec<Name>,
    /// Whether the page asks for many signatures in one request.
    batches: bool,
}

impl Channels {
    pub(crate) fn new(batches: bool) -> Self {
        Self { channels: Vec::new(), owed: Vec::new(), batches }
    }

    /// The state of a channel's subscription.
    #[must_use]
    pub fn subscription(&self, name: &str) -> SubscriptionState<'_> {
        match self.get(name).map(|channel| &channel.state) {
            Some(State::Subscribed) => SubscriptionState::Subscribed,
            Some(State::Refused { message }) => SubscriptionState::Refused(message),
            Some(State::Unanswered) => SubscriptionState::Refused(NOT_CONFIRMED),
            Some(State::Queued { failures, .. } | State::Authorizing { failures, .. })
                if *failures >= TOLD_AFTER =>
            {
                SubscriptionState::Refused("authorisation failed, and is being tried again")
            }
            _ => SubscriptionState::Pending,
        }
    }

    /// Whether the server confirmed the subscription.
    pub(crate) fn is_subscribed(&self, name: &str) -> bool {
        self.get(name).is_some_and(|channel| channel.state == State::Subscribed)
    }

    /// Whether the server confirmed any subscription that is still wanted.
    pub(crate) fn is_any_subscribed(&self) -> bool {
        self.channels.iter().any(|channel| channel.state == State::Subscribed)
    }

    /// Whether somebody wants this channel.
    pub(crate) fn is_wanted(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the application listens to this channel.
    pub(crate) fn is_heard(&self, name: &str) -> bool {
        self.get(name).is_some_and(|channel| channel.by_application)
    }

    pub(crate) fn want<P>(
        &mut self,
        name: &Name,
        subscriber: Subscriber,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) {
        let at = self.position(name).unwrap_or_else(|| {
            self.channels.push(Channel::new(name.clone()));
            self.channels.len() - 1
        });
        let channel = &mut self.channels[at];
        let is_over =
            matches!(channel.state, State::Idle | State::Refused { .. } | State::Unanswered);
        // a layer says again and again what it follows
        let asks = match subscriber {
            Subscriber::Application => {
                channel.by_application = true;
                true
            }
            Subscriber::Layer(asked) => {
                if is_over {
                    channel.track.ask(asked);
                }
                !std::mem::replace(&mut channel.by_layer, true) || channel.state == State::Idle
            }
        };
        let Some((socket, id)) = connected.filter(|_| asks) else { return };
        if is_over {
            self.withdraw(at, socket, cx);
            self.channels[at].begin(socket, cx);
        } else if let State::Queued { failures } = channel.state {
            channel.queue(cx.now.mono, failures, "asked to join again");
        }
        self.authorize(id, cx);
    }

    /// The application leaves; the wish of the layer above keeps the subscription.
    pub(crate) fn leave<P>(
        &mut self,
        name: &Name,
        socket: Option<SocketNumber>,
        cx: &mut Context<'_, P>,
    ) {
        let Some(at) = self.position(name) else { return };
        let channel = &mut self.channels[at];
        channel.by_application = false;
        if channel.by_layer {
            return;
        }
        if let Some(socket) = socket {
            self.withdraw(at, socket, cx);
        }
        self.channels.remove(at);
    }

    /// Tells the server to forget what it was asked; an answer that it has not given will come all the same.
    fn withdraw<P>(&mut self, at: usize, socket: SocketNumber, cx: &mut Context<'_, P>) {
        let Channel { name, state, .. } = &self.channels[at];
        let is_owed = matches!(state, State::Subscribing { .. } | State::Unanswered);
        if is_owed || *state == State::Subscribed {
            cx.emit(Output::Send(socket, ClientFrame::Unsubscribe(name.clone())));
        }
        if is_owed {
            self.owed.push(name.clone());
        }
    }

    /// The layer above needs a channel no longer; the application's wish keeps the subscription.
    pub(crate) fn release<P>(
        &mut self,
        name: &Name,
        socket: Option<SocketNumber>,
        cx: &mut Context<'_, P>,
    ) {
        let Some(at) = self.position(name) else { return };
        self.channels[at].by_layer = false;
        if !self.channels[at].by_application {
            self.leave(name, socket, cx);
        }
    }

    /// Connected: everything wanted is asked for, in the order in which it was first wanted.
    pub(crate) fn on_up<P>(&mut self, socket: SocketNumber, id: &Name, cx: &mut Context<'_, P>) {
        for channel in &mut self.channels {
            channel.begin(socket, cx);
        }
        self.authorize(id, cx);
    }

    pub(crate) fn on_down(&mut self) {
        self.owed.clear();
        for channel in &mut self.channels {
            channel.set_state(State::Idle, "the connection is gone");
            channel.track.on_down();
        }
    }

    /// A JSON object: by name, the state of each channel and the reason for it.
    pub(crate) fn inspect(&self) -> String {
        let states = self.channels.iter().map(|channel| {
            let state = inspect::state(channel.state.name(), channel.why());
            format!("{}:{state}", inspect::quoted(&channel.name))
        });
        format!("{{{}}}", states.collect::<Vec<_>>().join(","))
    }

    /// The next timer that is due. While as many signatures are asked for as may be, no other is.
    pub(crate) fn timeout(&self) -> Option<Timeout> {
        let full = self.free() == 0;
        let able =
            self.channels.iter().filter(|c| !(full && matches!(c.state, State::Queued { .. })));
        Timeout::earliest(able.map(|channel| channel.timers.next()))
    }

    pub(crate) fn on_time<P>(
        &mut self,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) {
        let Some((socket, id)) = connected else { return };
        for channel in &mut self.channels {
            channel.timers.take_due(Timer::Slow, cx.now.mono);
            if channel.timers.take_due(Timer::Signature, cx.now.mono) {
                channel.not_authorized(AuthFailure::no_signature(), true, cx);
            }
            let late = channel.timers.take_late(Timer::Confirm, cx.now.mono);
            if late.is_some_and(|late| late > PUNCTUAL) {
                channel.timers.set(Timer::LastCall, cx.now.mono + LAST_CALL);
            } else if late.is_some() || channel.timers.take_due(Timer::LastCall, cx.now.mono) {
                channel.not_confirmed(&mut self.owed, socket, cx);
            }
        }
        self.authorize(id, cx);
    }

    /// An answer to `Output::Authorize`; the channel that it was for, if one waited for it.
    pub(crate) fn on_authorized<P>(
        &mut self,
        request: RequestId,
        result: Result<Authorization, AuthFailure>,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) -> Option<Name> {
        let (socket, id) = connected?;
        let waiting = self.channels.iter_mut().find(|channel| {
            matches!(channel.state, State::Authorizing { request: own, .. } if own == request)
        });
        let channel = waiting?;
        let name = channel.name.clone();
        let result = result.and_then(|authorization| usable(&name, authorization));
        match result {
            Ok(Authorization { auth, channel_data, .. }) => {
                channel.subscribing("the back end signed", cx.now.mono);
                let frame = channel.subscription(Some(auth), channel_data);
                cx.emit(Output::Send(socket, frame));
            }
            Err(failure) => channel.not_authorized(failure, false, cx),
        }
        self.authorize(id, cx);
        Some(name)
    }

    /// The channel that the server answered for; `None` if the answer is of a subscription that was left, or of none.
    fn answered(&mut self, name: &str) -> Option<&mut Channel> {
        let channel = self.channels.iter_mut().find(|channel| *channel.name == *name);
        if let Some(owed) = self.owed.iter().position(|owed| **owed == *name) {
            self.owed.remove(owed);
            if let Some(State::Subscribing { doubtful }) = channel.map(|c| &mut c.state) {
                *doubtful = true;
            }
            return None;
        }
        let asked = |state: &State| {
            matches!(state, State::Subscribing { .. } | State::Unanswered | State::Subscribed)
        };
        channel.filter(|channel| asked(&channel.state))
    }

    /// The server confirmed. Whether that was a subscription that is still wanted.
    pub(crate) fn on_succeeded<P: Payload>(&mut self, name: &str, data: &P) -> bool {
        let Some(channel) = self.answered(name) else { return false };
        channel.set_state(State::Subscribed, "the server confirmed");
        let repeats = ChannelName::new(name).is_ok_and(|n| n.stream() == Stream::Cache);
        channel.track.on_joined(data, repeats);
        true
    }

    /// The server refused.
    pub(crate) fn on_error<P: Payload>(&mut self, name: &Name, data: &P, cx: &mut Context<'_, P>) {
        let Some(channel) = self.answered(name) else { return };
        let message = data.text("error").unwrap_or_else(|| "refused by the server".into());
        let status = match data.leaf("status") {
            crate::Scalar::Number(status) if (100.0..600.0).contains(&status) => {
                Some(status as u16)
            }
            _ => None,
        };
        channel.refuse(data.text("type"), status, message.to_string(), cx);
    }

    // --- positions ---------------------------------------------------------------------------------

    /// Keeps after which position the layer above needs the events of each channel.
    pub(crate) fn keep_from(&mut self, from: impl Fn(&str) -> Option<Position>) {
        for channel in &mut self.channels {
            channel.from = from(&channel.name);
        }
    }

    /// Before everything is asked for again: chooses after which position each channel is to be replayed.
    pub(crate) fn recover(&mut self) {
        for channel in &mut self.channels {
            let heard = channel.track.heard().filter(|_| channel.by_application).cloned();
            let earliest = match (heard, channel.from.clone()) {
                (Some(heard), Some(from)) if from.epoch == heard.epoch => {
                    Some(if from.offset < heard.offset { from } else { heard })
                }
                (heard, from) => heard.or(from),
            };
            channel.track.ask(earliest);
        }
    }

    /// The position of a channel that the server counts.
    #[must_use]
    pub fn followed(&self, name: &str) -> Option<&Followed> {
        self.get(name)?.track.followed()
    }

    /// A numbered event came on a channel, or is known to have been published.
    pub(crate) fn on_numbered(&mut self, name: &str, offset: u64) -> Arrival {
        match self.position(name).map(|at| &mut self.channels[at]) {
            None => Arrival::Unnumbered,
            // live events follow the confirmation: this one is of a subscription that was left
            Some(channel) if channel.state != State::Subscribed => Arrival::Duplicate,
            Some(channel) => channel.track.on_event(offset),
        }
    }

    /// The server says where a channel stands. Whether it counts anew.
    pub(crate) fn on_new_epoch(&mut self, name: &str, epoch: Name, offset: u64) -> bool {
        let channel = self.position(name).map(|at| &mut self.channels[at]);
        let channel = channel.filter(|channel| channel.state == State::Subscribed);
        channel.is_some_and(|channel| channel.track.on_new_epoch(epoch, offset))
    }

    /// The server cannot promise delivery any more.
    pub(crate) fn on_uncertain(&mut self) {
        self.channels.iter_mut().for_each(|channel| channel.track.forget());
    }

    /// The channels that somebody wants.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.channels.iter().map(|channel| &channel.name)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.channels.iter().position(|channel| *channel.name == *name)
    }

    fn get(&self, name: &str) -> Option<&Channel> {
        self.position(name).map(|at| &self.channels[at])
    }

    /// How many more signatures may be asked for now.
    fn free(&self) -> usize {
        if self.batches {
            return usize::MAX;
        }
        let is_quick = |channel: &&Channel| channel.timers.get(Timer::Slow).is_some();
        AUTHORIZATIONS.saturating_sub(self.channels.iter().filter(is_quick).count())
    }

    /// Asks for signatures as far as the limit allows, first wanted first.
    fn authorize<P>(&mut self, socket_id: &Name, cx: &mut Context<'_, P>) {
        let (free, now) = (self.free(), cx.now.mono);
        let is_due = |channel: &Channel| channel.timers.is_due(Timer::Authorize, now);
        let goes_along = self.batches && self.channels.iter().any(is_due);
        let queued = self.channels.iter_mut().filter(|channel| {
            is_due(channel) || (goes_along && matches!(channel.state, State::Queued { .. }))
        });
        for channel in queued.take(free) {
            let State::Queued { failures } = channel.state else { continue };
            let request = cx.next_request();
            channel.set_state(State::Authorizing { request, failures }, "the back end is asked");
            channel.timers.set(Timer::Slow, now + SLOW);
            channel.timers.set(Timer::Signature, now + SIGNATURE_DEADLINE);
            let (channel, socket_id) = (channel.name.clone(), socket_id.clone());
            cx.emit(Output::Authorize { request, channel, socket_id });
        }
    }
}

/// An encrypted channel needs a key besides its signature.
fn usable(channel: &str, authorization: Authorization) -> Result<Authorization, AuthFailure> {
    if !channel.starts_with("private-encrypted-") || sealed::key_of(&authorization).is_some() {
        return Ok(authorization);
    }
    let message = format!(
        "the authorisation of {channel} carries no usable shared_secret: the back end needs an encryption master \
         key (32 bytes in base64)"
    );
    Err(AuthFailure { status: Some(200), message, retry_after: None })
}

impl Channel {
    fn new(name: Name) -> Self {
        Self {
            name,
            by_application: false,
            by_layer: false,
            from: None,
            state: State::Idle,
            timers: Timers::default(),
            why: "there is no connection yet",
            track: Track::default(),
        }
    }

    /// The reason for its state, for people.
    fn why(&self) -> &str {
        match &self.state {
            State::Refused { message } => message,
            _ => self.why,
        }
    }

    /// The one door between states: stops the timers of the state before.
    fn set_state(&mut self, next: State, why: &'static str) {
        self.state = next;
        self.timers.stop_all();
        self.why = why;
    }

    /// The back end may be asked for a signature then.
    fn queue(&mut self, at: Mono, failures: u32, why: &'static str) {
        self.set_state(State::Queued { failures }, why);
        self.timers.set(Timer::Authorize, at);
    }

    fn subscribing(&mut self, why: &'static str, now: Mono) {
        self.set_state(State::Subscribing { doubtful: false }, why);
        self.timers.set(Timer::Confirm, now + CONFIRM_DEADLINE);
    }

    /// Asks to join: the back end first, where the channel is not public.
    fn begin<P>(&mut self, socket: SocketNumber, cx: &mut Context<'_, P>) {
        let access = match ChannelName::new(&self.name) {
            Ok(valid) => valid.access(),
            Err(error) => return self.refuse(None, None, error.to_string(), cx),
        };
        let auth = match access {
            Access::Public => None,
            // the server knows who is signed in; stock clients send an empty signature
            Access::ServerToUser => Some("".into()),
            Access::Private | Access::Presence | Access::Encrypted => {
                return self.queue(cx.now.mono, 0, "a signature is needed");
            }
        };
        self.subscribing("no signature is needed", cx.now.mono);
        cx.emit(Output::Send(socket, self.subscription(auth, None)));
    }

    fn subscription<P>(&self, auth: Option<Name>, channel_data: Option<Name>) -> ClientFrame<P> {
        let (channel, recover) = (self.name.clone(), self.track.asked().cloned());
        ClientFrame::Subscribe { channel, auth, channel_data, recover }
    }

    fn refuse<P>(
        &mut self,
        kind: Option<Name>,
        status: Option<u16>,
        message: String,
        cx: &mut Context<'_, P>,
    ) {
        self.set_state(State::Refused { message: message.clone() }, "refused");
        let channel = self.name.clone();
        cx.emit(Output::SubscriptionError { channel, kind, status, message });
    }

    /// There is no signature. `silent`: no answer came either, which is told at once.
    fn not_authorized<P>(&mut self, failure: AuthFailure, silent: bool, cx: &mut Context<'_, P>) {
        let State::Authorizing { failures, .. } = self.state else { return };
        let AuthFailure { status, message, retry_after } = failure;
        if !AuthFailure::may_pass(status) {
            return self.refuse(None, status, message, cx);
        }
        let failures = (failures + 1).max(if silent { TOLD_AFTER } else { 0 });
        let pause = backoff::retry_pause(failures, retry_after, cx.random);
        self.queue(cx.now.mono + pause, failures, "a failure that may pass");
        if failures == TOLD_AFTER {
            let channel = self.name.clone();
            cx.emit(Output::SubscriptionError { channel, kind: None, status, message });
        }
    }

    /// The server's confirmation is late. If an answer came that may have been it (a server may answer no subscription
    /// that was left), the server is asked once more, and no answer is owed from then on.
    fn not_confirmed<P>(
        &mut self,
        owed: &mut Vec<Name>,
        socket: SocketNumber,
        cx: &mut Context<'_, P>,
    ) {
        if self.state == (State::Subscribing { doubtful: true }) {
            owed.retain(|owed| *owed != self.name);
            cx.emit(Output::Send(socket, ClientFrame::Unsubscribe(self.name.clone())));
            return self.begin(socket, cx);
        }
        self.set_state(State::Unanswered, NOT_CONFIRMED);
        let (channel, message) = (self.name.clone(), NOT_CONFIRMED.to_owned());
        cx.emit(Output::SubscriptionError { channel, kind: None, status: None, message });
    }
}
