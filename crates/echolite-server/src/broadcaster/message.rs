//! An event as it travels: checked, its payload written and, where the channel wants it, encrypted.

use super::error::BroadcastError;
use crate::app::Publication;
use crate::broadcast::Event;
use echolite_protocol::encryption::{EncryptionKey, NONCE_LENGTH, seal, shared_secret};
use echolite_protocol::{Access, ChannelName, reserved_prefix};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// What the HTTP API takes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    pub(super) name: String,
    /// The payload's JSON as a JSON string.
    pub(super) data: Box<RawValue>,
    #[serde(serialize_with = "as_texts")]
    pub(super) channels: Vec<ChannelName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) socket_id: Option<String>,
}

impl Message {
    /// Checks an event, writes its payload, and encrypts it for an encrypted channel.
    ///
    /// # Errors
    /// [`BroadcastError`] says what is wrong with the event.
    pub(super) fn checked(
        event: Event,
        master_key: Option<&EncryptionKey>,
    ) -> Result<Self, BroadcastError> {
        let Event { name, payload, channels, except } = event;
        if name.is_empty() {
            return Err(BroadcastError::NoName);
        }
        if let Some(prefix) = reserved_prefix(&name) {
            return Err(BroadcastError::ReservedName { name, prefix });
        }
        if channels.is_empty() {
            return Err(BroadcastError::NoChannel(name));
        }
        let text = match payload.0 {
            Ok(text) => text,
            Err(source) => return Err(BroadcastError::Payload { event: name, source }),
        };
        let channels = channels.iter().map(|channel| ChannelName::new(channel.as_str()));
        let channels = channels.collect::<Result<Vec<_>, _>>()?;
        let text = match channels.iter().find(|channel| channel.access() == Access::Encrypted) {
            None => Ok(text),
            // Each channel has its own secret, and an event has one payload.
            Some(channel) if channels.len() > 1 => {
                return Err(BroadcastError::EncryptedWithOthers(channel.to_string()));
            }
            Some(channel) => encrypted(channel, &text, master_key)?,
        };
        match text.and_then(|text| to_raw_value(&text)) {
            Ok(data) => Ok(Self { name, data, channels, socket_id: except.0 }),
            Err(source) => Err(BroadcastError::Payload { event: name, source }),
        }
    }
}

fn encrypted(
    channel: &ChannelName,
    text: &str,
    master_key: Option<&EncryptionKey>,
) -> Result<serde_json::Result<String>, BroadcastError> {
    let no_key = || BroadcastError::NoMasterKey(channel.to_string());
    let secret = shared_secret(channel.as_str(), master_key.ok_or_else(no_key)?);
    let mut nonce = [0; NONCE_LENGTH];
    getrandom::fill(&mut nonce).map_err(|why| BroadcastError::Randomness(why.to_string()))?;
    Ok(serde_json::to_string(&seal(&secret, nonce, text)))
}

impl From<Message> for Publication {
    fn from(message: Message) -> Self {
        let Message { name, data, channels, socket_id } = message;
        let except = socket_id.and_then(|id| id.parse().ok());
        Self { name, data: data.into(), channels, except }
    }
}

fn as_texts<S: Serializer>(channels: &[ChannelName], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(channels.iter().map(ChannelName::as_str))
}
