//! Webhooks: which events go where, together with which, and when again. Pure, but for `sender`.
#![cfg_attr(not(feature = "http-client"), allow(dead_code, reason = "nothing is sent without it"))]

mod event;
mod hook;
#[cfg(feature = "http-client")]
mod sender;

pub(crate) use event::{ClientEvent, Event, Note, data_text};
pub(crate) use hook::{Batch, Outcome};
#[cfg(feature = "http-client")]
pub(crate) use sender::Sender;

use crate::config::{WebhookConfig, WebhookEvent};
use crate::socket_id::SocketId;
use crate::timers::Timers;
use echolite_protocol::ChannelName;
use hook::Hook;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The webhooks of an application.
#[derive(Debug)]
pub(crate) struct Webhooks {
    hooks: Vec<(WebhookConfig, Hook)>,
    /// How long a vacated channel may be occupied again as if nothing had been.
    grace: Duration,
    /// Channels that were vacated, when that is told, and by whom.
    vacated: HashMap<ChannelName, (Duration, SocketId)>,
    later: Timers<ChannelName>,
}

/// A request to be made.
#[derive(Debug)]
pub(crate) struct WebhookRequest {
    /// To which of the webhooks.
    pub(crate) hook: usize,
    pub(crate) batch: Batch,
}

impl Webhooks {
    pub(crate) fn new(configs: &[WebhookConfig], grace: Duration) -> Self {
        let hooks = configs.iter().map(|config| (config.clone(), Hook::default())).collect();
        Self { hooks, grace, vacated: HashMap::new(), later: Timers::default() }
    }

    /// Takes what happened; how many older events had to go for it.
    pub(crate) fn take(&mut self, now: Duration, note: Note) -> usize {
        match note {
            Note::Event(event) => self.note(now, event),
            Note::Occupied(channel, socket) => self.occupied(now, (&channel, socket)),
            Note::Vacated(channel, at, socket) => self.vacated(at, (&channel, socket)),
        }
    }

    /// Queues an event for every webhook that wants it; how many older ones had to go for it.
    fn note(&mut self, now: Duration, event: Event) -> usize {
        let event = Arc::new(event);
        let wants = |config: &WebhookConfig| config.wants(event.name, &event.channel);
        let hooks = self.hooks.iter_mut().filter(|(config, _)| wants(config));
        hooks.map(|(_, hook)| hook.push(now, event.clone())).sum()
    }

    /// A channel has its first subscriber. When it was vacated just now, neither is told.
    fn occupied(&mut self, now: Duration, (channel, by): (&ChannelName, SocketId)) -> usize {
        if self.vacated.remove(channel).is_some() {
            return 0;
        }
        self.note(now, Event::channel(WebhookEvent::ChannelOccupied, channel.as_str()).by(by))
    }

    /// A channel has no subscriber any more. It is told after the grace time.
    fn vacated(&mut self, now: Duration, (channel, by): (&ChannelName, SocketId)) -> usize {
        if self.grace.is_zero() {
            return self.note(now, vacation(channel, by));
        }
        let at = now + self.grace;
        self.vacated.insert(channel.clone(), (at, by));
        self.later.add(at, channel.clone());
        0
    }

    /// Tells of channels that were vacated before, and gives the requests to be made.
    /// Must be called at [`Self::deadline`] at the latest.
    pub(crate) fn on_time(&mut self, now: Duration) -> Vec<WebhookRequest> {
        while let Some(channel) = self.later.pop_due(now) {
            // It may have been occupied meanwhile, and vacated anew.
            if let Some((at, by)) = self.vacated.get(&channel).copied()
                && at <= now
            {
                self.vacated.remove(&channel);
                self.note(now, vacation(&channel, by));
            }
        }
        let hooks = self.hooks.iter_mut().enumerate();
        let due = |(at, (_, hook)): (usize, &mut (_, Hook))| {
            hook.take_due(now).map(|batch| WebhookRequest { hook: at, batch })
        };
        hooks.filter_map(due).collect()
    }

    /// When [`Self::on_time`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let hooks = self.hooks.iter().filter_map(|(_, hook)| hook.deadline());
        hooks.chain(self.later.next()).min()
    }

    /// What came of a request.
    pub(crate) fn on_answer(
        &mut self,
        now: Duration,
        hook: usize,
        delivered: bool,
    ) -> Option<Outcome> {
        self.hooks.get_mut(hook)?.1.on_answer(now, delivered)
    }

    /// The server stops: what would be told later is told now.
    pub(crate) fn hurry(&mut self, now: Duration) {
        while let Some(channel) = self.later.pop_due(Duration::MAX) {
            if let Some((_, by)) = self.vacated.remove(&channel) {
                self.note(now, vacation(&channel, by));
            }
        }
        self.hooks.iter_mut().for_each(|(_, hook)| hook.hurry(now));
    }

    /// Whether everything is sent, or failed a first time.
    pub(crate) fn is_settled(&self) -> bool {
        self.later.next().is_none() && self.hooks.iter().all(|(_, hook)| hook.is_settled())
    }
}

fn vacation(channel: &ChannelName, by: SocketId) -> Event {
    Event::channel(WebhookEvent::ChannelVacated, channel.as_str()).by(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);
    const BY: SocketId = SocketId::from_random(7);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn name(text: &str) -> ChannelName {
        ChannelName::new(text).unwrap()
    }

    fn channel_hook() -> WebhookConfig {
        let events = [WebhookEvent::ChannelOccupied, WebhookEvent::ChannelVacated];
        WebhookConfig::new("http://a", events)
    }

    /// What is sent until a time, as `{hook}:{event}:{channel}`; everything is delivered.
    fn told(webhooks: &mut Webhooks, until: Duration) -> Vec<String> {
        let mut told = vec![];
        while let Some(now) = webhooks.deadline().filter(|now| *now <= until) {
            for WebhookRequest { hook, batch } in webhooks.on_time(now) {
                told.extend(batch.events.iter().map(|event| {
                    let name = serde_json::to_value(event.name).unwrap();
                    format!("{hook}:{}:{}", name.as_str().unwrap(), event.channel)
                }));
                webhooks.on_answer(now, hook, true);
            }
        }
        told
    }

    #[test]
    fn a_webhook_is_told_what_it_wants() {
        let mut hooks = [
            WebhookConfig::new("http://a", [WebhookEvent::MemberAdded]),
            WebhookConfig::new("http://b", [WebhookEvent::MemberAdded]),
            WebhookConfig::new("http://c", [WebhookEvent::MemberRemoved]),
        ];
        hooks[0].filter_by_prefix = "presence-room.".into();
        hooks[1].filter_by_suffix = ".8".into();
        let mut webhooks = Webhooks::new(&hooks, GRACE);
        for channel in ["presence-room.7", "presence-room.8", "presence-hall.8"] {
            webhooks.note(at(0), Event::member(WebhookEvent::MemberAdded, channel, "1"));
        }
        let expected = [
            "0:member_added:presence-room.7",
            "0:member_added:presence-room.8",
            "1:member_added:presence-room.8",
            "1:member_added:presence-hall.8",
        ];
        assert_eq!(told(&mut webhooks, at(1)), expected);
    }

    #[test]
    fn a_channel_that_is_vacated_for_a_moment_does_not_flap() {
        let mut webhooks = Webhooks::new(&[channel_hook()], GRACE);
        let news = name("news");
        webhooks.occupied(at(0), (&news, BY));
        webhooks.vacated(at(1), (&news, BY));
        webhooks.occupied(at(2), (&news, BY));
        assert_eq!(told(&mut webhooks, at(3)), ["0:channel_occupied:news"]);
        webhooks.vacated(at(3), (&news, BY));
        // The first time it was vacated does not count any more.
        assert_eq!(told(&mut webhooks, at(7)), [] as [&str; 0]);
        assert_eq!(told(&mut webhooks, at(9)), ["0:channel_vacated:news"]);
        webhooks.occupied(at(10), (&news, BY));
        assert_eq!(told(&mut webhooks, at(11)), ["0:channel_occupied:news"]);
    }

    #[test]
    fn without_a_grace_time_a_vacated_channel_is_told_at_once() {
        let mut webhooks = Webhooks::new(&[channel_hook()], Duration::ZERO);
        webhooks.occupied(at(0), (&name("news"), BY));
        webhooks.vacated(at(0), (&name("news"), BY));
        let both = ["0:channel_occupied:news", "0:channel_vacated:news"];
        assert_eq!(told(&mut webhooks, at(1)), both);
    }

    #[test]
    fn in_a_hurry_what_was_held_back_is_told() {
        let mut webhooks = Webhooks::new(&[channel_hook()], GRACE);
        webhooks.vacated(at(0), (&name("news"), BY));
        assert!(!webhooks.is_settled());
        webhooks.hurry(at(1));
        assert_eq!(told(&mut webhooks, at(1)), ["0:channel_vacated:news"]);
        assert!(webhooks.is_settled());
    }
}
