//! What every database of the feed must hold, told once. A test crate gives a [`Shop`] and calls `suite!`.

pub(crate) mod client;
pub(crate) mod recorder;
mod stress;
mod writes;

use std::future::Future;

use echolite_feed::{
    FeedError, IdempotencyKey, ListRequest, Publish, Publisher, PublisherOptions, Retention,
};
use http::Response;
use serde_json::{Value, json};

pub(crate) use stress::*;
pub(crate) use writes::*;

pub(crate) type Result<T> = std::result::Result<T, FeedError>;

/// One step of a change.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A product gets this name; it is made if it is missing.
    Save(i64, String),
    /// A product goes.
    Remove(i64),
    /// All products get this name, and nobody says which.
    RenameAll(String),
    /// `ProductChanged`, with the rows of the steps since the last announcement.
    Announce,
}

/// How a change ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Commit,
    /// It is dropped.
    Drop,
}

/// A small application on the feed: products, each with a name.
pub(crate) trait Shop: Clone + Send + Sync + 'static {
    fn write(&self, steps: Vec<Step>, end: End) -> impl Future<Output = Result<()>> + Send;

    /// `{"data": [[id, name], …]}`, or what changed, or 304.
    fn list(&self, request: ListRequest) -> impl Future<Output = Result<Response<String>>> + Send;

    /// Adds a product under a key and answers 201 with it; `None`: fails after it was added.
    fn add_once(
        &self,
        key: IdempotencyKey,
        name: Option<&str>,
    ) -> impl Future<Output = Result<Response<String>>> + Send;

    /// Commits under a key without keeping an answer.
    fn forget_to_keep(&self, key: IdempotencyKey) -> impl Future<Output = Result<()>> + Send;

    /// One change of `products` and `offers`, of which `offers` is unknown before, with one event.
    fn change_two_resources(&self) -> impl Future<Output = Result<()>> + Send;

    /// Says that a row of `offers` changed, in a change of `products`.
    fn change_what_was_not_begun(&self) -> impl Future<Output = Result<()>> + Send;

    /// The same application in another process: its feed does not tell this one's publisher.
    fn elsewhere(&self) -> Self;

    fn new_epoch(&self) -> impl Future<Output = Result<()>> + Send;

    fn publish_to(&self, target: impl Publish, options: PublisherOptions) -> Publisher;

    /// How many events wait, and how many were refused.
    fn outbox(&self) -> impl Future<Output = Result<(i64, i64)>> + Send;
}

/// Pauses that a test need not notice.
pub(crate) fn quick() -> PublisherOptions {
    use std::time::Duration;
    let pause = Duration::from_millis(5);
    PublisherOptions {
        look_every: Duration::from_millis(20),
        first_pause: pause,
        longest_pause: pause,
        retention: Retention::default(),
    }
}

pub(crate) fn save(id: i64, name: &str) -> Vec<Step> {
    vec![Step::Save(id, name.to_owned()), Step::Announce]
}

pub(crate) fn since(head: &str) -> ListRequest {
    ListRequest::of(Some(&format!("since={head}")), &http::HeaderMap::new())
}

pub(crate) fn known(tag: &str) -> ListRequest {
    let tag = tag.parse().expect("a header's value");
    ListRequest::of(None, &[(http::header::IF_NONE_MATCH, tag)].into_iter().collect())
}

pub(crate) fn head_of(answer: &Response<String>) -> String {
    answer.headers()["x-cache-head"].to_str().expect("a head is text").to_owned()
}

pub(crate) fn json_of(answer: &Response<String>) -> Value {
    serde_json::from_str(answer.body()).expect("an answer is JSON")
}

/// A deleted or changed row in an event, as both shops announce it.
pub(crate) fn payload(rows: &[(i64, Option<String>)]) -> Value {
    let rows: Vec<Value> = rows.iter().map(|(id, name)| json!([id, name])).collect();
    json!({ "rows": rows })
}

/// The tests, for a shop that `$open` makes, with whatever must live as long as it.
macro_rules! suite {
    ($open:path) => {
        suite!(@
            $open;
            heads_order_everything,
            a_change_that_is_dropped_leaves_no_trace,
            a_crash_loses_no_event_and_repeats_show_by_their_heads,
            what_is_behind_an_event_waits_for_it,
            a_publisher_ends_though_writes_go_on,
            a_publisher_looks_without_being_woken,
            an_event_too_large_is_published_without_its_payload,
            a_reader_gets_no_more_than_it_needs,
            the_log_is_shortened,
            a_new_epoch_voids_what_was_before,
            a_repeated_request_has_one_effect,
            an_event_may_be_about_several_resources,
        );
    };
    (@ $open:path; $($test:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some((shop, _keep)) = $open().await else { return };
                $crate::suite::$test(shop).await;
            }
        )*
    };
}
pub(crate) use suite;
