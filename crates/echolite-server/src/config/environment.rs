//! Environment variables: those of Reverb, under the same names, from the process and `.env`.

use super::{AppConfig, ClientEventPolicy, Config, ConfigError, HistoryConfig, dotenv, variables};
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
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// The lines of `.env` that cannot be read.
    warnings: Vec<String>,
}

/// The variables of the credentials, first choice first.
const CREDENTIALS: [[&str; 3]; 2] = [
    ["REVERB_APP_ID", "REVERB_APP_KEY", "REVERB_APP_SECRET"],
    ["PUSHER_APP_ID", "PUSHER_APP_KEY", "PUSHER_APP_SECRET"],
];

/// Words for the values that variables expect, for errors.
const NUMBER: &str = "a whole number";
const BYTES: &str = "a whole number of bytes";
const A_DAY: &str = "a whole number of seconds, 1 to 86400";
const UP_TO_A_DAY: &str = "a whole number of seconds, 0 to 86400";
const A_YEAR: &str = "a whole number of seconds, 1 to 31536000";
const CONNECTIONS: &str = "a whole number over 0; without a value there is no limit";

impl Environment {
    /// The process's variables, and those of `./.env` that the process does not set.
    ///
    /// `.env` is read by the rules of `vlucas/phpdotenv`, as Laravel does, and as there `.env.production` takes
    /// its place where the process sets `APP_ENV=production` and there is such a file. A line that cannot be read
    /// is a warning, unless it is one of the server's own variables.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] when the file cannot be read, [`ConfigError::DotEnv`] when one of the server's
    /// variables in it cannot be. Neither shows a value.
    pub fn of_process() -> Result<Self, ConfigError> {
        let text = |text: std::ffi::OsString| text.into_string().ok();
        let process = std::env::vars_os().filter_map(|(k, v)| Some((text(k)?, text(v)?)));
        Self::read(Path::new(""), process.collect())
    }

    /// Variables that the file in this folder adds to those of the process.
    fn read(folder: &Path, process: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let of_stage = process.get("APP_ENV").map(|stage| folder.join(format!(".env.{stage}")));
        let path = of_stage.filter(|path| path.is_file()).unwrap_or_else(|| folder.join(".env"));
        if !path.is_file() {
            return Ok(Self { variables: process, warnings: Vec::new() });
        }
        let unreadable = |source| ConfigError::Unreadable { path: path.clone(), source };
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let why = "the file is UTF-16; save it as UTF-8";
            return Err(ConfigError::DotEnv { path, line: 1, name: None, why });
        }
        let dotenv = dotenv::parse(&String::from_utf8_lossy(&bytes), process);
        let mut warnings = Vec::new();
        for dotenv::Fault { line, name, why } in dotenv.faults {
            let own = name.as_deref().is_some_and(variables::is_own);
            let fault = ConfigError::DotEnv { path: path.clone(), line, name, why };
            if own {
                return Err(fault);
            }
            warnings.push(format!("{fault}. Laravel may refuse the whole file"));
        }
        Ok(Self { variables: dotenv.variables, warnings })
    }

    /// Faults that do not keep the server from starting: lines of `.env` that cannot be read, and variables that
    /// seem to be misspelt. [`Config::load`] logs them.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let unknown = self.variables.keys().filter_map(|name| variables::warning(name));
        self.warnings.iter().cloned().chain(unknown).collect()
    }

    /// Variables given by hand.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Self { variables, warnings: Vec::new() }
    }

    /// A variable's value, as Laravel's `env()` gives it: without quotes around it, and not set if it is `null` or
    /// `(empty)`. Empty counts as not set, too, as Laravel's `.env.example` leaves them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.as_str();
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        if ["null", "(null)", "empty", "(empty)"].into_iter().any(is) {
            return None;
        }
        let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let inner = inner('"').or_else(|| inner('\'')).filter(|inner| !inner.contains('\n'));
        Some(inner.unwrap_or(value)).filter(|value| !value.is_empty())
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
        self.set("REVERB_SERVER_PORT", "a port, 65535 at most", &mut server.port)?;
        self.set("REVERB_SERVER_PATH", "a path", &mut server.path)?;
        self.set("REVERB_MAX_REQUEST_SIZE", BYTES, &mut server.max_request_size)?;
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
        self.set("REVERB_APP_PING_INTERVAL", A_DAY, &mut app.ping_interval)?;
        self.set("REVERB_APP_ACTIVITY_TIMEOUT", A_DAY, &mut app.activity_timeout)?;
        self.set("REVERB_APP_MAX_MESSAGE_SIZE", BYTES, &mut app.max_message_size)?;
        if self.get("REVERB_APP_MAX_CONNECTIONS").is_some() {
            let mut most = 0;
            self.set("REVERB_APP_MAX_CONNECTIONS", CONNECTIONS, &mut most)?;
            app.max_connections = Some(most);
        }
        self.set("ECHOLITE_PRESENCE_GRACE", UP_TO_A_DAY, &mut app.presence_grace)?;
        let leaves = &mut app.limits.leaves_per_minute;
        self.set("ECHOLITE_LEAVES_PER_MINUTE", NUMBER, leaves)?;
        let policy = &mut app.accept_client_events_from;
        self.set("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "all, members or none", policy)?;
        let limit = &mut app.rate_limiting;
        self.set_bool("REVERB_APP_RATE_LIMITING_ENABLED", &mut limit.enabled)?;
        self.set("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", NUMBER, &mut limit.max_attempts)?;
        self.set("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", A_YEAR, &mut limit.decay_seconds)?;
        self.set_bool("REVERB_APP_RATE_LIMIT_TERMINATE", &mut limit.terminate_on_limit)?;
        if let Some(origins) = self.get("REVERB_APP_ALLOWED_ORIGINS") {
            app.allowed_origins =
                origins.split(',').map(|origin| origin.trim().to_owned()).collect();
        }
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
            self.set("ECHOLITE_HISTORY_MAX_EVENTS", NUMBER, &mut history.max_events)?;
            self.set("ECHOLITE_HISTORY_MAX_BYTES", BYTES, &mut history.max_bytes)?;
            self.set("ECHOLITE_HISTORY_MAX_AGE", A_YEAR, &mut history.max_age)?;
        }
        self.set("ECHOLITE_HISTORY_MEMORY", BYTES, &mut app.history_memory)
    }

    fn set<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
        target: &mut T,
    ) -> Result<(), ConfigError> {
        let Some(value) = self.get(name).map(str::trim) else { return Ok(()) };
        *target = value.parse().map_err(|_| ConfigError::Variable {
            name,
            value: value.to_owned(),
            expected,
        })?;
        Ok(())
    }

    fn set_bool(&self, name: &'static str, target: &mut bool) -> Result<(), ConfigError> {
        let Some(value) = self.get(name).map(str::trim) else { return Ok(()) };
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
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests;
