//! Members of presence channels: `channel_data`, and what the others are told.

use crate::extension::SubscriptionPosition;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A member of a presence channel, as `channel_data` says it.
///
/// ```
/// use echolite_protocol::Member;
/// let member: Member = serde_json::from_str(r#"{"user_id":7,"user_info":{"name":"Zoë"}}"#).unwrap();
/// assert_eq!(member.user_id, "7");
/// ```
#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    /// The user's id. Numbers and strings are the same: ids compare as strings.
    #[serde(deserialize_with = "text_or_number")]
    pub user_id: String,
    /// What the application tells about the user, as it was written.
    #[serde(default)]
    pub user_info: Option<Box<RawValue>>,
}

/// A user's id, a string or a number.
#[derive(Deserialize)]
pub(crate) struct UserId(#[serde(deserialize_with = "text_or_number")] pub(crate) String);

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Signed(i64),
        Unsigned(u64),
        Float(f64),
    }
    Ok(match Id::deserialize(deserializer)? {
        Id::Text(id) => id,
        Id::Signed(id) => id.to_string(),
        Id::Unsigned(id) => id.to_string(),
        Id::Float(id) => id.to_string(),
    })
}

/// Who is there: the data of a presence channel's `subscription_succeeded`, as JSON text.
///
/// Every id is a key of `hash`, with `null` when nothing is told about the user; otherwise
/// `members.me` of stock clients would be null.
#[must_use]
pub fn presence_data<'a>(
    members: impl IntoIterator<Item = (&'a str, Option<&'a RawValue>)>,
) -> String {
    presence_data_with(members, &SubscriptionPosition::default())
}

/// [`presence_data`] for who asked for the [extension](crate::extension).
#[must_use]
pub fn presence_data_with<'a>(
    members: impl IntoIterator<Item = (&'a str, Option<&'a RawValue>)>,
    position: &SubscriptionPosition,
) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        presence: Presence<'a>,
        #[serde(flatten)]
        position: &'a SubscriptionPosition,
    }
    #[derive(Serialize)]
    struct Presence<'a> {
        ids: Vec<&'a str>,
        hash: BTreeMap<&'a str, Option<&'a RawValue>>,
        count: usize,
    }
    let hash: BTreeMap<_, _> = members.into_iter().collect();
    let ids: Vec<_> = hash.keys().copied().collect();
    let count = ids.len();
    crate::server_frame::json(&Data { presence: Presence { ids, hash, count }, position })
}
