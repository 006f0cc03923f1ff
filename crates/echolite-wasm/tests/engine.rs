//! The driver as JavaScript meets it: commands in, events out, over a socket that is none.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_wasm::Engine;
use js_sys::Function;
use std::rc::Rc;
use support::{
    BY_PRICE, CONFIG, PRODUCTS, engine, establish, frame, json, recorded, say, sent, subscribed,
};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// An engine that is connected by socket 0.
fn connected(also: &JsValue) -> (Engine, Function) {
    support::install_fake_web_socket();
    let (engine, listener) = engine(CONFIG, also);
    engine.connect();
    establish(0);
    (engine, listener)
}

#[wasm_bindgen_test]
fn a_connection_is_told_state_by_state() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    let told = recorded(&listener, "connection");
    assert!(told.contains(r#"["connecting","#), "{told}");
    assert!(told.ends_with(r#","1.1"]]"#), "{told}");
    engine.disconnect();
    assert!(recorded(&listener, "connection").contains(r#"["disconnected","#));
    assert!(support::is_closed(0));
}

#[wasm_bindgen_test]
fn data_is_parsed_where_it_is_json() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    subscribed(&engine, "news");
    assert_eq!(sent(0), r#"[{"event":"pusher:subscribe","data":{"channel":"news"}}]"#);
    let before = recorded(&listener, "event").trim_end_matches(']').to_string();
    let cases = [
        (r#"{"event":"E","channel":"news","data":"{\"a\":1}"}"#, r#"{"a":1}"#),
        (r#"{"event":"E","channel":"news","data":{"a":[null]}}"#, r#"{"a":[null]}"#),
        (r#"{"event":"E","channel":"news","data":"no JSON"}"#, r#""no JSON""#),
        (r#"{"event":"E","channel":"news","data":"7"}"#, "7"),
        (r#"{"event":"E","channel":"news"}"#, r#""(undefined)""#),
    ];
    let mut expected = before;
    for (sent, data) in cases {
        say(0, &sent.into());
        expected += &format!(r#"],["news","E",{data},"(undefined)""#);
    }
    say(0, &r#"{"event":"E","channel":"news","data":1,"user_id":"u"}"#.into());
    expected += r#"],["news","E",1,"u"]]"#;
    assert_eq!(recorded(&listener, "event"), expected);
}

#[wasm_bindgen_test]
fn what_was_missed_is_asked_for_and_told_as_recovered() {
    support::install_fake_web_socket();
    let config = CONFIG.replacen('{', r#"{"recover":true,"#, 1);
    let (engine, listener) = engine(&config, &JsValue::UNDEFINED);
    engine.connect();
    engine.subscribe(&"news".into());
    let greeting =
        r#"{"socket_id":"1.1","activity_timeout":30,"echolite":{"version":1,"recovery":true}}"#;
    let joined = |socket: u32, told: &str| {
        support::open_socket(socket);
        frame(socket, "pusher:connection_established", None, &greeting.into());
        frame(socket, "pusher_internal:subscription_succeeded", Some("news"), &told.into());
    };
    joined(0, r#"{"position":{"epoch":"e","offset":41}}"#);
    say(0, &r#"{"event":"E","channel":"news","data":"1","offset":42}"#.into());
    // "reconnect at once" is obeyed by a connection that lived for a while: this one waits for `online`
    support::close_socket(0, 1006);
    engine.page(&"online".into());
    joined(1, r#"{"position":{"epoch":"e","offset":43},"recovered":true}"#);
    let data = r#"{"channel":"news","recover":{"epoch":"e","offset":42}}"#;
    assert_eq!(sent(1), format!(r#"[{{"event":"pusher:subscribe","data":{data}}}]"#));
    for offset in [42, 43, 43, 44] {
        let event =
            format!(r#"{{"event":"E","channel":"news","data":"{offset}","offset":{offset}}}"#);
        say(1, &event.into());
    }
    let told = recorded(&listener, "event");
    let missed = r#"["news","E",43,"(undefined)",true],["news","E",44,"(undefined)"]]"#;
    assert!(told.ends_with(missed) && !told.contains(r#""E",42"#), "{told}");
}

#[wasm_bindgen_test]
fn malformed_frames_do_no_harm() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    subscribed(&engine, "news");
    let count = || recorded(&listener, "event").matches("news").count();
    let before = count();
    for bad in ["", "no JSON", "null", "7", "[]", r#"{"event":7,"channel":"news"}"#] {
        say(0, &bad.into());
    }
    say(0, &JsValue::UNDEFINED);
    say(0, &js_sys::ArrayBuffer::new(4).into());
    frame(0, "E", Some("news"), &"still here".into());
    assert_eq!(count(), before + 1);
}

#[wasm_bindgen_test]
fn a_listener_may_command_the_engine() {
    thread_local!(static ENGINE: std::cell::RefCell<Option<Rc<Engine>>> = const { std::cell::RefCell::new(None) });
    let command = Closure::<dyn FnMut()>::new(|| {
        let engine = ENGINE.with_borrow(|engine| engine.clone().unwrap());
        engine.subscribe(&"second".into());
        engine.inspect(9);
        frame(0, "E", Some("first"), &"from within".into());
    });
    let (engine, listener) = connected(&support::commanding("event", command.as_ref()));
    let engine = Rc::new(engine);
    ENGINE.set(Some(engine.clone()));
    subscribed(&engine, "first");
    frame(0, "E", Some("first"), &"after".into());
    assert!(sent(0).contains("second"));
    assert!(recorded(&listener, "inspected").starts_with(r#"[[9,{"connection":"connected""#));
    let told = recorded(&listener, "event");
    assert!(told.find("from within").unwrap() < told.find("after").unwrap(), "{told}");
    ENGINE.set(None);
}

#[wasm_bindgen_test]
fn a_listener_that_throws_stops_nothing() {
    let reports = support::catch_reports();
    let (engine, listener) = connected(&support::throwing("event"));
    subscribed(&engine, "news");
    frame(0, "E", Some("news"), &1.into());
    frame(0, "E", Some("news"), &2.into());
    assert!(recorded(&listener, "event").contains(r#"["news","E",2,"#));
    let reports = reports.call0(&JsValue::NULL).unwrap().as_string().unwrap();
    assert!(reports.contains("listener of event"), "{reports}");
}

#[wasm_bindgen_test]
fn what_does_not_fit_is_told_and_not_thrown() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.subscribe(&7.into());
    engine.page(&"asleep".into());
    engine.resource(&json("{}"));
    engine.trigger(&"c".into(), &JsValue::NULL, JsValue::NULL);
    let errors = recorded(&listener, "error");
    for expected in
        ["channel must be a string", "page must be online", "name must be", "event must"]
    {
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
fn a_url_refused_is_a_socket_closed() {
    support::install_fake_web_socket();
    let (engine, listener) = engine(&CONFIG.replace("localhost", "forbidden"), &JsValue::UNDEFINED);
    engine.connect();
    let told = recorded(&listener, "connection");
    assert!(!told.contains("connected") && told.contains("connecting"), "{told}");
}

#[wasm_bindgen_test]
fn private_channels_are_authorised() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.subscribe(&"private-a".into());
    let asked = recorded(&listener, "authorize");
    assert!(asked.ends_with(r#","private-a","1.1"]]"#), "{asked}");
    let request = json(&asked);
    let request = js_sys::Reflect::get_u32(&request, 0).unwrap();
    let request = js_sys::Reflect::get_u32(&request, 0).unwrap().as_f64().unwrap() as u32;
    engine.authorized(request, &json(r#"{"ok":true,"auth":"app:sig","channelData":"{\"a\":1}"}"#));
    let data = r#"{"channel":"private-a","auth":"app:sig","channel_data":"{\"a\":1}"}"#;
    assert_eq!(sent(0), format!(r#"[{{"event":"pusher:subscribe","data":{data}}}]"#));
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
