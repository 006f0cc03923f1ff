//! Events that name what is outdated by tags.

mod rig;

use echolite_cache::{Activity, Output, Reaction, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, Wire, products, row};
use serde_json::{Value, json};

fn tagged() -> ResourceConfig {
    ResourceConfig { tags: vec!["catalogue".into(), "product:{id}".into()], ..products() }
}

fn details(rig: &Rig) -> Vec<String> {
    let detail = |output: &_| match output {
        Output::Activity(Activity::Event { detail, .. }) => detail.clone(),
        _ => None,
    };
    rig.outputs.iter().filter_map(detail).collect()
}

#[test]
fn a_tag_of_the_resource_means_the_list() {
    for tags in
        [json!("catalogue"), json!(["users", "catalogue"]), json!(["product:1", "catalogue"])]
    {
        let mut rig = Rig::fresh(tagged(), &[row(1, 1)]);
        rig.changed(json!({ "tags": tags }));
        assert_eq!(rig.state(), "stale(changed)", "{tags}");
        assert_eq!(rig.outcomes(), ["Url queued"]);
        assert_eq!(rig.read().target, ReadTarget::List);
    }
}

#[test]
fn a_tag_of_a_row_means_that_row() {
    let mut rig = Rig::fresh(tagged(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "tags": ["product:2"] }));
    assert_eq!(rig.state(), "stale(row-outdated)");
    let read = rig.read();
    assert_eq!((read.target, &*read.url), (ReadTarget::Row, "https://shop.test/api/products/2"));
    rig.answer(&read, ReadReply::Row { row: row(2, 2).into(), validator: None, head: None });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1), (2, 2)], "fresh".to_owned()));
}

#[test]
fn a_tag_of_a_row_that_is_not_in_the_list_means_the_list() {
    let mut rig = Rig::fresh(tagged(), &[row(1, 1)]);
    rig.changed(json!({ "tags": ["product:7"] }));
    assert_eq!(rig.read().target, ReadTarget::List, "it may belong to it now");
}

#[test]
fn ids_are_encoded_in_urls_and_read_from_them() {
    let odd = json!({ "id": "a/b c", "v": 1, "price": 1, "name": "odd" });
    let mut rig = Rig::fresh(tagged(), &[odd]);
    rig.changed(json!({ "tags": "product:a/b c" }));
    let read = rig.read();
    assert_eq!(
        (read.target, &*read.url),
        (ReadTarget::Row, "https://shop.test/api/products/a%2Fb%20c")
    );
    rig.answer(&read, ReadReply::Gone);
    assert_eq!((rig.shown.len(), rig.state()), (0, "stale(changed)".to_owned()));
}

#[test]
fn tags_of_others_are_ignored_and_that_is_told() {
    let mut rig = Rig::fresh(tagged(), &[row(1, 1)]);
    for tags in [json!("users"), json!(["product:", "catalogues"])] {
        rig.changed(json!({ "tags": tags }));
    }
    assert_eq!(rig.outcomes(), ["Url ignored"; 2]);
    assert_eq!(details(&rig), ["none of its tags is among the resource's `tags`"; 2]);
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}

#[test]
fn tags_of_others_with_the_head_of_this_resource_are_not_ignored() {
    let mut rig = Rig::new(rig::config());
    rig.declare(tagged());
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    let head = echolite_cache::Head::parse("e;5");
    rig.answer(&read, ReadReply::List { rows: vec![row(1, 1).into()], validator: None, head });
    assert_eq!(rig.state(), "fresh");
    rig.changed(json!({ "tags": "users", "head": { "epoch": "e", "seq": 6 } }));
    assert_ne!(rig.state(), "fresh", "the head says that the list changed");
    assert_eq!(rig.read().target, ReadTarget::List);
}

#[test]
fn a_row_in_the_event_and_its_tags_and_urls_go_together() {
    let mut rig = Rig::fresh(tagged(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2), "tags": "catalogue" }));
    assert_eq!(rig.versions(), [(1, 2), (2, 1)]);
    assert_eq!(rig.outcomes(), ["Patch queued"]);
    assert_eq!(rig.state(), "stale(changed)", "the tag means the whole list");
    rig.answer_list(&[row(1, 2), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/1", "tags": ["product:1", "product:2"] }));
    let mut urls = Vec::new();
    for _ in 0..2 {
        let read = rig.read();
        urls.push(read.url.to_string());
        rig.answer(
            &read,
            ReadReply::Row { row: row(urls.len() as u64, 3).into(), validator: None, head: None },
        );
    }
    assert_eq!(urls, ["https://shop.test/api/products/1", "https://shop.test/api/products/2"]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn without_tags_of_its_own_a_resource_takes_an_event_with_tags_as_any_other() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "tags": ["catalogue"] }));
    assert_eq!(
        (rig.outcomes(), rig.state()),
        (vec!["Refresh queued".into()], "stale(changed)".to_owned())
    );
}

#[test]
fn tags_that_are_no_texts_are_not_taken_for_none() {
    for tags in [json!(7), json!({ "catalogue": true }), json!(["catalogue", 7])] {
        let mut rig = Rig::fresh(tagged(), &[row(1, 1)]);
        rig.changed(json!({ "tags": tags }));
        assert_eq!(rig.state(), "stale(changed)", "{tags}");
    }
    let on = vec![("ProductChanged".into(), Reaction::Url)];
    let mut rig = Rig::fresh(ResourceConfig { on, ..tagged() }, &[row(1, 1)]);
    rig.changed(json!({ "anything": Value::Null }));
    assert_eq!(rig.outcomes(), ["Url rejected"]);
    assert_eq!(details(&rig), ["no URL at 'url', nor tags; the list is read instead"]);
}
