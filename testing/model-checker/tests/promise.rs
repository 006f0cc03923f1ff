//! The promise, explored. `ECHOLITE_STATES` is how many distinct states are wanted; without it a few thousand.
//!
//! `ECHOLITE_FACTS=Heads` explores one kind of back end only.
#![allow(missing_docs, reason = "a test")]

use std::thread::available_parallelism;
use std::time::Instant;

use echolite_model_checker::back_end::Carries;
use echolite_model_checker::{BrokenClient, Budget, Facts, Schedules, promise};
use stateright::{Checker, HasDiscoveries, Model};

fn wanted() -> Option<usize> {
    let states = std::env::var("ECHOLITE_STATES").ok();
    states.map(|states| states.parse().expect("ECHOLITE_STATES is a number"))
}

fn all_facts() -> impl Iterator<Item = Facts> {
    let only = std::env::var("ECHOLITE_FACTS").ok();
    let is_wanted = move |facts: &Facts| only.as_ref().is_none_or(|o| *o == format!("{facts:?}"));
    Facts::ALL.into_iter().filter(is_wanted)
}

fn schedules(facts: Facts, budget: Budget) -> Schedules {
    Schedules { facts, carries: vec![Carries::Row], budget, broken_client: None }
}

/// What broke, as told by the shortest schedule that breaks it.
fn broken<C: Checker<Schedules>>(checker: &C) -> Option<String> {
    let discoveries = checker.discoveries();
    let mut broken = discoveries.into_iter().filter(|(name, _)| *name != "all of it, and fresh");
    let (name, path) = broken.next()?;
    let schedules = checker.model();
    let first = path.clone().into_states().remove(0);
    let last = path.last_state().clone();
    let told = promise::told(first, path.into_actions(), schedules).join("\n  ");
    let why = promise::fresh_is_true(&last)
        .and_then(|()| promise::quiet_makes_fresh(&last, schedules))
        .err();
    Some(format!("{:?}: \"{name}\" does not hold: {why:?}\n  {told}", schedules.facts))
}

/// Explores a small world, all of it or up to so many distinct states; says how many they were.
fn explore(schedules: &Schedules, states: Option<usize>) -> usize {
    let began = Instant::now();
    let threads = available_parallelism().map_or(1, usize::from);
    let checker = || {
        let checker = schedules.clone().checker().threads(threads);
        checker.finish_when(HasDiscoveries::AnyFailures)
    };
    let (unique, total, depth, failed, reached) = match states {
        // all steps count here, and about every second one leads to a state that was not known
        Some(states) => seen(&checker().target_state_count(states * 5 / 2).spawn_bfs().join()),
        None => seen(&checker().spawn_dfs().join()),
    };
    println!(
        "{:?}, {} commits, {} faults, {}: {unique} distinct states, {total} steps, depth {depth}, {:.1} s",
        schedules.facts,
        schedules.budget.commits,
        schedules.budget.faults,
        if states.is_some() { "the shortest schedules" } else { "all schedules" },
        began.elapsed().as_secs_f64()
    );
    if failed {
        let shortest = checker().spawn_bfs().join();
        panic!("{}", broken(&shortest).expect("what one search finds, the other does too"));
    }
    assert!(reached || states.is_some(), "the world never ends fresh: it shows nothing");
    unique
}

fn seen<C: Checker<Schedules>>(checker: &C) -> (usize, usize, usize, bool, bool) {
    let failed = broken(checker).is_some();
    let reached = checker.discovery("all of it, and fresh").is_some();
    let (unique, total) = (checker.unique_state_count(), checker.state_count());
    (unique, total, checker.max_depth(), failed, reached)
}

/// Two small worlds that are too large to be explored whole, and which part of the states wanted is for each: their
/// shortest schedules.
fn large(facts: Facts) -> [(Schedules, usize); 2] {
    let mut all = schedules(facts, Budget::new(3, 5));
    all.carries = vec![Carries::Row, Carries::Url, Carries::Nothing];
    [(schedules(facts, Budget::new(2, 1)), 3), (all, 1)]
}

#[test]
fn fresh_is_true_and_quiet_makes_fresh() {
    let wanted = wanted();
    let whole = match wanted {
        None => vec![Budget::new(1, 0), Budget::new(0, 1)],
        Some(_) => vec![Budget::new(1, 1)],
    };
    let all_facts: Vec<_> = all_facts().collect();
    let mut distinct = 0;
    for facts in &all_facts {
        for budget in &whole {
            distinct += explore(&schedules(*facts, *budget), None);
        }
    }
    if let Some(wanted) = wanted {
        let quarter = wanted.saturating_sub(distinct) / all_facts.len() / 4 + 1;
        for (schedules, quarters) in all_facts.iter().flat_map(|facts| large(*facts)) {
            distinct += explore(&schedules, Some(quarter * quarters));
        }
        assert!(distinct >= wanted, "{distinct} of {wanted} states: the worlds are too small");
    }
    println!("{distinct} distinct states in all");
}

fn caught(broken_client: BrokenClient) -> String {
    let mut schedules = schedules(Facts::Coarse, Budget::new(1, 0));
    schedules.broken_client = Some(broken_client);
    let checker = schedules.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    broken(&checker).expect("the checks must fail for a broken client")
}

#[test]
fn a_client_that_ignores_events_is_caught() {
    assert!(caught(BrokenClient::Deaf).contains("fresh, but row"));
}

#[test]
fn a_client_that_is_always_stale_is_caught() {
    assert!(caught(BrokenClient::NeverFresh).contains("not fresh after"));
}

#[test]
fn a_client_that_others_leave_out_is_caught() {
    assert!(caught(BrokenClient::Excluded).contains("in quiet"));
}
