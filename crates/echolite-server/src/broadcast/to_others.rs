//! The connection that an event leaves out.

use crate::socket_id::has_socket_id_form;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The connection an event leaves out, if it is known: the one that caused it.
///
/// It is extracted from a request's `X-Socket-ID`, which Echo adds. Text that is no socket id leaves
/// nobody out: it comes from the page, and must not stop the event.
///
/// ```
/// use axum::extract::State;
/// use echolite_server::{Broadcaster, ToOthers};
///
/// async fn rename(State(broadcaster): State<Broadcaster>, others: ToOthers) {
///     let renamed = broadcaster.private("products").event("ProductRenamed", &7);
///     if let Err(error) = renamed.to_others(others).send().await {
///         eprintln!("{error}");
///     }
/// }
/// # let app: axum::Router<Broadcaster> = axum::Router::new().route("/", axum::routing::post(rename));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToOthers(pub(crate) Option<String>);

impl<S: Sync> FromRequestParts<S> for ToOthers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let id = parts.headers.get("x-socket-id");
        Ok(id.and_then(|id| id.to_str().ok()).into())
    }
}

impl From<Option<&str>> for ToOthers {
    fn from(id: Option<&str>) -> Self {
        Self(id.filter(|id| has_socket_id_form(id)).map(str::to_owned))
    }
}

impl From<Option<String>> for ToOthers {
    fn from(id: Option<String>) -> Self {
        Self(id.filter(|id| has_socket_id_form(id)))
    }
}

impl From<&str> for ToOthers {
    fn from(id: &str) -> Self {
        Some(id).into()
    }
}

impl From<String> for ToOthers {
    fn from(id: String) -> Self {
        Some(id).into()
    }
}

impl From<&String> for ToOthers {
    fn from(id: &String) -> Self {
        Some(id.as_str()).into()
    }
}
