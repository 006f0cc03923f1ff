//! The HTTP API: what it tells, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use echolite_protocol::ApiRequest;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use support::{TestServer, answer, credentials};

const EVENTS: &str = "/apps/app-id/events";

fn parsed((status, body): (u16, String)) -> Value {
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn channels_and_their_counts_are_told() {
    let server = TestServer::start().await;
    let path = "/apps/app-id/channels";
    assert_eq!(server.get(path, "").await.1, r#"{"channels":{}}"#);
    let (mut a, mut b) = (server.connect().await, server.connect().await);
    a.subscribe("news").await;
    b.subscribe("news").await;
    b.subscribe("private-a").await;
    let all = parsed(server.get(path, "info=subscription_count").await);
    let expected = json!({ "channels": {
        "news": { "subscription_count": 2 }, "private-a": { "subscription_count": 1 },
    } });
    assert_eq!(all, expected);
    let some = parsed(server.get(path, "filter_by_prefix=private-").await);
    assert_eq!(some, json!({ "channels": { "private-a": {} } }));
    let one = parsed(server.get(&format!("{path}/news"), "info=subscription_count").await);
    assert_eq!(one, json!({ "occupied": true, "subscription_count": 2 }));
    let none = parsed(server.get(&format!("{path}/empty"), "").await);
    assert_eq!(none, json!({ "occupied": false }));
    let connections = parsed(server.get("/apps/app-id/connections", "").await);
    assert_eq!(connections, json!({ "connections": 2 }));
}

#[tokio::test]
async fn what_only_presence_channels_have_is_refused_for_others() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/apps/app-id/channels", "info=user_count").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/news", "info=user_count").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/news/users", "").await.0, 400);
    assert_eq!(server.get("/apps/app-id/channels/no spaces", "").await.0, 400);
}

#[tokio::test]
async fn publishing_tells_about_its_channels_if_asked() {
    let server = TestServer::start().await;
    let mut client = server.connect().await;
    client.subscribe("news").await;
    let body = json!({ "name": "e", "channels": ["news", "cache-a"], "data": "{}",
        "info": "subscription_count,cache" });
    let told = parsed(server.post(EVENTS, &body.to_string()).await);
    let expected = json!({ "channels": {
        "news": { "subscription_count": 1 },
        "cache-a": { "subscription_count": 0, "cache": "{}" },
    } });
    assert_eq!(told, expected);
    let told = parsed(server.get("/apps/app-id/channels/cache-a", "info=cache").await);
    assert_eq!(told, json!({ "occupied": false, "cache": "{}" }));
    let batch = json!({ "batch": [
        { "name": "e", "channel": "news", "data": "1", "info": "subscription_count" },
        { "name": "e", "channel": "news", "data": "2" },
    ] });
    let told = parsed(server.post("/apps/app-id/batch_events", &batch.to_string()).await);
    assert_eq!(told, json!({ "batch": [{ "subscription_count": 1 }, {}] }));
}

#[tokio::test]
async fn a_body_that_does_not_fit_is_400_or_422_and_names_the_field() {
    let server = TestServer::start().await;
    for body in ["", "{", "nonsense", "\u{0}"] {
        assert_eq!(server.post(EVENTS, body).await.0, 400, "{body}");
    }
    let long = "x".repeat(201);
    let many = vec!["a"; 101];
    let cases = [
        (json!([]), "body"),
        (json!({ "name": 5 }), "name"),
        (json!({ "data": "1", "channel": "a" }), "name"),
        (json!({ "name": "", "data": "1", "channel": "a" }), "name"),
        (json!({ "name": long, "data": "1", "channel": "a" }), "name"),
        (json!({ "name": "e", "channel": "a" }), "data"),
        (json!({ "name": "e", "data": {}, "channel": "a" }), "data"),
        (json!({ "name": "e", "data": "1" }), "channels"),
        (json!({ "name": "e", "data": "1", "channel": "a b" }), "channel"),
        (json!({ "name": "e", "data": "1", "channels": ["a", long] }), "channels"),
        (json!({ "name": "e", "data": "1", "channels": many }), "channels"),
        (json!({ "name": "e", "data": "1", "channel": "a", "socket_id": "x" }), "socket_id"),
    ];
    for (body, field) in cases {
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        assert_eq!(status, 422, "{body}: {answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer[field][0].is_string(), "{body}: {answer}");
    }
}

#[tokio::test]
async fn all_fields_that_are_wrong_are_named_as_laravel_s_validator_does() {
    let server = TestServer::start().await;
    let required = |field: &str| json!([format!("The {field} field is required.")]);
    let not_text = |field: &str| json!([format!("The {field} field must be a string.")]);
    let one_of = |field: &str, other: &str| {
        json!([format!("The {field} field is required when {other} is not present.")])
    };
    let nowhere = json!({ "name": required("name"), "data": required("data"),
        "channels": one_of("channels", "channel"), "channel": one_of("channel", "channels") });
    let of_another_type = json!({ "name": not_text("name"), "data": not_text("data"),
        "channels": ["The channels field must be an array of strings."],
        "socket_id": not_text("socket_id"), "info": not_text("info") });
    let cases = [
        (json!({}), nowhere.clone()),
        (
            json!({ "name": null, "data": null, "channels": null, "channel": null, "socket_id": null }),
            nowhere.clone(),
        ),
        (
            json!({ "name": "e", "data": "1", "channels": [] }),
            json!({
            "channels": one_of("channels", "channel"), "channel": one_of("channel", "channels") }),
        ),
        (
            json!({ "name": 1, "data": {}, "channels": "a", "socket_id": 1.5, "info": ["x"] }),
            of_another_type,
        ),
        (
            json!({ "name": "e", "data": "1", "channels": ["a", 1] }),
            json!({ "channels": ["The channels field must be an array of strings."] }),
        ),
    ];
    for (body, expected) in cases {
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        assert_eq!((status, answer.parse::<Value>().unwrap()), (422, expected), "{body}");
    }
    // Two channels are wrong, and the payload is too large besides.
    let body =
        json!({ "name": "e", "data": "x".repeat(9_000), "channels": ["a b", "ok", "#room"] });
    let (status, answer) = server.post(EVENTS, &body.to_string()).await;
    let answer: Value = answer.parse().unwrap();
    assert_eq!((status, answer["channels"].as_array().unwrap().len()), (422, 2), "{answer}");
    let batch = json!({ "batch": [{}, { "name": "e", "data": "1", "channel": "a" }, { "name": "e", "data": 1 }] });
    let (status, answer) = server.post("/apps/app-id/batch_events", &batch.to_string()).await;
    let answer: Value = answer.parse().unwrap();
    let mut fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = ["channel", "channels", "data", "name"].map(|field| format!("batch.0.{field}"));
    let expected =
        [&expected[..], &["channel", "channels", "data"].map(|field| format!("batch.2.{field}"))]
            .concat();
    assert_eq!((status, fields), (422, expected.iter().map(String::as_str).collect()), "{answer}");
}

#[tokio::test]
async fn names_of_the_protocol_and_of_the_server_are_refused() {
    let server = TestServer::start().await;
    for name in
        ["pusher:ping", "pusher_internal:member_added", "pusher_internal:", "echolite:uncertain"]
    {
        let body = json!({ "name": name, "data": "1", "channel": "a" });
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        assert!(status == 422 && answer.contains("must not begin with"), "{name}: {answer}");
        let batch = json!({ "batch": [body] }).to_string();
        assert_eq!(server.post("/apps/app-id/batch_events", &batch).await.0, 422, "{name}");
        let local = server.echolite.broadcaster("app-id").unwrap();
        let refused = local.public("a").event(name, &1).send().await.unwrap_err().to_string();
        assert!(refused.contains("must not begin with"), "{refused}");
    }
    for name in
        ["pusher", "pusher.changed", "Pusher:x", "client-a", "App\\Events\\PusherEvent", "echolite"]
    {
        server.publish(json!({ "name": name, "data": "1", "channel": "a" })).await;
    }
    for channel in ["#room", "#private-a", "#server-to-users-1"] {
        let body = json!({ "name": "e", "data": "1", "channel": channel });
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        assert!(status == 422 && answer.contains("belongs to the server"), "{channel}: {answer}");
        assert_eq!(
            server
                .get(&format!("/apps/app-id/channels/{}", channel.replace('#', "%23")), "")
                .await
                .0,
            400
        );
    }
    server.publish(json!({ "name": "e", "data": "1", "channel": "#server-to-user-7" })).await;
}

#[tokio::test]
async fn what_is_not_a_socket_id_is_said_with_a_form_that_is_one() {
    let server = TestServer::start().await;
    for wrong in [
        "undefined",
        "null",
        "",
        "123",
        "1.",
        ".1",
        "1.2.3",
        "1,2",
        " 1.2",
        "-1.2",
        "0x1.2",
        "１.２",
    ] {
        let body = json!({ "name": "e", "data": "1", "channel": "a", "socket_id": wrong });
        let (status, answer) = server.post(EVENTS, &body.to_string()).await;
        let answer: Value = answer.parse().unwrap();
        let expected = format!(
            "{wrong:?} is not a socket id; expected a form such as 123.456. \
            Leave it out while the page has no connection."
        );
        assert_eq!((status, &answer["socket_id"]), (422, &json!([expected])), "{wrong}");
    }
    for fits in ["1.2", "123456.7890", "99999999999.1"] {
        server
            .publish(json!({ "name": "e", "data": "1", "channel": "a", "socket_id": fits }))
            .await;
    }
}

#[tokio::test]
async fn the_size_limit_counts_what_is_no_text_too() {
    let server = TestServer::with_app(|app| app.limits.event_data = 100).await;
    let too_large = |(status, _): (u16, String)| status == 413;
    let raw = |data: &str| format!(r#"{{"name":"e","channel":"a","data":"{data}"}}"#);
    for unit in [r"\ud800", r"\udfff", r"\ude00\ud83d", r"\ud800x"] {
        let data = unit.repeat(100);
        assert!(too_large(server.post(EVENTS, &raw(&data)).await), "{unit}");
        let batch = format!(r#"{{"batch":[{}]}}"#, raw(&data));
        assert!(too_large(server.post("/apps/app-id/batch_events", &batch).await), "{unit}");
    }
    // 100 bytes as text, many more as they are written.
    for fits in
        [r"\u0041".repeat(100), r"\ud83d\ude00".repeat(25), r"\ud800".repeat(33), r"\n".repeat(100)]
    {
        assert_eq!(server.post(EVENTS, &raw(&fits)).await.0, 200, "{fits}");
    }
}

/// Sends requests over one connection, each when the answer before it is there; gives status and headers of each.
async fn over_one_connection(server: &TestServer, requests: &[String]) -> Vec<(u16, String)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let mut answers = Vec::new();
    let mut received = Vec::new();
    for request in requests {
        if support::within(stream.write_all(request.as_bytes())).await.is_err() {
            break;
        }
        let whole = |received: &[u8]| {
            let text = String::from_utf8_lossy(received).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            (body.len() >= length).then(|| (head[9..12].parse().unwrap(), head.clone()))
        };
        let answer = loop {
            if let Some(answer) = whole(&received) {
                break answer;
            }
            match support::within(stream.read_buf(&mut received)).await {
                Ok(0) | Err(_) => return answers,
                Ok(_) => {}
            }
        };
        received.clear();
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn a_refusal_before_the_body_was_read_leaves_the_connection_usable() {
    let server = TestServer::start().await;
    let target = |path: &str, body: &str| {
        let url = server.sign("POST", path, "", body.as_bytes());
        url.split_once(&server.address.to_string()).unwrap().1.to_owned()
    };
    let post = |target: &str, body: &str| {
        format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let in_chunks = |target: &str, body: &str| {
        let (size, head) = (body.len(), "Host: a\r\nTransfer-Encoding: chunked");
        format!("POST {target} HTTP/1.1\r\n{head}\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n")
    };
    let large = "x".repeat(300_000);
    let up = "GET /up HTTP/1.1\r\nHost: a\r\n\r\n".to_owned();
    let early = [
        (413, post(&target(EVENTS, &large), &large)),
        (413, in_chunks(&target(EVENTS, &large), &large)),
        (413, post(EVENTS, &large)),
        (401, post(EVENTS, &large[..9_000])),
        (404, post("/apps/nobody/events", &large)),
        (404, in_chunks("/apps/nobody/events", &large)),
        (404, post("/nowhere", &large)),
        (405, post("/apps/app-id/channels", &large)),
        (405, in_chunks("/up", &large)),
        (426, post("/app/app-key", &large)),
        (422, post(&target(EVENTS, "[]"), "[]")),
        (422, in_chunks(&target(EVENTS, "{}"), "{}")),
    ];
    for (status, request) in early {
        let answers = over_one_connection(
            &server,
            &[request.clone(), up.clone(), request.clone(), up.clone()],
        )
        .await;
        let head = request.lines().next().unwrap();
        let found: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
        assert_eq!(found, [status, 200, status, 200], "{head}");
        assert!(answers.iter().all(|(_, head)| !head.contains("connection: close")), "{head}");
    }
}

#[tokio::test]
async fn a_refusal_of_a_body_too_large_to_be_dropped_says_that_the_connection_ends() {
    let server = TestServer::start().await;
    let head = format!("POST {EVENTS} HTTP/1.1\r\nHost: a\r\n");
    let announced = format!("{head}Content-Length: 2000000\r\n\r\n");
    let waiting = format!("{head}Content-Length: 20000\r\nExpect: 100-continue\r\n\r\n");
    for request in [announced, waiting] {
        let answers = over_one_connection(&server, std::slice::from_ref(&request)).await;
        let [(status, head)] = &answers[..] else { panic!("{request}: {answers:?}") };
        assert!(*status == 413 && head.contains("connection: close"), "{head}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_chunked_or_not() {
    let server = TestServer::start().await;
    let body = json!({ "name": "e", "channel": "a", "data": "x".repeat(10_000) }).to_string();
    let too_large = (413, "Payload too large.".to_owned());
    assert_eq!(server.post(EVENTS, &body).await, too_large);
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    assert_eq!(chunked(&server, &url, &body).await, 413);
    let body = json!({ "name": "e", "channel": "a", "data": "x" }).to_string();
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    assert_eq!(chunked(&server, &url, &body).await, 200);
}

/// Posts a body in two chunks, without a length; gives the status.
async fn chunked(server: &TestServer, url: &str, body: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let target = url.split_once(&server.address.to_string()).unwrap().1;
    let (first, second) = body.split_at(body.len() / 2);
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    support::within(stream.read_to_end(&mut response)).await.unwrap();
    String::from_utf8_lossy(&response)[9..12].parse().unwrap()
}

#[tokio::test]
async fn what_is_signed_wrongly_is_refused_with_reverb_s_words() {
    let server = TestServer::start().await;
    let body = r#"{"name":"e","channel":"a","data":"1"}"#;
    let url = server.sign("POST", EVENTS, "", body.as_bytes());
    let post = |url: String, body: &str| answer(server.http.post(url).body(body.to_owned()));
    let invalid = "Authentication signature invalid.";
    let wrong_app = post(url.replace("app-id", "nobody"), body).await;
    assert_eq!(wrong_app, (404, "No matching application for ID [nobody].".to_owned()));
    let refused = (401, invalid.to_owned());
    assert_eq!(post(url.replace("app%2Dkey", "other"), body).await, refused);
    assert_eq!(post(format!("{url}0"), body).await, refused);
    assert_eq!(post(format!("{url}&info=1"), body).await, refused);
    assert_eq!(post(server.url(EVENTS), body).await.0, 401);
    let (status, text) = post(url.clone(), r#"{"name":"x","channel":"a","data":"1"}"#).await;
    assert_eq!((status, text.starts_with(invalid)), (401, true), "{text}");
    assert_eq!(post(url, body).await.0, 200);
    for shift in [-700, 700] {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let request = ApiRequest { method: "POST", path: EVENTS, query: "", body: body.as_bytes() };
        let query = request.sign(&credentials(), now.saturating_add_signed(shift));
        let (status, text) = post(server.url(&format!("{EVENTS}?{query}")), body).await;
        assert_eq!((status, text.starts_with(invalid)), (401, true), "{text}");
    }
}

#[tokio::test]
async fn values_verify_encoded_and_bare() {
    let server = TestServer::start().await;
    let path = "/apps/app-id/channels";
    let query = "filter_by_prefix=presence-&info=user_count,subscription_count";
    let url = server.sign("GET", path, query, b"");
    assert!(url.contains("%2C"));
    assert_eq!(answer(server.http.get(&url)).await.0, 200);
    let bare = url.replace("%2C", ",").replace("%5F", "_").replace("%2D", "-");
    assert_eq!(answer(server.http.get(bare)).await.0, 200);
}
