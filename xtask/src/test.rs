//! `cargo xtask test`: every check, each with a heading and its time, and a summary at the end.

use std::env;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;

use crate::crates::{for_browsers, native};
use crate::mutants::Shard;
use crate::process::{cargo, command, root, run as run_command, say};
use crate::tail::Failed;
use crate::{
    build, compare, demo, dependencies, features, fuzz, model_checker, mutants, python, rounds,
    rules_off, setup, simulation, tidy, tools,
};

const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Depth {
    Fast,
    Full,
    Long,
}

pub(crate) struct Options {
    depth: Depth,
    only: Option<String>,
    list: bool,
    replay: Replay,
    shard: Option<Shard>,
}

/// One schedule of a seeded step, to be played again.
#[derive(Default)]
pub(crate) struct Replay {
    pub(crate) seed: Option<u64>,
    /// The kind of back end, where the step has several.
    pub(crate) kind: Option<String>,
}

impl Options {
    pub(crate) fn parse(arguments: &mut lexopt::Parser) -> Result<Self> {
        let replay = Replay::default();
        let mut options = Self { depth: Depth::Full, only: None, list: false, replay, shard: None };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("only") => options.only = Some(arguments.value()?.string()?),
                Long("list") => options.list = true,
                Long("seed") => options.replay.seed = Some(arguments.value()?.parse()?),
                Long("kind") => options.replay.kind = Some(arguments.value()?.string()?),
                Long("shard") => options.shard = Some(arguments.value()?.parse()?),
                Value(depth) if depth == "fast" => options.depth = Depth::Fast,
                Value(depth) if depth == "long" => options.depth = Depth::Long,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn is_long(&self) -> bool {
        self.depth == Depth::Long
    }
}

struct Step {
    name: &'static str,
    depth: Depth,
    run: fn(&Options) -> Result<()>,
}

/// In the order of how soon they say something.
const STEPS: &[Step] = &[
    Step { name: "setup", depth: Depth::Fast, run: prepare },
    Step { name: "format", depth: Depth::Fast, run: |_| cargo_step(&["fmt", "--all", "--check"]) },
    Step { name: "tidy", depth: Depth::Fast, run: |_| tidy::run() },
    Step { name: "clippy", depth: Depth::Fast, run: |_| clippy() },
    Step { name: "clippy for browsers", depth: Depth::Fast, run: |_| clippy_for_browsers() },
    Step { name: "dependencies", depth: Depth::Full, run: |_| dependencies::check() },
    Step { name: "features", depth: Depth::Full, run: |_| features::check() },
    Step { name: "fuzz targets", depth: Depth::Full, run: |_| fuzz::check() },
    Step { name: "Rust tests", depth: Depth::Fast, run: rust_tests },
    Step { name: "simulation", depth: Depth::Full, run: simulate },
    Step {
        name: "model checker",
        depth: Depth::Full,
        run: |options| model_checker::explore(options.is_long()),
    },
    Step { name: "Rust doc tests", depth: Depth::Full, run: |_| doc_tests() },
    Step { name: "package", depth: Depth::Full, run: |_| build::package().map(drop) },
    Step {
        name: "TypeScript style",
        depth: Depth::Fast,
        run: |_| npm(&["run", "--silent", "check"]),
    },
    Step {
        name: "unused TypeScript",
        depth: Depth::Full,
        run: |_| npm(&["run", "--silent", "unused"]),
    },
    Step { name: "TypeScript tests", depth: Depth::Fast, run: |_| typescript_tests() },
    Step { name: "published shape", depth: Depth::Full, run: |_| published_shape() },
    Step { name: "browser tests", depth: Depth::Full, run: |_| browser_tests() },
    Step { name: "interop", depth: Depth::Full, run: |_| interop() },
    Step { name: "packaging", depth: Depth::Full, run: packaging },
    Step { name: "demo in a browser", depth: Depth::Full, run: |_| e2e() },
    Step { name: "browser rounds", depth: Depth::Full, run: browser_rounds },
    Step {
        name: "comparison",
        depth: Depth::Full,
        run: |_| compare::run(&compare::Options::small()),
    },
    Step { name: "fuzz", depth: Depth::Long, run: |_| fuzz::fuzz(60) },
    Step { name: "rules off", depth: Depth::Long, run: |_| rules_off::switch_off() },
    Step { name: "mutants", depth: Depth::Long, run: |options| mutants::mutate(options.shard) },
];

pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen = |step: &&Step| {
        let named = options.only.as_ref().is_none_or(|word| step.name.contains(word.as_str()));
        step.depth <= options.depth && named
    };
    let steps: Vec<&Step> = STEPS.iter().filter(chosen).collect();
    if options.list {
        steps.iter().for_each(|step| println!("{}", step.name));
        return Ok(());
    }
    if steps.is_empty() {
        bail!("no step has that name; `cargo xtask test --list` shows them");
    }
    let results: Vec<_> = steps.iter().map(|step| timed(step, options)).collect();
    summary(&steps, &results)
}

/// One step; a failure is told at once and does not keep the others from running.
fn timed(step: &Step, options: &Options) -> (Result<()>, Duration) {
    println!();
    say(&format!("── {}", step.name));
    let began = Instant::now();
    let result = (step.run)(options);
    let took = began.elapsed();
    match &result {
        Ok(()) => println!("── {}: ok in {:.1} s", step.name, took.as_secs_f64()),
        Err(error) => {
            println!("── {}: FAILED after {:.1} s: {error:#}", step.name, took.as_secs_f64())
        }
    }
    (result, took)
}

fn summary(steps: &[&Step], results: &[(Result<()>, Duration)]) -> Result<()> {
    println!();
    for (step, (result, _)) in steps.iter().zip(results) {
        if let Err(error) = result {
            why(step.name, error);
        }
    }
    say("summary");
    for (step, (result, took)) in steps.iter().zip(results) {
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        println!("{:>7.1} s  {word:<7} {}", took.as_secs_f64(), step.name);
    }
    let failed = results.iter().filter(|(result, _)| result.is_err()).count();
    println!("\n{} passed, {failed} failed", results.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed", results.len());
    }
    Ok(())
}

/// Repeats at the end of the run what a step that failed had to say, hundreds of lines above.
fn why(step: &str, error: &anyhow::Error) {
    say(&format!("{step} failed: {error:#}"));
    if let Some(failed) = error.downcast_ref::<Failed>() {
        println!("{}\n", failed.last);
    }
}

fn prepare(options: &Options) -> Result<()> {
    setup::rust_target()?;
    setup::node_packages()?;
    if options.depth == Depth::Fast { Ok(()) } else { setup::all() }
}

fn cargo_step(arguments: &[&str]) -> Result<()> {
    run_command(&mut cargo(arguments))
}

fn clippy() -> Result<()> {
    let mut clippy = cargo(&["clippy", "--quiet", "--all-targets"]);
    run_command(clippy.args(native()).args(["--", "-D", "warnings"]))
}

fn clippy_for_browsers() -> Result<()> {
    let mut clippy = cargo(&["clippy", "--quiet", "--all-targets"]);
    run_command(clippy.args(for_browsers()).args(["--", "-D", "warnings"]))
}

fn rust_tests(options: &Options) -> Result<()> {
    let mut test = cargo(&["test", "--quiet", "--lib", "--bins", "--tests"]);
    test.args(native());
    if options.depth > Depth::Fast {
        // a step of its own explores a hundred times more, in a build that is made for it
        test.args(["--", "--skip", "fresh_is_true_and_quiet_makes_fresh"]);
    }
    run_command(&mut test)
}

/// Real engines and the real brokers under seeded faults.
fn simulate(options: &Options) -> Result<()> {
    let schedules = if options.is_long() { 1_000_000 } else { 5_000 };
    simulation::simulate(schedules, &options.replay)
}

fn doc_tests() -> Result<()> {
    run_command(cargo(&["test", "--quiet", "--doc"]).args(native()))
}

/// The tests of the browser crates, in headless Chromium.
fn browser_tests() -> Result<()> {
    let driver = env::var("CHROMEDRIVER").unwrap_or_else(|_| CHROMEDRIVER.into());
    let mut test = cargo(&["test", "--lib", "--tests"]);
    let runner = tools::path("wasm-bindgen-test-runner");
    test.env("CHROMEDRIVER", driver);
    test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    run_command(test.args(for_browsers()))
}

fn npm(arguments: &[&str]) -> Result<()> {
    run_command(&mut command("npm", arguments))
}

/// A script of one npm workspace, by its folder or name. The package is named: the folder `npm` stands for what is in it,
/// too.
fn workspace(which: &str, script: &str) -> Command {
    command("npm", &["run", "--silent", script, "--workspace", which])
}

fn typescript_tests() -> Result<()> {
    build::wasm().context("TypeScript needs the types of the wasm modules")?;
    run_command(&mut workspace("echolite", "test"))
}

/// What npm users get: entry points, types, module formats.
fn published_shape() -> Result<()> {
    let tarball = build::package()?.to_string_lossy().into_owned();
    let tool =
        |name: &str| root().join("node_modules/.bin").join(name).to_string_lossy().into_owned();
    run_command(&mut command(&tool("publint"), &["run", "--strict", &tarball]))?;
    run_command(&mut command(&tool("attw"), &[&tarball, "--profile", "esm-only"]))
}

fn interop() -> Result<()> {
    setup::browser()?;
    python::sdk()?;
    setup::laravel()?;
    build::package()?;
    build::servers()?;
    run_command(&mut workspace("tests/interop", "test"))
}

/// The package in fresh projects: of the oldest and the newest bundler, or of all.
fn packaging(options: &Options) -> Result<()> {
    setup::browser()?;
    build::package()?;
    build::servers()?;
    let mut test = workspace("tests/packaging", "test");
    if options.is_long() {
        test.env("ECHOLITE_ALL_BUNDLERS", "1");
    }
    run_command(&mut test)
}

fn e2e() -> Result<()> {
    setup::browser()?;
    demo::page()?;
    build::servers()?;
    run_command(&mut workspace("tests/e2e", "test"))
}

/// Random edits and faults between the demo's real parts, judged after each round.
fn browser_rounds(options: &Options) -> Result<()> {
    rounds::play(if options.is_long() { 200 } else { 20 }, options.replay.seed)
}
