//! Configuration: the keys of Laravel's `config/reverb.php`, from a file, the environment or code.

mod environment;
mod error;
mod file;
mod history;
mod origin;
mod secret;
mod webhook;
mod wildcard;

pub use environment::Environment;
pub use error::ConfigError;
pub use history::HistoryConfig;
pub(crate) use origin::origin_allowed;
pub use secret::Secret;
pub use webhook::{WebhookConfig, WebhookEvent};

use crate::shards::SHARDS;
use echolite_protocol::Limits;
use serde::Deserialize;

/// Everything a server needs to know.
///
/// ```
/// use echolite_server::{AppConfig, Config};
/// let config = Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret"));
/// assert_eq!(config.server.port, 8080);
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens.
    pub server: ServerConfig,
    /// Several servers as one.
    pub scaling: ScalingConfig,
    /// The applications it serves.
    pub apps: Vec<AppConfig>,
}

/// Where the server listens, and what holds for every request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on.
    pub port: u16,
    /// The path before `/app` and `/apps`; empty, or like `/ws`.
    pub path: String,
    /// The public host name, as clients reach the server.
    pub hostname: Option<String>,
    /// The largest HTTP request body, in bytes.
    pub max_request_size: usize,
    /// How many bytes may wait for a slow consumer before it is closed with 4100.
    pub max_queue_size: usize,
}

/// Several servers as one, over Redis. Not supported by this version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScalingConfig {
    /// Whether events go to other servers too.
    pub enabled: bool,
    /// The Redis channel.
    pub channel: String,
    /// The Redis address.
    pub url: Option<String>,
}

/// One application: its credentials and its rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppConfig {
    /// The id, in the path of the HTTP API.
    #[serde(alias = "id")]
    pub app_id: String,
    /// The public key, in the path of the WebSocket endpoint.
    pub key: String,
    /// The secret, with which the back end signs.
    pub secret: Secret,
    /// Whether it is served; when not, its clients are refused with 4003.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Hosts whose pages may connect: `*`, a host, or a pattern with `*`.
    #[serde(default = "any_origin")]
    pub allowed_origins: Vec<String>,
    /// Seconds of silence after which a connection is pinged, if they exceed the activity timeout.
    #[serde(default = "sixty")]
    pub ping_interval: u64,
    /// Seconds of silence after which a client checks the connection; also how long a pong may take.
    #[serde(default = "thirty")]
    pub activity_timeout: u64,
    /// The most connections; `None` for no limit.
    #[serde(default)]
    pub max_connections: Option<usize>,
    /// The largest message from a client, in bytes.
    #[serde(default = "ten_thousand")]
    pub max_message_size: usize,
    /// Who may send client events.
    #[serde(default)]
    pub accept_client_events_from: ClientEventPolicy,
    /// Whether subscribers are told how many they are.
    #[serde(default)]
    pub subscription_count: bool,
    /// Seconds in which a user whose connection dropped may return without having been gone; 0 to be
    /// gone at once.
    #[serde(default = "five")]
    pub presence_grace: u64,
    /// How many messages a connection may send.
    #[serde(default)]
    pub rate_limiting: RateLimiting,
    /// Limits of the protocol: `limits = { presence_members = 500 }`.
    #[serde(default)]
    pub limits: Limits,
    /// Who is told of the application's events.
    #[serde(default)]
    pub webhooks: Vec<WebhookConfig>,
    /// Which channels keep their latest events. None with an empty list.
    #[serde(default = "cache_channels")]
    pub history: Vec<HistoryConfig>,
    /// The most bytes that the history of all channels takes. Channels are spread over 16 parts of
    /// it; where a part is full, the history is forgotten that was not used for longest.
    #[serde(default = "sixty_four_mebibytes")]
    pub history_memory: usize,
}

/// Who may send client events (whispers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientEventPolicy {
    /// Every connection of the application, joined or not.
    All,
    /// Who joined the channel.
    #[default]
    Members,
    /// Nobody.
    None,
}

/// How many messages a connection may send, as Reverb counts them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimiting {
    /// Whether messages are counted at all.
    pub enabled: bool,
    /// The most messages in a window.
    pub max_attempts: u32,
    /// The window, in seconds.
    pub decay_seconds: u64,
    /// Whether a connection over the limit is closed.
    pub terminate_on_limit: bool,
}

impl Config {
    /// The defaults, with one application.
    #[must_use]
    pub fn with_app(app: AppConfig) -> Self {
        Self { apps: vec![app], ..Self::default() }
    }

    /// Checks what types cannot say: applications there, ids and keys unique, values in range.
    ///
    /// # Errors
    /// [`ConfigError`] names the value and what to do.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if self.apps.is_empty() {
            return Err(ConfigError::NoApp);
        }
        if self.scaling.enabled {
            return Err(ConfigError::Unsupported("scaling"));
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

impl AppConfig {
    /// An application with the default rules.
    #[must_use]
    pub fn new(app_id: &str, key: &str, secret: &str) -> Self {
        Self {
            app_id: app_id.into(),
            key: key.into(),
            secret: secret.into(),
            enabled: true,
            allowed_origins: any_origin(),
            ping_interval: sixty(),
            activity_timeout: thirty(),
            max_connections: None,
            max_message_size: ten_thousand(),
            accept_client_events_from: ClientEventPolicy::default(),
            subscription_count: false,
            presence_grace: five(),
            rate_limiting: RateLimiting::default(),
            limits: Limits::default(),
            webhooks: Vec::new(),
            history: cache_channels(),
            history_memory: sixty_four_mebibytes(),
        }
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let empty = |value: &str| value.trim().is_empty();
        let out_of_range = [
            ("app_id", empty(&self.app_id), "must not be empty"),
            ("key", empty(&self.key), "must not be empty"),
            ("secret", empty(self.secret.expose()), "must not be empty"),
            ("activity_timeout", self.activity_timeout == 0, "must be over 0: clients insist"),
            ("ping_interval", self.ping_interval == 0, "must be over 0"),
            ("max_message_size", self.max_message_size == 0, "must be over 0"),
        ];
        let wrong = out_of_range.into_iter().find(|(_, wrong, _)| *wrong);
        let wrong = wrong.map(|(key, _, rule)| (key, rule));
        let memory = self.history_memory / SHARDS;
        let wrong = wrong.or_else(|| self.webhooks.iter().find_map(WebhookConfig::fault));
        let wrong = wrong.or_else(|| self.history.iter().find_map(|history| history.fault(memory)));
        if let Some((key, rule)) = wrong {
            return Err(ConfigError::Value { app: self.app_id.clone(), key, rule });
        }
        if !self.webhooks.is_empty() && !cfg!(feature = "http-client") {
            return Err(ConfigError::Unsupported("a webhook without the feature http-client"));
        }
        Ok(())
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "0.0.0.0".into(),
            port: 8080,
            path: String::new(),
            hostname: None,
            max_request_size: 10_000,
            max_queue_size: 1024 * 1024,
        }
    }
}

impl Default for ScalingConfig {
    fn default() -> Self {
        Self { enabled: false, channel: "reverb".into(), url: None }
    }
}

impl Default for RateLimiting {
    fn default() -> Self {
        Self { enabled: false, max_attempts: 60, decay_seconds: 60, terminate_on_limit: false }
    }
}

impl ServerConfig {
    /// The path with one slash before and none behind; empty when there is none.
    #[must_use]
    pub fn prefix(&self) -> String {
        match self.path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        }
    }
}

const fn yes() -> bool {
    true
}

fn any_origin() -> Vec<String> {
    vec!["*".into()]
}

const fn sixty() -> u64 {
    60
}

const fn thirty() -> u64 {
    30
}

const fn five() -> u64 {
    5
}

const fn ten_thousand() -> usize {
    10_000
}

fn cache_channels() -> Vec<HistoryConfig> {
    vec![HistoryConfig::new(["private-cache-*"])]
}

const fn sixty_four_mebibytes() -> usize {
    64 * 1024 * 1024
}
