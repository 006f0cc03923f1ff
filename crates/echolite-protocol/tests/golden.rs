//! The golden files of `tests/fixtures`, which the TypeScript tests read too.
#![cfg(all(feature = "json", feature = "sign"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use echolite_protocol::extension::{self, Position, SubscriptionPosition};
use echolite_protocol::member::presence_data_with;
use echolite_protocol::server_frame::Watched;
use echolite_protocol::{ApiRequest, ClientFrame, Credentials, FrameError, server_frame};
use serde_json::value::RawValue;
use serde_json::{Value, json};

const FRAMES: &str = include_str!("../../../tests/fixtures/frames.json");
const SIGNATURES: &str = include_str!("../../../tests/fixtures/signatures.json");

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"))
}

#[test]
fn signatures() {
    let fixture: Value = serde_json::from_str(SIGNATURES).unwrap();
    for case in fixture["cases"].as_array().unwrap() {
        let app = Credentials::new(text(case, "key"), text(case, "secret"));
        let expected = text(case, "expected");
        let signature = match text(case, "kind") {
            "channel" => {
                let (socket, channel) = (text(case, "socket_id"), text(case, "channel"));
                let data = case["channel_data"].as_str();
                assert!(app.verify_channel_auth(expected, socket, channel, data).is_ok());
                app.channel_auth(socket, channel, data)
            }
            "user" => {
                let (socket, data) = (text(case, "socket_id"), text(case, "user_data"));
                assert!(app.verify_user_auth(expected, socket, data).is_ok());
                app.user_auth(socket, data)
            }
            "request" => signature_of_request(&app, case),
            "webhook" => app.webhook_signature(text(case, "body")),
            other => panic!("unknown kind {other}"),
        };
        assert_eq!(signature, expected, "{}", case["name"]);
        assert_eq!(app.sign(&[text(case, "signed")]), expected.rsplit(':').next().unwrap());
    }
}

fn signature_of_request(app: &Credentials, case: &Value) -> String {
    let params = case["params"].as_object().unwrap().iter();
    let params: Vec<_> = params.map(|(k, v)| format!("{k}={}", v.as_str().unwrap())).collect();
    let (query, now) = (params.join("&"), case["timestamp"].as_u64().unwrap());
    let (method, path) = (text(case, "method"), text(case, "path"));
    let body = text(case, "body").as_bytes();
    let signed = ApiRequest { method, path, query: &query, body }.sign(app, now);
    let request = ApiRequest { method, path, query: &signed, body };
    assert_eq!(request.verify(app, now, &[]), Ok(()), "{}", case["name"]);
    signed.rsplit_once("auth_signature=").unwrap().1.to_owned()
}

#[test]
fn server_frames() {
    let fixture: Value = serde_json::from_str(FRAMES).unwrap();
    for case in fixture["server"].as_array().unwrap() {
        let input = &case["input"];
        let number = |key: &str| input[key].as_u64().unwrap();
        let raw = |key: &str| RawValue::from_string(text(input, key).to_owned()).unwrap();
        let frame = match text(case, "kind") {
            "connection_established" => server_frame::connection_established(
                text(input, "socket_id"),
                number("activity_timeout"),
            ),
            "ping" => server_frame::ping(),
            "pong" => server_frame::pong(),
            "subscription_succeeded" => {
                server_frame::subscription_succeeded(text(input, "channel"), text(input, "data"))
            }
            "subscription_error" => server_frame::subscription_error(
                text(input, "channel"),
                text(input, "type"),
                text(input, "error"),
                number("status") as u16,
            ),
            "subscription_count" => {
                server_frame::subscription_count(text(input, "channel"), number("count") as usize)
            }
            "member_added" => {
                let info = input["user_info"].is_string().then(|| raw("user_info"));
                let (channel, user) = (text(input, "channel"), text(input, "user_id"));
                server_frame::member_added(channel, user, info.as_deref())
            }
            "member_removed" => {
                server_frame::member_removed(text(input, "channel"), text(input, "user_id"))
            }
            "cache_miss" => server_frame::cache_miss(text(input, "channel")),
            "signin_success" => server_frame::signin_success(text(input, "user_data")),
            "watchlist_events" => {
                let change = match text(input, "name") {
                    "online" => Watched::Online,
                    _ => Watched::Offline,
                };
                let ids = input["user_ids"].as_array().unwrap().iter();
                let ids: Vec<_> = ids.map(|id| id.as_str().unwrap()).collect();
                server_frame::watchlist_events(change, &ids)
            }
            "error" => server_frame::error(number("code") as u16, text(input, "message")),
            "event" => {
                server_frame::event(text(input, "channel"), text(input, "event"), &raw("data"))
            }
            "client_event" => server_frame::client_event(
                text(input, "channel"),
                text(input, "event"),
                Some(&raw("data")),
                input["user_id"].as_str(),
            ),
            kind => extended(kind, input),
        };
        assert_eq!(frame, text(case, "expected"), "{}", case["name"]);
    }
}

/// A frame of the extension.
fn extended(kind: &str, input: &Value) -> String {
    let number = |key: &str| input[key].as_u64().unwrap();
    let channel = || text(input, "channel");
    let position = || Position::parse(&input["position"]).unwrap();
    match kind {
        "extended_connection_established" => {
            extension::connection_established(text(input, "socket_id"), number("activity_timeout"))
        }
        "subscription_position" => {
            let position = input["position"].is_object().then(position);
            let told = SubscriptionPosition { position, recovered: input["recovered"].as_bool() };
            let data = match input["members"].as_object() {
                None => extension::subscription_data(&told),
                Some(members) => {
                    let info = |info: &Value| {
                        RawValue::from_string(info.as_str().unwrap().to_owned()).unwrap()
                    };
                    let members: Vec<_> =
                        members.iter().map(|(id, about)| (id.as_str(), info(about))).collect();
                    let members = members.iter().map(|(id, about)| (*id, Some(&**about)));
                    presence_data_with(members, &told)
                }
            };
            server_frame::subscription_succeeded(channel(), &data)
        }
        "event_with_offset" => {
            let data = RawValue::from_string(text(input, "data").to_owned()).unwrap();
            extension::event(channel(), text(input, "event"), &data, number("offset"))
        }
        "position" => extension::position(channel(), number("offset")),
        "new_epoch" => extension::new_epoch(channel(), &position()),
        "uncertain" => extension::uncertain(text(input, "reason")),
        "certain" => extension::certain(),
        other => panic!("unknown kind {other}"),
    }
}

#[test]
fn client_frames() {
    let fixture: Value = serde_json::from_str(FRAMES).unwrap();
    for case in fixture["client"].as_array().unwrap() {
        let found = match ClientFrame::parse(text(case, "text")) {
            Ok(frame) => described(&frame),
            Err(error) => {
                let error = match error {
                    FrameError::Envelope(_) => "envelope",
                    FrameError::Data { .. } => "data",
                    FrameError::NoChannel { .. } => "channel",
                };
                json!({ "kind": "error", "error": error })
            }
        };
        assert_eq!(found, case["expected"], "{}", case["name"]);
    }
}

fn described(frame: &ClientFrame<'_>) -> Value {
    match frame {
        ClientFrame::Ping => json!({ "kind": "ping" }),
        ClientFrame::Pong => json!({ "kind": "pong" }),
        ClientFrame::Subscribe(wanted) => {
            let mut described = json!({
                "kind": "subscribe",
                "channel": wanted.channel,
                "auth": wanted.auth,
                "channel_data": wanted.channel_data,
            });
            if let Some(recover) = &wanted.recover {
                described["recover"] = recover.clone();
            }
            described
        }
        ClientFrame::Unsubscribe { channel } => {
            json!({ "kind": "unsubscribe", "channel": channel })
        }
        ClientFrame::SignIn { auth, user_data } => {
            json!({ "kind": "signin", "auth": auth, "user_data": user_data })
        }
        ClientFrame::ClientEvent { event, channel, data } => json!({
            "kind": "client_event",
            "event": event,
            "channel": channel,
            "data": data.map(RawValue::get),
        }),
        ClientFrame::Unknown { event } => json!({ "kind": "unknown", "event": event }),
    }
}
