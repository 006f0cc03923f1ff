//! Subscribing: which channels a connection may join, and as whom.

use super::{Effect, Session};
use crate::dialect::Dialect;
use echolite_protocol::extension::Position;
use echolite_protocol::{Access, ChannelName, Member, Subscribe, server_frame};
use std::sync::Arc;
use std::time::Duration;

/// Pusher's `type` of a subscription error, its text, and its status.
type Refusal = (&'static str, String, u16);

impl Session {
    pub(super) fn on_subscribe(&mut self, now: Duration, wanted: Subscribe) -> Effect {
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
        let recover = match self.recover(&wanted) {
            Ok(recover) => recover,
            Err((kind, text, status)) => return refused(kind, &text, status),
        };
        if self.subscriptions.contains_key(channel.as_str()) {
            let text = format!("this connection is subscribed to {channel} already");
            return match channel.access() {
                // It would have to be told the members, and has been.
                Access::Presence => refused("AlreadySubscribed", &text, 400),
                // And what it missed, if it ever missed something.
                _ => self.confirm_again(channel, recover.is_some()),
            };
        }
        let most = self.rules.config.limits.channels_per_connection;
        if self.subscriptions.len() >= most {
            let text = format!("a connection has at most {most} channels");
            return refused("LimitReached", &text, 400);
        }
        if let Some(until) = self.leaves.exceeded_until(now) {
            let (most, wait) =
                (self.rules.config.limits.leaves_per_minute, (until - now).as_secs() + 1);
            let text = format!(
                "a connection leaves at most {most} channels in a minute; this one may join again in {wait} s"
            );
            return refused("LimitReached", &text, 429);
        }
        self.subscriptions.insert(channel.clone(), member.clone());
        Effect::Subscribe { channel, member, recover }
    }

    fn confirm_again(&self, channel: ChannelName, asks: bool) -> Effect {
        match self.dialect {
            Dialect::Echolite => Effect::Confirm { channel, recovered: asks.then_some(false) },
            Dialect::Pusher => {
                let again = server_frame::subscription_succeeded(channel.as_str(), "{}");
                Effect::Send(again.into())
            }
        }
    }

    /// Where the client says that it was.
    fn recover(&self, wanted: &Subscribe) -> Result<Option<Position>, Refusal> {
        let asked = wanted.recover.as_ref().filter(|_| self.dialect == Dialect::Echolite);
        asked.map(Position::parse).transpose().map_err(|why| {
            let text = format!("recover is not {{\"epoch\":\"…\",\"offset\":41}}: {why}");
            ("InvalidRecover", text, 400)
        })
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
    ) -> Result<Option<Member>, Refusal> {
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
                self.member(wanted.channel_data.as_deref()).map(Some)
            }
            Access::ServerToUser
                if self.user.as_ref().is_some_and(|user| user.id == channel.base()) =>
            {
                Ok(None)
            }
            Access::ServerToUser => {
                let text = format!("only the user whose id it names may join {channel}, signed in");
                Err(("AuthError", text, 401))
            }
        }
    }

    /// Who somebody is on a presence channel: what the signed data says, else who signed in.
    fn member(&self, channel_data: Option<&str>) -> Result<Member, Refusal> {
        let invalid = |why: String| ("InvalidMember", why, 400);
        let member: Member = match (channel_data, &self.user) {
            (Some(data), _) => serde_json::from_str(data)
                .map_err(|why| invalid(format!("channel_data is not {{\"user_id\":…}}: {why}")))?,
            (None, Some(user)) => {
                Member { user_id: user.id.clone(), user_info: user.user_info.clone() }
            }
            (None, None) => {
                let text = "a presence channel needs channel_data, or a user who is signed in";
                return Err(invalid(text.to_owned()));
            }
        };
        if member.user_id.is_empty() {
            return Err(invalid("a user_id must not be empty".to_owned()));
        }
        let limits = &self.rules.config.limits;
        let too_much = |why: String| ("LimitReached", why, 400);
        if member.user_id.len() > limits.user_id {
            return Err(too_much(format!("a user_id has at most {} characters", limits.user_id)));
        }
        let info = member.user_info.as_ref().map_or(0, |info| info.get().len());
        if info > limits.user_info {
            return Err(too_much(format!("user_info has at most {} bytes", limits.user_info)));
        }
        Ok(member)
    }
}
