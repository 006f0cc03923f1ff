//! Payloads and frames outside a browser: parsed JSON, shared.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::{ClientFrame, Frame, Name, Payload, Position, Scalar, SocketInput};

/// Parsed JSON as a payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Rc<Value>);

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(Rc::new(value))
    }
}

impl Payload for Json {
    fn at(&self, path: &str) -> Option<Self> {
        let mut value = &*self.0;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            value = value.get(name)?;
        }
        Some(Self(Rc::new(value.clone())))
    }

    fn scalar(&self) -> Scalar {
        match &*self.0 {
            Value::Null => Scalar::Null,
            Value::Bool(value) => Scalar::Bool(*value),
            Value::Number(number) => number.as_f64().map_or(Scalar::Other, Scalar::Number),
            Value::String(text) => Scalar::Text(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => Scalar::Other,
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        Some(self.0.as_array()?.iter().cloned().map(Self::from).collect())
    }

    fn is_object(&self) -> bool {
        self.0.is_object()
    }

    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str::<Value>(text).ok().map(Self::from)
    }

    fn from_text(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }

    fn lacks(&self, other: &Self) -> Option<Name> {
        lacks(&self.0, &other.0).map(Name::from)
    }

    fn over(&self, other: &Self) -> Self {
        let (Value::Object(own), Value::Object(known)) = (&*self.0, &*other.0) else {
            return self.clone();
        };
        let mut merged = known.clone();
        merged.extend(own.clone());
        Value::Object(merged).into()
    }
}

fn lacks(own: &Value, other: &Value) -> Option<String> {
    match (own, other) {
        (Value::Object(own), Value::Object(other)) => other.iter().find_map(|(name, of_other)| {
            let Some(value) = own.get(name) else { return Some(name.clone()) };
            lacks(value, of_other).map(|within| format!("{name}.{within}"))
        }),
        (Value::Array(own), Value::Array(other)) => {
            let within = lacks(own.first()?, other.first()?)?;
            Some(format!("0.{within}"))
        }
        _ => None,
    }
}

/// Reads a frame of the server, both layers of JSON: `data` is parsed where it is a text of JSON, and left
/// where not.
///
/// ```
/// use echolite_core::{SocketInput, json};
/// let ping = json::read_frame(r#"{"event":"pusher:ping","data":"{}"}"#);
/// assert!(matches!(ping, SocketInput::Frame(frame) if &*frame.event == "pusher:ping"));
/// assert!(matches!(json::read_frame("[]"), SocketInput::Malformed));
/// ```
#[must_use]
pub fn read_frame(text: &str) -> SocketInput<Json> {
    let Ok(Value::Object(mut frame)) = serde_json::from_str(text) else {
        return SocketInput::Malformed;
    };
    let mut name = |key: &str| match frame.remove(key) {
        Some(Value::String(text)) => Some(Name::from(text)),
        _ => None,
    };
    let (event, channel, user_id) = (name("event"), name("channel"), name("user_id"));
    let offset = frame.get("offset").and_then(Value::as_u64);
    let Some(event) = event else { return SocketInput::Malformed };
    let data = match frame.remove("data").unwrap_or_default() {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    };
    SocketInput::Frame(Frame { event, channel, data: data.into(), user_id, offset })
}

/// The text of a frame to the server.
#[must_use]
pub fn write_frame(frame: &ClientFrame<Json>) -> String {
    let envelope = |event: &str, data: Value| json!({ "event": event, "data": data });
    let text = |name: &Name| Value::from(&**name);
    let frame = match frame {
        ClientFrame::Ping => envelope("pusher:ping", json!({})),
        ClientFrame::Pong => envelope("pusher:pong", json!({})),
        ClientFrame::Subscribe { channel, auth, channel_data, recover } => {
            let mut data = json!({ "channel": text(channel) });
            if let Some(auth) = auth {
                data["auth"] = text(auth);
            }
            if let Some(signed) = channel_data {
                data["channel_data"] = text(signed);
            }
            if let Some(Position { epoch, offset }) = recover {
                data["recover"] = json!({ "epoch": text(epoch), "offset": offset });
            }
            envelope("pusher:subscribe", data)
        }
        ClientFrame::SignIn { auth, user_data } => {
            envelope("pusher:signin", json!({ "auth": text(auth), "user_data": text(user_data) }))
        }
        ClientFrame::Unsubscribe(channel) => {
            envelope("pusher:unsubscribe", json!({ "channel": text(channel) }))
        }
        ClientFrame::Event { channel, event, data } => {
            json!({ "event": text(event), "channel": text(channel), "data": *data.0 })
        }
    };
    frame.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_an_object_with_an_event() {
        let frame = |text: &str| match read_frame(text) {
            SocketInput::Frame(frame) => Some(frame),
            _ => None,
        };
        for bad in ["", "{", "[]", "1", "{}", r#"{"event":1}"#, r#"["event"]"#] {
            assert!(frame(bad).is_none(), "{bad}");
        }
        let parsed = frame(r#"{"event":"E","channel":"c","data":"{\"id\":1}"}"#).unwrap();
        assert_eq!(parsed.data.leaf("id"), Scalar::Number(1.0));
        assert_eq!(parsed.channel.as_deref(), Some("c"));
        let plain = frame(r#"{"event":"E","channel":1,"data":"no JSON"}"#).unwrap();
        assert_eq!(plain.data.scalar(), Scalar::Text("no JSON".into()));
        assert_eq!(plain.channel, None);
    }

    #[test]
    fn what_is_not_there_is_not_written() {
        let (channel, auth, channel_data, recover) = ("a".into(), None, None, None);
        let subscribe = ClientFrame::Subscribe { channel, auth, channel_data, recover };
        assert_eq!(
            write_frame(&subscribe),
            r#"{"data":{"channel":"a"},"event":"pusher:subscribe"}"#
        );
    }
}
