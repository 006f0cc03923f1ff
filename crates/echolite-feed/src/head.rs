//! Heads: the counter of a resource.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// The counter of a resource at one moment: how many changes its rows include, and of which life of the
/// database.
///
/// Written `epoch;seq`, as the header `X-Cache-Head` and the query `?since=` have it.
///
/// ```
/// use echolite_feed::Head;
/// let head: Head = "5f3a;42".parse()?;
/// assert_eq!((head.epoch.as_str(), head.seq), ("5f3a", 42));
/// assert_eq!(head.to_string(), "5f3a;42");
/// assert_eq!(head.etag(), "\"5f3a;42\"");
/// # Ok::<(), echolite_feed::HeadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Head {
    /// The life of the database: another one after a backup was restored.
    pub epoch: String,
    /// How many changes there were; never negative, and never lower in the same epoch.
    pub seq: i64,
}

/// The text is no head.
#[derive(thiserror::Error, Clone, Debug, PartialEq, Eq)]
#[error("{0:?} is no head; expected epoch;seq, as X-Cache-Head has it")]
pub struct HeadError(String);

/// A head as an event carries it: `prev` is the one before the change.
#[derive(Serialize, Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventHead {
    pub(crate) epoch: String,
    pub(crate) seq: i64,
    pub(crate) prev: i64,
}

impl Head {
    /// The head as a strong validator of the list.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{self}\"")
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};{}", self.epoch, self.seq)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let wrong = || HeadError(text.to_owned());
        let (epoch, seq) = text.rsplit_once(';').ok_or_else(wrong)?;
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or_else(wrong)?;
        if epoch.is_empty() {
            return Err(wrong());
        }
        Ok(Self { epoch: epoch.to_owned(), seq })
    }
}

/// A name for a new life of the database.
pub(crate) fn new_epoch() -> String {
    format!("{:012x}", fastrand::u64(..1 << 48))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_head_is_refused() {
        for text in ["", ";", "a", "a;", ";1", "a;-1", "a;1.5", "a;x"] {
            assert_eq!(text.parse::<Head>(), Err(HeadError(text.to_owned())));
        }
    }
}
