//! Every wait ends: authorisers that never call back, call late, or call twice.

mod rig;

use echolite_core::{Command, Output, SubscriptionState};
use rig::{Rig, Wire};
use serde_json::json;

/// Whether the application was told, by the text of it.
fn told(rig: &Rig) -> usize {
    rig.errors().iter().filter(|error| error.contains("no signature came within 35 s")).count()
}

#[test]
fn six_authorisers_that_never_call_back_hold_up_nobody_for_long() {
    let mut rig = Rig::connected();
    for n in 0..20 {
        rig.subscribe(&format!("private-silent-{n}"));
    }
    rig.subscribe("private-x");
    let mut asked = rig.authorizations();
    assert_eq!(asked.len(), 6);
    while !asked.iter().any(|(_, channel)| channel == "private-x") {
        rig.pass(5_000);
        asked = rig.authorizations();
        assert!(!asked.is_empty(), "six more go on within five seconds");
    }
    let (request, _) = asked.iter().find(|(_, channel)| channel == "private-x").unwrap();
    rig.authorize(*request);
    assert_eq!(rig.sent().last().unwrap(), "subscribe private-x app:sig");
}

#[test]
fn an_authoriser_that_never_calls_back_is_told_and_asked_again() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    let first = rig.authorizations()[0].0;
    rig.pass(34_999);
    assert_eq!((told(&rig), rig.authorizations()), (0, vec![]));
    rig.pass(1);
    assert_eq!(told(&rig), 1);
    let subscription = rig.engine.channels().subscription("private-x");
    assert!(matches!(subscription, SubscriptionState::Refused(_)), "{subscription:?}");
    rig.pass(4_000);
    let second = rig.authorizations()[0].0;
    rig.authorize(first);
    assert!(!rig.sent().iter().any(|sent| sent.starts_with("subscribe")), "an answer too late");
    rig.pass(120_000);
    assert_eq!(told(&rig), 1, "it is told once");
    rig.authorize(second);
    let last = rig.authorizations().last().unwrap().0;
    rig.authorize(last);
    assert_eq!(rig.sent().last().unwrap(), "subscribe private-x app:sig");
}

#[test]
fn a_slow_authoriser_still_signs() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    let asked = rig.authorizations();
    rig.pass(30_000);
    rig.sent();
    rig.authorize(asked[0].0);
    assert_eq!(rig.sent(), ["subscribe private-x app:sig"]);
}

#[test]
fn who_leaves_an_authoriser_that_never_calls_back_leaves_no_timer() {
    let mut rig = Rig::connected();
    rig.subscribe("private-x");
    rig.command(Command::Unsubscribe("private-x".into()));
    rig.pass(60_000);
    assert_eq!(told(&rig), 0);
}

#[test]
fn signing_in_does_not_wait_for_ever_either() {
    let mut rig = Rig::connected();
    rig.command(Command::SignIn);
    let failures = |rig: &mut Rig| {
        let failed = |output: &Output<_>| match output {
            Output::SignInFailed { message, .. } => Some(message.clone()),
            _ => None,
        };
        rig.take(failed)
    };
    let asked = |rig: &mut Rig| {
        rig.take(|output| matches!(output, Output::Authenticate { .. }).then_some(())).len()
    };
    assert_eq!(asked(&mut rig), 1);
    rig.pass(34_999);
    assert_eq!(failures(&mut rig), Vec::<String>::new());
    rig.pass(1);
    assert!(failures(&mut rig)[0].contains("no signature came within 35 s"));
    rig.pass(4_000);
    assert_eq!(asked(&mut rig), 1, "and again");
    rig.frame("pusher:pong", None, json!({}));
}
