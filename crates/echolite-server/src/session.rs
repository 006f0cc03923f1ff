//! One connection's protocol. Pure: frames and times come in, effects go out as values.

use crate::config::{AppConfig, ClientEventPolicy};
use crate::rate::Rate;
use crate::socket_id::SocketId;
use echolite_protocol::{
    Access, ChannelName, ClientFrame, CloseCode, Credentials, Member, Subscribe, error_text,
    server_frame,
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
    },
    /// End a subscription of this connection.
    Unsubscribe(ChannelName),
    /// Send a frame to the channel's other subscribers.
    Relay {
        /// The channel.
        channel: ChannelName,
        /// The frame.
        frame: String,
    },
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
    rules: Arc<Rules>,
    subscriptions: HashMap<ChannelName, Option<Arc<Member>>>,
    last_seen: Duration,
    liveness: Liveness,
    messages: Rate,
    client_events: Rate,
}

impl Session {
    /// Opens a session. The effects greet the client.
    #[must_use]
    pub(crate) fn open(id: SocketId, rules: Arc<Rules>, now: Duration) -> (Self, Vec<Effect>) {
        let config = &rules.config;
        let established =
            server_frame::connection_established(&id.to_string(), config.activity_timeout);
        let limit = &config.rate_limiting;
        let session = Self {
            id,
            messages: Rate::new(limit.max_attempts, Duration::from_secs(limit.decay_seconds)),
            client_events: Rate::new(
                config.limits.client_events_per_second,
                Duration::from_secs(1),
            ),
            rules,
            subscriptions: HashMap::new(),
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
        self.saw_activity(now);
        let limit = &self.rules.config.rate_limiting;
        if limit.enabled && !self.messages.allows(now) {
            let error = error(CloseCode::ClientEventRejected, error_text::RATE_LIMITED);
            let close = Effect::Close(CloseCode::ClientEventRejected);
            return if limit.terminate_on_limit { vec![error, close] } else { vec![error] };
        }
        match ClientFrame::parse(text) {
            Ok(frame) => self.on_frame(now, frame),
            Err(why) => vec![invalid(&why.to_string())],
        }
    }

    /// Handles a binary message, which the protocol does not have.
    pub(crate) fn on_binary(&mut self, now: Duration) -> Vec<Effect> {
        self.saw_activity(now);
        vec![invalid("frames are text")]
    }

    fn on_frame(&mut self, now: Duration, frame: ClientFrame<'_>) -> Vec<Effect> {
        match frame {
            ClientFrame::Ping => vec![Effect::Send(server_frame::pong().into())],
            ClientFrame::Pong => vec![],
            ClientFrame::Subscribe(subscribe) => vec![self.on_subscribe(subscribe)],
            ClientFrame::Unsubscribe { channel } => {
                let left = self.subscriptions.remove_entry(channel.as_str());
                left.map(|(channel, _)| Effect::Unsubscribe(channel)).into_iter().collect()
            }
            ClientFrame::SignIn { .. } => {
                let text = "Signing in is not supported by this version of the server";
                vec![error(CloseCode::Unauthorized, text)]
            }
            ClientFrame::ClientEvent { event, channel, data } => {
                match self.check_client_event(now, &event, &channel) {
                    Ok(channel) => {
                        let name = channel.as_str();
                        let member = self.subscriptions.get(name).and_then(Option::as_ref);
                        let user = member.map(|member| member.user_id.as_str());
                        let frame = server_frame::client_event(name, &event, data, user);
                        vec![Effect::Relay { channel, frame }]
                    }
                    Err(refusal) => vec![refusal],
                }
            }
            ClientFrame::Unknown { event } => vec![invalid(&format!("unknown event {event:?}"))],
        }
    }

    fn on_subscribe(&mut self, wanted: Subscribe) -> Effect {
        let refused = |kind, error: &str, status| {
            let frame = server_frame::subscription_error(&wanted.channel, kind, error, status);
            Effect::Send(frame.into())
        };
        let channel = match ChannelName::new(&wanted.channel) {
            Ok(channel) => channel,
            Err(why) => return refused("InvalidChannel", &why.to_string(), 400),
        };
        let member = match self.authorize(&channel, &wanted) {
            Ok(member) => member.map(Arc::new),
            Err((kind, text, status)) => return refused(kind, &text, status),
        };
        if self.subscriptions.contains_key(channel.as_str()) {
            let text = format!("this connection is subscribed to {channel} already");
            return match channel.access() {
                // It would have to be told the members, and has been.
                Access::Presence => refused("AlreadySubscribed", &text, 400),
                _ => {
                    let again = server_frame::subscription_succeeded(channel.as_str(), "{}");
                    Effect::Send(again.into())
                }
            };
        }
        let most = self.rules.config.limits.channels_per_connection;
        if self.subscriptions.len() >= most {
            let text = format!("a connection has at most {most} channels");
            return refused("LimitReached", &text, 400);
        }
        self.subscriptions.insert(channel.clone(), member.clone());
        Effect::Subscribe { channel, member }
    }

    /// The hub refused a subscription: the presence channel has as many members as it may.
    pub(crate) fn on_full(&mut self, channel: &ChannelName) -> Effect {
        self.subscriptions.remove(channel.as_str());
        let most = self.rules.config.limits.presence_members;
        let text = format!("a presence channel has at most {most} members");
        let name = channel.as_str();
        Effect::Send(server_frame::subscription_error(name, "LimitReached", &text, 403).into())
    }

    /// Whether this connection may subscribe, and as whom.
    fn authorize(
        &self,
        channel: &ChannelName,
        wanted: &Subscribe,
    ) -> Result<Option<Member>, (&'static str, String, u16)> {
        let signed = || {
            let auth = wanted.auth.as_deref().unwrap_or_default();
            let (id, data) = (self.id.to_string(), wanted.channel_data.as_deref());
            let credentials = &self.rules.credentials;
            credentials
                .verify_channel_auth(auth, &id, channel.as_str(), data)
                .map_err(|why| ("AuthError", why.to_string(), 401))
        };
        match channel.access() {
            Access::Public => Ok(None),
            Access::Private | Access::Encrypted => signed().map(|()| None),
            Access::Presence => {
                signed()?;
                let data = wanted.channel_data.as_deref().unwrap_or_default();
                self.member(data).map(Some).map_err(|why| ("InvalidMember", why, 400))
            }
            Access::ServerToUser => {
                let text = "channels of signed-in users are not supported by this version";
                Err(("Unsupported", text.to_owned(), 501))
            }
        }
    }

    fn member(&self, channel_data: &str) -> Result<Member, String> {
        let limits = &self.rules.config.limits;
        let member: Member = serde_json::from_str(channel_data)
            .map_err(|why| format!("channel_data is not {{\"user_id\":…}}: {why}"))?;
        if member.user_id.is_empty() || member.user_id.len() > limits.user_id {
            return Err(format!("a user_id has 1 to {} characters", limits.user_id));
        }
        let info = member.user_info.as_ref().map_or(0, |info| info.get().len());
        if info > limits.user_info {
            return Err(format!("user_info has at most {} bytes", limits.user_info));
        }
        Ok(member)
    }

    /// Whether a client event may pass; the channel it goes to, or the refusal.
    fn check_client_event(
        &mut self,
        now: Duration,
        event: &str,
        channel: &str,
    ) -> Result<ChannelName, Effect> {
        let rejected = |text| error(CloseCode::ClientEventRejected, text);
        let policy = self.rules.config.accept_client_events_from;
        if policy == ClientEventPolicy::None {
            return Err(rejected(error_text::CLIENT_EVENTS_DISABLED));
        }
        let name = ChannelName::new(channel).map_err(|why| invalid(&why.to_string()))?;
        if event.len() > self.rules.config.limits.event_name {
            return Err(invalid("the event's name is too long"));
        }
        let joined = self.subscriptions.contains_key(channel);
        if policy == ClientEventPolicy::Members && !joined {
            return Err(rejected(error_text::NOT_A_MEMBER));
        }
        if matches!(name.access(), Access::Encrypted | Access::ServerToUser) {
            return Err(rejected("Client events are not possible on this kind of channel"));
        }
        if !self.client_events.allows(now) {
            return Err(rejected(error_text::CLIENT_EVENTS_LIMITED));
        }
        Ok(name)
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
