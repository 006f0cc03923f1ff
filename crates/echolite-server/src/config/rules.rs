//! Rules of a configuration that types cannot state: values that would be taken and then do harm.

use super::fault::{A_YEAR, ValueFault, wrong};
use super::{AppConfig, Config, ConfigError, ServerConfig, WebhookConfig, origin};
use echolite_protocol::Limits;
use std::net::Ipv6Addr;

/// The longest time that a client's timer holds is 24 days; nobody needs to wait a day for a ping.
const A_DAY: u64 = 24 * 60 * 60;
/// A queue that does not hold the greeting and a few frames closes every connection.
const SMALLEST_QUEUE: usize = 4_096;
/// More than any machine's memory, and far from where sums of it overflow.
const LARGEST_SIZE: usize = 1 << 40;

const SCALING: &str = "scaling (REVERB_SCALING_ENABLED, or scaling.enabled in the file)";
const NOT_EMPTY: &str = "must not be empty";
const OVER_ZERO: &str = "must be over 0";
const UP_TO_A_DAY: &str = "must be 1 to 86400 seconds";
const IN_A_PATH: &str = "is part of addresses: it must not have spaces or any of / ? # % : \\ \"";

impl Config {
    /// Checks what types cannot say: applications there, ids and keys unique, values in range.
    ///
    /// # Errors
    /// [`ConfigError`] names the value and what to do.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if let Some(fault) = self.server.fault() {
            return Err(ConfigError::Value { app: None, fault });
        }
        if self.apps.is_empty() {
            return Err(ConfigError::NoApp);
        }
        if self.scaling.enabled {
            return Err(ConfigError::Unsupported(SCALING));
        }
        for (at, app) in self.apps.iter().enumerate() {
            app.validate()?;
            for other in &self.apps[..at] {
                if other.app_id == app.app_id {
                    return Err(ConfigError::Twice { what: "app_id", value: app.app_id.clone() });
                }
                if other.key == app.key {
                    return Err(ConfigError::Twice { what: "key", value: app.key.clone() });
                }
            }
        }
        Ok(())
    }
}

impl ServerConfig {
    fn fault(&self) -> Option<ValueFault> {
        let size = self.max_queue_size;
        let host = "must be a host name or an address without scheme and port, such as 0.0.0.0 or ::1; \
                    the port is server.port";
        let path =
            "must be segments of letters, digits and - . _ ~ with slashes between, such as /ws";
        [
            wrong(!is_host(&self.host), "server.host", host, &format!("{:?}", self.host)),
            wrong(!is_path(&self.path), "server.path", path, &format!("{:?}", self.path)),
            wrong(
                !(1..=LARGEST_SIZE).contains(&self.max_request_size),
                "server.max_request_size",
                "must be over 0, in bytes, and at most 2^40",
                &self.max_request_size,
            ),
            wrong(
                !(SMALLEST_QUEUE..=LARGEST_SIZE).contains(&size),
                "server.max_queue_size",
                "must be 4096 bytes at least and 2^40 at most: what does not fit closes its connection",
                &size,
            ),
        ]
        .into_iter()
        .flatten()
        .next()
    }
}

impl AppConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        let fault = self.own_fault().or_else(|| limit_fault(&self.limits));
        let fault = fault.or_else(|| self.origin_fault());
        let fault = fault.or_else(|| self.webhooks.iter().find_map(WebhookConfig::fault));
        let fault = fault
            .or_else(|| self.history.iter().find_map(|history| history.fault(self.history_memory)));
        if let Some(fault) = fault {
            return Err(ConfigError::Value { app: Some(self.app_id.clone()), fault });
        }
        if !self.webhooks.is_empty() && !cfg!(feature = "http-client") {
            return Err(ConfigError::Unsupported("a webhook without the feature http-client"));
        }
        Ok(())
    }

    fn own_fault(&self) -> Option<ValueFault> {
        let empty = |value: &str| value.trim().is_empty();
        let in_a_path = |text: &str| {
            text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"/?#%:\\\"".contains(c))
        };
        let not_a_day = |seconds: u64| !(1..=A_DAY).contains(&seconds);
        let limit = &self.rate_limiting;
        let queue = "must be over 0, and 2^40 bytes at most";
        [
            wrong(empty(&self.app_id), "app_id", NOT_EMPTY, &"\"\""),
            wrong(!in_a_path(&self.app_id), "app_id", IN_A_PATH, &format!("{:?}", self.app_id)),
            wrong(empty(&self.key), "key", NOT_EMPTY, &"\"\""),
            wrong(!in_a_path(&self.key), "key", IN_A_PATH, &format!("{:?}", self.key)),
            wrong(empty(self.secret.expose()), "secret", NOT_EMPTY, &"\"\""),
            wrong(
                not_a_day(self.activity_timeout),
                "activity_timeout",
                UP_TO_A_DAY,
                &self.activity_timeout,
            ),
            wrong(not_a_day(self.ping_interval), "ping_interval", UP_TO_A_DAY, &self.ping_interval),
            wrong(
                self.presence_grace > A_DAY,
                "presence_grace",
                "must be 86400 seconds at most; 0 for none",
                &self.presence_grace,
            ),
            wrong(
                !(1..=LARGEST_SIZE).contains(&self.max_message_size),
                "max_message_size",
                queue,
                &self.max_message_size,
            ),
            wrong(
                self.max_connections == Some(0),
                "max_connections",
                "must be over 0, or left out for no limit; enabled = false refuses everybody",
                &0,
            ),
            wrong(
                limit.enabled && limit.max_attempts == 0,
                "rate_limiting.max_attempts",
                "must be over 0, or no message is ever taken",
                &0,
            ),
            wrong(
                limit.enabled && !(1..=A_YEAR).contains(&limit.decay_seconds),
                "rate_limiting.decay_seconds",
                "must be over 0, and a year at most: it is the window in which messages are counted",
                &limit.decay_seconds,
            ),
        ]
        .into_iter()
        .flatten()
        .next()
    }

    fn origin_fault(&self) -> Option<ValueFault> {
        let wrong = self.allowed_origins.iter().find(|pattern| !origin::is_pattern(pattern))?;
        Some(ValueFault {
            key: "allowed_origins",
            rule: "are hosts, without scheme, port and path, in which * stands for anything: shop.example, \
                   *.shop.example",
            found: Some(format!("{wrong:?}")),
        })
    }
}

/// Limits that refuse everything when they are 0. The others may be: no `user_info`, no watchlist.
fn limit_fault(limits: &Limits) -> Option<ValueFault> {
    let Limits { event_name, event_data, channels_per_event, batch, presence_members, .. } =
        *limits;
    let zero = [
        ("limits.event_name", event_name),
        ("limits.event_data", event_data),
        ("limits.channels_per_event", channels_per_event),
        ("limits.batch", batch),
        ("limits.presence_members", presence_members),
        ("limits.user_id", limits.user_id),
        ("limits.channels_per_connection", limits.channels_per_connection),
    ];
    let zero = zero.into_iter().find(|(_, limit)| *limit == 0);
    if let Some((key, limit)) = zero {
        return wrong(true, key, OVER_ZERO, &limit);
    }
    let key = "limits.client_events_per_second";
    let rule = "must be over 0; accept_client_events_from = \"none\" takes no client events";
    wrong(limits.client_events_per_second == 0, key, rule, &0)
}

fn is_host(host: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || "-._".contains(c);
    // An interface may be named behind an IPv6 address: `fe80::1%eth0`.
    let address = host.split('%').next().unwrap_or_default();
    !host.is_empty() && (host.chars().all(name) || address.parse::<Ipv6Addr>().is_ok())
}

fn is_path(path: &str) -> bool {
    let segment = |segment: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        !["", ".", ".."].contains(&segment) && segment.chars().all(allowed)
    };
    let path = path.trim_matches('/');
    path.is_empty() || path.split('/').all(segment)
}
