//! The promise, explored. `ECHOLITE_STATES` is how many distinct states are wanted; without it a few thousand.
//!
//! `ECHOLITE_FACTS=Heads` explores one kind of back end only, `ECHOLITE_KIND='poorer rows'` one kind of habits.
#![allow(missing_docs, reason = "a test")]

use std::thread::available_parallelism;
use std::time::Instant;

use echolite_cache::Membership;
use echolite_model_checker::back_end::Carries;
use echolite_model_checker::{
    BrokenClient, Budget, Facts, Habits, KINDS, Kind, Schedules, promise,
};
use stateright::{Checker, HasDiscoveries, Model};

/// So many states of each kind of habits are explored where none are wanted.
const FEW: usize = 200;

fn wanted() -> Option<usize> {
    let states = std::env::var("ECHOLITE_STATES").ok();
    states.map(|states| states.parse().expect("ECHOLITE_STATES is a number"))
}

/// Whether this is to be explored: all is, where no kind of back end and no kind of habits is named.
fn is_wanted(variable: &str, name: &str) -> bool {
    let named = |variable| std::env::var(variable).ok();
    let any =
        ["ECHOLITE_FACTS", "ECHOLITE_KIND"].into_iter().any(|variable| named(variable).is_some());
    named(variable).map_or(!any, |only| only == name)
}

fn all_facts() -> impl Iterator<Item = Facts> {
    Facts::ALL.into_iter().filter(|facts| is_wanted("ECHOLITE_FACTS", &format!("{facts:?}")))
}

fn all_kinds() -> impl Iterator<Item = Kind> {
    KINDS.iter().copied().filter(|kind| is_wanted("ECHOLITE_KIND", kind.name))
}

fn schedules(facts: Facts, budget: Budget) -> Schedules {
    let habits = Habits::NONE;
    let (carries, from_the_start) = (vec![Carries::Row], true);
    Schedules { facts, habits, from_the_start, carries, budget, broken_client: None }
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
    let why =
        promise::holds(&last).and_then(|()| promise::quiet_makes_fresh(&last, schedules)).err();
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

/// A world with habits where more happens: too large to be explored whole.
fn grown(mut world: Schedules) -> Schedules {
    let Budget { commits, faults, .. } = world.budget;
    let faults = faults + 2;
    world.budget =
        Budget { commits: commits + 1, late: 1, faults, closes: 1, failures: 1, ..world.budget };
    world
}

/// Explores all worlds of all kinds: whole, or where no states are wanted the shortest schedules of each.
fn explore_kinds(kinds: &[Kind], wanted: Option<usize>) -> usize {
    let states = wanted.is_none().then_some(FEW);
    let explore = |kind: &Kind| -> usize {
        kind.worlds()
            .map(|world| {
                print!("{}: ", kind.name);
                explore(&world, states)
            })
            .sum()
    };
    kinds.iter().map(explore).sum()
}

#[test]
fn fresh_is_true_and_quiet_makes_fresh() {
    let wanted = wanted();
    let whole = match wanted {
        None => vec![Budget::new(1, 0), Budget::new(0, 1)],
        Some(_) => vec![Budget::new(1, 1)],
    };
    let (all_facts, kinds): (Vec<_>, Vec<_>) = (all_facts().collect(), all_kinds().collect());
    let mut distinct = explore_kinds(&kinds, wanted);
    for facts in &all_facts {
        for budget in &whole {
            distinct += explore(&schedules(*facts, *budget), None);
        }
    }
    if let Some(wanted) = wanted {
        let large: Vec<_> = all_facts.iter().flat_map(|facts| large(*facts)).collect();
        let grown: Vec<_> = kinds.into_iter().flat_map(Kind::worlds).map(grown).collect();
        // a third is for the worlds with habits
        let rest = wanted.saturating_sub(distinct) / 3;
        let quarter = 2 * rest / all_facts.len().max(1) / 4 + 1;
        let part = rest / grown.len().max(1) + 1;
        let large = large.into_iter().map(|(world, quarters)| (world, quarter * quarters));
        for (world, states) in large.chain(grown.into_iter().map(|world| (world, part))) {
            distinct += explore(&world, Some(states));
        }
        assert!(distinct >= wanted, "{distinct} of {wanted} states: the worlds are too small");
    }
    println!("{distinct} distinct states in all");
}

#[test]
fn a_list_that_says_all_and_filters_is_caught() {
    let kind = KINDS.iter().find(|kind| kind.name == "rows that no query shows");
    let mut world = kind.unwrap().worlds().next().unwrap();
    world.habits.membership = Some(Membership::All);
    let checker = world.checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    assert!(broken(&checker).unwrap().contains("fresh, but row"));
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
