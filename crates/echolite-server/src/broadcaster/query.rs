//! What is asked about channels: who is there, and how many.

use super::error::BroadcastError;
use super::handle::{Backend, Broadcaster};
use crate::app::App;
use crate::broadcast::Channel;
use echolite_protocol::{Access, ChannelName};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is known about a channel. A count that the server does not give is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChannelInfo {
    /// Whether anybody is subscribed.
    #[serde(default = "yes")]
    pub occupied: bool,
    /// How many connections are subscribed.
    #[serde(default)]
    pub subscription_count: Option<usize>,
    /// How many users are there; of presence channels only.
    #[serde(default)]
    pub user_count: Option<usize>,
}

/// A channel in a list is occupied.
fn yes() -> bool {
    true
}

impl Broadcaster {
    /// Whether a channel is occupied, and by how many.
    ///
    /// ```
    /// use echolite_server::Channel;
    /// # async fn example(broadcaster: echolite_server::Broadcaster) -> Result<(), echolite_server::BroadcastError> {
    /// if broadcaster.channel_info(Channel::private("user.7")).await?.occupied {
    ///     println!("user 7 is looking");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`BroadcastError`] when the channel's name is not valid, or the server does not answer.
    pub async fn channel_info(
        &self,
        channel: impl Into<Channel>,
    ) -> Result<ChannelInfo, BroadcastError> {
        self.backend.channel_info(&ChannelName::new(channel.into().as_str())?).await
    }

    /// The ids of the users on a presence channel.
    ///
    /// # Errors
    /// [`BroadcastError::NotPresence`] for another kind of channel; else as [`Self::channel_info`].
    pub async fn members(
        &self,
        channel: impl Into<Channel>,
    ) -> Result<Vec<String>, BroadcastError> {
        let channel = ChannelName::new(channel.into().as_str())?;
        if channel.access() != Access::Presence {
            return Err(BroadcastError::NotPresence(channel.to_string()));
        }
        self.backend.members(&channel).await
    }

    /// The occupied channels whose full names begin with a prefix; with `""` all of them.
    ///
    /// # Errors
    /// [`BroadcastError`] when the server does not answer.
    pub async fn channels(
        &self,
        prefix: &str,
    ) -> Result<BTreeMap<String, ChannelInfo>, BroadcastError> {
        self.backend.channels(prefix).await
    }
}

impl Backend {
    async fn channel_info(&self, channel: &ChannelName) -> Result<ChannelInfo, BroadcastError> {
        match self {
            Self::Local(app) => {
                let broker = app.broker(channel);
                let (subscriptions, users) =
                    (broker.count(channel), broker.members(channel).count());
                Ok(ChannelInfo::counted(channel, subscriptions, users))
            }
            #[cfg(feature = "http-client")]
            Self::Http(http) => {
                let presence = channel.access() == Access::Presence;
                http.get(&path_of(channel), info_query(presence)).await
            }
        }
    }

    async fn members(&self, channel: &ChannelName) -> Result<Vec<String>, BroadcastError> {
        match self {
            Self::Local(app) => {
                Ok(app.broker(channel).members(channel).map(|user| user.user_id.clone()).collect())
            }
            #[cfg(feature = "http-client")]
            Self::Http(http) => {
                let path = format!("{}/users", path_of(channel));
                let users = http.get(&path, "").await.map(|answer: answer::Users| answer.users);
                let users = users.or_else(empty_if_unknown)?;
                Ok(users.into_iter().map(answer::User::into_id).collect())
            }
        }
    }

    async fn channels(
        &self,
        prefix: &str,
    ) -> Result<BTreeMap<String, ChannelInfo>, BroadcastError> {
        match self {
            Self::Local(app) => Ok(occupied(app, prefix)),
            #[cfg(feature = "http-client")]
            Self::Http(http) => {
                let info = info_query(prefix.starts_with("presence-"));
                let query = format!("filter_by_prefix={prefix}&{info}");
                let answer: answer::Channels = http.get("channels", &query).await?;
                Ok(answer.channels)
            }
        }
    }
}

impl ChannelInfo {
    fn counted(channel: &ChannelName, subscriptions: usize, users: usize) -> Self {
        let presence = channel.access() == Access::Presence;
        Self {
            occupied: subscriptions > 0,
            subscription_count: Some(subscriptions),
            user_count: presence.then_some(users),
        }
    }
}

fn occupied(app: &App, prefix: &str) -> BTreeMap<String, ChannelInfo> {
    let mut channels = BTreeMap::new();
    for broker in app.brokers() {
        let found = broker.occupied().filter(|(name, ..)| name.as_str().starts_with(prefix));
        channels.extend(found.map(|(name, subscriptions, users)| {
            (name.to_string(), ChannelInfo::counted(name, subscriptions, users))
        }));
    }
    channels
}

#[cfg(feature = "http-client")]
fn path_of(channel: &ChannelName) -> String {
    // The one character of the alphabet that a path cannot have.
    format!("channels/{}", channel.as_str().replace('#', "%23"))
}

/// Reverb answers 404 with an empty object for a channel on which nobody is. Its 404 for an unknown application
/// is a text.
#[cfg(feature = "http-client")]
fn empty_if_unknown<T>(error: BroadcastError) -> Result<Vec<T>, BroadcastError> {
    match &error {
        BroadcastError::Refused { status: 404, body, .. } if body.trim() == "{}" => Ok(Vec::new()),
        _ => Err(error),
    }
}

#[cfg(feature = "http-client")]
fn info_query(presence: bool) -> &'static str {
    if presence { "info=subscription_count,user_count" } else { "info=subscription_count" }
}

#[cfg(feature = "http-client")]
mod answer {
    //! What the HTTP API answers.

    use super::ChannelInfo;
    use serde::{Deserialize, Deserializer};
    use serde_json::Value;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    pub(super) struct Users {
        pub(super) users: Vec<User>,
    }

    #[derive(Deserialize)]
    pub(super) struct User {
        /// A string or a number.
        id: Value,
    }

    #[derive(Deserialize)]
    pub(super) struct Channels {
        #[serde(default, deserialize_with = "map_or_empty_list")]
        pub(super) channels: BTreeMap<String, ChannelInfo>,
    }

    /// PHP writes a map without entries as `[]`.
    fn map_or_empty_list<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, ChannelInfo>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Map(BTreeMap<String, ChannelInfo>),
            Empty([(); 0]),
        }
        match Either::deserialize(deserializer)? {
            Either::Map(channels) => Ok(channels),
            Either::Empty([]) => Ok(BTreeMap::new()),
        }
    }

    impl User {
        pub(super) fn into_id(self) -> String {
            match self.id {
                Value::String(id) => id,
                id => id.to_string(),
            }
        }
    }
}
