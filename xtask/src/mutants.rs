//! Each expression of the cache changed in turn, by `cargo mutants`: a test must see it.
//!
//! A thousand mutants are tried in two passes. The first runs what is quick: the cache's own tests, as two programs. What
//! lives is tried again with all that proves the cache: the model checker and the simulation. All of it happens in a copy of
//! the tracked files, a part ([`Shard`]) at a time; a part that was tried is not tried again while the sources are the same.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::copy::copy_tracked;
use crate::process::{command, root, say};
use crate::stamp::Stamp;
use crate::tools::Tool;

const CARGO_MUTANTS: Tool<'_> = Tool {
    package: "cargo-mutants",
    program: "cargo-mutants",
    version: "27.1.0",
    ask: &["mutants", "--version"],
    wheel: None,
};

/// `cargo mutants` ends with one of these when it has tried them all: none was missed, some were, some hung the tests.
const TRIED_ALL: [i32; 3] = [0, 2, 3];

/// The mutants that no test can tell from the original, with the reason of each.
const SURVIVORS: &str = "crates/echolite-cache/mutants.toml";

/// The cache's tests. They are put together in one program: built a thousand times, it costs a third of a dozen.
const TESTS: &str = "crates/echolite-cache/tests";

/// Mutants are named by a path below this.
const SOURCES: &str = "crates/echolite-cache/src/";

/// Inputs of the result: when one of these changes, all mutants are tried again.
const INPUTS: &[&str] = &[
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "crates/echolite-cache",
    "crates/echolite-core",
    "crates/echolite-protocol",
    "crates/echolite-server",
    "crates/echolite-store",
    "testing/model-checker",
    "testing/simulation",
];

/// All mutants are tried in so many parts: each a few minutes, so that little is lost when the run is ended.
const PARTS: usize = 24;

/// Ends the tests of a mutant of the second pass after so many seconds.
const TIME_LIMIT: &str = "600";

/// A part of the mutants: the `part`th of `of`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    part: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text
            .split_once('/')
            .and_then(|(part, of)| Some(Self { part: part.parse().ok()?, of: of.parse().ok()? }));
        let fits = parsed.filter(|shard| shard.part < shard.of);
        fits.with_context(|| format!("\"{text}\" is no shard; expected 0/N to N-1/N, such as 0/8"))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// The content of [`SURVIVORS`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    survivors: Vec<Survivor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Survivor {
    /// As [`without_place`] names it. Two that have one name are two entries.
    mutant: String,
    reason: String,
}

impl Known {
    fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(SURVIVORS));
        let text = text.with_context(|| format!("no file {SURVIVORS}"))?;
        toml::from_str(&text).with_context(|| format!("{SURVIVORS} cannot be read"))
    }
}

/// Results of the mutants of a part.
#[derive(Default)]
struct Outcome {
    seen: usize,
    unviable: usize,
    /// They hang the tests: seen, too, after a while.
    hanging: usize,
    /// With their places.
    alive: Vec<String>,
}

/// Tries all mutants, or one part of them. `.cargo/mutants.toml` says which files are examined.
///
/// # Errors
/// When not all were tried, when another mutant lives than those of [`SURVIVORS`], or when one of those lives no longer.
pub(crate) fn mutate(shard: Option<Shard>) -> Result<()> {
    let known = Known::read()?;
    let trial = Trial::begin()?;
    let parts = shard.map_or_else(
        || (0..PARTS).map(|part| Shard { part, of: PARTS }).collect(),
        |shard| vec![shard],
    );
    let mut alive = Vec::new();
    for part in parts {
        let outcome = trial.outcome(part)?;
        let Outcome { seen, unviable, hanging, .. } = outcome;
        let living = outcome.alive.len();
        say(&format!(
            "mutants {part}: {seen} seen, {hanging} hang the tests, {unviable} do not compile, {living} live"
        ));
        alive.extend(outcome.alive);
    }
    judge(alive.iter().map(|mutant| without_place(mutant)).collect(), &known, shard.is_none())
}

/// Whether those live that are known to. Of a part it is not asked whether known ones have died: they may be of another.
fn judge(mut alive: Vec<String>, known: &Known, whole: bool) -> Result<()> {
    let mut wrong = Vec::new();
    for Survivor { mutant, reason } in &known.survivors {
        match alive.iter().position(|living| living == mutant) {
            Some(at) => {
                alive.swap_remove(at);
                println!("lives, as it may: {mutant}: {reason}");
            }
            None if whole => {
                wrong.push(format!("a test sees it now, take it off {SURVIVORS}: {mutant}"))
            }
            None => {}
        }
    }
    wrong.extend(alive.into_iter().map(|mutant| format!("no test sees it: {mutant}")));
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.sort();
    bail!("{} mutants\n{}", wrong.len(), wrong.join("\n"))
}

/// `crates/echolite-cache/src/freshness.rs:12:3: replace …` as `freshness.rs: replace …`: lines move.
fn without_place(mutant: &str) -> String {
    let mutant = mutant.strip_prefix(SOURCES).unwrap_or(mutant);
    let (place, change) = mutant.split_once(": ").unwrap_or(("", mutant));
    format!("{}: {change}", place.split(':').next().unwrap_or(place))
}

/// `cargo mutants`, and where it works.
struct Trial {
    program: String,
    folder: PathBuf,
}

impl Trial {
    /// A fresh copy; results of other sources are forgotten.
    fn begin() -> Result<Self> {
        let program = CARGO_MUTANTS.ensure()?.to_string_lossy().into_owned();
        let folder = root().join("target/cargo-mutants");
        let results = folder.join("results");
        let stamp = Stamp::of("cargo-mutants", INPUTS)?;
        if !stamp.is_current(&results) {
            if results.exists() {
                fs::remove_dir_all(&results).context("old results cannot be removed")?;
            }
            fs::create_dir_all(&results).context("no folder for results")?;
            stamp.keep()?;
        }
        let tree = folder.join("tree");
        copy_tracked(&tree)?;
        let tests = tree.join(TESTS);
        fs::write(tests.join("all.rs"), all_tests(&tests)?).context("no program of all tests")?;
        Ok(Self { program, folder })
    }

    /// The outcome of a part, which is tried unless it was.
    fn outcome(&self, part: Shard) -> Result<Outcome> {
        let of_part = self.folder.join("results").join(format!("{}-of-{}", part.part, part.of));
        let (first, second, tried) =
            (of_part.join("first"), of_part.join("second"), of_part.join("tried"));
        if !tried.exists() {
            self.run(&first, &[FIRST_PASS, &["--shard", &part.to_string()]].concat(), &[])?;
            let alive = list(&first, "missed")?;
            if !alive.is_empty() {
                say(&format!("mutants {part}: {} need all tests", alive.len()));
                self.run(&second, SECOND_PASS, &alive)?;
            }
            fs::write(&tried, "").context("the result cannot be kept")?;
        }
        let mut outcome = Outcome {
            seen: list(&first, "caught")?.len(),
            unviable: list(&first, "unviable")?.len(),
            hanging: list(&first, "timeout")?.len(),
            alive: Vec::new(),
        };
        if second.exists() {
            let lived = list(&first, "missed")?;
            let of_first = |name| {
                let all = list(&second, name)?.into_iter();
                Ok::<Vec<_>, anyhow::Error>(all.filter(|mutant| lived.contains(mutant)).collect())
            };
            outcome.seen += of_first("caught")?.len();
            outcome.hanging += of_first("timeout")?.len();
            outcome.alive = of_first("missed")?;
        }
        Ok(outcome)
    }

    /// Runs to the end of these mutants, or of all.
    fn run(&self, output: &Path, arguments: &[&str], mutants: &[String]) -> Result<()> {
        fs::create_dir_all(output).with_context(|| format!("no folder {}", output.display()))?;
        let mut command = self.command(output);
        command.args(arguments);
        command.args(mutants.iter().map(|mutant| format!("--re={}", exactly(mutant))));
        // fields of structures are changed whatever the expressions say: at least only in these files
        let files = mutants.iter().filter_map(|mutant| mutant.split(':').next());
        command.args(files.map(|file| format!("--file={file}")));
        let status = command.status().context("cargo mutants could not be started")?;
        if status.code().is_none_or(|code| !TRIED_ALL.contains(&code)) {
            bail!("cargo mutants did not come to its end ({status})");
        }
        Ok(())
    }

    /// In place, for the copy is there to be changed, and its build stays warm.
    fn command(&self, output: &Path) -> Command {
        let arguments = ["mutants", "--in-place", "--no-shuffle", "--colors", "never"];
        let mut command = command(&self.program, &arguments);
        command.args(["--package", "echolite-cache", "--annotations", "none", "--output"]);
        command.arg(output).current_dir(self.folder.join("tree"));
        command.env("CARGO_TARGET_DIR", self.folder.join("target"));
        command
    }
}

/// The cache's own tests.
const FIRST_PASS: &[&str] = &["--cargo-test-arg=--lib", "--cargo-test-arg=--test=all"];

/// All that proves the cache. That these pass without a change has other steps.
const SECOND_PASS: &[&str] = &[
    "--no-config",
    "--profile=mutants",
    "--test-package=echolite-cache,echolite-model-checker,echolite-simulation",
    "--cargo-test-arg=--lib",
    "--cargo-test-arg=--test=all",
    "--cargo-test-arg=--test=promise",
    "--baseline=skip",
    "--timeout",
    TIME_LIMIT,
];

/// A program of all the test files in a folder: each becomes a module, wherever it finds its own.
fn all_tests(folder: &Path) -> Result<String> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut modules = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let main = path.join("main.rs");
        let file = if path.is_dir() { main } else { path.clone() };
        // a folder without `main.rs` is what tests have in common
        if let Some(name) = path.file_stem().filter(|_| file.is_file()) {
            let name = name.to_string_lossy();
            modules.push(format!("#[path = {:?}]\nmod {name};\n", file.display().to_string()));
        }
    }
    modules.sort();
    Ok(modules.concat())
}

/// A regular expression that fits this name alone.
fn exactly(mutant: &str) -> String {
    let mut expression = String::from("^");
    for character in mutant.chars() {
        // only what has a meaning: with a backslash `<` and `>` are the ends of words
        if r"\^$.|?*+()[]{}".contains(character) {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression + "$"
}

/// One of the lists that `cargo mutants` leaves.
fn list(output: &Path, name: &str) -> Result<Vec<String>> {
    let path = output.join(format!("mutants.out/{name}.txt"));
    let text = fs::read_to_string(&path).with_context(|| format!("no list {}", path.display()))?;
    Ok(text.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(mutants: &[&str]) -> Known {
        let survivor = |mutant: &&str| Survivor { mutant: (*mutant).into(), reason: "why".into() };
        Known { survivors: mutants.iter().map(survivor).collect() }
    }

    fn told(alive: &[&str], known: &Known, whole: bool) -> String {
        let alive = alive.iter().map(|mutant| (*mutant).to_owned()).collect();
        judge(alive, known, whole).map_or_else(|error| error.to_string(), |()| "right".into())
    }

    #[test]
    fn a_mutant_is_known_wherever_it_stands() {
        let told = "crates/echolite-cache/src/resource/mod.rs:8:69: replace > with >= in f";
        assert_eq!(without_place(told), "resource/mod.rs: replace > with >= in f");
    }

    #[test]
    fn a_mutant_is_asked_for_by_all_of_its_name() {
        assert_eq!(
            exactly("a.rs:1:2: replace B<P>::c -> (u32, u64) with (0, 1)"),
            r"^a\.rs:1:2: replace B<P>::c -> \(u32, u64\) with \(0, 1\)$"
        );
    }

    #[test]
    fn a_shard_is_a_part_of_all() {
        assert_eq!("0/8".parse::<Shard>().unwrap(), Shard { part: 0, of: 8 });
        for wrong in ["8/8", "1", "1/0", "-1/8", "a/b", ""] {
            let error = wrong.parse::<Shard>().unwrap_err().to_string();
            assert_eq!(
                error,
                format!("\"{wrong}\" is no shard; expected 0/N to N-1/N, such as 0/8")
            );
        }
    }

    #[test]
    fn neither_a_new_survivor_nor_a_known_one_that_died_is_passed_over() {
        let two = known(&["a.rs: x", "a.rs: x", "b.rs: y"]);
        assert_eq!(told(&["b.rs: y", "a.rs: x", "a.rs: x"], &two, true), "right");
        let new = told(&["b.rs: y", "a.rs: x", "a.rs: x", "c.rs: z"], &two, true);
        assert_eq!(new, "1 mutants\nno test sees it: c.rs: z");
        let died = told(&["b.rs: y", "a.rs: x"], &two, true);
        assert_eq!(
            died,
            format!("1 mutants\na test sees it now, take it off {SURVIVORS}: a.rs: x")
        );
        assert_eq!(told(&["b.rs: y"], &two, false), "right", "the others are of another part");
        assert_ne!(told(&["c.rs: z"], &two, false), "right");
    }

    #[test]
    fn each_survivor_has_a_reason_and_a_place() {
        let known = Known::read().unwrap();
        let names: Vec<&String> = known.survivors.iter().map(|known| &known.mutant).collect();
        assert!(names.is_sorted(), "{SURVIVORS} is in the order of names");
        for Survivor { mutant, reason } in &known.survivors {
            let (file, change) = mutant.split_once(": ").unwrap();
            assert!(root().join(SOURCES).join(file).is_file(), "no file {file}: {mutant}");
            assert!(!change.is_empty() && reason.ends_with('.'), "{mutant}: {reason}");
        }
    }

    #[test]
    fn all_tests_are_modules_of_one_program() {
        let folder = root().join(TESTS);
        let all = all_tests(&folder).unwrap();
        for file in ["cache.rs", "positions/main.rs"] {
            let path = folder.join(file).display().to_string();
            let name = file.trim_end_matches(".rs").trim_end_matches("/main");
            assert!(all.contains(&format!("#[path = {path:?}]\nmod {name};\n")), "{all}");
        }
        assert!(!all.contains("mod rig;"), "no tests are in it");
    }
}
