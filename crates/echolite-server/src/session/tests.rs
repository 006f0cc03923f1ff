use super::*;
use crate::config::{ClientEventPolicy, WebhookConfig, WebhookEvent};
use echolite_protocol::Limits;
use serde_json::{Value, json};

const ID: SocketId = SocketId::from_random(1 << 32 | 2);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn session_with(change: impl FnOnce(&mut AppConfig)) -> Session {
    let mut config = AppConfig::new("1", "key", "secret");
    change(&mut config);
    let credentials = Credentials::new("key", "secret");
    let rules = Arc::new(Rules { config, credentials });
    Session::open(ID, Dialect::Pusher, rules, at(0)).0
}

fn session() -> Session {
    session_with(|_| {})
}

/// What a session answers: the frames as JSON with their data unpacked, the rest by its name.
fn say(session: &mut Session, now: Duration, frame: &Value) -> Vec<Value> {
    described(session.on_text(now, &frame.to_string()))
}

fn described(effects: Vec<Effect>) -> Vec<Value> {
    let described = |effect| match effect {
        Effect::Send(frame) => {
            let mut frame: Value = serde_json::from_str(&frame).unwrap();
            frame["data"] = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
            frame
        }
        Effect::Subscribe { channel, member, recover } => {
            let mut described = json!({ "subscribe": channel.as_str() });
            if let Some(member) = member {
                described["as"] = member.user_id.as_str().into();
            }
            if let Some(position) = recover {
                described["recover"] = json!(position);
            }
            described
        }
        Effect::Confirm { channel, recovered } => {
            json!({ "confirm": channel.as_str(), "recovered": recovered })
        }
        Effect::SignIn(user) => json!({ "sign_in": user.id, "watchlist": user.watchlist }),
        Effect::Unsubscribe(channel) => json!({ "unsubscribe": channel.as_str() }),
        Effect::Relay { channel, frame } => json!({ "relay": frame, "to": channel.as_str() }),
        Effect::Note(event) => json!({ "note": event }),
        Effect::Close(code) => json!({ "close": code.code() }),
    };
    effects.into_iter().map(described).collect()
}

fn subscribe(channel: &str, auth: Option<&str>) -> Value {
    json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } })
}

fn whisper(channel: &str) -> Value {
    json!({ "event": "client-typing", "channel": channel, "data": {} })
}

fn error(code: u16, message: &str) -> Vec<Value> {
    vec![json!({ "event": "pusher:error", "data": { "code": code, "message": message } })]
}

/// The answer is one error that begins so.
fn assert_error(answer: &[Value], code: u16, begins: &str) {
    assert_eq!(answer.len(), 1, "{answer:?}");
    assert_eq!(answer[0]["event"], "pusher:error");
    assert_eq!(answer[0]["data"]["code"], code);
    assert!(answer[0]["data"]["message"].as_str().unwrap().starts_with(begins), "{answer:?}");
}

#[test]
fn a_session_begins_with_its_socket_id() {
    let rules = session().rules.clone();
    let (_, greeting) = Session::open(ID, Dialect::Pusher, rules, at(0));
    let expected = json!({
        "event": "pusher:connection_established",
        "data": { "socket_id": "1.2", "activity_timeout": 30 },
    });
    assert_eq!(described(greeting), [expected]);
}

#[test]
fn a_public_channel_is_open_to_all_and_privateroom_is_one() {
    let mut session = session();
    for channel in ["news", "privateroom", "cache-news"] {
        assert_eq!(
            say(&mut session, at(0), &subscribe(channel, None)),
            [json!({ "subscribe": channel })]
        );
    }
}

#[test]
fn a_private_channel_wants_the_signature_of_this_socket_and_channel() {
    let mut session = session();
    let app = Credentials::new("key", "secret");
    for channel in ["private-a", "private-cache-a", "private-encrypted-a"] {
        let wrong = [
            app.channel_auth("1.3", channel, None),
            app.channel_auth("1.2", "private-b", None),
            app.channel_auth("1.2", channel, Some("{}")),
            app.channel_auth("1.2", channel, None).replace("key:", "other:"),
            "nonsense".to_owned(),
            String::new(),
        ];
        for auth in wrong.iter().map(|auth| Some(auth.as_str())).chain([None]) {
            let answer = say(&mut session, at(0), &subscribe(channel, auth));
            assert_eq!(answer[0]["event"], "pusher:subscription_error", "{auth:?}");
            assert_eq!(answer[0]["channel"], channel);
            assert_eq!(answer[0]["data"]["type"], "AuthError");
            assert_eq!(answer[0]["data"]["status"], 401);
        }
        let auth = app.channel_auth("1.2", channel, None);
        let answer = say(&mut session, at(0), &subscribe(channel, Some(&auth)));
        assert_eq!(answer, [json!({ "subscribe": channel })]);
    }
}

#[test]
fn a_second_subscription_is_confirmed_and_changes_nothing() {
    let mut session = session();
    say(&mut session, at(0), &subscribe("news", None));
    let answer = say(&mut session, at(0), &subscribe("news", None));
    assert_eq!(answer[0]["event"], "pusher_internal:subscription_succeeded");
    assert_eq!(session.subscriptions().count(), 1);
}

#[test]
fn channels_that_cannot_be_are_refused_by_name() {
    let mut session = session();
    let too_long = "a".repeat(201);
    for (channel, status) in [("a b", 400), ("", 400), (&too_long, 400), ("#server-to-user-7", 401)]
    {
        let answer = say(&mut session, at(0), &subscribe(channel, None));
        assert_eq!(answer[0]["event"], "pusher:subscription_error");
        assert_eq!(answer[0]["data"]["status"], status, "{channel}");
    }
    assert_eq!(session.subscriptions().count(), 0);
}

#[test]
fn unsubscribing_ends_what_was_there() {
    let mut session = session();
    say(&mut session, at(0), &subscribe("news", None));
    let leave = json!({ "event": "pusher:unsubscribe", "data": { "channel": "news" } });
    assert_eq!(say(&mut session, at(0), &leave), [json!({ "unsubscribe": "news" })]);
    assert_eq!(say(&mut session, at(0), &leave), [] as [Value; 0]);
}

#[test]
fn what_is_no_message_is_answered_and_the_session_goes_on() {
    let mut session = session();
    say(&mut session, at(0), &subscribe("news", None));
    for text in ["", "{", "[]", "7", r#"{"event":5}"#, r#"{"event":"pusher:subscribe"}"#] {
        assert_error(&described(session.on_text(at(0), text)), 4200, "Invalid message format");
    }
    assert_error(&described(session.on_binary(at(0))), 4200, "Invalid message format");
    let unknown = json!({ "event": "pusher:nonsense", "data": {} });
    assert_error(
        &say(&mut session, at(0), &unknown),
        4200,
        "Invalid message format: unknown event",
    );
    assert_eq!(session.subscriptions().count(), 1);
    let pong = say(&mut session, at(0), &json!({ "event": "pusher:ping" }));
    assert_eq!(pong, [json!({ "event": "pusher:pong", "data": {} })]);
}

#[test]
fn a_client_event_is_relayed_as_it_was_written() {
    let mut session = session();
    say(&mut session, at(0), &subscribe("news", None));
    let text = r#"{"event":"client-typing","channel":"news","data":{"a":  1.0}}"#;
    let frame = r#"{"event":"client-typing","data":{"a":  1.0},"channel":"news"}"#;
    let expected = json!({ "relay": frame, "to": "news" });
    assert_eq!(described(session.on_text(at(0), text)), [expected]);
}

#[test]
fn who_may_send_client_events_is_configured() {
    let with = |policy| {
        let mut session = session_with(|app| app.accept_client_events_from = policy);
        say(&mut session, at(0), &whisper("news"))
    };
    assert_eq!(with(ClientEventPolicy::All)[0]["to"], "news");
    let members = with(ClientEventPolicy::Members);
    assert_eq!(members, error(4301, error_text::NOT_A_MEMBER));
    let none = with(ClientEventPolicy::None);
    assert_eq!(none, error(4301, error_text::CLIENT_EVENTS_DISABLED));
}

#[test]
fn every_client_event_that_is_rejected_is_so_with_4301_and_the_session_goes_on() {
    let mut session = session_with(|app| app.limits.event_name = 20);
    say(&mut session, at(0), &subscribe("news", None));
    let app = Credentials::new("key", "secret");
    let sealed = app.channel_auth("1.2", "private-encrypted-a", None);
    say(&mut session, at(0), &subscribe("private-encrypted-a", Some(&sealed)));
    sign_in(&mut session, r#"{"id":"7"}"#);
    say(&mut session, at(0), &subscribe("#server-to-user-7", Some("")));
    let not_here = "Client events are not possible on this kind of channel";
    let rejected = [
        ("no spaces", "client-typing", "channel name \"no spaces\""),
        ("other", "client-typing", error_text::NOT_A_MEMBER),
        ("private-encrypted-a", "client-typing", not_here),
        ("#server-to-user-7", "client-typing", not_here),
        ("news", "client-name-that-is-too-long", "The name of a client event has at most 20"),
    ];
    for (channel, event, begins) in rejected {
        let frame = json!({ "event": event, "channel": channel, "data": {} });
        assert_error(&say(&mut session, at(0), &frame), 4301, begins);
    }
    assert_eq!(say(&mut session, at(0), &whisper("news"))[0]["to"], "news");
}

#[test]
fn the_eleventh_client_event_of_a_second_is_rejected() {
    let mut session = session();
    say(&mut session, at(0), &subscribe("news", None));
    for _ in 0..10 {
        assert_eq!(say(&mut session, at(1), &whisper("news"))[0]["to"], "news");
    }
    let rejected = say(&mut session, at(1), &whisper("news"));
    assert_eq!(rejected, error(4301, error_text::CLIENT_EVENTS_LIMITED));
    assert_eq!(say(&mut session, at(2), &whisper("news"))[0]["to"], "news");
}

#[test]
fn messages_over_the_rate_limit_are_refused_and_end_the_session_if_so_configured() {
    for terminate in [false, true] {
        let mut session = session_with(|app| {
            app.rate_limiting.enabled = true;
            app.rate_limiting.max_attempts = 2;
            app.rate_limiting.terminate_on_limit = terminate;
        });
        let ping = json!({ "event": "pusher:ping" });
        say(&mut session, at(0), &ping);
        say(&mut session, at(0), &ping);
        let mut expected = error(4301, error_text::RATE_LIMITED);
        if terminate {
            expected.push(json!({ "close": 4301 }));
        }
        assert_eq!(say(&mut session, at(0), &ping), expected);
    }
}

#[test]
fn a_silent_client_is_pinged_and_closed_when_it_does_not_answer() {
    let mut session = session();
    assert_eq!(session.deadline(), at(60));
    assert!(session.on_time(at(59)).is_empty());
    let ping = json!({ "event": "pusher:ping", "data": {} });
    assert_eq!(described(session.on_time(at(60))), [ping]);
    assert_eq!(session.deadline(), at(90));
    assert_eq!(described(session.on_time(at(90))), [json!({ "close": 4201 })]);
    assert!(session.on_time(at(500)).is_empty());
}

#[test]
fn anything_that_comes_puts_the_ping_off() {
    let mut session = session();
    session.saw_activity(at(59));
    assert!(session.on_time(at(60)).is_empty());
    assert_eq!(session.deadline(), at(119));
    session.on_time(at(119));
    say(&mut session, at(140), &json!({ "event": "pusher:pong" }));
    assert!(session.on_time(at(149)).is_empty());
    assert_eq!(session.deadline(), at(200));
}

#[test]
fn a_connection_has_a_limit_of_channels() {
    let limits = Limits { channels_per_connection: 1, ..Limits::default() };
    let mut session = session_with(|app| app.limits = limits);
    say(&mut session, at(0), &subscribe("a", None));
    let answer = say(&mut session, at(0), &subscribe("b", None));
    assert_eq!(answer[0]["data"]["type"], "LimitReached");
}

/// A subscription to `presence-room`, well signed.
fn enter(session: &mut Session, channel_data: &str) -> Value {
    let app = Credentials::new("key", "secret");
    let auth = app.channel_auth("1.2", "presence-room", Some(channel_data));
    let data = json!({ "channel": "presence-room", "auth": auth, "channel_data": channel_data });
    let frame = json!({ "event": "pusher:subscribe", "data": data });
    say(session, at(0), &frame).remove(0)
}

#[test]
fn a_presence_channel_is_joined_as_somebody() {
    for id in ["7", "\"7\""] {
        let answer = enter(&mut session(), &format!("{{\"user_id\":{id}}}"));
        assert_eq!(answer, json!({ "subscribe": "presence-room", "as": "7" }));
    }
    let zero = enter(&mut session(), r#"{"user_id":0,"user_info":{}}"#);
    assert_eq!(zero["as"], "0");
}

#[test]
fn who_is_nobody_or_too_much_cannot_join_a_presence_channel() {
    let (long, large) = ("x".repeat(129), "x".repeat(1024));
    let wrong = [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"user_id":null}"#.to_owned(),
        r#"{"user_id":""}"#.to_owned(),
    ];
    for channel_data in wrong {
        let answer = enter(&mut session(), &channel_data);
        assert_eq!(answer["data"]["type"], "InvalidMember", "{channel_data}");
    }
    let too_much =
        [format!(r#"{{"user_id":"{long}"}}"#), format!(r#"{{"user_id":1,"user_info":"{large}"}}"#)];
    for channel_data in too_much {
        let answer = enter(&mut session(), &channel_data);
        assert_eq!(answer["data"]["type"], "LimitReached", "{channel_data}");
    }
    let unsigned = subscribe("presence-room", Some("key:00"));
    assert_eq!(say(&mut session(), at(0), &unsigned)[0]["data"]["type"], "AuthError");
}

#[test]
fn a_client_event_of_a_member_names_its_user() {
    let mut session = session();
    enter(&mut session, r#"{"user_id":7}"#);
    let relay = say(&mut session, at(0), &whisper("presence-room")).remove(0);
    let frame: Value = serde_json::from_str(relay["relay"].as_str().unwrap()).unwrap();
    assert_eq!(frame["user_id"], "7");
}

#[test]
fn who_found_a_channel_full_is_not_subscribed() {
    let mut session = session();
    enter(&mut session, r#"{"user_id":7}"#);
    let refusal = session.on_full(&ChannelName::new("presence-room").unwrap());
    assert_eq!(described(vec![refusal])[0]["data"]["type"], "LimitReached");
    assert_eq!(session.subscriptions().count(), 0);
}

/// Signs in, well signed.
fn sign_in(session: &mut Session, user_data: &str) -> Vec<Value> {
    let auth = Credentials::new("key", "secret").user_auth("1.2", user_data);
    let data = json!({ "auth": auth, "user_data": user_data });
    say(session, at(0), &json!({ "event": "pusher:signin", "data": data }))
}

#[test]
fn signing_in_is_confirmed_with_what_was_signed() {
    let mut session = session();
    let user_data = r#"{ "id":"7","watchlist":["8",9] }"#;
    let success = json!({ "event": "pusher:signin_success", "data": { "user_data": user_data } });
    let signed_in = json!({ "sign_in": "7", "watchlist": ["8", "9"] });
    assert_eq!(sign_in(&mut session, user_data), [success.clone(), signed_in]);
    // Once more changes nothing.
    assert_eq!(sign_in(&mut session, user_data), [success]);
    assert_error(&sign_in(&mut session, r#"{"id":"8"}"#), 4009, "Connection is unauthorized");
}

#[test]
fn who_is_nobody_cannot_sign_in_and_the_session_goes_on() {
    let (long, mut session) = ("x".repeat(129), session());
    for user_data in
        ["", "{}", "[]", r#"["7"]"#, r#"{"id":7}"#, r#"{"id":""}"#, r#"{"id":null}"#, "7"]
    {
        assert_error(&sign_in(&mut session, user_data), 4009, "Connection is unauthorized");
    }
    let long = format!(r#"{{"id":"{long}"}}"#);
    assert_error(&sign_in(&mut session, &long), 4009, "Connection is unauthorized");
    let user_data = r#"{"id":"7"}"#;
    let other_socket = Credentials::new("key", "secret").user_auth("1.3", user_data);
    let as_channel = Credentials::new("key", "secret").channel_auth("1.2", user_data, None);
    for auth in [&*other_socket, &*as_channel, "key:00", "nonsense", ""] {
        let data = json!({ "auth": auth, "user_data": user_data });
        let answer = say(&mut session, at(0), &json!({ "event": "pusher:signin", "data": data }));
        assert_error(&answer, 4009, "Connection is unauthorized");
    }
    assert_eq!(sign_in(&mut session, user_data).len(), 2);
}

#[test]
fn a_watchlist_over_the_limit_is_refused_with_4302() {
    let limits = Limits { watchlist: 1, ..Limits::default() };
    let mut session = session_with(|app| app.limits = limits);
    let refused = sign_in(&mut session, r#"{"id":"7","watchlist":["1","2"]}"#);
    assert_error(&refused, 4302, "a watchlist has at most 1 users");
    assert_eq!(sign_in(&mut session, r#"{"id":"7","watchlist":["1"]}"#).len(), 2);
}

#[test]
fn a_user_s_own_channel_is_for_the_signed_in_user_only() {
    let mut session = session();
    let own = subscribe("#server-to-user-7", Some(""));
    assert_eq!(say(&mut session, at(0), &own)[0]["data"]["type"], "AuthError");
    sign_in(&mut session, r#"{"id":"7"}"#);
    let joined = json!({ "subscribe": "#server-to-user-7" });
    assert_eq!(say(&mut session, at(0), &own), [joined]);
    for other in ["#server-to-user-8", "#server-to-user-77", "#server-to-user-"] {
        let answer = say(&mut session, at(0), &subscribe(other, Some("")));
        assert_eq!(answer[0]["data"]["type"], "AuthError", "{other}");
    }
}

#[test]
fn who_signed_in_joins_presence_channels_without_channel_data() {
    let mut session = session();
    let auth = Credentials::new("key", "secret").channel_auth("1.2", "presence-room", None);
    let join = subscribe("presence-room", Some(&auth));
    assert_eq!(say(&mut session, at(0), &join)[0]["data"]["type"], "InvalidMember");
    sign_in(&mut session, r#"{"id":"7","user_info":{"name":"Zoë"}}"#);
    let joined = json!({ "subscribe": "presence-room", "as": "7" });
    assert_eq!(say(&mut session, at(0), &join), [joined]);
}

#[test]
fn webhooks_are_told_of_client_events_they_want() {
    let mut session = session_with(|app| {
        let mut hook = WebhookConfig::new("http://a", [WebhookEvent::ClientEvent]);
        hook.filter_by_prefix = "presence-".into();
        app.webhooks = vec![hook];
    });
    say(&mut session, at(0), &subscribe("news", None));
    enter(&mut session, r#"{"user_id":7}"#);
    assert_eq!(say(&mut session, at(0), &whisper("news")).len(), 1);
    let note = json!({ "note": {
        "name": "client_event", "channel": "presence-room", "event": "client-typing",
        "data": "{}", "socket_id": "1.2", "user_id": "7",
    } });
    assert_eq!(say(&mut session, at(0), &whisper("presence-room"))[1], note);
}

fn extended() -> (Session, Vec<Effect>) {
    Session::open(ID, Dialect::Echolite, session().rules.clone(), at(0))
}

fn recover(channel: &str, auth: &str, position: &Value) -> Value {
    let data = json!({ "channel": channel, "auth": auth, "recover": position });
    json!({ "event": "pusher:subscribe", "data": data })
}

#[test]
fn the_extension_is_confirmed_to_who_asked_for_it() {
    let greeting = described(extended().1).remove(0);
    assert_eq!(greeting["data"]["echolite"], json!({ "version": 1, "recovery": true }));
    assert_eq!(greeting["data"]["socket_id"], "1.2");
}

#[test]
fn who_wants_to_recover_is_authorised_anew() {
    let (mut session, _) = extended();
    let position = json!({ "epoch": "a-1", "offset": 41 });
    let app = Credentials::new("key", "secret");
    for auth in ["", "key:00", &app.channel_auth("1.3", "private-cache-a", None)] {
        let refused = say(&mut session, at(0), &recover("private-cache-a", auth, &position));
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0]["data"]["type"], "AuthError", "{auth}");
    }
    let auth = app.channel_auth("1.2", "private-cache-a", None);
    let joined = say(&mut session, at(0), &recover("private-cache-a", &auth, &position));
    assert_eq!(joined, [json!({ "subscribe": "private-cache-a", "recover": position })]);
}

#[test]
fn what_is_no_position_is_refused_by_name() {
    for wrong in [
        json!(41),
        json!({}),
        json!({ "epoch": "a-1" }),
        json!({ "epoch": 1, "offset": 41 }),
        json!({ "epoch": "a-1", "offset": -1 }),
        json!({ "epoch": "a-1", "offset": "41" }),
    ] {
        let (mut session, _) = extended();
        let refused = say(&mut session, at(0), &recover("news", "", &wrong)).remove(0);
        assert_eq!(refused["data"]["type"], "InvalidRecover", "{wrong}");
        assert_eq!(
            (refused["channel"].as_str(), session.subscriptions().count()),
            (Some("news"), 0)
        );
    }
}

#[test]
fn to_who_did_not_ask_for_the_extension_recover_is_an_unknown_key() {
    for position in [json!({ "epoch": "a-1", "offset": 41 }), json!(41), json!([])] {
        let joined = say(&mut session(), at(0), &recover("news", "", &position));
        assert_eq!(joined, [json!({ "subscribe": "news" })]);
    }
}

#[test]
fn a_second_subscription_is_told_the_position_and_replays_nothing() {
    let (mut session, _) = extended();
    say(&mut session, at(0), &subscribe("news", None));
    let again = say(&mut session, at(0), &subscribe("news", None));
    assert_eq!(again, [json!({ "confirm": "news", "recovered": null })]);
    let asked = recover("news", "", &json!({ "epoch": "a-1", "offset": 0 }));
    let again = say(&mut session, at(0), &asked);
    assert_eq!(again, [json!({ "confirm": "news", "recovered": false })]);
    assert_eq!(session.subscriptions().count(), 1);
}
