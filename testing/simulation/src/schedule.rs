//! One schedule, from its seed to what came of it.

use crate::back_end::{BackEnd, Event};
use crate::client::{BrokenClient, Role};
use crate::fault::Coverage;
use crate::kind::Kind;
use crate::world::{Load, World};

/// A schedule's faults go on at least so long (milliseconds)…
const FAULTY: u64 = 40_000;
/// … where a page is loaded anew all the time, so long: what is too old must come to light…
const RESTLESS: u64 = 90_000;
/// … and until there were so many steps.
const STEPS: u64 = 200;
/// Nothing is as slow as this: a schedule that lasts longer makes no steps.
const LONGEST: u64 = 1_800_000;
/// When all is quiet, everything observed is fresh within this. The longest way there: a socket that is half
/// open (10 s to the ping, 5 s for its pong), pauses between attempts and between reads (30 s each).
const PATIENCE: u64 = 90_000;
/// What looks settled must stay so.
const AFTERMATH: u64 = 3_000;

/// What came of a schedule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub coverage: Coverage,
    pub steps: u64,
    pub reads: u64,
    pub is_light: bool,
    /// Milliseconds that pages were awake, and fresh, while faults went on.
    pub awake_time: u64,
    pub fresh_time: u64,
    /// How long after the last fault everything was fresh, in milliseconds.
    pub settling: u64,
}

/// A schedule that broke the promise.
#[derive(Clone, Debug)]
pub struct Broken {
    pub kind: Kind,
    pub seed: u64,
    /// What was promised, and what was found instead.
    pub message: String,
    /// What happened, a line each.
    pub trace: Vec<String>,
}

/// Runs the schedule of a seed.
///
/// # Errors
/// What broke the promise, with its trace.
pub fn run(seed: u64, kind: Kind, broken_client: BrokenClient) -> Result<Outcome, Box<Broken>> {
    let mut world = World::new(seed, kind, broken_client);
    // most schedules hold: the trace is written when it is known that it will be read
    run_world(&mut world).map_err(|_| Box::new(replay(seed, kind, broken_client).1))
}

/// Runs a schedule once more, and tells everything.
#[must_use]
pub fn replay(seed: u64, kind: Kind, broken_client: BrokenClient) -> (bool, Broken) {
    let mut world = World::new(seed, kind, broken_client);
    world.trace();
    let result = run_world(&mut world);
    let holds = result.is_ok();
    let message = result.err().unwrap_or_else(|| "nothing was broken".into());
    (holds, Broken { kind, seed, message, trace: world.take_trace() })
}

fn run_world(world: &mut World) -> Result<Outcome, String> {
    loop {
        world.step(world.now + 1_000)?;
        let faulty = if world.habits.restless { RESTLESS } else { FAULTY };
        let enough = world.now >= faulty && world.steps >= STEPS;
        if enough || world.now > LONGEST {
            break;
        }
    }
    world.is_quiet = true;
    world.say(|| "all is quiet".into());
    let settling = settle(world)?;
    let pages = world.clients.iter().filter(|client| client.role == Role::Cache);
    Ok(Outcome {
        coverage: world.coverage,
        steps: world.steps,
        reads: world.reads,
        is_light: world.load == Load::Light && !world.habits.hold_up(),
        awake_time: pages.clone().map(|client| client.awake_time).sum(),
        fresh_time: pages.map(|client| client.fresh_time).sum(),
        settling,
    })
}

/// Network up and quiet: everything becomes fresh, and equal to what the back end has, and stays so.
fn settle(world: &mut World) -> Result<u64, String> {
    let began = world.now;
    let mut settled = None;
    loop {
        settled = is_settled(world).then(|| settled.unwrap_or(world.now));
        if let Some(since) = settled.filter(|since| world.now >= since + AFTERMATH) {
            return Ok(since - began);
        }
        let longest = PATIENCE + world.habits.patience();
        let patience = settled.map_or(began + longest, |since| since + AFTERMATH);
        if !world.step(patience)? && settled.is_none() {
            return Err(unsettled(world));
        }
    }
}

fn is_settled(world: &World) -> bool {
    // what is half open only seems to be well
    let is_open = |at: Option<usize>| at.is_some_and(|at| world.connections[at].is_open());
    let is_joined = |at: Option<usize>| at.is_some_and(|at| world.connections[at].subscribed[0]);
    is_all_published(&world.back)
        && world.clients.iter().all(|client| {
            is_open(client.connection)
                && match client.role {
                    Role::Cache => client.is_settled(&world.back),
                    Role::Listener => is_joined(client.connection),
                }
        })
}

fn is_all_published(back: &BackEnd) -> bool {
    back.events.iter().rev().take(20).all(Event::is_over)
}

fn unsettled(world: &World) -> String {
    let pages = world
        .clients
        .iter()
        .enumerate()
        .filter(|(_, client)| client.role == Role::Cache && !client.is_settled(&world.back));
    let told =
        pages.map(|(at, client)| format!("page {at} shows {:?}, {:?}", client.rows, client.status));
    let rows: Vec<_> = world.back.listed_at(world.back.changes.len()).collect();
    let told: Vec<_> = told.collect();
    format!(
        "not fresh, or not equal, in {} s of quiet: {}; the back end has {rows:?}",
        PATIENCE / 1_000,
        told.join("; ")
    )
}
