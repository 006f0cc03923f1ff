//! One thing after the other.

use std::time::Duration;

use echolite_feed::{
    FeedError, IdempotencyKey, ListRequest, Outgoing, Publish, PublishError, PublisherOptions,
    Retention,
};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::client::{Client, Rows, rows, seq_of};
use super::recorder::{DEADLINE, Fate, Recorder};
use super::{End, Shop, Step, head_of, json_of, known, quick, save, since};

async fn head<S: Shop>(shop: &S) -> String {
    head_of(&shop.list(ListRequest::default()).await.expect("a list"))
}

pub(crate) async fn a_change_that_is_dropped_leaves_no_trace<S: Shop>(shop: S) {
    let before = head(&shop).await;
    shop.write(save(1, "never"), End::Drop).await.expect("a change");
    assert_eq!(head(&shop).await, before);
    assert_eq!(shop.outbox().await.expect("an outbox"), (0, 0));
    shop.write(save(1, "kept"), End::Commit).await.expect("a change");
    let target = Recorder::new([]);
    let publisher = shop.publish_to(target.clone(), quick());
    let mut client = Client::new(seq_of(&before), Rows::new());
    client.hear_all(&target.has_taken(1).await);
    publisher.shutdown().await;
    assert_eq!(client.rows, [(1, "kept".to_owned())].into());
    assert_eq!(shop.outbox().await.expect("an outbox"), (0, 0));
}

/// The process dies after the commit: before the server has the event, or before that is noted.
pub(crate) async fn a_crash_loses_no_event_and_repeats_show_by_their_heads<S: Shop>(shop: S) {
    for (fate, name, repeated) in [(Fate::HangsBefore, "lost", 0), (Fate::HangsAfter, "unnoted", 1)]
    {
        let start = shop.list(ListRequest::default()).await.expect("a list");
        let mut client = Client::new(seq_of(&head_of(&start)), rows(&json_of(&start)));
        shop.write(save(1, name), End::Commit).await.expect("a change");
        shop.write(save(2, name), End::Commit).await.expect("a change");

        let dying = Recorder::new([fate]);
        let publisher = shop.publish_to(dying.clone(), quick());
        dying.was_tried(1).await;
        drop(publisher);

        let target = Recorder::new([]);
        let publisher = shop.publish_to(target.clone(), quick());
        target.has_taken(2).await;
        publisher.shutdown().await;
        client.hear_all(&dying.taken());
        client.hear_all(&target.taken());
        assert_eq!(client.repeated, repeated, "{name}");
        let now = shop.list(ListRequest::default()).await.expect("a list");
        assert_eq!((client.seq, client.rows), (seq_of(&head_of(&now)), rows(&json_of(&now))));
    }
}

/// A server that is told of an event only when the next one has been written: the outbox is never empty.
struct Steady<S> {
    shop: S,
    target: Recorder,
}

impl<S: Shop> Publish for Steady<S> {
    async fn publish(&self, event: &Outgoing) -> std::result::Result<(), PublishError> {
        self.shop.write(save(1, "next"), End::Commit).await.expect("a change");
        self.target.publish(event).await
    }
}

pub(crate) async fn a_publisher_ends_though_writes_go_on<S: Shop>(shop: S) {
    let target = Recorder::new([]);
    shop.write(save(1, "first"), End::Commit).await.expect("a change");
    let steady = Steady { shop: shop.clone(), target: target.clone() };
    let publisher = shop.publish_to(steady, quick());
    target.has_taken(10).await;
    let ended = tokio::time::timeout(DEADLINE, publisher.shutdown()).await;
    assert!(ended.is_ok(), "it goes on and on: {} events", target.taken().len());
    // later events wait for the next publisher, in order
    let (waiting, _) = shop.outbox().await.expect("an outbox");
    assert!(waiting > 0);
    let publisher = shop.publish_to(target.clone(), quick());
    publisher.shutdown().await;
    assert_eq!(shop.outbox().await.expect("an outbox"), (0, 0));
    let mut client = Client::new(0, Rows::new());
    client.hear_all(&target.taken());
    assert_eq!(client.repeated, 0);
}

pub(crate) async fn what_is_behind_an_event_waits_for_it<S: Shop>(shop: S) {
    let target = Recorder::new([Fate::Away, Fate::Away, Fate::Away]);
    let publisher = shop.publish_to(target.clone(), quick());
    for id in 1..=3 {
        shop.write(save(id, "x"), End::Commit).await.expect("a change");
    }
    Client::new(0, Rows::new()).hear_all(&target.has_taken(3).await);
    publisher.shutdown().await;
}

/// What another process committed is found without being told.
pub(crate) async fn a_publisher_looks_without_being_woken<S: Shop>(shop: S) {
    let target = Recorder::new([]);
    let publisher = shop.publish_to(target.clone(), quick());
    // Its notice of the first commit is used up, and the second comes through a feed that it does not know.
    shop.write(save(1, "told"), End::Commit).await.expect("a change");
    target.has_taken(1).await;
    let elsewhere = shop.elsewhere();
    elsewhere.write(save(2, "not told"), End::Commit).await.expect("a change");
    target.has_taken(2).await;
    publisher.shutdown().await;
}

pub(crate) async fn an_event_too_large_is_published_without_its_payload<S: Shop>(shop: S) {
    let fates = [Fate::Refused /* its head alone is taken */];
    let target = Recorder::new(fates);
    shop.write(save(1, "large"), End::Commit).await.expect("a change");
    let publisher = shop.publish_to(target.clone(), quick());
    let taken = target.has_taken(1).await;
    publisher.shutdown().await;
    let data: Value = serde_json::from_str(&taken[0].data).expect("it is JSON");
    assert_eq!(data["head"]["seq"], 1);
    assert_eq!(data.get("rows"), None);

    // One that is refused whatever it carries does not hold up the next, which shows that it is missing.
    let target = Recorder::new([Fate::Refused, Fate::Refused]);
    shop.write(save(1, "refused"), End::Commit).await.expect("a change");
    shop.write(save(1, "next"), End::Commit).await.expect("a change");
    let publisher = shop.publish_to(target.clone(), quick());
    let taken = target.has_taken(1).await;
    publisher.shutdown().await;
    let data: Value = serde_json::from_str(&taken[0].data).expect("it is JSON");
    assert_eq!((&data["head"]["prev"], &data["head"]["seq"]), (&json!(2), &json!(3)));
    assert_eq!(shop.outbox().await.expect("an outbox"), (0, 1));
}

pub(crate) async fn a_reader_gets_no_more_than_it_needs<S: Shop>(shop: S) {
    for (id, name) in [(1, "one"), (2, "two"), (3, "three")] {
        shop.write(save(id, name), End::Commit).await.expect("a change");
    }
    let list = shop.list(ListRequest::default()).await.expect("a list");
    let (old, tag) = (head_of(&list), list.headers()["etag"].to_str().expect("a tag").to_owned());
    assert_eq!(tag, format!("\"{old}\""));
    let again = shop.list(known(&tag)).await.expect("an answer");
    assert_eq!((again.status(), again.body().as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(head_of(&again), old);
    let nothing = json_of(&shop.list(since(&old)).await.expect("an answer"));
    assert_eq!(nothing, json!({ "changed": [], "deleted": [], "head": old }));

    let steps = vec![Step::Save(2, "zwei".into()), Step::Remove(3), Step::Save(4, "vier".into())];
    shop.write(steps, End::Commit).await.expect("a change");
    assert_eq!(shop.list(known(&tag)).await.expect("an answer").status(), StatusCode::OK);
    let news = json_of(&shop.list(since(&old)).await.expect("an answer"));
    let expected = json!({
        "changed": [[2, "zwei"], [4, "vier"]], "deleted": [3], "head": head(&shop).await
    });
    assert_eq!(news, expected);

    let before = head(&shop).await;
    let all = vec![Step::RenameAll("same".into()), Step::Announce];
    shop.write(all, End::Commit).await.expect("a change");
    let whole = json_of(&shop.list(since(&before)).await.expect("an answer"));
    assert_eq!(rows(&whole).len(), 3, "what changed is not known: the whole list");
}

/// Changes are kept for a time; who was away longer reads the whole list.
pub(crate) async fn the_log_is_shortened<S: Shop>(shop: S) {
    shop.write(save(1, "one"), End::Commit).await.expect("a change");
    let old = head(&shop).await;
    shop.write(save(2, "two"), End::Commit).await.expect("a change");
    let now = head(&shop).await;
    assert!(json_of(&shop.list(since(&old)).await.expect("an answer")).get("changed").is_some());

    let retention = Retention { changes: Duration::ZERO, keys: Duration::ZERO };
    // A publisher tidies after its first look.
    let publisher = shop.publish_to(Recorder::new([]), PublisherOptions { retention, ..quick() });
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while json_of(&shop.list(since(&old)).await.expect("an answer")).get("changed").is_some() {
        assert!(std::time::Instant::now() < deadline, "the log was never shortened");
        tokio::task::yield_now().await;
    }
    publisher.shutdown().await;
    let reached = json_of(&shop.list(since(&now)).await.expect("an answer"));
    assert_eq!(reached, json!({ "changed": [], "deleted": [], "head": now }));
}

/// A restored backup repeats numbers: the epoch tells them apart.
pub(crate) async fn a_new_epoch_voids_what_was_before<S: Shop>(shop: S) {
    shop.write(save(1, "one"), End::Commit).await.expect("a change");
    let old = head(&shop).await;
    shop.new_epoch().await.expect("a new epoch");
    let new = head(&shop).await;
    let epoch = |head: &str| head.split_once(';').map(|(epoch, _)| epoch.to_owned());
    assert_ne!(epoch(&new), epoch(&old));
    assert_eq!(shop.outbox().await.expect("an outbox"), (0, 0), "events of before are void");
    let whole = json_of(&shop.list(since(&old)).await.expect("an answer"));
    assert_eq!(rows(&whole), [(1, "one".to_owned())].into());
    assert_eq!(
        shop.list(known(&format!("\"{old}\""))).await.expect("an answer").status(),
        StatusCode::OK
    );
}

fn key(text: &str, body: &str) -> IdempotencyKey {
    let name = "idempotency-key".parse().expect("a name");
    let headers: HeaderMap = [(name, text.parse().expect("a value"))].into_iter().collect();
    let key = IdempotencyKey::of(&headers, "user-1").expect("a key");
    key.request(&Method::POST, "/api/products", body.as_bytes())
}

pub(crate) async fn a_repeated_request_has_one_effect<S: Shop>(shop: S) {
    let (one, other) = tokio::join!(
        shop.add_once(key("a", "x"), Some("x")),
        shop.add_once(key("a", "x"), Some("x")),
    );
    let (one, other) = (one.expect("an answer"), other.expect("an answer"));
    assert_eq!(one.status(), StatusCode::CREATED);
    assert_eq!((one.status(), one.body()), (other.status(), other.body()));
    assert_eq!(head_of(&one), head_of(&other));
    let later = shop.add_once(key("a", "x"), Some("x")).await.expect("an answer");
    assert_eq!(later.body(), one.body());
    assert_eq!(rows(&json_of(&shop.list(ListRequest::default()).await.expect("a list"))).len(), 1);
    assert_eq!(shop.outbox().await.expect("an outbox"), (1, 0));

    let reused = shop.add_once(key("a", "y"), Some("y")).await;
    assert!(matches!(reused, Err(FeedError::KeyReused)), "{reused:?}");
    // One that failed had no effect, so it may be repeated.
    shop.add_once(key("b", "z"), None).await.expect_err("it fails");
    shop.add_once(key("b", "z"), Some("z")).await.expect("an answer");
    assert_eq!(rows(&json_of(&shop.list(ListRequest::default()).await.expect("a list"))).len(), 2);
    let kept = shop.forget_to_keep(key("c", "")).await;
    assert!(matches!(kept, Err(FeedError::NothingKept)), "{kept:?}");
}

pub(crate) async fn an_event_may_be_about_several_resources<S: Shop>(shop: S) {
    let target = Recorder::new([]);
    let publisher = shop.publish_to(target.clone(), quick());
    shop.change_two_resources().await.expect("a change");
    let taken = target.has_taken(1).await;
    publisher.shutdown().await;
    let data: Value = serde_json::from_str(&taken[0].data).expect("it is JSON");
    for resource in ["products", "offers"] {
        assert_eq!(data["heads"][resource]["seq"], 1, "{data}");
        assert_eq!(data["heads"][resource]["prev"], 0, "{data}");
        assert!(data["heads"][resource]["epoch"].is_string(), "{data}");
    }
    let refused = shop.change_what_was_not_begun().await;
    assert!(matches!(&refused, Err(FeedError::NotBegun(name)) if name == "offers"), "{refused:?}");
}
