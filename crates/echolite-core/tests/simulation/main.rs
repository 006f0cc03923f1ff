//! The promise under adversarial schedules: whatever is delayed, swapped, lost or cut, `fresh` is true.
//!
//! `ECHOLITE_SCHEDULES=10000` runs so many of each kind of back end; `ECHOLITE_SEED=7` replays one, and prints
//! what happened.
#![allow(unreachable_pub, reason = "a test's own modules")]

mod world;

use std::collections::BTreeMap;

use echolite_core::VersionMode;
use world::{Facts, World};

/// Schedules of each kind of back end, unless asked for more.
const SCHEDULES: u64 = 100;
/// How long the faults of a schedule go on, in milliseconds.
const FAULTY: u64 = 60_000;

const KINDS: &[Facts] = &[
    Facts { versions: None, heads: false, since: false },
    Facts { versions: Some(VersionMode::Coarse), heads: false, since: false },
    Facts { versions: Some(VersionMode::Strict), heads: false, since: false },
    Facts { versions: None, heads: true, since: false },
    Facts { versions: Some(VersionMode::Coarse), heads: true, since: true },
];

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn schedule(seed: u64, facts: Facts) -> (World, Result<(), String>) {
    let mut world = World::new(seed, facts);
    let result = world.run(FAULTY).and_then(|()| world.settle());
    (world, result)
}

#[test]
fn an_engine_that_ignores_events_is_caught() {
    let caught = (0..20).filter(|seed| {
        let mut world = World::new(*seed, KINDS[1]);
        world.deaf = true;
        world.run(FAULTY).is_err()
    });
    assert!(caught.count() >= 19, "the check must fail for a straw man");
}

#[test]
fn fresh_is_true_under_every_schedule() {
    let replayed = number("ECHOLITE_SEED");
    let schedules = number("ECHOLITE_SCHEDULES").unwrap_or(SCHEDULES);
    let seeds = replayed.map_or(0..schedules, |seed| seed..seed + 1);
    for facts in KINDS {
        let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
        let (mut reads, mut fresh) = (0, 0);
        for seed in seeds.clone() {
            let (world, result) = schedule(seed, *facts);
            if let Err(broken) = result {
                let from = world.trace.len().saturating_sub(60);
                let trace = world.trace[from..].join("\n");
                panic!(
                    "{facts:?}, seed {seed}: {broken}\n{trace}\nreplay with ECHOLITE_SEED={seed}"
                );
            }
            if replayed.is_some() {
                println!("{}", world.trace.join("\n"));
            }
            reads += world.reads;
            fresh += world.fresh_time;
            world.faults.iter().for_each(|fault| *faults.entry(fault).or_default() += 1);
        }
        println!(
            "{facts:?}: {reads} reads, fresh {} % of the time, {faults:?}",
            fresh / (seeds.clone().count() as u64 * (FAULTY + 75_000) / 100)
        );
        if replayed.is_none() {
            let rare = faults.values().any(|count| *count * 20 < schedules);
            assert!(!rare, "each kind of fault in at least 5 % of the schedules: {faults:?}");
            assert!(fresh > 0, "a list that is never fresh keeps the promise, and is no use");
        }
    }
}
