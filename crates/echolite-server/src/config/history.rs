//! History: which channels keep their latest events, and how many.

use super::fault::{A_YEAR, ValueFault, wrong};
use super::wildcard;
use crate::shards::SHARDS;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// Channels that keep their latest events, so that who was away for a while gets what it missed.
///
/// ```
/// use echolite_server::{AppConfig, HistoryConfig};
/// let mut app = AppConfig::new("shop", "shop-key", "shop-secret");
/// app.history.push(HistoryConfig { max_events: 50, ..HistoryConfig::new(["private-orders.*"]) });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryConfig {
    /// Names of channels, or patterns with `*`. The first history that fits a channel is its.
    #[serde(deserialize_with = "one_or_many")]
    pub channels: Vec<String>,
    /// The most events of a channel.
    #[serde(default = "HistoryConfig::default_max_events")]
    pub max_events: usize,
    /// The most bytes of a channel's events, with what keeping them takes.
    #[serde(default = "HistoryConfig::default_max_bytes")]
    pub max_bytes: usize,
    /// Seconds for which an event is kept.
    #[serde(default = "HistoryConfig::default_max_age")]
    pub max_age: u64,
}

impl HistoryConfig {
    /// History of these channels, within the default limits: 1,000 events, 512 kB, an hour.
    pub fn new<'a>(channels: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            channels: channels.into_iter().map(str::to_owned).collect(),
            max_events: Self::default_max_events(),
            max_bytes: Self::default_max_bytes(),
            max_age: Self::default_max_age(),
        }
    }

    const fn default_max_events() -> usize {
        1_000
    }

    const fn default_max_bytes() -> usize {
        512 * 1024
    }

    const fn default_max_age() -> u64 {
        60 * 60
    }

    /// Whether a channel keeps this history.
    pub(crate) fn covers(&self, channel: &str) -> bool {
        self.channels.iter().any(|pattern| wildcard::fits(pattern, channel))
    }

    pub(crate) fn max_age(&self) -> Duration {
        Duration::from_secs(self.max_age)
    }

    /// The key that does not fit, and what holds for it. `memory` is that of all channels.
    pub(super) fn fault(&self, memory: usize) -> Option<ValueFault> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "#_-=@,.;*".contains(c);
        let is_pattern = |text: &String| !text.is_empty() && text.chars().all(allowed);
        const KEEPS_NONE: &str = "must be over 0; history = [] keeps none";
        let channels = format!("{:?}", self.channels);
        [
            wrong(
                self.channels.is_empty(),
                "history.channels",
                "must name at least one channel",
                &channels,
            ),
            wrong(
                !self.channels.iter().all(is_pattern),
                "history.channels",
                "must be names of channels, prefix included, or patterns like private-cache-*",
                &channels,
            ),
            wrong(self.max_events == 0, "history.max_events", KEEPS_NONE, &self.max_events),
            wrong(self.max_bytes == 0, "history.max_bytes", KEEPS_NONE, &self.max_bytes),
            wrong(self.max_age == 0, "history.max_age", KEEPS_NONE, &self.max_age),
            wrong(
                self.max_age > A_YEAR,
                "history.max_age",
                "must be a year at most, 31536000 seconds",
                &self.max_age,
            ),
            wrong(
                self.max_bytes > memory / SHARDS,
                "history_memory",
                "must be at least 16 times the largest history.max_bytes",
                &memory,
            ),
        ]
        .into_iter()
        .flatten()
        .next()
    }
}

/// `channels = "private-cache-*"` or `channels = ["private-cache-*", "orders"]`.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a pattern of channel names, or a list of them")]
    enum Patterns {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Patterns::deserialize(deserializer)? {
        Patterns::One(pattern) => vec![pattern],
        Patterns::Many(patterns) => patterns,
    })
}
