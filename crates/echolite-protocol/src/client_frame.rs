//! Frames from a client, parsed.

use serde::Deserialize;
use serde::de::Error;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a client says.
#[derive(Clone, Debug)]
pub enum ClientFrame<'a> {
    /// `pusher:ping`
    Ping,
    /// `pusher:pong`
    Pong,
    /// `pusher:subscribe`
    Subscribe(Subscribe),
    /// `pusher:unsubscribe`
    Unsubscribe {
        /// The channel, not yet checked.
        channel: String,
    },
    /// `pusher:signin`
    SignIn {
        /// `key:signature`
        auth: String,
        /// JSON text, exactly as it was signed.
        user_data: String,
    },
    /// `client-*`: to be relayed to the channel's other subscribers.
    ClientEvent {
        /// The event's name, `client-` included.
        event: Cow<'a, str>,
        /// The channel, not yet checked.
        channel: Cow<'a, str>,
        /// The data as the sender wrote it; it is relayed as it is.
        data: Option<&'a RawValue>,
    },
    /// An event that this version does not know.
    Unknown {
        /// Its name.
        event: Cow<'a, str>,
    },
}

/// The data of `pusher:subscribe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Subscribe {
    /// The channel, not yet checked.
    pub channel: String,
    /// `key:signature`, for channels that are not public.
    #[serde(default)]
    pub auth: Option<String>,
    /// JSON text about the member, exactly as it was signed.
    #[serde(default)]
    pub channel_data: Option<String>,
    /// Where the client was, which only the [extension](crate::extension) reads: to who did not ask
    /// for that it is a key like any other unknown one.
    #[serde(default)]
    pub recover: Option<Value>,
}

/// Why a text is no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Not JSON, or not an object with an `event`.
    #[error("a frame is a JSON object with an \"event\": {0}")]
    Envelope(#[source] serde_json::Error),
    /// The data does not fit the event.
    #[error("the data of {event} does not fit: {source}")]
    Data {
        /// The event's name.
        event: String,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// A client event without a channel.
    #[error("{event} needs a \"channel\"")]
    NoChannel {
        /// The event's name.
        event: String,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow, default)]
    channel: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Unsubscribe {
    channel: String,
}

#[derive(Deserialize)]
struct SignIn {
    auth: String,
    user_data: String,
}

impl<'a> ClientFrame<'a> {
    /// Parses a frame. The data may be an object, or a string with the object's JSON inside.
    ///
    /// ```
    /// use echolite_protocol::ClientFrame;
    /// let frame = ClientFrame::parse(r#"{"event":"pusher:subscribe","data":{"channel":"news"}}"#).unwrap();
    /// assert!(matches!(frame, ClientFrame::Subscribe(subscribe) if subscribe.channel == "news"));
    /// ```
    ///
    /// # Errors
    /// [`FrameError`] says what does not fit.
    pub fn parse(text: &'a str) -> Result<Self, FrameError> {
        // Serde takes an array for a struct too, by the order of its fields.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(FrameError::Envelope(Error::custom("it does not begin with a brace")));
        }
        let Envelope { event, channel, data } =
            serde_json::from_str(text).map_err(FrameError::Envelope)?;
        match &*event {
            "pusher:ping" => Ok(Self::Ping),
            "pusher:pong" => Ok(Self::Pong),
            "pusher:subscribe" => data_of(&event, data).map(Self::Subscribe),
            "pusher:unsubscribe" => {
                data_of(&event, data).map(|Unsubscribe { channel }| Self::Unsubscribe { channel })
            }
            "pusher:signin" => data_of(&event, data)
                .map(|SignIn { auth, user_data }| Self::SignIn { auth, user_data }),
            name if name.starts_with("client-") => match channel {
                Some(channel) => Ok(Self::ClientEvent { event, channel, data }),
                None => Err(FrameError::NoChannel { event: event.into_owned() }),
            },
            _ => Ok(Self::Unknown { event }),
        }
    }
}

fn data_of<T: for<'d> Deserialize<'d>>(
    event: &str,
    data: Option<&RawValue>,
) -> Result<T, FrameError> {
    let text = data.map_or("null", RawValue::get);
    let parsed = if text.starts_with('"') {
        serde_json::from_str::<String>(text).and_then(|inner| serde_json::from_str(&inner))
    } else {
        serde_json::from_str(text)
    };
    parsed.map_err(|source| FrameError::Data { event: event.to_owned(), source })
}
