//! Signed-in users: `user_data`, as a back end signs it.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A signed-in user, as `user_data` says it.
///
/// ```
/// use echolite_protocol::User;
/// let user = User::parse(r#"{"id":"7","user_info":{"name":"Zoë"},"watchlist":["8"]}"#).unwrap();
/// assert_eq!((user.id.as_str(), user.watchlist.len()), ("7", 1));
/// assert!(User::parse(r#"{"id":7}"#).is_err());
/// ```
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// The user's id: a string, and not empty. Stock clients take nothing else.
    #[serde(deserialize_with = "not_empty")]
    pub id: String,
    /// What the application tells about the user, as it was written.
    #[serde(default)]
    pub user_info: Option<Box<RawValue>>,
    /// The ids of the users whose coming and going this user is told.
    #[serde(default, deserialize_with = "list")]
    pub watchlist: Vec<String>,
}

impl User {
    /// Reads `user_data`.
    ///
    /// # Errors
    /// When it is no JSON object, or its `id` is no string or empty.
    pub fn parse(user_data: &str) -> Result<Self, serde_json::Error> {
        // Serde takes an array for a struct too, by the order of its fields.
        if !user_data.trim_ascii_start().starts_with('{') {
            return Err(Error::custom("it is no JSON object"));
        }
        serde_json::from_str(user_data)
    }
}

fn not_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if id.is_empty() { Err(D::Error::custom("id must not be empty")) } else { Ok(id) }
}

/// `null` is an empty list.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::<Vec<crate::member::UserId>>::deserialize(deserializer)
        .map(|ids| ids.unwrap_or_default().into_iter().map(|id| id.0).collect())
}
