//! The connection by inputs and times.

mod rig;

use echolite_core::{Command, Config, Output, PageSignal, SocketInput};
use rig::{Rig, Wire, config};
use serde_json::json;

fn connected() -> Rig {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.establish();
    assert_eq!(rig.connections(), ["connecting", "connected"]);
    rig.outputs.clear();
    rig
}

#[test]
fn a_lost_connection_is_tried_again_between_half_a_second_and_two() {
    let mut rig = connected();
    rig.close(1006);
    assert_eq!(rig.connections(), ["connecting"]);
    for _ in 0..10 {
        rig.pass(499);
        assert_eq!(rig.opened(), 0, "never sooner than 0.5 s");
        rig.pass(1_501);
        assert_eq!(rig.opened(), 1, "never later than 2 s");
        rig.close(1006);
    }
    assert_eq!(rig.connections(), ["unavailable"], "after 10 s it has a name");
    rig.pass(2_000);
    rig.establish();
    assert_eq!(rig.connections(), ["connected"]);
}

#[test]
fn an_outage_is_unavailable_after_the_timeout_of_the_settings() {
    for unavailable_timeout in [1_500, 25_000] {
        let mut rig = Rig::new(Config { unavailable_timeout, ..config() });
        rig.command(Command::Connect);
        rig.close(1006);
        rig.outputs.clear();
        rig.pass(unavailable_timeout - 1);
        assert_eq!(rig.connections(), Vec::<&str>::new(), "{unavailable_timeout}: not before");
        rig.pass(1);
        assert_eq!(rig.connections(), ["unavailable"], "{unavailable_timeout}");
    }
}

#[test]
fn after_a_minute_attempts_spread_up_to_thirty_seconds() {
    let mut rig = connected();
    rig.close(1006);
    let mut attempts = 0;
    for _ in 0..600 {
        rig.pass(1_000);
        if rig.opened() > 0 {
            attempts += 1;
            rig.close(1006);
        }
    }
    // a minute at 1.25 s, then nine at 15 s on average
    assert!((60..120).contains(&attempts), "{attempts}");
}

#[test]
fn close_codes_decide_what_follows() {
    for (code, state, opened) in [
        (4000, vec!["connecting"], 1),
        (4001, vec!["failed"], 0),
        (4099, vec!["failed"], 0),
        (4100, vec!["connecting"], 0),
        (4200, vec!["connecting"], 1),
        (4301, vec!["failed"], 0),
        (1006, vec!["connecting"], 0),
    ] {
        let mut rig = connected();
        rig.pass(1_000);
        rig.outputs.clear();
        rig.close(code);
        assert_eq!(rig.connections(), state, "{code}");
        assert_eq!(rig.opened(), opened, "{code}");
    }
}

#[test]
fn reconnect_at_once_does_not_loop() {
    let mut rig = connected();
    rig.close(4200);
    assert_eq!(rig.opened(), 0, "the connection had not lived a second");
}

#[test]
fn silence_is_answered_by_a_ping_and_an_unanswered_ping_is_a_loss() {
    let mut rig = connected();
    rig.pass(29_999);
    assert_eq!(rig.sent(), Vec::<String>::new());
    rig.pass(1);
    assert_eq!(rig.sent(), ["ping"]);
    rig.frame("pusher:pong", None, json!({}));
    rig.pass(30_000);
    assert_eq!(rig.sent(), ["ping"]);
    rig.pass(29_999);
    assert_eq!(rig.connections(), Vec::<&str>::new());
    rig.pass(1);
    assert_eq!(rig.connections(), ["connecting"], "within twice the activity timeout");
}

#[test]
fn a_page_that_comes_back_asks_for_a_pong_within_seconds() {
    for signal in [PageSignal::Online, PageSignal::Visible, PageSignal::Resumed] {
        let mut rig = connected();
        rig.page(signal);
        assert_eq!(rig.sent(), ["ping"], "{signal:?}");
        rig.pass(3_000);
        assert_eq!(rig.connections(), ["connecting"], "{signal:?}");
        rig.outputs.clear();
        rig.page(signal);
        assert_eq!(rig.opened(), 1, "{signal:?}: at once");
    }
}

#[test]
fn a_server_that_does_not_greet_is_given_up_after_ten_seconds() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.socket(SocketInput::Opened);
    rig.opened();
    rig.pass(9_999);
    assert_eq!(rig.opened(), 0);
    rig.pass(2_001);
    assert_eq!(rig.opened(), 1);
}

#[test]
fn an_error_in_place_of_the_greeting_counts_as_its_close_code() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.frame("pusher:error", None, json!({ "code": 4001, "message": "no such app" }));
    assert_eq!(rig.connections(), ["connecting", "failed"]);
    assert_eq!(rig.errors(), ["Some(4001) no such app"]);
    rig.outputs.clear();
    rig.pass(120_000);
    assert_eq!(rig.opened(), 0, "never again by itself");
    rig.command(Command::Connect);
    assert_eq!(rig.opened(), 1, "but when asked to");
}

#[test]
fn what_an_old_socket_reports_does_not_count() {
    let mut rig = connected();
    rig.command(Command::Disconnect);
    assert_eq!(rig.connections(), ["disconnected"]);
    rig.close(1006);
    rig.pass(60_000);
    assert_eq!(rig.opened(), 0);
}

#[test]
fn transports_not_enabled_are_not_used() {
    let mut rig = Rig::new(echolite_core::Config { tls: true, allow_wss: false, ..config() });
    rig.command(Command::Connect);
    assert_eq!(rig.connections(), ["failed"]);
    assert_eq!(rig.opened(), 0);
}

#[test]
fn pings_of_the_server_are_answered_and_malformed_frames_skipped() {
    let mut rig = connected();
    rig.frame("pusher:ping", None, json!({}));
    assert_eq!(rig.sent(), ["pong"]);
    rig.socket(SocketInput::Malformed);
    assert_eq!(rig.errors().len(), 1);
    assert_eq!(rig.connections(), Vec::<&str>::new(), "the connection goes on");
}

#[test]
fn the_engine_says_why_it_asks_to_be_called() {
    let mut rig = Rig::new(config());
    let why = |rig: &Rig| rig.engine.poll_timeout().map(|timeout| timeout.why);
    assert_eq!(why(&rig), None);
    rig.command(Command::Connect);
    assert_eq!(why(&rig), Some("connect deadline"));
    rig.establish();
    assert_eq!(why(&rig), Some("ping"));
    rig.pass(30_000);
    assert_eq!(why(&rig), Some("pong deadline"));
    rig.close(1006);
    assert_eq!(why(&rig), Some("reconnect"));
    rig.pass(2_000);
    rig.establish();
    rig.command(Command::Subscribe("news".into()));
    assert_eq!(why(&rig), Some("subscription deadline"));
    rig.command(Command::Disconnect);
    assert_eq!(why(&rig), None);
}

#[test]
fn inspect_tells_each_state_and_its_reason() {
    let mut rig = connected();
    rig.command(Command::Subscribe("news".into()));
    let inspected = |rig: &Rig| -> serde_json::Value {
        serde_json::from_str(&rig.engine.inspect()).expect("inspect gives JSON")
    };
    assert_eq!(
        inspected(&rig),
        json!({
            "connection": "connected",
            "signIn": { "state": "out", "why": "nobody asked to sign in" },
            "channels": { "news": { "state": "subscribing", "why": "no signature is needed" } },
            "next": { "why": "subscription deadline", "in": 10_000 },
        })
    );
    rig.confirm("news");
    let news = inspected(&rig)["channels"]["news"].clone();
    assert_eq!(news, json!({ "state": "subscribed", "why": "the server confirmed" }));
}

/// The pauses before the attempts that follow, as the server treats each by `treat`.
fn pauses(rig: &mut Rig, count: usize, mut treat: impl FnMut(&mut Rig)) -> Vec<u64> {
    let mut pauses = Vec::new();
    while pauses.len() < count {
        treat(rig);
        let mut waited = 0;
        while rig.opened() == 0 {
            rig.pass(10);
            waited += 10;
            assert!(waited < 60_000, "no further attempt");
        }
        pauses.push(waited);
    }
    pauses
}

#[test]
fn connections_that_die_young_are_tried_ever_more_rarely() {
    for (lived, code) in
        [(0, 1006), (900, 1006), (900, 4200), (5_000, 4200), (9_000, 1011), (3_000, 4201)]
    {
        let mut rig = Rig::new(config());
        rig.answers_pings = true;
        rig.command(Command::Connect);
        let all = pauses(&mut rig, 9, |rig| {
            rig.establish();
            rig.pass(lived);
            rig.opened();
            rig.close(code);
            rig.page(PageSignal::Hidden);
        });
        rig.outputs.clear();
        assert!(all.iter().skip(5).all(|pause| *pause >= 8_000), "{lived} {code}: {all:?}");
        assert!(all.iter().all(|pause| *pause <= 30_010), "{lived} {code}: {all:?}");
    }
}

#[test]
fn a_connection_that_lived_for_a_while_ends_the_series() {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.command(Command::Connect);
    rig.opened();
    let greet = |rig: &mut Rig| rig.establish();
    let all = pauses(&mut rig, 9, |rig| {
        greet(rig);
        rig.close(1006);
    });
    assert!(all[8] > 8_000, "{all:?}");
    greet(&mut rig);
    rig.pass(10_000);
    rig.outputs.clear();
    rig.close(1006);
    rig.pass(2_000);
    assert_eq!(rig.opened(), 1, "as eager as ever");
    greet(&mut rig);
    rig.pass(10_000);
    rig.outputs.clear();
    rig.close(4200);
    assert_eq!(rig.opened(), 1, "at once, as the server says");
}

#[test]
fn a_server_that_is_full_is_asked_ever_more_rarely_and_a_refusal_never() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    let full = |rig: &mut Rig| {
        let data = json!({ "code": 4100, "message": "Over capacity" });
        rig.frame("pusher:error", None, data);
    };
    rig.opened();
    let all = pauses(&mut rig, 9, full);
    assert!(all.iter().skip(5).all(|pause| *pause >= 8_000), "{all:?}");
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.opened();
    rig.close(4004);
    rig.pass(600_000);
    assert_eq!((rig.opened(), rig.errors()), (0, vec!["Some(4004) test".to_owned()]));
}

#[test]
fn each_socket_is_given_up_that_was_opened() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.opened();
    let mut number = 0;
    for way in 0..40 {
        number += 1;
        match way % 5 {
            // lost, refused for now, never greeted, greeted by nonsense, never answered
            0 => {
                rig.establish();
                rig.close(1006);
            }
            1 => rig.close(4100),
            2 => rig.pass(10_000),
            3 => rig.frame("pusher:connection_established", None, json!({})),
            _ => {
                rig.establish();
                rig.pass(60_000);
            }
        }
        let closed = rig.take(|output| match output {
            Output::CloseSocket(socket) => Some(*socket),
            _ => None,
        });
        assert_eq!(closed, [number], "way {way}");
        while rig.opened() == 0 {
            rig.pass(10);
        }
    }
}
