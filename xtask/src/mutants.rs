//! The rules of the cache, each changed in turn.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{command, root};
use crate::tools::Tool;

const CARGO_MUTANTS: Tool<'_> = Tool {
    package: "cargo-mutants",
    program: "cargo-mutants",
    version: "27.1.0",
    ask: &["mutants", "--version"],
    wheel: None,
};

/// What `cargo mutants` ends with when it has tried them all: none was missed, some were, some hung the tests.
const TRIED_ALL: [i32; 3] = [0, 2, 3];

/// What no test can tell from the original: docs/mutations.md has the reason of each.
const SURVIVORS: &[&str] = &[
    "replace > with >= in Freshness::list_read",
    "replace > with >= in Freshness::row_read",
    "replace > with >= in Freshness::is_list_stale_since",
];

/// Each rule changed in turn, by `cargo mutants`: the tests must see it. What is examined, and what is not and why,
/// is in `.cargo/mutants.toml`.
///
/// # Errors
/// When not all were tried, when another mutant lives or hangs the tests than those of [`SURVIVORS`], or when one of
/// those lives no longer.
pub(crate) fn mutate() -> Result<()> {
    let program = CARGO_MUTANTS.ensure()?.to_string_lossy().into_owned();
    let output = root().join("target/mutants");
    fs::create_dir_all(&output).context("target/mutants cannot be made")?;
    let arguments = ["mutants", "--no-shuffle", "--colors", "never", "--output"];
    let status = command(&program, &arguments).arg(&output).status();
    let status = status.context("cargo mutants could not be started")?;
    if status.code().is_none_or(|code| !TRIED_ALL.contains(&code)) {
        bail!("cargo mutants did not come to its end ({status})");
    }
    let list = |name: &str| {
        let path = output.join("mutants.out").join(name);
        fs::read_to_string(&path).with_context(|| format!("no list {}", path.display()))
    };
    let (missed, hanging) = (list("missed.txt")?, list("timeout.txt")?);
    judge(missed.lines().chain(hanging.lines()).map(without_place).collect())
}

/// Whether those live that are known to.
fn judge(mut alive: Vec<&str>) -> Result<()> {
    let mut dead = Vec::new();
    for known in SURVIVORS {
        match alive.iter().position(|mutant| mutant == known) {
            Some(at) => drop(alive.swap_remove(at)),
            None => dead.push(format!("a test sees it now, take it off the list: {known}")),
        }
    }
    let wrong: Vec<String> =
        alive.into_iter().map(|mutant| format!("no test sees it: {mutant}")).chain(dead).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("{} mutants\n{}", wrong.len(), wrong.join("\n"))
}

/// `crates/…/freshness.rs:12:3: replace …` without where: lines move.
fn without_place(mutant: &str) -> &str {
    mutant.split_once(": ").map_or(mutant, |(_, change)| change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_wherever_it_stands() {
        let told = "crates/cache/src/freshness.rs:8:69: replace > with >= in Freshness::list_read";
        assert_eq!(without_place(told), "replace > with >= in Freshness::list_read");
    }

    #[test]
    fn neither_a_new_survivor_nor_a_known_one_that_died_is_passed_over() {
        assert!(judge(SURVIVORS.to_vec()).is_ok());
        let told = judge([SURVIVORS, &["delete !"]].concat()).unwrap_err().to_string();
        assert_eq!(told, "1 mutants\nno test sees it: delete !");
        for known in SURVIVORS {
            assert!(
                judge(SURVIVORS.iter().copied().filter(|other| other != known).collect()).is_err()
            );
        }
    }

    #[test]
    fn the_page_has_the_reason_of_each_survivor() {
        let page = fs::read_to_string(root().join("docs/mutations.md")).unwrap();
        for known in SURVIVORS {
            assert!(page.contains(&format!("| `{known}` |")), "docs/mutations.md lacks {known}");
        }
    }
}
