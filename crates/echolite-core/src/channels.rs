//! Channels: who wants them, whether they may be joined, whether they are.
//!
//! A private channel's signature belongs to one socket id, so each connection asks anew: at most
//! [`AUTHORIZATIONS`] requests at once, failures that may pass (no answer, 419, 429, 5xx) tried again.
//! An answer counts only for the request that the channel waits for: one that comes after `leave`, or for
//! an earlier socket, falls to the ground.

use std::collections::BTreeMap;

use echolite_protocol::{Access, ChannelName};

use crate::context::Context;
use crate::{
    AuthFailure, Authorization, ClientFrame, Mono, Name, Output, Payload, RequestId, SocketNumber,
    backoff,
};

/// Requests for signatures under way at once, at most.
const AUTHORIZATIONS: usize = 6;
/// Failures that may pass are told to the application from this one on, and tried again all the same.
const TOLD_AFTER: u32 = 3;
/// A subscription not confirmed within this (milliseconds) is told as an error. Reverb says of a refusal
/// only that there was one, not which channel it was.
const CONFIRM_DEADLINE: u64 = 10_000;

/// Who wants a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The application: it is told each event.
    ByApplication,
    /// The cache only.
    ByCache,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// No connection.
    Idle,
    /// A signature is to be asked for.
    Queued { failures: u32, not_before: Mono },
    /// A signature was asked for.
    Authorizing { request: RequestId, failures: u32 },
    /// The server was asked.
    Subscribing { deadline: Mono },
    /// The server confirmed.
    Subscribed,
    /// Refused, until the next connection.
    Refused { message: String },
}

#[derive(Debug)]
struct Channel {
    by_application: bool,
    by_cache: bool,
    /// Order of subscription, kept over reconnects.
    order: u64,
    state: State,
}

/// Where a channel stands, for the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing<'a> {
    /// Not yet.
    Pending,
    /// Confirmed by the server.
    Subscribed,
    /// Refused, with the reason.
    Refused(&'a str),
}

/// All channels of a connection.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    channels: BTreeMap<Name, Channel>,
    subscriptions: u64,
}

impl Channels {
    pub(crate) fn standing(&self, name: &str) -> Standing<'_> {
        match self.channels.get(name).map(|channel| &channel.state) {
            Some(State::Subscribed) => Standing::Subscribed,
            Some(State::Refused { message }) => Standing::Refused(message),
            Some(State::Queued { failures, .. } | State::Authorizing { failures, .. })
                if *failures >= TOLD_AFTER =>
            {
                Standing::Refused("authorisation failed, and is being tried again")
            }
            _ => Standing::Pending,
        }
    }

    /// Whether the application listens to this channel.
    pub(crate) fn is_heard(&self, name: &str) -> bool {
        self.channels.get(name).is_some_and(|channel| channel.by_application)
    }

    pub(crate) fn want<P>(
        &mut self,
        name: &Name,
        wanted: Wanted,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) {
        self.subscriptions += 1;
        let order = self.subscriptions;
        let channel = self.channels.entry(name.clone()).or_insert(Channel {
            by_application: false,
            by_cache: false,
            order,
            state: State::Idle,
        });
        match wanted {
            Wanted::ByApplication => channel.by_application = true,
            Wanted::ByCache => channel.by_cache = true,
        }
        if let Some((socket, id)) = connected
            && channel.state == State::Idle
        {
            Self::begin(name, channel, socket, cx);
            self.authorize(id, cx);
        }
    }

    /// The application leaves; the cache's wish keeps the subscription.
    pub(crate) fn leave<P>(
        &mut self,
        name: &Name,
        socket: Option<SocketNumber>,
        cx: &mut Context<'_, P>,
    ) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        channel.by_application = false;
        if channel.by_cache {
            return;
        }
        if let (Some(socket), State::Subscribing { .. } | State::Subscribed) =
            (socket, &channel.state)
        {
            cx.emit(Output::Send(socket, ClientFrame::Unsubscribe(name.clone())));
        }
        self.channels.remove(name);
    }

    /// Connected: everything wanted is asked for, in the order in which it was first wanted.
    pub(crate) fn on_up<P>(&mut self, socket: SocketNumber, id: &Name, cx: &mut Context<'_, P>) {
        let mut wanted: Vec<_> = self.channels.iter_mut().collect();
        wanted.sort_by_key(|(_, channel)| channel.order);
        for (name, channel) in wanted {
            Self::begin(name, channel, socket, cx);
        }
        self.authorize(id, cx);
    }

    pub(crate) fn on_down(&mut self) {
        for channel in self.channels.values_mut() {
            channel.state = State::Idle;
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let full = self.under_way() >= AUTHORIZATIONS;
        let deadlines = self.channels.values().filter_map(|channel| match channel.state {
            State::Queued { not_before, .. } if !full => Some(not_before),
            State::Subscribing { deadline } => Some(deadline),
            _ => None,
        });
        deadlines.min()
    }

    pub(crate) fn on_time<P>(&mut self, id: Option<&Name>, cx: &mut Context<'_, P>) {
        for (name, channel) in &mut self.channels {
            if matches!(channel.state, State::Subscribing { deadline } if deadline <= cx.now.mono) {
                let message = "the server did not confirm the subscription within 10 s".to_owned();
                channel.state = State::Refused { message: message.clone() };
                let channel = name.clone();
                cx.emit(Output::SubscriptionError { channel, status: None, message });
            }
        }
        if let Some(id) = id {
            self.authorize(id, cx);
        }
    }

    pub(crate) fn on_authorized<P>(
        &mut self,
        request: RequestId,
        result: Result<Authorization, AuthFailure>,
        connected: Option<(SocketNumber, &Name)>,
        cx: &mut Context<'_, P>,
    ) {
        let Some((socket, id)) = connected else { return };
        let waiting = self.channels.iter_mut().find(|(_, channel)| {
            matches!(channel.state, State::Authorizing { request: own, .. } if own == request)
        });
        let Some((name, channel)) = waiting else { return };
        match result {
            Ok(Authorization { auth, channel_data }) => {
                channel.state = State::Subscribing { deadline: cx.now.mono + CONFIRM_DEADLINE };
                let channel = name.clone();
                let frame = ClientFrame::Subscribe { channel, auth: Some(auth), channel_data };
                cx.emit(Output::Send(socket, frame));
            }
            Err(failure) => Self::refuse(name, channel, failure, cx),
        }
        self.authorize(id, cx);
    }

    /// The server confirmed. Whether the channel was still wanted.
    pub(crate) fn on_succeeded(&mut self, name: &str) -> bool {
        match self.channels.get_mut(name) {
            Some(channel) => {
                channel.state = State::Subscribed;
                true
            }
            None => false,
        }
    }

    /// The server refused.
    pub(crate) fn on_error<P: Payload>(&mut self, name: &Name, data: &P, cx: &mut Context<'_, P>) {
        let Some(channel) = self.channels.get_mut(name) else { return };
        let message = data.text("error").unwrap_or_else(|| "refused by the server".into());
        let status = match data.leaf("status") {
            crate::Scalar::Number(status) if (100.0..600.0).contains(&status) => {
                Some(status as u16)
            }
            _ => None,
        };
        channel.state = State::Refused { message: message.to_string() };
        let (channel, message) = (name.clone(), message.to_string());
        cx.emit(Output::SubscriptionError { channel, status, message });
    }

    fn begin<P>(name: &Name, channel: &mut Channel, socket: SocketNumber, cx: &mut Context<'_, P>) {
        let access = match ChannelName::new(name) {
            Ok(valid) => valid.access(),
            Err(error) => {
                let message = error.to_string();
                channel.state = State::Refused { message: message.clone() };
                let channel = name.clone();
                return cx.emit(Output::SubscriptionError { channel, status: None, message });
            }
        };
        if access == Access::Public {
            channel.state = State::Subscribing { deadline: cx.now.mono + CONFIRM_DEADLINE };
            let channel = name.clone();
            let frame = ClientFrame::Subscribe { channel, auth: None, channel_data: None };
            cx.emit(Output::Send(socket, frame));
        } else {
            channel.state = State::Queued { failures: 0, not_before: cx.now.mono };
        }
    }

    fn under_way(&self) -> usize {
        let authorizing = |channel: &&Channel| matches!(channel.state, State::Authorizing { .. });
        self.channels.values().filter(authorizing).count()
    }

    /// Asks for signatures as far as the limit allows, first wanted first.
    fn authorize<P>(&mut self, socket_id: &Name, cx: &mut Context<'_, P>) {
        let free = AUTHORIZATIONS.saturating_sub(self.under_way());
        let now = cx.now.mono;
        let mut queued: Vec<_> = self
            .channels
            .iter_mut()
            .filter(|(_, channel)| {
                matches!(channel.state, State::Queued { not_before, .. } if not_before <= now)
            })
            .collect();
        queued.sort_by_key(|(_, channel)| channel.order);
        for (name, channel) in queued.into_iter().take(free) {
            let State::Queued { failures, .. } = channel.state else { continue };
            let request = cx.next_request();
            channel.state = State::Authorizing { request, failures };
            let (channel, socket_id) = (name.clone(), socket_id.clone());
            cx.emit(Output::Authorize { request, channel, socket_id });
        }
    }

    fn refuse<P>(
        name: &Name,
        channel: &mut Channel,
        failure: AuthFailure,
        cx: &mut Context<'_, P>,
    ) {
        let State::Authorizing { failures, .. } = channel.state else { return };
        let failures = failures + 1;
        let AuthFailure { status, message, retry_after } = failure;
        let may_pass = status.is_none_or(|status| matches!(status, 419 | 429 | 500..=599));
        if may_pass {
            let pause = backoff::retry_pause(failures, retry_after, cx.random);
            channel.state = State::Queued { failures, not_before: cx.now.mono + pause };
        } else {
            channel.state = State::Refused { message: message.clone() };
        }
        if !may_pass || failures == TOLD_AFTER {
            cx.emit(Output::SubscriptionError { channel: name.clone(), status, message });
        }
    }
}
