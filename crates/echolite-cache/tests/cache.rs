//! The cache by inputs and times: how lists become fresh, and stop being so.

mod rig;

use echolite_cache::{
    Advice, Command, Config, Input, PageSignal, Reaction, ReadFailure, ReadReply, ReadTarget,
    VersionMode,
};
use rig::{Rig, Wire, config, products, row};
use serde_json::json;

#[test]
fn the_first_list_is_read_once_and_fresh_after_the_confirmation() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(products());
    assert_eq!(rig.state(), "empty(loading)");
    rig.establish();
    assert_eq!(rig.reads(), [], "one read serves both if the subscription is quick");
    rig.confirm("products");
    let read = rig.answer_list(&[row(1, 1), row(2, 1)]);
    assert_eq!((&*read.url, read.validator), ("https://shop.test/api/products", None));
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.versions(), [(1, 1), (2, 1)]);
    assert_eq!(rig.take_changes(), Vec::<String>::new(), "the first rows are no news");
    rig.no_read(60_000 * 4);
}

#[test]
fn a_slow_subscription_does_not_hold_up_the_first_paint() {
    let mut rig = Rig::new(config());
    rig.declare(products());
    rig.pass(249);
    assert_eq!(rig.reads(), []);
    rig.pass(1);
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "stale(connecting)", "a read before the confirmation earns nothing");
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"), "the second is conditional");
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_patch_with_a_greater_version_is_final() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    assert_eq!(rig.versions(), [(1, 2), (2, 1)]);
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.take_changes(), ["update 1"]);
    assert_eq!(rig.outcomes(), ["Patch applied"]);
    rig.no_read(60_000);
}

#[test]
fn an_older_patch_is_ignored() {
    let mut rig = Rig::fresh(products(), &[row(1, 5)]);
    rig.changed(json!({ "client_refresh": row(1, 4) }));
    assert_eq!(rig.versions(), [(1, 5)]);
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.outcomes(), ["Patch ignored"]);
}

#[test]
fn a_patch_without_version_is_shown_and_confirmed_by_a_read() {
    let resource = echolite_cache::ResourceConfig { version: None, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    assert_eq!(rig.versions(), [(1, 2)], "at once");
    assert_eq!(rig.state(), "stale(provisional)");
    let read = rig.answer_list(&[row(1, 2)]);
    assert_eq!(read.validator, None, "the validator spoke of other rows");
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_new_row_is_shown_and_confirmed_by_a_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(2, 1) }));
    assert_eq!(rig.versions(), [(1, 1), (2, 1)]);
    assert_eq!(rig.state(), "stale(provisional)");
    rig.answer_list(&[row(1, 1), row(2, 1)]);
    assert_eq!(rig.state(), "fresh");
    assert_eq!(rig.take_changes(), ["insert 2"]);
}

#[test]
fn deletions_come_in_four_forms() {
    for data in [
        json!({ "deleted": 2 }),
        json!({ "deleted": ["2"] }),
        json!({ "deleted": true, "client_refresh": row(2, 1) }),
        json!({ "deleted": true, "id": 2, "v": 1 }),
    ] {
        let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
        rig.changed(data.clone());
        assert_eq!(rig.versions(), [(1, 1)], "{data}");
        assert_eq!(rig.take_changes(), ["delete 2"], "{data}");
    }
}

#[test]
fn a_refresh_is_one_conditional_read_spread_over_a_quarter_of_a_second() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.pass(5_000);
    for _ in 0..5 {
        rig.changed(json!({ "id": 1 }));
    }
    assert_eq!(rig.state(), "stale(changed)");
    rig.pass(250);
    let reads = rig.reads();
    assert_eq!(reads.len(), 1, "five events, one read");
    assert_eq!(reads[0].validator.as_deref(), Some("etag"));
    rig.answer(&reads[0], Rig::list(&[row(1, 2)], None));
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn an_event_during_a_read_asks_for_another() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let early = rig.read();
    rig.changed(json!({}));
    rig.answer(&early, Rig::list(&[row(1, 2)], None));
    assert_eq!(rig.versions(), [(1, 2)], "what it brought is shown");
    assert_eq!(rig.state(), "stale(changing)");
    rig.answer_list(&[row(1, 3)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_url_reads_that_row_alone() {
    for url in ["/api/products/2", "https://shop.test/api/products/2"] {
        let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
        rig.changed(json!({ "url": url }));
        assert_eq!(rig.state(), "stale(row-outdated)");
        let read = rig.read();
        assert_eq!(
            (read.target, &*read.url),
            (ReadTarget::Row, "https://shop.test/api/products/2")
        );
        rig.answer(&read, ReadReply::Row { row: row(2, 2).into(), validator: None, head: None });
        assert_eq!(rig.versions(), [(1, 1), (2, 2)]);
        assert_eq!(rig.state(), "fresh");
    }
}

#[test]
fn a_delete_without_version_buries_the_row_at_the_version_it_had() {
    let mut rig = Rig::fresh(products(), &[row(1, 5), row(2, 1)]);
    rig.changed(json!({ "deleted": 1 }));
    rig.answer_list(&[row(2, 1)]);
    assert_eq!(rig.state(), "fresh");
    rig.changed(json!({ "client_refresh": row(1, 4) }));
    assert_eq!(rig.versions(), [(2, 1)], "it is older");
    rig.answer_list(&[row(2, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(2, 1)], "fresh".to_owned()));
}

#[test]
fn a_row_outdated_again_during_its_read_is_read_again() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let outdated = json!({ "url": "/api/products/1" });
    rig.changed(outdated.clone());
    let read = rig.read();
    rig.changed(outdated);
    rig.answer(&read, ReadReply::Row { row: row(1, 2).into(), validator: None, head: None });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "stale(row-outdated)".to_owned()));
    let read = rig.read();
    rig.answer(&read, ReadReply::Row { row: row(1, 3).into(), validator: None, head: None });
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 3)], "fresh".to_owned()));
}

#[test]
fn a_url_of_a_row_that_is_gone_removes_it() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "url": "/api/products/2" }));
    let read = rig.read();
    rig.answer(&read, ReadReply::Gone);
    assert_eq!(rig.versions(), [(1, 1)]);
    assert_eq!(rig.state(), "stale(changed)", "the list confirms it");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn urls_that_are_the_list_or_unknown_refresh_it_and_foreign_ones_are_never_read() {
    for url in [
        "/api/products",
        "/api/products?page=2",
        "/api/products/99",
        "/api/orders/1",
        "https://evil.test/api/products/1",
        "//evil.test/api/products/1",
        "https://shop.test.evil.test/api/products/1",
        "/api/products/../users/1",
    ] {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        rig.changed(json!({ "url": url }));
        assert_eq!(rig.state(), "stale(changed)", "{url}");
        let read = rig.read();
        assert_eq!((read.target, &*read.url), (ReadTarget::List, "https://shop.test/api/products"));
    }
}

#[test]
fn many_outdated_rows_are_read_as_one_list() {
    let rows: Vec<_> = (1..=20).map(|id| row(id, 1)).collect();
    let mut rig = Rig::fresh(products(), &rows);
    let urls: Vec<_> = (1..=20).map(|id| format!("/api/products/{id}")).collect();
    rig.changed(json!({ "url": urls }));
    assert!(rig.engine.inspect().contains(r#""outdatedRows":[]"#), "the list is outdated now");
    assert_eq!(rig.read().target, ReadTarget::List);
}

#[test]
fn a_payload_of_the_wrong_shape_leads_to_a_read_not_to_a_loss() {
    for (reaction, data) in [
        (Reaction::Patch, json!({ "client_refresh": "text" })),
        (Reaction::Patch, json!({ "client_refresh": { "name": "no id" } })),
        (Reaction::Patch, json!("no object")),
        (Reaction::Url, json!({ "url": 5 })),
        (Reaction::Url, json!(null)),
        (Reaction::Auto, json!({ "client_refresh": [{ "id": 1, "v": 9 }, { "id": null }] })),
    ] {
        let on = vec![("ProductChanged".into(), reaction)];
        let resource = echolite_cache::ResourceConfig { on, ..products() };
        let mut rig = Rig::fresh(resource, &[row(1, 1)]);
        rig.changed(data.clone());
        assert!(rig.outcomes()[0].ends_with("rejected"), "{data}: {:?}", rig.outcomes());
        assert_eq!(rig.shown.len(), 1, "{data}");
        rig.answer_list(&[row(1, 10)]);
        assert_eq!(rig.state(), "fresh", "{data}");
    }
}

#[test]
fn only_the_back_end_speaks() {
    let on = vec![("client-ProductChanged".into(), Reaction::Auto)];
    let mut rig = Rig::fresh(echolite_cache::ResourceConfig { on, ..products() }, &[row(1, 1)]);
    rig.frame("client-ProductChanged", Some("products"), json!({ "deleted": 1 }));
    assert_eq!(rig.versions(), [(1, 1)]);
}

#[test]
fn other_events_and_other_channels_do_nothing() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.frame("OrderShipped", Some("products"), json!({ "deleted": 1 }));
    rig.frame("ProductChanged", Some("orders"), json!({ "deleted": 1 }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 1)], "fresh".to_owned()));
}

#[test]
fn the_application_is_asked_where_it_wants_to_be() {
    let resource = echolite_cache::ResourceConfig { consult: true, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1), row(2, 1)]);
    rig.changed(json!({ "anything": 1 }));
    assert_eq!(
        rig.state(),
        "fresh",
        "an application in the same thread answers before anybody looks"
    );
    rig.pass(51);
    assert_eq!(rig.state(), "stale(changed)", "another has not answered yet");
    let request = rig.outputs.iter().find_map(|output| match output {
        echolite_cache::Output::Consult { request, .. } => Some(*request),
        _ => None,
    });
    let advice = Advice {
        reaction: Reaction::Patch,
        row: Some(row(2, 2).into()),
        deleted: false,
        belongs: vec![false],
    };
    rig.input(echolite_cache::Input::Consulted(request.expect("asked"), advice));
    assert_eq!(rig.versions(), [(1, 1)], "it belongs to the list no longer");
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_filtered_list_confirms_patches_by_a_read() {
    let url = "https://shop.test/api/products?published=1".into();
    let membership = echolite_cache::Membership::Undeclared;
    let resource = echolite_cache::ResourceConfig { url, membership, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(2, 1) }));
    assert_eq!(rig.versions(), [(1, 1)], "a new row may not belong");
    rig.answer_list(&[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "stale(membership)".to_owned()));
    rig.answer_list(&[]);
    assert_eq!((rig.versions(), rig.state()), (vec![], "fresh".to_owned()));
}

#[test]
fn an_unobserved_resource_only_turns_stale() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::CloseLive(1));
    rig.changed(json!({}));
    rig.no_read(60_000);
    rig.command(Command::Live(1, "products".into(), Default::default()));
    assert_eq!(rig.state(), "stale(changed)");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_lost_socket_revokes_and_the_list_is_polled_until_it_is_back() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.close(1006);
    assert_eq!(rig.state(), "stale(disconnected)");
    rig.pass(2_000);
    rig.close(1006);
    assert_eq!(rig.state(), "stale(polling)");
    let read = rig.read();
    assert_eq!(read.validator.as_deref(), Some("etag"), "polls are conditional");
    rig.answer(&read, ReadReply::NotModified { head: None });
    let mut polls = 0;
    for _ in 0..60 {
        rig.pass(1_000);
        for read in rig.reads() {
            polls += 1;
            rig.answer(&read, ReadReply::NotModified { head: None });
        }
        if rig.opened() > 0 {
            rig.close(1006);
        }
    }
    assert!((10..=14).contains(&polls), "every 5 s: {polls}");
    rig.page(PageSignal::Online);
    rig.establish();
    assert_eq!(rig.state(), "stale(subscribing)", "connected is not confirmed");
    rig.confirm("products");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    assert_eq!(rig.take_changes(), ["update 1"], "what changed meanwhile is shown to have");
}

#[test]
fn a_hidden_page_polls_more_rarely() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    rig.answer_list(&[row(1, 1)]);
    rig.page(PageSignal::Hidden);
    rig.no_read(20_000);
    rig.page(PageSignal::Visible);
    rig.read();
}

#[test]
fn without_network_the_list_is_offline_and_still_works() {
    let mut rig = Rig::fresh(products(), &[row(1, 1), row(2, 2)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    rig.fail(&read, None);
    assert_eq!(rig.state(), "offline(unreachable)");
    assert_eq!(rig.versions().len(), 2);
    rig.page(PageSignal::Offline);
    assert_eq!(rig.state(), "offline(no-network)");
}

/// `navigator.onLine` is false behind some VPNs and in some virtual machines, though the network works.
#[test]
fn a_connection_that_stands_shows_that_there_is_a_network_whatever_the_browser_says() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.page(PageSignal::Offline);
    assert_eq!(rig.state(), "fresh");
}

/// The same, of the back end.
#[test]
fn a_back_end_that_answers_shows_that_there_is_a_network_whatever_the_browser_says() {
    for answered in [None, Some(500)] {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        rig.page(PageSignal::Offline);
        rig.close(1006);
        rig.pass(2_000);
        rig.close(1006);
        assert_eq!(rig.state(), "offline(no-network)");
        let read = rig.read();
        rig.fail(&read, None);
        assert_eq!(rig.state(), "offline(no-network)", "nobody answered");
        let read = rig.read();
        match answered {
            Some(status) => rig.fail(&read, Some(status)),
            None => rig.answer(&read, Rig::list(&[row(1, 2)], None)),
        }
        let told = if answered.is_some() { "stale(read-failed)" } else { "stale(polling)" };
        assert_eq!(rig.state(), told);
    }
}

#[test]
fn failures_say_why_and_are_tried_again_with_backoff() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let read = rig.reads().pop();
        let read = read.unwrap_or_else(|| {
            let before = rig.now.mono;
            let read = loop {
                rig.pass(50);
                if let Some(read) = rig.reads().pop() {
                    break read;
                }
            };
            pauses.push(rig.now.mono - before);
            read
        });
        rig.fail(&read, Some(500));
        assert_eq!(rig.state(), "stale(read-failed)");
    }
    assert!(pauses.last() > Some(&8_000), "{pauses:?}");
    assert_eq!(rig.versions(), [(1, 1)], "nothing is lost");
}

/// A read is answered 503 with `Retry-After: 20`.
#[test]
fn a_back_end_that_says_when_is_not_asked_before() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    let (status, message, retry_after) = (Some(503), "busy".into(), Some(20_000));
    let failure = ReadFailure { status, message, retry_after };
    rig.input(Input::Read(read.request, Err(failure)));
    rig.no_read(19_999);
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn a_list_of_no_rows_is_refused_with_the_reason() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 2), json!({ "name": "no id" })], None));
    assert_eq!(rig.state(), "stale(read-failed)");
    assert_eq!(rig.versions(), [(1, 1)]);
    let detail = rig.engine.inspect();
    assert!(detail.contains("row 1: 'id' is null or missing; expected"), "{detail}");
}

#[test]
fn inspect_tells_what_is_read_next_and_why_it_was_stale() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let inspected = |rig: &Rig| -> serde_json::Value {
        let all: serde_json::Value =
            serde_json::from_str(&rig.engine.inspect()).expect("inspect gives JSON");
        all["resources"]["products"].clone()
    };
    assert_eq!(inspected(&rig)["nextRead"]["of"], "list", "it is verified some day");
    rig.changed(json!({}));
    let waiting = inspected(&rig);
    assert!(waiting["nextRead"]["in"].as_u64() <= Some(1_250), "{waiting}");
    let read = rig.read();
    assert_eq!(inspected(&rig)["nextRead"], json!(null), "one is under way");
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    let told = inspected(&rig)["lastStatuses"].clone();
    let last = told.as_array().map(|told| &told[told.len() - 2..]).unwrap_or_default();
    let named: Vec<_> = last.iter().map(|one| (&one["status"], &one["reason"])).collect();
    assert_eq!(named, [(&json!("stale"), &json!("changed")), (&json!("fresh"), &json!(null))]);
}

#[test]
fn the_engine_says_why_it_asks_to_be_called() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let why = |rig: &Rig| rig.engine.poll_timeout().map(|timeout| timeout.why);
    assert_eq!(why(&rig), Some("ping"));
    rig.changed(json!({}));
    assert_eq!(why(&rig), Some("read"));
    let read = rig.read();
    rig.answer(&read, Rig::list(&[row(1, 2)], None));
    assert_eq!(why(&rig), Some("ping"));
    rig.close(1006);
    assert_eq!(why(&rig), Some("reconnect"));
}

#[test]
fn a_read_that_hangs_is_given_up() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let hanging = rig.read();
    rig.pass(30_000);
    assert_eq!(rig.state(), "stale(read-failed)");
    rig.answer(&hanging, Rig::list(&[row(1, 9)], None));
    assert_eq!(rig.versions(), [(1, 1)], "its late answer does not count");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_read_whose_answer_is_coming_is_waited_for() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.changed(json!({}));
    let slow = rig.read();
    for _ in 0..10 {
        rig.pass(29_000);
        rig.input(Input::ReadProgress(slow.request));
        rig.input(Input::ReadProgress(slow.request + 1_000));
    }
    rig.answer(&slow, Rig::list(&[row(1, 2)], None));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}

#[test]
fn the_time_limit_of_a_read_is_an_option() {
    let mut rig = Rig::new(Config { read_timeout: 2_000, ..config() });
    rig.answers_pings = true;
    rig.declare(products());
    rig.establish();
    rig.confirm("products");
    let read = rig.read();
    rig.pass(2_000);
    assert_eq!(rig.state(), "empty(read-failed)");
    rig.input(Input::ReadProgress(read.request));
    rig.answer(&read, Rig::list(&[row(1, 9)], None));
    assert_eq!(rig.state(), "empty(read-failed)", "given up is given up");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_refused_channel_is_said_and_the_list_is_polled() {
    let resource =
        echolite_cache::ResourceConfig { channels: vec!["private-products".into()], ..products() };
    let mut rig = Rig::new(config());
    rig.declare(resource);
    rig.establish();
    let asked = rig.authorizations();
    rig.refuse(asked[0].0, Some(403));
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "stale(refused)");
    rig.pass(6_000);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn all_channels_must_be_confirmed() {
    let channels = vec!["products".into(), "prices".into()];
    let mut rig = Rig::new(config());
    rig.declare(echolite_cache::ResourceConfig { channels, ..products() });
    rig.establish();
    rig.confirm("products");
    rig.answer_list(&[row(1, 1)]);
    assert_ne!(rig.state(), "fresh");
    rig.confirm("prices");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn while_observed_a_list_is_verified_now_and_then() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let mut verified = 0;
    for _ in 0..700 {
        rig.pass(1_000);
        for read in rig.reads() {
            verified += 1;
            assert_eq!(rig.state(), "fresh", "verifying is no doubt");
            rig.answer(&read, ReadReply::NotModified { head: None });
        }
    }
    assert_eq!(verified, 2, "every 5 minutes");
}

#[test]
fn steady_events_do_not_drive_reads_into_a_storm() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let mut reads = 0;
    for n in 0..600 {
        rig.changed(json!({}));
        rig.pass(100);
        for read in rig.reads() {
            reads += 1;
            // the answer is overtaken by the next event
            rig.changed(json!({}));
            rig.answer(&read, Rig::list(&[row(1, n)], None));
        }
    }
    assert!(reads <= 8, "windows of 1, 2, 4, … 30 s: {reads} reads in a minute");
    assert_eq!(rig.state(), "stale(changing)");
    let read = loop {
        rig.pass(1_000);
        if let Some(read) = rig.reads().pop() {
            break read;
        }
    };
    rig.answer(&read, Rig::list(&[row(1, 700)], None));
    assert_eq!(rig.state(), "fresh", "quiet makes it fresh");
}

#[test]
fn get_gives_a_row_at_once_and_its_absence_after_a_read() {
    let got = |rig: &Rig| {
        rig.outputs.iter().find_map(|output| match output {
            echolite_cache::Output::Got(9, row) => Some(row.is_some()),
            _ => None,
        })
    };
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::Get(9, "products".into(), "1".into()));
    assert_eq!(got(&rig), Some(true));
    rig.outputs.clear();
    rig.pass(1_000);
    rig.changed(json!({}));
    rig.command(Command::Get(9, "products".into(), "2".into()));
    assert_eq!(got(&rig), None, "it may be among what changed");
    rig.answer_list(&[row(1, 1), row(2, 1)]);
    assert_eq!(got(&rig), Some(true));
    rig.outputs.clear();
    rig.command(Command::Get(9, "orders".into(), "1".into()));
    assert!(rig.errors()[0].contains("no resource 'orders'"));
}

#[test]
fn a_requested_refresh_reads_at_once() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::Refresh("products".into()));
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn strict_versions_make_equal_rows_the_same() {
    let resource =
        echolite_cache::ResourceConfig { version_mode: VersionMode::Strict, ..products() };
    let mut rig = Rig::fresh(resource, &[row(1, 1)]);
    rig.changed(json!({ "client_refresh": row(1, 1) }));
    assert_eq!(rig.state(), "fresh");
    rig.no_read(10_000);
}

#[test]
fn a_query_on_an_undeclared_field_is_rejected_with_the_fix() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let order = vec![echolite_cache::Order { path: "colour".into(), descending: false }];
    let query = echolite_cache::Query { order, ..Default::default() };
    rig.command(Command::Live(2, "products".into(), query));
    assert_eq!(
        rig.errors(),
        ["'colour' is not among the indexes of resource 'products': add it to `indexes`"]
    );
}

#[test]
fn the_poll_interval_is_the_applications() {
    let mut rig = Rig::new(Config { poll_interval: 1_000, ..config() });
    rig.declare(products());
    rig.close(1006);
    rig.answer_list(&[row(1, 1)]);
    rig.pass(1_100);
    assert_eq!(rig.reads().len(), 1);
}

#[test]
fn an_append_list_is_polled_for_what_is_new_and_read_whole_on_the_way_back() {
    let resource = echolite_cache::ResourceConfig { append: Some("id".into()), ..products() };
    let mut rig = Rig::fresh(resource, &[row(9, 1), row(10, 1)]);
    rig.close(1006);
    rig.pass(2_000);
    rig.close(1006);
    let read = rig.read();
    assert_eq!(&*read.url, "https://shop.test/api/products?after=10");
    assert_eq!(read.target, ReadTarget::Tail);
    rig.answer(&read, Rig::list(&[row(11, 1)], None));
    assert_eq!(rig.versions(), [(9, 1), (10, 1), (11, 1)], "added, and nothing removed");
    assert_eq!(rig.take_changes(), ["insert 11"]);
    assert_eq!(rig.state(), "stale(polling)", "what became of the old ones is not known");
    rig.pass(5_500);
    assert_eq!(
        rig.reads().last().map(|r| r.url.to_string()).as_deref(),
        Some("https://shop.test/api/products?after=11")
    );
    rig.page(PageSignal::Online);
    rig.establish();
    rig.confirm("products");
    // the event of a message that was polled already
    rig.changed(json!({ "client_refresh": row(11, 1) }));
    rig.pass(31_000);
    let read = rig.answer_list(&[row(10, 1), row(11, 1), row(12, 1)]);
    assert_eq!((read.target, read.validator), (ReadTarget::List, None));
    assert_eq!(rig.versions(), [(10, 1), (11, 1), (12, 1)], "each once");
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_closed_resource_leaves_its_channels_and_is_read_no_more() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::CloseResource("products".into()));
    assert_eq!(rig.sent(), ["unsubscribe products"]);
    rig.changed(json!({}));
    rig.no_read(10_000);
    rig.declare(products());
    assert_eq!(rig.sent(), ["subscribe products"]);
}

#[test]
fn a_channel_that_another_resource_needs_stays() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let other = echolite_cache::ResourceConfig { name: "prices".into(), ..products() };
    rig.command(Command::Resource(other));
    rig.command(Command::CloseResource("products".into()));
    assert_eq!(rig.sent(), Vec::<String>::new());
}

#[test]
fn the_reads_of_a_crowd_are_spread_widely() {
    let mut late = 0;
    for count in [10, 20_000] {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        let data = json!({ "subscription_count": count });
        rig.frame("pusher_internal:subscription_count", Some("products"), data);
        let mut waits = Vec::new();
        for v in 2..22 {
            rig.pass(10_000);
            rig.changed(json!({}));
            let began = rig.now.mono;
            rig.answer_list(&[row(1, v)]);
            waits.push(rig.now.mono - began);
        }
        let longest = waits.iter().max().copied().unwrap_or(0);
        assert!(longest > late, "{count}: {waits:?}");
        assert!(if count == 10 { longest <= 250 } else { longest > 2_000 }, "{count}: {waits:?}");
        late = longest;
    }
}

#[test]
fn a_message_at_the_end_of_an_append_list_needs_no_read_and_others_do() {
    let resource = echolite_cache::ResourceConfig { append: Some("id".into()), ..products() };
    let mut rig = Rig::fresh(resource, &[row(9, 1), row(10, 1)]);
    rig.changed(json!({ "client_refresh": row(12, 1) }));
    rig.changed(json!({ "client_refresh": row(12, 1) }));
    assert_eq!(rig.versions(), [(9, 1), (10, 1), (12, 1)]);
    assert_eq!(rig.take_changes()[0], "insert 12");
    rig.changed(json!({ "deleted": true, "id": 13, "v": 1 }));
    rig.changed(json!({ "client_refresh": row(13, 1) }));
    assert_eq!(rig.versions().len(), 3, "its deletion came first");
    rig.changed(json!({ "client_refresh": row(11, 1) }));
    assert_eq!(rig.state(), "stale(provisional)", "it may be a late update of one that is gone");
}

#[test]
fn the_same_declaration_again_changes_nothing() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::Resource(products()));
    rig.changed(json!({ "client_refresh": row(1, 2) }));
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
    rig.no_read(60_000);
}
