//! The cache's driver as JavaScript meets it: commands in, events out, over a socket that is none.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_cache_wasm::Engine;
use js_sys::Function;
use support::{BY_PRICE, CONFIG, PRODUCTS, connected, frame, json, recorded};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn what_does_not_fit_is_told_and_not_thrown() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.page(&"asleep".into());
    engine.resource(&json("{}"));
    let errors = recorded(&listener, "error");
    for expected in ["page must be online", "name must be"] {
        assert!(errors.contains(expected), "{expected}: {errors}");
    }
    let bad = [
        "{}",
        r#"{"conditions":[["price","near",1]],"order":[],"offset":0}"#,
        r#"{"conditions":[["price","oneOf",1]],"order":[],"offset":0}"#,
        r#"{"conditions":[["price","equals",{}]],"order":[],"offset":0}"#,
        r#"{"conditions":[],"order":[],"offset":-1}"#,
    ];
    for (live, query) in (0..).zip(bad) {
        engine.live(live, &"products".into(), &json(query));
    }
    let rejected = recorded(&listener, "rejected");
    assert!(rejected.contains("'near' is no condition: it must be equals,"), "{rejected}");
    for (live, _) in bad.iter().enumerate() {
        assert!(rejected.contains(&format!("[{live},")), "{live}: {rejected}");
    }
    assert!(Engine::new(&json("{}"), listener.into()).is_err());
    assert!(Engine::new(&json(CONFIG), JsValue::NULL).is_err());
}

#[wasm_bindgen_test]
fn a_list_is_read_and_kept_by_events() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.resource(&json(PRODUCTS));
    engine.live(1, &"products".into(), &json(BY_PRICE));
    frame(0, "pusher_internal:subscription_succeeded", Some("products"), &"{}".into());
    let read = json(&recorded(&listener, "read"));
    let read = js_sys::Array::from(&js_sys::Array::from(&read).pop());
    let expected = r#"{"resource":"products","target":"list","url":"http://a/products"}"#;
    assert_eq!(support::text(&read.get(1)), expected);
    let rows = r#"{"kind":"list","rows":[{"id":1,"v":1,"price":5},{"id":2,"v":1,"price":3}]}"#;
    engine.read_done(read.get(0).as_f64().unwrap() as u32, &json(rows));
    let first = recorded(&listener, "live");
    for row in [r#"[{"id":2,"v":1,"price":3}"#, r#"{"id":1,"v":1,"price":5}]"#, r#""total":2,"#] {
        assert!(first.contains(row), "{first}");
    }

    frame(
        0,
        "ProductChanged",
        Some("products"),
        &r#"{"client_refresh":{"id":1,"v":2,"price":1}}"#.into(),
    );
    let last = js_sys::Array::from(&json(&recorded(&listener, "live"))).pop();
    let last = support::text(&last);
    assert!(last.contains(r#""changes":[{"id":"1","kind":"update"}],"total":2"#), "{last}");
    assert!(last.contains(r#""status":{"state":"fresh","asOf":"#), "{last}");
    let activity = recorded(&listener, "activity");
    assert!(
        activity.contains(
            r#""type":"event","resource":"products","event":"ProductChanged","reaction":"auto""#
        ) || activity.contains(
            r#""type":"event","resource":"products","event":"ProductChanged","reaction":"patch""#
        ),
        "{activity}"
    );
    assert!(activity.contains(r#""type":"read","resource":"products""#), "{activity}");
}

/// The last `read` told: its number, and what is asked.
fn last_read(listener: &Function) -> (u32, String) {
    let read = js_sys::Array::from(&json(&recorded(listener, "read"))).pop();
    let read = js_sys::Array::from(&read);
    (read.get(0).as_f64().unwrap() as u32, support::text(&read.get(1)))
}

#[wasm_bindgen_test]
fn a_list_is_read_in_pages_and_another_row_by_its_own_url() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    let paged = PRODUCTS.replace(r#""tags":[]"#, r#""tags":["shop"],"page":"cursor""#);
    engine.resource(&json(&paged));
    engine.live(1, &"products".into(), &json(BY_PRICE));
    frame(0, "pusher_internal:subscription_succeeded", Some("products"), &"{}".into());
    let (request, read) = last_read(&listener);
    assert_eq!(read, r#"{"resource":"products","target":"list","url":"http://a/products"}"#);
    let first = r#"{"kind":"page","rows":[{"id":1,"v":1,"price":5}],"validator":"p1","next":"http://a/products?cursor=2"}"#;
    engine.read_done(request, &json(first));
    let (request, read) = last_read(&listener);
    assert!(read.contains(r#""target":"list","url":"http://a/products?cursor=2""#), "{read}");
    engine.read_done(request, &json(r#"{"kind":"page","rows":[{"id":2,"v":1,"price":3}]}"#));
    let live = recorded(&listener, "live");
    assert!(live.contains(r#""total":2,"status":{"state":"fresh""#), "{live}");

    engine.get(7, &"products".into(), &"a/b".into());
    let (request, read) = last_read(&listener);
    assert_eq!(read, r#"{"resource":"products","target":"row","url":"http://a/products/a%2Fb"}"#);
    let row = r#"{"kind":"row","row":{"id":"a/b","v":1,"price":9},"validator":"r1"}"#;
    engine.read_done(request, &json(row));
    assert_eq!(recorded(&listener, "got"), r#"[[7,{"id":"a/b","v":1,"price":9}]]"#);

    frame(0, "ProductChanged", Some("products"), &r#"{"tags":["others"]}"#.into());
    frame(0, "ProductChanged", Some("products"), &r#"{"tags":["shop"]}"#.into());
    let activity = recorded(&listener, "activity");
    let told = activity.matches(r#""reaction":"url""#).count();
    assert_eq!(told, 2, "{activity}");
    assert!(activity.contains("none of its tags"), "{activity}");
}

#[wasm_bindgen_test]
fn a_page_of_another_kind_is_refused() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.resource(&json(&PRODUCTS.replace(r#""tags":[]"#, r#""tags":[],"page":"offset""#)));
    let refused = recorded(&listener, "error");
    assert!(refused.contains("page must be number or cursor"), "{refused}");
}
