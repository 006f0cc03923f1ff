//! `cargo xtask tidy`: the rules of docs/architecture.md and CONTRIBUTING.md that a program can check.
//! `rules.rs` lists them; the other files know how.
//!
//! Long functions and impure calls are clippy's and biome's to find. A long file fails unless it says near its top why it
//! is right: `// tidy: long because …`.

mod arrows;
mod circles;
mod finding;
mod imports;
mod lengths;
mod links;
mod rules;
mod source;
mod words;

use anyhow::{Result, bail};

use crate::process::say;

pub(crate) fn run() -> Result<()> {
    say("tidy");
    let sources = source::all()?;
    let mut findings = arrows::check()?;
    findings.extend(circles::check(&sources)?);
    for source in &sources {
        findings.extend(lengths::check(source));
        findings.extend(words::check(source));
        findings.extend(links::check(source));
    }
    findings.sort_by_key(|finding| finding.fails);
    for finding in &findings {
        let mark = if finding.fails { "FAIL" } else { "note" };
        println!("{mark}  {}: {}", finding.place, finding.what);
    }
    let failures = findings.iter().filter(|finding| finding.fails).count();
    println!("{} files, {failures} failures, {} notes", sources.len(), findings.len() - failures);
    if failures > 0 {
        bail!("tidy: {failures} failures");
    }
    Ok(())
}
