//! Webhooks: which events of an application go where.

use super::Secret;
use super::fault::ValueFault;
use crate::shown::shown_address;
use axum::http::{HeaderName, HeaderValue, Uri};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What every request has anyway.
const OWN_HEADERS: [&str; 3] = ["content-type", "x-pusher-key", "x-pusher-signature"];

/// An address that is told of an application's events.
///
/// ```
/// use echolite_server::{WebhookConfig, WebhookEvent};
/// let mut hook = WebhookConfig::new("https://shop.example/hooks", [WebhookEvent::MemberAdded]);
/// hook.filter_by_prefix = "presence-room.".into();
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// Where the events are posted.
    pub url: String,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Of channels whose names begin so.
    #[serde(default)]
    pub filter_by_prefix: String,
    /// Of channels whose names end so.
    #[serde(default)]
    pub filter_by_suffix: String,
    /// Headers sent along.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
}

/// What a webhook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookEvent {
    /// A channel has its first subscriber.
    ChannelOccupied,
    /// A channel has no subscriber any more.
    ChannelVacated,
    /// A user came to a presence channel.
    MemberAdded,
    /// A user left a presence channel.
    MemberRemoved,
    /// A client sent an event.
    ClientEvent,
    /// Somebody subscribed to a cache channel that has no last event.
    CacheMiss,
    /// The number of a channel's subscribers changed.
    SubscriptionCount,
}

/// Without what may be secret in the address.
impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, events, filter_by_prefix, filter_by_suffix, headers } = self;
        let mut debug = f.debug_struct("WebhookConfig");
        debug.field("url", &shown_address(url)).field("events", events);
        debug.field("filter_by_prefix", filter_by_prefix);
        debug.field("filter_by_suffix", filter_by_suffix).field("headers", headers).finish()
    }
}

impl WebhookConfig {
    /// Events of all channels, to an address.
    pub fn new(url: &str, events: impl IntoIterator<Item = WebhookEvent>) -> Self {
        Self {
            url: url.to_owned(),
            events: events.into_iter().collect(),
            filter_by_prefix: String::new(),
            filter_by_suffix: String::new(),
            headers: BTreeMap::new(),
        }
    }

    /// Whether it is told of an event of a channel.
    pub(crate) fn wants(&self, event: WebhookEvent, channel: &str) -> bool {
        self.events.contains(&event)
            && channel.starts_with(&self.filter_by_prefix)
            && channel.ends_with(&self.filter_by_suffix)
    }

    /// The key that does not fit, and what holds for it.
    pub(super) fn fault(&self) -> Option<ValueFault> {
        // Not what was found: address and headers may have credentials.
        let fault = |key, rule| ValueFault { key, rule, found: None };
        let url = self.url.parse::<Uri>().ok();
        let url = url.filter(|url| url.host().is_some());
        if !url.is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https"))) {
            return Some(fault("webhooks.url", "must be an address with http:// or https://"));
        }
        if self.events.is_empty() {
            return Some(fault("webhooks.events", "must name at least one event"));
        }
        let fits = |(name, value): (&String, &Secret)| {
            let name = HeaderName::try_from(name);
            name.is_ok_and(|name| !OWN_HEADERS.contains(&name.as_str()))
                && HeaderValue::try_from(value.expose()).is_ok()
        };
        let all_fit = self.headers.iter().all(fits);
        let rule = "must be valid in HTTP, and none that the server sends itself";
        (!all_fit).then(|| fault("webhooks.headers", rule))
    }
}
