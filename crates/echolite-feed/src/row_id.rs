//! Ids of rows.

use serde::{Deserialize, Serialize};

/// The id of a row, as its JSON has it: a number or a text.
///
/// ```
/// use echolite_feed::RowId;
/// assert_eq!(RowId::from(7).as_i64(), Some(7));
/// assert_eq!(RowId::from("x-7").as_str(), Some("x-7"));
/// ```
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(untagged)]
pub enum RowId {
    /// A number.
    Number(i64),
    /// A text, such as a UUID.
    Text(String),
}

impl RowId {
    /// The number, if it is one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(id) => Some(*id),
            Self::Text(_) => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Number(_) => None,
            Self::Text(id) => Some(id),
        }
    }

    /// As the change log keeps it: JSON, so that 7 and "7" stay apart.
    pub(crate) fn stored(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl From<i64> for RowId {
    fn from(id: i64) -> Self {
        Self::Number(id)
    }
}

impl From<i32> for RowId {
    fn from(id: i32) -> Self {
        Self::Number(id.into())
    }
}

impl From<u32> for RowId {
    fn from(id: u32) -> Self {
        Self::Number(id.into())
    }
}

impl From<&str> for RowId {
    fn from(id: &str) -> Self {
        Self::Text(id.to_owned())
    }
}

impl From<String> for RowId {
    fn from(id: String) -> Self {
        Self::Text(id)
    }
}
