//! A few schedules of each kind, and that the checks can fail. Many more: `cargo xtask test --only simulation`.

use echolite_simulation::BrokenClient;
use echolite_simulation::kind::KINDS;
use echolite_simulation::schedule::{replay, run};

/// Of so many schedules, a broken client fails in all but a few.
const SCHEDULES: u64 = 10;

#[test]
fn fresh_is_true_under_every_schedule() {
    for kind in KINDS {
        for seed in 0..SCHEDULES {
            if let Err(broken) = run(seed, *kind, BrokenClient::None) {
                panic!(
                    "{}\n{} with seed {seed}: {}",
                    broken.trace.join("\n"),
                    kind.name,
                    broken.message
                );
            }
        }
    }
}

fn failures(broken_client: BrokenClient) -> usize {
    let all = KINDS.iter().flat_map(|kind| (0..SCHEDULES).map(move |seed| (seed, *kind)));
    all.filter(|(seed, kind)| run(*seed, *kind, broken_client).is_err()).count()
}

#[test]
fn an_engine_that_ignores_events_is_caught() {
    let all = KINDS.len() * SCHEDULES as usize;
    assert!(
        failures(BrokenClient::Deaf) * 10 >= all * 9,
        "{} of {all}",
        failures(BrokenClient::Deaf)
    );
}

#[test]
fn an_engine_that_does_not_tell_its_listener_is_caught() {
    let all = KINDS.len() * SCHEDULES as usize;
    assert!(
        failures(BrokenClient::DeafListener) * 3 >= all,
        "{} of {all}",
        failures(BrokenClient::DeafListener)
    );
}

#[test]
fn an_engine_that_is_never_fresh_is_caught() {
    assert_eq!(failures(BrokenClient::NeverFresh), KINDS.len() * SCHEDULES as usize);
}

#[test]
fn a_schedule_replays_to_the_word() {
    for kind in KINDS {
        let (first, second) =
            (replay(3, *kind, BrokenClient::None), replay(3, *kind, BrokenClient::None));
        assert!(!first.1.trace.is_empty());
        assert_eq!(first.1.trace, second.1.trace);
    }
}
