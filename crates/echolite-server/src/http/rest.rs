//! The rest of a request's body when its answer is ready.
//!
//! An answer that comes before the body was read leaves the rest on the connection. hyper then closes it without a
//! word, and the next request of a client that keeps its connections fails. So the rest is read and dropped, as far as it
//! is small and comes soon; else the answer says `Connection: close`.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The most bytes that are read and dropped.
const LARGEST_REST: usize = 1024 * 1024;
/// Their time limit.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Sees to what a handler leaves of a request's body.
pub(super) async fn take_rest(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let is_welcome = is_welcome(request.headers());
    let (parts, body) = request.into_parts();
    let body = Shared(Arc::new(Mutex::new(Unread { body, ended: false })));
    let mut response = next.run(Request::from_parts(parts, Body::new(body.clone()))).await;
    let is_clean = body.has_ended() || (is_welcome && is_dropped(body).await);
    if !is_clean {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the rest is worth reading: a client that waits for `100 Continue` has sent none of it.
fn is_welcome(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    !headers.contains_key(EXPECT) && length.is_none_or(|length: usize| length <= LARGEST_REST)
}

/// Reads and drops a body; whether it came to its end.
async fn is_dropped(mut body: Shared) -> bool {
    let reading = async {
        let mut dropped = 0;
        while let Some(Ok(frame)) = body.frame().await {
            dropped += frame.data_ref().map_or(0, Bytes::len);
            if dropped > LARGEST_REST {
                return false;
            }
        }
        body.has_ended()
    };
    tokio::time::timeout(LONGEST_WAIT, reading).await.unwrap_or(false)
}

/// A body that its reader may let go before it was read to the end.
#[derive(Clone)]
struct Shared(Arc<Mutex<Unread>>);

struct Unread {
    body: Body,
    /// A body in chunks does not know by itself that it was read to its end.
    ended: bool,
}

impl Shared {
    fn has_ended(&self) -> bool {
        let unread = self.0.lock();
        unread.ended || unread.body.is_end_stream()
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut unread = self.0.lock();
        let frame = Pin::new(&mut unread.body).poll_frame(cx);
        unread.ended |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().body.size_hint()
    }
}
