//! One connection's protocol. Pure: frames and times come in, effects go out as values.

mod client_event;
mod sign_in;
mod subscribe;

use crate::config::AppConfig;
use crate::dialect::Dialect;
use crate::rate::Rate;
use crate::socket_id::SocketId;
use crate::webhooks::Event;
use echolite_protocol::extension::{self, Position};
use echolite_protocol::{
    ChannelName, ClientFrame, CloseCode, Credentials, Member, User, error_text, server_frame,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What the application says about its connections; shared by all of them.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The application's configuration.
    pub(crate) config: AppConfig,
    /// The application's key and secret.
    pub(crate) credentials: Credentials,
}

/// What must happen because of something that came in. In this order.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// Send a frame to this connection.
    Send(Cow<'static, str>),
    /// Subscribe this connection; the hub's answer is sent as `subscription_succeeded`. When the hub
    /// refuses, [`Session::on_full`] must be told.
    Subscribe {
        /// The channel.
        channel: ChannelName,
        /// Who it is, on presence channels.
        member: Option<Arc<Member>>,
        /// Where it was before, if it wants what it missed since.
        recover: Option<Position>,
    },
    /// Confirm a subscription that this connection has, with its channel's position.
    Confirm {
        /// The channel.
        channel: ChannelName,
        /// What to say of recovery, if that was asked.
        recovered: Option<bool>,
    },
    /// This connection is that of a user now.
    SignIn(Arc<User>),
    /// End a subscription of this connection.
    Unsubscribe(ChannelName),
    /// Send a frame to the channel's other subscribers.
    Relay {
        /// The channel.
        channel: ChannelName,
        /// The frame.
        frame: String,
    },
    /// Tell the application's webhooks.
    Note(Box<Event>),
    /// Close this connection, after everything that is queued.
    Close(CloseCode),
}

/// Whether the client is there, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Liveness {
    /// Something came lately.
    Active,
    /// It was silent and has been pinged; the answer is due.
    Pinged { due: Duration },
    /// It did not answer and is being closed.
    Gone,
}

/// One connection's protocol.
#[derive(Debug)]
pub(crate) struct Session {
    id: SocketId,
    dialect: Dialect,
    rules: Arc<Rules>,
    subscriptions: HashMap<ChannelName, Option<Arc<Member>>>,
    user: Option<Arc<User>>,
    last_seen: Duration,
    liveness: Liveness,
    messages: Rate,
    client_events: Rate,
    leaves: Rate,
}

impl Session {
    /// Opens a session. The effects greet the client.
    #[must_use]
    pub(crate) fn open(
        id: SocketId,
        dialect: Dialect,
        rules: Arc<Rules>,
        now: Duration,
    ) -> (Self, Vec<Effect>) {
        let config = &rules.config;
        let greeting = match dialect {
            Dialect::Pusher => server_frame::connection_established,
            Dialect::Echolite => extension::connection_established,
        };
        let established = greeting(&id.to_string(), config.activity_timeout);
        let limit = &config.rate_limiting;
        let session = Self {
            id,
            dialect,
            messages: Rate::new(limit.max_attempts, Duration::from_secs(limit.decay_seconds)),
            client_events: Rate::new(
                config.limits.client_events_per_second,
                Duration::from_secs(1),
            ),
            leaves: Rate::new(config.limits.leaves_per_minute, Duration::from_secs(60)),
            rules,
            subscriptions: HashMap::new(),
            user: None,
            last_seen: now,
            liveness: Liveness::Active,
        };
        (session, vec![Effect::Send(established.into())])
    }

    /// The connection's id.
    #[must_use]
    pub(crate) fn id(&self) -> SocketId {
        self.id
    }

    /// The protocol that was agreed on.
    #[must_use]
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The channels it is subscribed to.
    pub(crate) fn subscriptions(&self) -> impl Iterator<Item = &ChannelName> {
        self.subscriptions.keys()
    }

    /// Notes that something came from the client: any frame, a WebSocket ping or pong included.
    pub(crate) fn saw_activity(&mut self, now: Duration) {
        self.last_seen = now;
        if self.liveness != Liveness::Gone {
            self.liveness = Liveness::Active;
        }
    }

    /// When [`Self::on_time`] must be called at the latest.
    #[must_use]
    pub(crate) fn deadline(&self) -> Duration {
        match self.liveness {
            Liveness::Active => self.last_seen + self.silence(),
            Liveness::Pinged { due } => due,
            Liveness::Gone => Duration::MAX,
        }
    }

    /// Pings a client that was silent too long; closes with 4201 when it did not answer.
    pub(crate) fn on_time(&mut self, now: Duration) -> Vec<Effect> {
        if now < self.deadline() {
            return vec![];
        }
        match self.liveness {
            Liveness::Active => {
                let answer = Duration::from_secs(self.rules.config.activity_timeout);
                self.liveness = Liveness::Pinged { due: now + answer };
                vec![Effect::Send(server_frame::ping().into())]
            }
            Liveness::Pinged { .. } => {
                self.liveness = Liveness::Gone;
                vec![Effect::Close(CloseCode::PongNotReceived)]
            }
            Liveness::Gone => vec![],
        }
    }

    /// Handles a frame.
    pub(crate) fn on_text(&mut self, now: Duration, text: &str) -> Vec<Effect> {
        if let Some(refusal) = self.count(now, 1) {
            return refusal;
        }
        match ClientFrame::parse(text) {
            Ok(frame) => self.on_frame(now, frame),
            Err(why) => vec![invalid(&why.to_string())],
        }
    }

    /// Handles a binary message, which the protocol does not have.
    pub(crate) fn on_binary(&mut self, now: Duration) -> Vec<Effect> {
        self.count(now, 1).unwrap_or_else(|| vec![invalid("frames are text")])
    }

    /// Counts what is not a message but costs as much: a WebSocket ping or pong, and each further part of a message.
    pub(crate) fn on_more(&mut self, now: Duration, frames: u32) -> Vec<Effect> {
        self.count(now, frames).unwrap_or_default()
    }

    /// Notes that so many frames came; the refusal, if they are too many for the application's rate limit.
    fn count(&mut self, now: Duration, frames: u32) -> Option<Vec<Effect>> {
        self.saw_activity(now);
        let limit = &self.rules.config.rate_limiting;
        if !limit.enabled || self.messages.allows_many(now, frames) {
            return None;
        }
        let error = error(CloseCode::ClientEventRejected, error_text::RATE_LIMITED);
        let close = Effect::Close(CloseCode::ClientEventRejected);
        Some(if limit.terminate_on_limit { vec![error, close] } else { vec![error] })
    }

    fn on_frame(&mut self, now: Duration, frame: ClientFrame<'_>) -> Vec<Effect> {
        match frame {
            ClientFrame::Ping => vec![Effect::Send(server_frame::pong().into())],
            ClientFrame::Pong => vec![],
            ClientFrame::Subscribe(subscribe) => vec![self.on_subscribe(now, subscribe)],
            ClientFrame::Unsubscribe { channel } => {
                let left = self.subscriptions.remove_entry(channel.as_str());
                let Some((channel, _)) = left else { return vec![] };
                self.leaves.allows(now);
                vec![Effect::Unsubscribe(channel)]
            }
            ClientFrame::SignIn { auth, user_data } => self.on_sign_in(&auth, &user_data),
            ClientFrame::ClientEvent { event, channel, data } => {
                self.on_client_event(now, &event, &channel, data)
            }
            ClientFrame::Unknown { event } => vec![invalid(&format!("unknown event {event:?}"))],
        }
    }

    /// How long a client may be silent before it is pinged.
    fn silence(&self) -> Duration {
        let config = &self.rules.config;
        Duration::from_secs(config.ping_interval.max(config.activity_timeout))
    }
}

fn error(code: CloseCode, text: &str) -> Effect {
    Effect::Send(server_frame::error(code.code(), text).into())
}

/// The frame is no message of the protocol. The connection stays, as it does in Reverb.
fn invalid(why: &str) -> Effect {
    let text = format!("{}: {why}", error_text::INVALID_MESSAGE);
    error(CloseCode::Reconnect, &text)
}

#[cfg(test)]
mod tests;
