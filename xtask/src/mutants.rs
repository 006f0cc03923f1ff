//! The rules of the cache, each changed in turn.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{command, root, run};
use crate::tools::Tool;

const CARGO_MUTANTS: Tool<'_> = Tool {
    package: "cargo-mutants",
    program: "cargo-mutants",
    version: "27.1.0",
    ask: &["mutants", "--version"],
};

/// What no test can tell from the original: docs/mutations.md has the reason of each.
const SURVIVORS: &[&str] = &[
    "replace > with >= in Trust::list_read",
    "replace > with >= in Trust::row_read",
    "replace > with >= in Trust::is_list_doubted_since",
];

/// Each rule changed in turn, by `cargo mutants`: the tests must see it. What is examined, and what is not and why,
/// is in `.cargo/mutants.toml`.
///
/// # Errors
/// When another mutant lives than those of [`SURVIVORS`], or one of those lives no longer.
pub(crate) fn mutate() -> Result<()> {
    let program = CARGO_MUTANTS.ensure()?.to_string_lossy().into_owned();
    let output = root().join("target/mutants");
    let missed = output.join("mutants.out/missed.txt");
    // A run that does not begin must not be judged by the one before.
    if output.exists() {
        fs::remove_dir_all(&output).context("target/mutants cannot be removed")?;
    }
    fs::create_dir_all(&output).context("target/mutants cannot be made")?;
    let arguments = ["mutants", "--no-shuffle", "--colors", "never", "--output"];
    let ended = run(command(&program, &arguments).arg(&output));
    let Ok(missed) = fs::read_to_string(missed) else {
        return ended.and_then(|()| bail!("cargo mutants left no list of survivors"));
    };
    judge(missed.lines().map(without_place).collect())
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

/// `crates/…/trust.rs:12:3: replace …` without where: lines move.
fn without_place(mutant: &str) -> &str {
    mutant.split_once(": ").map_or(mutant, |(_, change)| change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_wherever_it_stands() {
        let told = "crates/core/src/trust.rs:8:69: replace > with >= in Trust::list_read";
        assert_eq!(without_place(told), "replace > with >= in Trust::list_read");
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
