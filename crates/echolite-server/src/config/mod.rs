//! Configuration: the keys of Laravel's `config/reverb.php`, from a file, the environment or code.

mod dotenv;
mod environment;
mod error;
mod fault;
mod file;
mod history;
mod origin;
mod rules;
mod secret;
mod variables;
mod webhook;
mod wildcard;

pub use environment::Environment;
pub use error::ConfigError;
pub use fault::ValueFault;
pub use history::HistoryConfig;
pub(crate) use origin::origin_allowed;
pub use secret::Secret;
pub use webhook::{WebhookConfig, WebhookEvent};

use crate::shown::shown_address;
use echolite_protocol::Limits;
use serde::Deserialize;
use std::fmt;

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
#[derive(Clone, Deserialize)]
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

/// Without what may be secret in the address.
impl fmt::Debug for ScalingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { enabled, channel, url } = self;
        let url = url.as_deref().map(shown_address);
        let mut debug = f.debug_struct("ScalingConfig");
        debug.field("enabled", enabled).field("channel", channel).field("url", &url).finish()
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
