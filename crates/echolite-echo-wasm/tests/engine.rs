//! The driver as JavaScript meets it: commands in, events out, over a socket that is none.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_echo_wasm::Engine;
use js_sys::Function;
use std::rc::Rc;
use support::{CONFIG, engine, establish, frame, json, recorded, say, sent, subscribed};
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
fn no_socket_outlives_its_connection_nor_anything_that_listens_to_it() {
    let (engine, _listener) = connected(&JsValue::UNDEFINED);
    for socket in 0..50 {
        assert_eq!(support::held_sockets(), 1);
        if socket % 2 == 0 {
            support::close_socket(socket, 1006);
        } else {
            // a server that refuses in place of its greeting and leaves the socket open
            frame(socket, "pusher:error", None, &r#"{"code":4100,"message":"full"}"#.into());
        }
        assert_eq!(support::held_sockets(), 0, "{socket}");
        engine.page(&"online".into());
        if socket % 4 == 1 {
            establish(socket + 1);
        }
    }
    engine.disconnect();
    assert_eq!((support::socket_count(), support::held_sockets()), (51, 0));
}

#[wasm_bindgen_test]
fn signing_out_takes_another_socket() {
    let (engine, listener) = connected(&JsValue::UNDEFINED);
    engine.sign_in();
    let signed = json(r#"{"ok":true,"auth":"app:s","userData":"{\"id\":\"7\"}"}"#);
    engine.authenticated(1, &signed);
    frame(0, "pusher:signin_success", None, &r#"{"user_data":"{\"id\":\"7\"}"}"#.into());
    assert_eq!(recorded(&listener, "signedIn"), r#"[["{\"id\":\"7\"}"]]"#);
    engine.sign_out();
    assert!(support::is_closed(0));
    establish(1);
    assert_eq!(recorded(&listener, "authenticate").matches("1.1").count(), 1, "once, before");
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
    engine.trigger(&"c".into(), &JsValue::NULL, JsValue::NULL);
    let errors = recorded(&listener, "error");
    for expected in ["channel must be a string", "page must be online", "event must"] {
        assert!(errors.contains(expected), "{expected}: {errors}");
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
