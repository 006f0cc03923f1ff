//! The configuration file.

use super::{Config, ConfigError, Environment};
use std::path::Path;

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "echolite.toml";

impl Config {
    /// Reads the file, then the environment, which wins.
    ///
    /// Without a path `echolite.toml` in the working directory is read, if there is one.
    ///
    /// # Errors
    /// [`ConfigError`] names the file or the variable, and what is allowed.
    pub fn load(path: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let default = Path::new(DEFAULT_FILE);
        let path = path.or_else(|| default.exists().then_some(default));
        // first, for a misspelt name is often why the rest is refused
        environment.warnings().into_iter().for_each(|warning| tracing::warn!("{warning}"));
        let mut config = path.map_or_else(|| Ok(Self::default()), Self::from_file)?;
        environment.apply(&mut config)?;
        config.validate()?;
        Ok(config)
    }

    /// Reads a TOML file, and nothing else.
    ///
    /// # Errors
    /// [`ConfigError`] names the file, the line, and what is allowed.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
        toml::from_str(&text).map_err(|error| ConfigError::File {
            path: path.into(),
            line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
            why: without_value(error.message()),
        })
    }
}

/// A message of the parser without the value that was found: `invalid type: integer, expected a string`.
fn without_value(message: &str) -> String {
    let is_about_a_value =
        ["invalid type: ", "invalid value: "].iter().any(|kind| message.starts_with(kind));
    match message.rsplit_once(", expected ") {
        Some((found, expected)) if is_about_a_value => {
            let kind = found.split(['"', '`']).next().unwrap_or(found).trim_end();
            format!("{kind}, expected {expected}")
        }
        _ => message.to_owned(),
    }
}
