//! Signing in by inputs and times.

mod rig;

use echolite_core::{AuthFailure, Command, Input, Output, UserAuthentication};
use rig::{Rig, Wire, config};
use serde_json::json;

/// Requests for the user since last taken.
fn asked(rig: &mut Rig) -> Vec<u32> {
    let mut asked = Vec::new();
    rig.outputs.retain(|output| match output {
        Output::Authenticate { request, .. } => {
            asked.push(*request);
            false
        }
        _ => true,
    });
    asked
}

fn authenticate(rig: &mut Rig, request: u32) {
    let user_data = r#"{"id":"7"}"#.into();
    let user = UserAuthentication { auth: "app:sig".into(), user_data };
    rig.input(Input::Authenticated(request, Ok(user)));
}

fn refuse(rig: &mut Rig, request: u32, status: Option<u16>) {
    let failure = AuthFailure { status, message: "no".into(), retry_after: None };
    rig.input(Input::Authenticated(request, Err(failure)));
}

fn failures(rig: &Rig) -> usize {
    rig.outputs.iter().filter(|output| matches!(output, Output::SignInFailed { .. })).count()
}

#[test]
fn a_user_signs_in_and_hears_their_own_channel_again_after_every_reconnect() {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    for _ in 0..2 {
        let request = asked(&mut rig)[0];
        authenticate(&mut rig, request);
        assert_eq!(rig.sent(), [r#"signin app:sig {"id":"7"}"#]);
        rig.frame("pusher:signin_success", None, json!({ "user_data": r#"{"id":"7"}"# }));
        assert_eq!(rig.sent(), ["subscribe #server-to-user-7 "]);
        assert!(rig.outputs.iter().any(|output| matches!(output, Output::SignedIn { .. })));
        rig.confirm("#server-to-user-7");
        rig.close(1006);
        rig.pass(2_000);
        rig.outputs.clear();
        rig.establish();
        assert_eq!(rig.sent(), Vec::<String>::new(), "the channel waits for the sign-in");
    }
}

#[test]
fn an_answer_for_an_earlier_socket_does_not_sign_in() {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    let early = asked(&mut rig)[0];
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    authenticate(&mut rig, early);
    assert_eq!(rig.sent(), Vec::<String>::new());
    let late = asked(&mut rig)[0];
    authenticate(&mut rig, late);
    assert_eq!(rig.sent().len(), 1);
}

#[test]
fn failures_that_may_pass_are_tried_again_and_others_told_at_once() {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    for round in 1..=4 {
        let request = asked(&mut rig)[0];
        refuse(&mut rig, request, Some(503));
        assert_eq!(failures(&rig), usize::from(round >= 3), "{round}");
        rig.pass(30_000);
    }
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    let request = asked(&mut rig)[0];
    refuse(&mut rig, request, Some(403));
    assert_eq!(failures(&rig), 1);
    rig.pass(60_000);
    assert_eq!(asked(&mut rig), Vec::<u32>::new());
    rig.command(Command::SignIn);
    assert_eq!(asked(&mut rig).len(), 1, "but when asked to");
}

#[test]
fn a_sign_in_nobody_confirms_is_told() {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    let request = asked(&mut rig)[0];
    authenticate(&mut rig, request);
    rig.pass(10_000);
    assert_eq!(failures(&rig), 1);
}

#[test]
fn asked_for_before_the_connection_it_follows_it() {
    let mut rig = Rig::new(config());
    rig.command(Command::SignIn);
    rig.command(Command::Connect);
    assert_eq!(asked(&mut rig), Vec::<u32>::new());
    rig.establish();
    assert_eq!(asked(&mut rig).len(), 1);
}

fn signed_in() -> Rig {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    let request = asked(&mut rig)[0];
    authenticate(&mut rig, request);
    rig.frame("pusher:signin_success", None, json!({ "user_data": r#"{"id":"7"}"# }));
    rig.confirm("#server-to-user-7");
    rig.subscribe("news");
    rig.outputs.clear();
    rig
}

#[test]
fn signing_out_takes_another_socket_and_stays_out() {
    let mut rig = signed_in();
    rig.command(Command::SignOut);
    assert_eq!((rig.opened(), rig.connections()), (1, vec!["connecting"]));
    rig.establish();
    assert_eq!(asked(&mut rig), Vec::<u32>::new());
    assert_eq!(rig.sent(), ["subscribe news"], "and no channel of the user's own");
    // a confirmation that nobody asked for
    rig.frame("pusher:signin_success", None, json!({ "user_data": r#"{"id":"7"}"# }));
    assert_eq!(rig.sent(), Vec::<String>::new());
    rig.close(1006);
    rig.pass(2_000);
    rig.establish();
    assert_eq!(asked(&mut rig), Vec::<u32>::new());
}

#[test]
fn another_user_signs_in_on_a_socket_of_their_own() {
    let mut rig = signed_in();
    rig.command(Command::SignOut);
    rig.command(Command::SignIn);
    assert_eq!(asked(&mut rig), Vec::<u32>::new(), "the server still knows the user before");
    rig.establish();
    assert_eq!(asked(&mut rig).len(), 1);
}

#[test]
fn signing_out_before_the_server_was_asked_keeps_the_socket() {
    let mut rig = Rig::connected();
    rig.command(Command::SignOut);
    rig.command(Command::SignIn);
    let request = asked(&mut rig)[0];
    rig.command(Command::SignOut);
    authenticate(&mut rig, request);
    assert_eq!((rig.sent(), rig.opened()), (vec![], 0));
    rig.command(Command::SignIn);
    let request = asked(&mut rig)[0];
    authenticate(&mut rig, request);
    rig.command(Command::SignOut);
    assert_eq!(rig.opened(), 1, "the server was asked: it may know the user by now");
}
