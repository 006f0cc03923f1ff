//! Each rule of the cache switched off in turn, by a change of one place in the source: a check must fail.
//!
//! What is changed, and which check must see it, is in the tables of `rules_off/`. The changes are made in a copy of the
//! tracked files, never in the files themselves: no build can switch a rule off.

mod fresh;
mod rows;
mod sources;
mod stored;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, command, read, root, say};
use crate::setup;

/// The clauses, by what they are about.
const TABLES: &[&[Entry]] = &[rows::CLAUSES, fresh::CLAUSES, stored::CLAUSES];

/// So many of the tests that see a change are named.
const NAMED: usize = 3;

/// A clause of a rule, and the cache without it.
struct Entry {
    rule: u8,
    /// What the cache does without it, in words.
    off: &'static str,
    file: &'static str,
    /// Stands in the file exactly once.
    old: &'static str,
    new: &'static str,
    check: Check,
}

/// What must fail.
#[derive(PartialEq)]
enum Check {
    /// Test targets of `echolite-core`; `lib` is its unit tests.
    Core(&'static [&'static str]),
    /// The suite of all stores, on the one in memory.
    Store,
    /// A test file of the npm package.
    Page(&'static str),
    /// The model's search for a schedule that breaks the promise.
    Model,
}

/// Every entry of the tables must be caught. Prints by which tests, as docs/mutations.md has it.
pub(crate) fn switch_off() -> Result<()> {
    setup::node_packages()?;
    let tree = copy()?;
    let mut entries: Vec<&Entry> = TABLES.iter().copied().flatten().collect();
    entries.sort_by_key(|entry| entry.rule);
    say("as it is: all checks must pass");
    let mut checks: Vec<&Check> = Vec::new();
    for Entry { rule, check, .. } in &entries {
        if !checks.contains(&check) {
            let failed = check.run(&tree).with_context(|| format!("the check of rule {rule}"))?;
            if !failed.is_empty() {
                bail!("it fails with rule {rule} in force, too: {}", told(&failed));
            }
            checks.push(check);
        }
    }
    say(&format!("each rule off in turn, {} clauses: a test must fail", entries.len()));
    println!("| rule | without it | caught by |\n|---|---|---|");
    let mut wrong = Vec::new();
    for entry in entries {
        let Entry { rule, off, .. } = entry;
        match entry.caught_by(&tree) {
            Ok(caught) if caught.is_empty() => {
                wrong.push(format!("rule {rule}: {off}: no test fails"))
            }
            Ok(caught) => println!("| {rule} | {off} | {} |", told(&caught)),
            Err(error) => wrong.push(format!("rule {rule}: {off}: {error:#}")),
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

/// A fresh copy of the tracked files as they are now.
fn copy() -> Result<PathBuf> {
    let tree = folder().join("tree");
    match fs::remove_dir_all(&tree) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be removed", tree.display()));
        }
        _ => {}
    }
    let tracked = read(&mut command("git", &["ls-files", "-z"]))?;
    for path in tracked.split('\0').filter(|path| root().join(path).is_file()) {
        let (from, to) = (root().join(path), tree.join(path));
        let made = to.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::copy(&from, &to).map(drop))
            .with_context(|| format!("{path} cannot be copied to {}", tree.display()))?;
    }
    Ok(tree)
}

impl Entry {
    /// The file that it changes, which must have what is changed exactly once.
    fn source(&self, tree: &Path) -> Result<String> {
        let Self { file, old, .. } = self;
        let source =
            fs::read_to_string(tree.join(file)).with_context(|| format!("no file {file}"))?;
        match source.matches(old).count() {
            1 => Ok(source),
            n => bail!(
                "what xtask/src/rules_off changes stands {n} times in {file}, not once:\n{old}"
            ),
        }
    }

    /// The tests that fail without it.
    fn caught_by(&self, tree: &Path) -> Result<Vec<String>> {
        let (path, source) = (tree.join(self.file), self.source(tree)?);
        fs::write(&path, source.replace(self.old, self.new))?;
        let failed = self.check.run(tree);
        fs::write(&path, source)?;
        failed
    }
}

impl Check {
    fn command(&self, tree: &Path) -> Command {
        let package = |name| cargo(&["test", "--no-fail-fast", "--package", name]);
        let with = |mut test: Command, targets: &[&str]| {
            test.args(targets);
            test
        };
        let mut command = match self {
            Self::Core(targets) => {
                let mut test = package("echolite-core");
                for target in *targets {
                    match *target {
                        "lib" => test.arg("--lib"),
                        target => test.args(["--test", target]),
                    };
                }
                test
            }
            Self::Store => with(package("echolite-store"), &["--lib", "--tests"]),
            Self::Model => with(package("echolite-model"), &["--test", "promise"]),
            Self::Page(file) => {
                // of the root's: the copy lies below it, and has none of its own
                let vitest = root().join("node_modules/.bin/vitest");
                let arguments = ["run", "--reporter=tap-flat", file];
                let mut test = command(&vitest.to_string_lossy(), &arguments);
                test.current_dir(tree.join("npm")).env("NO_COLOR", "1");
                return test;
            }
        };
        command.current_dir(tree).env("CARGO_TARGET_DIR", folder().join("target"));
        command.env("CARGO_TERM_COLOR", "never");
        command
    }

    /// The names of the tests that fail. That something does not compile is an error.
    fn run(&self, tree: &Path) -> Result<Vec<String>> {
        let output = self.command(tree).output().context("the check could not be started")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = said.lines().filter_map(failed_test);
        // tests run side by side: the same ones are to be told in the same order each time
        let failed: Vec<String> =
            failed.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect();
        if output.status.success() == failed.is_empty() {
            return Ok(failed);
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
        let entries = || TABLES.iter().copied().flatten();
        for rule in 1..=16 {
            assert!(entries().any(|entry| entry.rule == rule), "rule {rule}");
        }
        for entry in entries() {
            let Entry { rule, off, .. } = entry;
            entry.source(&root()).unwrap();
            let told = format!("| {rule} | {off} |");
            assert!(page.contains(&told), "docs/mutations.md lacks {told}");
        }
    }
}
