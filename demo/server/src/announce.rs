//! What the back end says of a change.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
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

impl App {
    /// Broadcasts `ProductChanged`; a failure is told and never undoes the change.
    pub(crate) async fn announce(&self, change: Change<'_>, carries: Carries, headers: &HeaderMap) {
        let socket_id = headers.get("x-socket-id").and_then(|id| id.to_str().ok());
        let sent = self
            .broadcaster
            .private("products")
            .event("ProductChanged", &change.payload(carries.event))
            .to_others(socket_id)
            .send()
            .await;
        if let Err(error) = sent {
            eprintln!("echolite-demo: the change is saved but was not broadcast: {error}");
        }
    }
}
