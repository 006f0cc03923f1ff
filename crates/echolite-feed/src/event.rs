//! Events on their way through the outbox.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{FeedError, Result};
use crate::head::EventHead;

/// An event that a change announces: a name, a payload, channels. The feed adds the heads.
///
/// ```
/// use echolite_feed::Event;
/// let event = Event::new("ProductChanged", &serde_json::json!({ "id": 7, "url": "/api/products/7" }))
///     .private("cache-products")
///     .to_others(Some("123.456"));
/// ```
#[derive(Debug)]
#[must_use = "nothing is announced without Change::announce"]
pub struct Event {
    name: String,
    payload: serde_json::Result<Value>,
    channels: Vec<String>,
    except: Option<String>,
}

/// An event as the outbox keeps it, to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its name.
    pub name: String,
    /// Full names of its channels, prefix included.
    pub channels: Vec<String>,
    /// What it carries: a JSON object with `head`, or `heads` by resource.
    pub data: String,
    /// The connection that does not get it.
    pub socket_id: Option<String>,
}

impl Event {
    /// An event with a payload, which must be a JSON object; for no channel yet.
    pub fn new(name: &str, payload: &(impl Serialize + ?Sized)) -> Self {
        let (name, payload) = (name.to_owned(), serde_json::to_value(payload));
        Self { name, payload, channels: Vec::new(), except: None }
    }

    /// To a public channel.
    pub fn public(self, channel: &str) -> Self {
        self.channel(channel)
    }

    /// To a private channel: `cache-products` means `private-cache-products`, which keeps its last event
    /// for those who subscribe later, so that a reconnect with nothing missed costs no request.
    pub fn private(self, channel: &str) -> Self {
        self.channel(format!("private-{channel}"))
    }

    /// To a channel; text is its full name, prefix included.
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channels.push(channel.into());
        self
    }

    /// Not to the connection that caused it: the request's `X-Socket-ID`, if it has one. A cache has a
    /// connection of its own and hears of its page's changes all the same.
    pub fn to_others(mut self, socket_id: Option<&str>) -> Self {
        self.except = socket_id.map(str::to_owned);
        self
    }

    /// The event as the outbox keeps it, with the heads it is about.
    pub(crate) fn with_heads(self, heads: &[(String, EventHead)]) -> Result<Outgoing> {
        let Self { name, payload, channels, except } = self;
        if channels.is_empty() {
            return Err(FeedError::NoChannel(name));
        }
        let payload = match payload {
            Ok(payload) => payload,
            Err(source) => return Err(FeedError::Payload { event: name, source }),
        };
        let Value::Object(mut data) = payload else { return Err(FeedError::NoPlaceForHead(name)) };
        if HEADS.iter().any(|taken| data.contains_key(*taken)) {
            return Err(FeedError::NoPlaceForHead(name));
        }
        match heads {
            [] => {}
            [(_, head)] => drop(data.insert("head".into(), serde_json::to_value(head)?)),
            several => {
                let several = several
                    .iter()
                    .map(|(resource, head)| Ok((resource.clone(), serde_json::to_value(head)?)));
                let several = several.collect::<serde_json::Result<Map<_, _>>>()?;
                data.insert("heads".into(), several.into());
            }
        }
        let data = serde_json::to_string(&data)?;
        Ok(Outgoing { name, channels, data, socket_id: except })
    }
}

/// Where the heads stand in what an event carries.
const HEADS: [&str; 2] = ["head", "heads"];

impl Outgoing {
    /// The event with nothing but its heads: who hears it knows that something changed, and reads.
    pub(crate) fn heads_alone(&self) -> Result<Self> {
        let stored = |source| FeedError::Stored { what: "an event", source };
        let mut data: Map<String, Value> = serde_json::from_str(&self.data).map_err(stored)?;
        data.retain(|key, _| HEADS.contains(&key.as_str()));
        Ok(Self { data: serde_json::to_string(&data)?, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head(seq: i64) -> EventHead {
        EventHead { epoch: "a".into(), seq, prev: seq - 1 }
    }

    #[test]
    fn heads_stand_beside_what_the_event_carries() {
        let event = || Event::new("Changed", &json!({ "id": 7 })).private("cache-products");
        let data = |heads: &[_]| -> Value {
            let outgoing = event().with_heads(heads).expect("there is a place");
            serde_json::from_str(&outgoing.data).expect("it is JSON")
        };
        let (one, other) = (("products".to_owned(), head(3)), ("offers".to_owned(), head(9)));
        assert_eq!(data(&[]), json!({ "id": 7 }));
        let expected = json!({ "id": 7, "head": { "epoch": "a", "seq": 3, "prev": 2 } });
        assert_eq!(data(std::slice::from_ref(&one)), expected);
        let several = data(&[one, other]);
        assert_eq!(several["heads"]["offers"]["seq"], 9);
        assert_eq!(several["heads"]["products"]["prev"], 2);
    }

    #[test]
    fn without_its_payload_an_event_still_has_its_heads() {
        let event = Event::new("Changed", &json!({ "id": 7 })).public("products");
        let outgoing = event.with_heads(&[("products".to_owned(), head(3))]).expect("a place");
        let bare = outgoing.heads_alone().expect("it is JSON");
        assert_eq!(bare.data, r#"{"head":{"epoch":"a","prev":2,"seq":3}}"#);
    }

    #[test]
    fn an_event_without_a_place_for_heads_is_refused() {
        for payload in [json!(7), json!([1]), json!({ "head": 1 }), json!({ "heads": {} })] {
            let refused = Event::new("Changed", &payload).public("products").with_heads(&[]);
            assert!(matches!(refused, Err(FeedError::NoPlaceForHead(_))), "{payload}");
        }
        let nowhere = Event::new("Changed", &json!({})).with_heads(&[]);
        assert!(matches!(nowhere, Err(FeedError::NoChannel(_))));
    }
}
