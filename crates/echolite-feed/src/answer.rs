//! Answers that carry the head of their rows.

use std::collections::HashSet;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, RETRY_AFTER};
use http::{HeaderName, Response, StatusCode};
use serde::Serialize;

use crate::error::Result;
use crate::head::Head;
use crate::list_request::Changes;
use crate::row_id::RowId;

/// The header that carries the head of an answer's rows: `epoch;seq`.
pub const CACHE_HEAD: HeaderName = HeaderName::from_static("x-cache-head");

/// What a page of another origin must be allowed to read (`Access-Control-Expose-Headers`).
///
/// With `tower_http`: `CorsLayer::new().expose_headers(echolite_feed::EXPOSED_HEADERS)`.
pub const EXPOSED_HEADERS: [HeaderName; 3] = [ETAG, CACHE_HEAD, RETRY_AFTER];

const JSON: &str = "application/json";

/// Axum and every framework on the `http` crate take these answers as they are.
impl Head {
    /// The whole list, in whatever envelope the application has: 200 with `X-Cache-Head` and `ETag`.
    ///
    /// # Errors
    /// When the list cannot be written as JSON.
    pub fn list(&self, list: &(impl Serialize + ?Sized)) -> Result<Response<String>> {
        let answer = Response::builder().header(ETAG, self.etag());
        let answer = answer.header(CACHE_CONTROL, "private, no-cache");
        self.finish(answer, serde_json::to_string(list)?)
    }

    /// One row, or anything else that is not the list: 200 with `X-Cache-Head`.
    ///
    /// # Errors
    /// When the row cannot be written as JSON.
    pub fn row(&self, row: &(impl Serialize + ?Sized)) -> Result<Response<String>> {
        self.status(StatusCode::OK, row)
    }

    /// As [`row`](Self::row), with another status: 201 for a row that is new.
    ///
    /// # Errors
    /// When the row cannot be written as JSON.
    pub fn status(
        &self,
        status: StatusCode,
        row: &(impl Serialize + ?Sized),
    ) -> Result<Response<String>> {
        self.finish(Response::builder().status(status), serde_json::to_string(row)?)
    }

    /// Done, with nothing to show: 204.
    ///
    /// # Errors
    /// When the epoch is none that the feed made.
    pub fn no_content(&self) -> Result<Response<String>> {
        let answer = Response::builder().status(StatusCode::NO_CONTENT);
        Ok(answer.header(CACHE_HEAD, self.to_string()).body(String::new())?)
    }

    /// The client has the list already: 304.
    ///
    /// # Errors
    /// When the epoch is none that the feed made.
    pub fn not_modified(&self) -> Result<Response<String>> {
        let answer = Response::builder().status(StatusCode::NOT_MODIFIED).header(ETAG, self.etag());
        Ok(answer.header(CACHE_HEAD, self.to_string()).body(String::new())?)
    }

    /// The rows that changed since the client's head: `{"changed": rows, "deleted": ids, "head": "epoch;seq"}`.
    ///
    /// `rows` are those of `changes.changed` that the list has now, each with its id. Of the others (a
    /// filtered list may not have them any more) the client is told that they are gone.
    ///
    /// # Errors
    /// When a row cannot be written as JSON.
    pub fn changes<T: Serialize>(
        &self,
        changes: &Changes,
        rows: &[(RowId, T)],
    ) -> Result<Response<String>> {
        #[derive(Serialize)]
        struct Body<'a, T> {
            changed: Vec<&'a T>,
            deleted: Vec<&'a RowId>,
            head: String,
        }
        let there: HashSet<&RowId> = rows.iter().map(|(id, _)| id).collect();
        let missing = changes.changed.iter().filter(|id| !there.contains(id));
        let body = Body {
            changed: rows.iter().map(|(_, row)| row).collect(),
            deleted: changes.deleted.iter().chain(missing).collect(),
            head: self.to_string(),
        };
        let answer = Response::builder().header(CACHE_CONTROL, "private, no-cache");
        self.finish(answer, serde_json::to_string(&body)?)
    }

    fn finish(&self, answer: http::response::Builder, body: String) -> Result<Response<String>> {
        let answer = answer.header(CACHE_HEAD, self.to_string());
        Ok(answer.header(CONTENT_TYPE, JSON).body(body)?)
    }
}

/// An answer as it was kept for an idempotency key.
pub(crate) fn kept(status: u16, head: Option<&str>, body: String) -> Result<Response<String>> {
    let mut answer = Response::builder().status(status);
    if let Some(head) = head {
        answer = answer.header(CACHE_HEAD, head);
    }
    if !body.is_empty() {
        answer = answer.header(CONTENT_TYPE, JSON);
    }
    Ok(answer.body(body)?)
}

/// The head of an answer, if it has one.
pub(crate) fn head_of(answer: &Response<String>) -> Option<&str> {
    answer.headers().get(CACHE_HEAD).and_then(|head| head.to_str().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn head() -> Head {
        "a;9".parse().expect("a head")
    }

    #[test]
    fn what_a_filtered_list_no_longer_has_is_told_as_gone() {
        let ids = |ids: &[i64]| ids.iter().copied().map(RowId::from).collect();
        let changes = Changes { changed: ids(&[1, 2]), deleted: ids(&[3]) };
        let answer = head().changes(&changes, &[(RowId::from(2), json!({ "id": 2 }))]);
        let answer = answer.expect("it can be written");
        let body: Value = serde_json::from_str(answer.body()).expect("JSON");
        assert_eq!(body, json!({ "changed": [{ "id": 2 }], "deleted": [3, 1], "head": "a;9" }));
        assert_eq!(answer.headers()[CACHE_HEAD], "a;9");
        assert!(!answer.headers().contains_key(ETAG), "its URL is asked once");
    }

    #[test]
    fn a_kept_answer_is_as_it_was() {
        let first = head().status(StatusCode::CREATED, &json!({ "id": 7 })).expect("an answer");
        let again = kept(201, head_of(&first), first.body().clone()).expect("an answer");
        assert_eq!(again.status(), first.status());
        assert_eq!(again.headers(), first.headers());
        assert_eq!(again.body(), first.body());
        let nothing = head().no_content().expect("an answer");
        let again = kept(204, head_of(&nothing), String::new()).expect("an answer");
        assert_eq!(again.headers(), nothing.headers());
    }
}
