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
        let mut config = path.map_or_else(|| Ok(Self::default()), Self::from_file)?;
        environment.apply(&mut config)?;
        environment.warnings().into_iter().for_each(|warning| tracing::warn!("{warning}"));
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
        toml::from_str(&text)
            .map_err(|source| ConfigError::File { path: path.into(), source: Box::new(source) })
    }
}
