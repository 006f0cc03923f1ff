//! Environment variables: those of Reverb, under the same names, from the process and `.env`.

use super::{AppConfig, ClientEventPolicy, Config, ConfigError, HistoryConfig};
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

/// Environment variables at one moment.
///
/// ```
/// use echolite_server::{Config, Environment};
/// let environment = Environment::from_pairs([
///     ("REVERB_APP_ID", "shop"), ("REVERB_APP_KEY", "key"), ("REVERB_APP_SECRET", "secret"),
///     ("REVERB_SERVER_PORT", "9000"),
/// ]);
/// let mut config = Config::default();
/// environment.apply(&mut config)?;
/// assert_eq!((config.server.port, config.apps[0].app_id.as_str()), (9000, "shop"));
/// # Ok::<(), echolite_server::ConfigError>(())
/// ```
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// The variables of the credentials, first choice first.
const CREDENTIALS: [[&str; 3]; 2] = [
    ["REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET"],
    ["PUSHER_APP_ID", "PUSHER_APP_KEY", "PUSHER_APP_SECRET"],
];

impl Environment {
    /// The process's variables, and those of `./.env` that the process does not set.
    ///
    /// # Errors
    /// [`ConfigError::DotEnv`] when `.env` is there and cannot be parsed.
    pub fn of_process() -> Result<Self, ConfigError> {
        let path = Path::new(".env");
        let mut found = BTreeMap::new();
        if path.exists() {
            let wrong = |error: dotenvy::Error| ConfigError::DotEnv {
                path: path.into(),
                message: error.to_string(),
            };
            for pair in dotenvy::from_path_iter(path).map_err(wrong)? {
                let (name, value) = pair.map_err(wrong)?;
                found.insert(name, value);
            }
        }
        let text = |text: std::ffi::OsString| text.into_string().ok();
        found.extend(std::env::vars_os().filter_map(|(k, v)| Some((text(k)?, text(v)?))));
        Ok(Self(found))
    }

    /// Variables given by hand.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    /// A variable's value. Empty counts as not set, as Laravel's `.env.example` leaves them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty() && *value != "null")
    }

    /// The application's id, key and secret, when they are there.
    ///
    /// # Errors
    /// [`ConfigError::Incomplete`] when only some of them are.
    pub fn credentials(&self) -> Result<Option<[&str; 3]>, ConfigError> {
        for names in CREDENTIALS {
            let values = names.map(|name| self.get(name));
            if let [Some(id), Some(key), Some(secret)] = values {
                return Ok(Some([id, key, secret]));
            }
            let first = |set: bool| (0..3).find(|at| values[*at].is_some() == set);
            if let (Some(missing), Some(present)) = (first(false), first(true)) {
                return Err(ConfigError::Incomplete {
                    missing: names[missing],
                    present: names[present],
                });
            }
        }
        Ok(None)
    }

    /// Writes what the environment says over a configuration.
    ///
    /// With credentials in the environment, its `REVERB_APP_*` rules are those of that application
    /// (added, if the configuration has none of this id); without, those of every application.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable and what is allowed.
    pub fn apply(&self, config: &mut Config) -> Result<(), ConfigError> {
        let server = &mut config.server;
        self.set("REVERB_SERVER_HOST", "an address", &mut server.host)?;
        self.set("REVERB_SERVER_PORT", "a port", &mut server.port)?;
        self.set("REVERB_SERVER_PATH", "a path", &mut server.path)?;
        self.set("REVERB_MAX_REQUEST_SIZE", "bytes", &mut server.max_request_size)?;
        if let Some(host) = self.get("REVERB_HOST") {
            server.hostname = Some(host.to_owned());
        }
        self.set_bool("REVERB_SCALING_ENABLED", &mut config.scaling.enabled)?;
        self.set("REVERB_SCALING_CHANNEL", "a name", &mut config.scaling.channel)?;
        if let Some(url) = self.get("REDIS_URL") {
            config.scaling.url = Some(url.to_owned());
        }
        match self.credentials()? {
            None => config.apps.iter_mut().try_for_each(|app| self.apply_rules(app)),
            Some([id, key, secret]) => {
                let at = config.apps.iter().position(|app| app.app_id == id);
                let at = at.unwrap_or_else(|| {
                    config.apps.push(AppConfig::new(id, key, secret));
                    config.apps.len() - 1
                });
                config.apps[at].key = key.to_owned();
                config.apps[at].secret = secret.into();
                self.apply_rules(&mut config.apps[at])
            }
        }
    }

    fn apply_rules(&self, app: &mut AppConfig) -> Result<(), ConfigError> {
        self.set("REVERB_APP_PING_INTERVAL", "seconds", &mut app.ping_interval)?;
        self.set("REVERB_APP_ACTIVITY_TIMEOUT", "seconds", &mut app.activity_timeout)?;
        self.set("REVERB_APP_MAX_MESSAGE_SIZE", "bytes", &mut app.max_message_size)?;
        if self.get("REVERB_APP_MAX_CONNECTIONS").is_some() {
            let mut most = 0;
            self.set("REVERB_APP_MAX_CONNECTIONS", "a number", &mut most)?;
            app.max_connections = Some(most);
        }
        self.set("ECHOLITE_PRESENCE_GRACE", "seconds", &mut app.presence_grace)?;
        let policy = &mut app.accept_client_events_from;
        self.set("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all, members or none", policy)?;
        let limit = &mut app.rate_limiting;
        self.set_bool("REVERB_APP_RATE_LIMITING_ENABLED", &mut limit.enabled)?;
        self.set("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", "a number", &mut limit.max_attempts)?;
        self.set("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", "seconds", &mut limit.decay_seconds)?;
        self.set_bool("REVERB_APP_RATE_LIMIT_TERMINATE", &mut limit.terminate_on_limit)?;
        self.apply_history(app)
    }

    /// Channels are given with spaces between, as every other separator may be part of a name.
    fn apply_history(&self, app: &mut AppConfig) -> Result<(), ConfigError> {
        match self.get("ECHOLITE_HISTORY_CHANNELS") {
            None => {}
            Some("none") => app.history.clear(),
            Some(channels) => app.history = vec![HistoryConfig::new(channels.split_whitespace())],
        }
        for history in &mut app.history {
            self.set("ECHOLITE_HISTORY_MAX_EVENTS", "a number", &mut history.max_events)?;
            self.set("ECHOLITE_HISTORY_MAX_BYTES", "bytes", &mut history.max_bytes)?;
            self.set("ECHOLITE_HISTORY_MAX_AGE", "seconds", &mut history.max_age)?;
        }
        self.set("ECHOLITE_HISTORY_MEMORY", "bytes", &mut app.history_memory)
    }

    fn set<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
        target: &mut T,
    ) -> Result<(), ConfigError> {
        let Some(value) = self.get(name) else { return Ok(()) };
        *target = value.parse().map_err(|_| ConfigError::Variable {
            name,
            value: value.to_owned(),
            expected,
        })?;
        Ok(())
    }

    fn set_bool(&self, name: &'static str, target: &mut bool) -> Result<(), ConfigError> {
        let Some(value) = self.get(name) else { return Ok(()) };
        *target = match value.to_lowercase().trim_matches(['(', ')']) {
            "true" | "1" | "on" | "yes" => true,
            "false" | "0" | "off" | "no" => false,
            _ => {
                let value = value.to_owned();
                return Err(ConfigError::Variable { name, value, expected: "true or false" });
            }
        };
        Ok(())
    }
}

impl FromStr for ClientEventPolicy {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            "members" => Ok(Self::Members),
            "none" => Ok(Self::None),
            _ => Err(()),
        }
    }
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
