//! What can be wrong with a configuration, and what to do about it.

use super::fault::ValueFault;
use std::path::PathBuf;

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or has a key that does not exist, or a value of the wrong type.
    #[error("{}, line {line}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The line's number.
        line: usize,
        /// The fault, and what is allowed. The line itself is not shown: it may hold a secret.
        why: String,
    },
    /// A line of the `.env` file cannot be read.
    #[error("{}, line {line}: {}{why}", path.display(), name.as_ref().map_or_else(String::new, |name| format!("{name}: ")))]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The line's number.
        line: usize,
        /// The variable, as far as it can be told.
        name: Option<String>,
        /// The fault, and the fix. The line itself is not shown: it may hold a secret.
        why: &'static str,
    },
    /// An environment variable has a value that does not fit.
    #[error("{name}={value}: expected {expected}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// Its value; empty for secrets.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// The credentials in the environment are not complete.
    #[error(
        "{missing} is not set, though {present} is; an application needs an id, a key and a secret"
    )]
    Incomplete {
        /// What is missing.
        missing: &'static str,
        /// What is there.
        present: &'static str,
    },
    /// No application is configured.
    #[error(
        "no application is configured: set REVERB_APP_ID, REVERB_APP_KEY and REVERB_APP_SECRET \
         (`echolite init` makes them), or add [[apps]] to echolite.toml"
    )]
    NoApp,
    /// Two applications have the same id or key.
    #[error("two applications have the {what} {value:?}; each needs its own")]
    Twice {
        /// `app_id` or `key`.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// A value of the configuration would do harm.
    #[error("{}{}", app.as_ref().map_or_else(String::new, |app| format!("application {app:?}: ")), fault)]
    Value {
        /// The application's id, if the value is one of an application.
        app: Option<String>,
        /// The fault.
        fault: ValueFault,
    },
    /// There is no HTTP client for the webhooks.
    #[error("webhooks need an HTTP client, and it cannot be made: {0}")]
    HttpClient(String),
    /// Configured, but not there yet.
    #[error("{0} is not supported by this version; switch it off")]
    Unsupported(&'static str),
}
