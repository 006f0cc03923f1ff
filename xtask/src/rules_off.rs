//! Each rule of the cache switched off in turn, and what server and feed promise, by a change of one place in the source: a
//! check must fail.
//!
//! The changes, and which check must see each, are data: [`CLAUSES`]. They are made in a copy of the tracked files, never
//! in the files themselves: no build can switch a rule off.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::copy::copy_tracked;
use crate::process::{cargo, command, root, say};
use crate::setup;

/// The clauses, beside the rules.
const CLAUSES: &str = "crates/echolite-cache/rules-off.toml";

/// Tests that see a change are named up to this many.
const NAMED: usize = 3;

/// The content of [`CLAUSES`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Short names of packages.
    packages: BTreeMap<String, String>,
    /// Short names of source files.
    files: BTreeMap<String, String>,
    clauses: Vec<Clause>,
}

/// A clause of a rule, and the change that switches it off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    rule: Rule,
    /// The behaviour without it, in words.
    without: String,
    file: String,
    /// Stands in the file exactly once.
    old: String,
    new: String,
    check: Check,
}

/// A rule of the cache by its number, or who keeps a promise that is none of these: `server`, `feed`.
#[derive(PartialEq, Deserialize)]
#[serde(untagged)]
enum Rule {
    Cache(u8),
    Of(String),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache(number) => number.fmt(f),
            Self::Of(name) => name.fmt(f),
        }
    }
}

/// The tests of which one must fail.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Check {
    /// Test targets of a package; `lib` is its unit tests.
    Cargo { package: String, targets: Vec<String> },
    /// A test file of the npm package.
    Npm { npm: String },
}

/// Every clause must be caught. Prints by which tests, as docs/mutations.md has it.
pub(crate) fn switch_off() -> Result<()> {
    setup::node_packages()?;
    let table = Table::read()?;
    let tree = folder().join("tree");
    copy_tracked(&tree)?;
    say("as it is: all checks must pass");
    let mut checks: Vec<&Check> = Vec::new();
    for Clause { rule, check, .. } in &table.clauses {
        if !checks.contains(&check) {
            let failed = table.run(check, &tree);
            let failed = failed.with_context(|| format!("the check of rule {rule}"))?;
            if !failed.is_empty() {
                bail!("it fails with rule {rule} in force, too: {}", told(&failed));
            }
            checks.push(check);
        }
    }
    say(&format!("each rule off in turn, {} clauses: a test must fail", table.clauses.len()));
    println!("| rule | without it | caught by |\n|---|---|---|");
    let mut wrong = Vec::new();
    for clause in &table.clauses {
        let Clause { rule, without, .. } = clause;
        match table.caught_by(clause, &tree) {
            Ok(caught) if caught.is_empty() => {
                wrong.push(format!("rule {rule}: {without}: no test fails"))
            }
            Ok(caught) => println!("| {rule} | {without} | {} |", told(&caught)),
            Err(error) => wrong.push(format!("rule {rule}: {without}: {error:#}")),
        }
    }
    if !wrong.is_empty() {
        bail!("{} of the clauses\n{}", wrong.len(), wrong.join("\n"));
    }
    Ok(())
}

/// The first few names of tests, and how many more there are.
fn told(tests: &[String]) -> String {
    if tests.is_empty() {
        return "nothing".into();
    }
    let quoted = |name: &String| format!("`{}`", name.replace('`', ""));
    let first: Vec<String> = tests.iter().take(NAMED).map(quoted).collect();
    match tests.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn folder() -> PathBuf {
    root().join("target/rules-off")
}

impl Table {
    fn read() -> Result<Self> {
        let text = fs::read_to_string(root().join(CLAUSES));
        let text = text.with_context(|| format!("no file {CLAUSES}"))?;
        toml::from_str(&text).with_context(|| format!("{CLAUSES} cannot be read"))
    }

    /// The path of the clause's file, and its text, which must have what is changed exactly once.
    fn source(&self, clause: &Clause, tree: &Path) -> Result<(PathBuf, String)> {
        let Clause { file, old, .. } = clause;
        let path = self.files.get(file).with_context(|| format!("[files] lacks `{file}`"))?;
        let source = fs::read_to_string(tree.join(path));
        let source = source.with_context(|| format!("no file {path}"))?;
        match source.matches(old).count() {
            1 => Ok((tree.join(path), source)),
            n => bail!("a text of {CLAUSES} stands {n} times in {path}, not once:\n{old}"),
        }
    }

    /// The tests that fail without the clause.
    fn caught_by(&self, clause: &Clause, tree: &Path) -> Result<Vec<String>> {
        let (path, source) = self.source(clause, tree)?;
        fs::write(&path, source.replace(&clause.old, &clause.new))?;
        let failed = self.run(&clause.check, tree);
        fs::write(&path, source)?;
        failed
    }

    fn command(&self, check: &Check, tree: &Path) -> Result<Command> {
        let mut command = match check {
            Check::Cargo { package, targets } => {
                let name = self.packages.get(package);
                let name = name.with_context(|| format!("[packages] lacks `{package}`"))?;
                let mut test = cargo(&["test", "--no-fail-fast", "--package", name]);
                for target in targets {
                    match target.as_str() {
                        "lib" => test.arg("--lib"),
                        target => test.args(["--test", target]),
                    };
                }
                test.current_dir(tree);
                test
            }
            Check::Npm { npm } => {
                // of the root's: the copy lies below it, and has none of its own
                let vitest = root().join("node_modules/.bin/vitest");
                let arguments = ["run", "--reporter=tap-flat", npm.as_str()];
                let mut test = command(&vitest.to_string_lossy(), &arguments);
                test.current_dir(tree.join("npm")).env("NO_COLOR", "1");
                test
            }
        };
        command.env("CARGO_TARGET_DIR", folder().join("target")).env("CARGO_TERM_COLOR", "never");
        Ok(command)
    }

    /// The names of the tests that fail. A change that does not compile is an error.
    fn run(&self, check: &Check, tree: &Path) -> Result<Vec<String>> {
        let output = self.command(check, tree)?.output();
        let output = output.context("the check could not be started")?;
        let said = String::from_utf8_lossy(&output.stdout);
        // tests run side by side: a set gives them in the same order each time
        let failed: BTreeSet<_> = said.lines().filter_map(failed_test).collect();
        if output.status.success() == failed.is_empty() {
            return Ok(failed.into_iter().map(str::to_owned).collect());
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("no test failed, yet the check did ({}):\n{said}{errors}", output.status);
    }
}

/// A name, from a line such as `test NAME ... FAILED`, or vitest's `not ok 1 - FILE > NAME # time=1.00ms`.
fn failed_test(line: &str) -> Option<&str> {
    let rust = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
    let page = || {
        let (_, name) = line.strip_prefix("not ok ")?.split_once(" - ")?;
        let name = name.split(" # ").next()?;
        name.split_once(" > ").map(|(_, name)| name)
    };
    rust.map(|path| path.rsplit("::").next().unwrap_or(path)).or_else(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_tests_are_named() {
        for (line, name) in [
            ("test rules::tests::a_rule ... FAILED", Some("a_rule")),
            ("test a_rule ... ok", None),
            ("test result: FAILED. 1 passed; 1 failed", None),
            ("not ok 2 - tests/a.test.ts > a > b # time=1.5ms", Some("a > b")),
            ("ok 1 - tests/a.test.ts > a > b # time=1.5ms", None),
        ] {
            assert_eq!(failed_test(line), name, "{line}");
        }
    }

    #[test]
    fn each_rule_is_switched_off_and_the_page_tells_all_of_it() {
        let page = fs::read_to_string(root().join("docs/mutations.md")).unwrap();
        let table = Table::read().unwrap();
        for rule in 1..=16 {
            let rule = Rule::Cache(rule);
            assert!(table.clauses.iter().any(|clause| clause.rule == rule), "rule {rule}");
        }
        for clause in &table.clauses {
            let Clause { rule, without, check, .. } = clause;
            table.source(clause, &root()).unwrap();
            table.command(check, &root()).unwrap();
            let told = format!("| {rule} | {without} |");
            assert!(page.contains(&told), "docs/mutations.md lacks {told}");
        }
    }
}
