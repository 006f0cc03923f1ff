//! Crates depend on each other one way, and pure crates stay pure.

use anyhow::Result;

use super::finding::Finding;
use super::rules::{ARROWS, IMPURE_PACKAGES, PURE};
use crate::process::{cargo, read};

pub(super) fn check() -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (name, allowed) in ARROWS {
        for used in tree(name, &["--depth", "1"])? {
            let is_ours = ARROWS.iter().any(|(other, _)| *other == used) && used != *name;
            if is_ours && !allowed.contains(&used.as_str()) {
                findings.push(Finding::fails(*name, format!("must not depend on {used}")));
            }
        }
    }
    for name in PURE {
        for used in tree(name, &[])? {
            if let Some((package, why)) =
                IMPURE_PACKAGES.iter().find(|(package, _)| *package == used)
            {
                findings.push(Finding::fails(
                    *name,
                    format!("is pure, but its tree has {package}: {why}"),
                ));
            }
        }
    }
    Ok(findings)
}

/// The names of the packages that `name` is built with, its tests aside.
fn tree(name: &str, options: &[&str]) -> Result<Vec<String>> {
    let arguments = ["tree", "--quiet", "--package", name, "--edges", "normal", "--prefix", "none"];
    let listed =
        read(cargo(&arguments).args(["--format", "{p}", "--target", "all"]).args(options))?;
    Ok(listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
}
