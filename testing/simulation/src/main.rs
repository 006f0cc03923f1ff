//! `echolite-simulation`: runs schedules and says what they came to. Reached by `cargo xtask test`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use echolite_simulation::BrokenClient;
use echolite_simulation::kind::{KINDS, Kind};
use echolite_simulation::report::{Totals, table};
use echolite_simulation::schedule::{Broken, replay, run};
use lexopt::prelude::*;

const HELP: &str = "\
echolite-simulation [--schedules N] [--kind K] [--seed N]

  --schedules N   so many, of all kinds of back ends together (10000)
  --kind K        only this kind: none, coarse, strict, heads, since, positions, all
  --seed N        replays one schedule of each kind, and prints what happened
";
/// So much of a failing schedule is printed.
const TRACE: usize = 60;

struct Options {
    schedules: u64,
    kinds: Vec<Kind>,
    seed: Option<u64>,
}

fn main() -> ExitCode {
    match options().and_then(|options| simulate(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options { schedules: 10_000, kinds: KINDS.to_vec(), seed: None };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("schedules") => options.schedules = arguments.value()?.parse()?,
            Long("seed") => options.seed = Some(arguments.value()?.parse()?),
            Long("kind") => {
                let name = arguments.value()?.string()?;
                let kind = Kind::named(&name);
                options.kinds = vec![kind.with_context(|| format!("no kind '{name}'\n\n{HELP}"))?];
            }
            Short('h') | Long("help") => {
                print!("{HELP}");
                std::process::exit(0);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn simulate(options: &Options) -> Result<()> {
    if let Some(seed) = options.seed {
        return replay_all(seed, &options.kinds);
    }
    let began = Instant::now();
    let each = options.schedules.div_ceil(options.kinds.len() as u64);
    let mut totals = Vec::new();
    for kind in &options.kinds {
        totals.push(run_kind(*kind, each).map_err(|broken| explain(&broken))?);
        println!("{}: {each} schedules, {:.0} s", kind.name, began.elapsed().as_secs_f64());
    }
    println!("{}", table(&totals));
    let (schedules, steps) =
        totals.iter().fold((0, 0), |(a, b), kind| (a + kind.schedules, b + kind.steps));
    let took = began.elapsed().as_secs_f64();
    println!(
        "{schedules} schedules, {steps} steps, {took:.1} s, {:.2} ms a schedule and thread",
        took * 1_000.0 * threads() as f64 / schedules as f64
    );
    let complaints: Vec<_> = totals.iter().flat_map(Totals::complaints).collect();
    if !complaints.is_empty() {
        bail!("the promise held, but:\n{}", complaints.join("\n"));
    }
    Ok(())
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs the first `schedules` seeds on all cores; the first that fails ends it.
fn run_kind(kind: Kind, schedules: u64) -> Result<Totals, Box<Broken>> {
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let work = || {
        let mut totals = Totals::new(kind);
        while !failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= schedules {
                break;
            }
            let outcome = run(seed, kind, BrokenClient::None);
            totals.add(&outcome.inspect_err(|_| failed.store(true, Ordering::Relaxed))?);
        }
        Ok::<_, Box<Broken>>(totals)
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        let mut totals = Totals::new(kind);
        for worker in workers {
            match worker.join() {
                Ok(part) => totals.merge(&part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(totals)
    })
}

fn explain(broken: &Broken) -> anyhow::Error {
    let Broken { kind, seed, message, trace } = broken;
    let from = trace.len().saturating_sub(TRACE);
    anyhow::anyhow!(
        "{}\n\nkind {}, seed {seed}: {message}\nreplay it with \
         `cargo xtask test --only simulation --kind {} --seed {seed}`",
        trace[from..].join("\n"),
        kind.name,
        kind.name,
    )
}

fn replay_all(seed: u64, kinds: &[Kind]) -> Result<()> {
    let mut broken = Vec::new();
    for kind in kinds {
        let (holds, told) = replay(seed, *kind, BrokenClient::None);
        println!(
            "{}\n\nkind {}, seed {seed}: {}\n",
            told.trace.join("\n"),
            kind.name,
            told.message
        );
        if !holds {
            broken.push(kind.name);
        }
    }
    if !broken.is_empty() {
        bail!("seed {seed} breaks the promise with {}", broken.join(", "));
    }
    Ok(())
}
