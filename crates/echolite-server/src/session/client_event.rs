//! Client events: what a client says to the others of a channel.

use super::{Effect, Session, error};
use crate::config::{ClientEventPolicy, WebhookEvent};
use crate::webhooks::{ClientEvent, Event, data_text};
use echolite_protocol::{Access, ChannelName, CloseCode, error_text, server_frame};
use serde_json::value::RawValue;
use std::time::Duration;

impl Session {
    pub(super) fn on_client_event(
        &mut self,
        now: Duration,
        event: &str,
        channel: &str,
        data: Option<&RawValue>,
    ) -> Vec<Effect> {
        match self.check_client_event(now, event, channel) {
            Ok(channel) => {
                let name = channel.as_str();
                let member = self.subscriptions.get(name).and_then(Option::as_ref);
                let user = member.map(|member| member.user_id.as_str());
                let frame = server_frame::client_event(name, event, data, user);
                let note =
                    self.note(name, event, data, user).map(|event| Effect::Note(Box::new(event)));
                let relay = Effect::Relay { channel, frame };
                std::iter::once(relay).chain(note).collect()
            }
            Err(refusal) => vec![refusal],
        }
    }

    /// What webhooks are told of a client event, if any want it.
    fn note(
        &self,
        channel: &str,
        event: &str,
        data: Option<&RawValue>,
        user_id: Option<&str>,
    ) -> Option<Event> {
        let mut hooks = self.rules.config.webhooks.iter();
        hooks.any(|hook| hook.wants(WebhookEvent::ClientEvent, channel)).then(|| {
            let event = ClientEvent {
                event: event.to_owned(),
                data: data_text(data),
                socket_id: self.id.to_string(),
                user_id: user_id.map(str::to_owned),
            };
            Event::client(channel, event)
        })
    }

    /// Whether a client event may pass; the channel it goes to, or the refusal.
    ///
    /// Every refusal has the code 4301, the one that Pusher documents for rejected client events. It comes as
    /// `pusher:error` and closes nothing, so clients show it and go on.
    fn check_client_event(
        &mut self,
        now: Duration,
        event: &str,
        channel: &str,
    ) -> Result<ChannelName, Effect> {
        let rejected = |text: &str| error(CloseCode::ClientEventRejected, text);
        let policy = self.rules.config.accept_client_events_from;
        if policy == ClientEventPolicy::None {
            return Err(rejected(error_text::CLIENT_EVENTS_DISABLED));
        }
        let name = ChannelName::new(channel).map_err(|why| rejected(&why.to_string()))?;
        let longest = self.rules.config.limits.event_name;
        if event.len() > longest {
            let text = format!("The name of a client event has at most {longest} characters");
            return Err(rejected(&text));
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
}
