//! The commands `cargo xtask setup | build | demo | test | bench | compare | tidy`.
//!
//! `main` reads arguments; each command is a file.

mod bench;
mod build;
mod compare;
mod copy;
mod crates;
mod debian;
mod demo;
mod dependencies;
mod features;
mod fuzz;
mod model_checker;
mod mutants;
mod process;
mod python;
mod rounds;
mod rules_off;
mod setup;
mod simulation;
mod sizes;
mod stamp;
mod tail;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::prelude::*;

const HELP: &str = "\
cargo xtask <command>

  setup                       install what is missing: browser, wasm tools, npm packages
  build                       the wasm modules, the npm package, its tarball in target/npm
  demo [--port N] [--host H] [--open] [--release]
                              build everything and run the demo
  test [fast|long] [--only WORD] [--list] [--seed N [--kind K]] [--shard K/N]
                              every check; `fast` takes under a minute once warm; a seed
                              replays one schedule of a seeded step; a shard is a part of
                              the mutants, from 0/N to N-1/N
  tidy                        architecture and style checks
  compare [--small] [--only WORD] [--seeds N]
                              what this cache and others end up showing; writes docs/comparison.md
  bench [fanout|recovery|cache]
                              figures beside their floor or peer; JSON in target/bench
";

enum Task {
    Help,
    Setup,
    Build,
    Demo(demo::Options),
    Test(test::Options),
    Tidy,
    Bench(bench::Which),
    Compare(compare::Options),
}

fn main() -> ExitCode {
    let outcome = parse().and_then(run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Help => {
            print!("{HELP}");
            Ok(())
        }
        Task::Setup => setup::all(),
        Task::Build => build::package().map(drop),
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Tidy => tidy::run(),
        Task::Bench(which) => bench::run(which),
        Task::Compare(options) => compare::run(&options),
    }
}

fn parse() -> Result<Task> {
    let mut arguments = lexopt::Parser::from_env();
    let command = match arguments.next()? {
        Some(Value(name)) => name.string()?,
        None | Some(Short('h') | Long("help")) => return Ok(Task::Help),
        Some(other) => return Err(other.unexpected().into()),
    };
    let task = match command.as_str() {
        "help" => Task::Help,
        "setup" => Task::Setup,
        "build" => Task::Build,
        "tidy" => Task::Tidy,
        "demo" => return Ok(Task::Demo(demo::Options::parse(&mut arguments)?)),
        "test" => return Ok(Task::Test(test::Options::parse(&mut arguments)?)),
        "bench" => return Ok(Task::Bench(bench::Which::parse(&mut arguments)?)),
        "compare" => return Ok(Task::Compare(compare::Options::parse(&mut arguments)?)),
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    };
    match arguments.next()? {
        None => Ok(task),
        Some(Short('h') | Long("help")) => Ok(Task::Help),
        Some(other) => Err(other.unexpected().into()),
    }
}
