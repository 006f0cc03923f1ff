//! A value of the configuration that would do harm.

use super::variables;
use std::fmt::{self, Display};

pub(super) const A_YEAR: u64 = 365 * 24 * 60 * 60;

/// A value that does not fit: its key, what was found, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFault {
    /// The key of the configuration file.
    pub key: &'static str,
    /// The rule that holds for it.
    pub rule: &'static str,
    /// The value, unless it may be secret or long.
    pub found: Option<String>,
}

impl Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, rule, found } = self;
        write!(f, "{key} {rule}")?;
        if let Some(found) = found {
            write!(f, "; it is {found}")?;
        }
        match variables::of_key(key) {
            Some(variable) => write!(f, " ({variable} sets it, too)"),
            None => Ok(()),
        }
    }
}

/// The fault of a value, if there is one.
pub(super) fn wrong(
    wrong: bool,
    key: &'static str,
    rule: &'static str,
    found: &dyn Display,
) -> Option<ValueFault> {
    wrong.then(|| ValueFault { key, rule, found: Some(found.to_string()) })
}
