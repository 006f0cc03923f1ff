//! What the back end says of a change.

use axum::http::HeaderMap;
use echolite_feed::Event;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::catalogue::Product;

/// How much the event carries, chosen by `?event=row|url|id` on the request that changes something.
/// An ordinary back end has one answer; here it can be watched.
#[derive(Deserialize, Clone, Copy, Default)]
pub(crate) struct Carries {
    #[serde(default)]
    event: Detail,
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Detail {
    /// The row and its URL.
    #[default]
    Row,
    /// Which URL is outdated.
    Url,
    /// Only that something happened.
    Id,
}

/// A change of one product.
pub(crate) enum Change<'a> {
    Saved(&'a Product),
    Removed { id: i64, version: i64 },
}

impl Change<'_> {
    fn payload(&self, detail: Detail) -> Value {
        let id = match self {
            Self::Saved(product) => product.id,
            Self::Removed { id, .. } => *id,
        };
        let url = format!("/api/products/{id}");
        match (detail, self) {
            (Detail::Id, _) => json!({ "id": id }),
            (Detail::Url, _) => json!({ "id": id, "url": url }),
            (Detail::Row, Self::Saved(product)) => {
                json!({ "id": id, "url": url, "client_refresh": product })
            }
            (Detail::Row, Self::Removed { version, .. }) => {
                json!({ "id": id, "url": url, "version": version, "deleted": true })
            }
        }
    }
}

/// Makes the events of one request: as much as they shall carry, and to all but the socket that asked.
pub(crate) struct Announcer {
    carries: Carries,
    socket_id: Option<String>,
}

impl Announcer {
    pub(crate) fn of(carries: Carries, headers: &HeaderMap) -> Self {
        let socket_id = headers.get("x-socket-id").and_then(|id| id.to_str().ok());
        Self { carries, socket_id: socket_id.map(str::to_owned) }
    }

    /// `ProductChanged`, to which the feed adds the head.
    pub(crate) fn event(&self, change: &Change<'_>) -> Event {
        Event::new("ProductChanged", &change.payload(self.carries.event))
            .private("cache-products")
            .to_others(self.socket_id.as_deref())
    }
}
