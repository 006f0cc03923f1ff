//! `cargo xtask tidy`: the rules of DESIGN and STYLE that a program can check. What is checked stands in
//! `rules.rs`; the other files know how.
//!
//! A finding fails unless the line above or beside it says why it is right: `// tidy: long because …`.

mod arrows;
mod functions;
mod lengths;
mod links;
mod mask;
mod rules;
mod words;

use std::fs;

use anyhow::{Result, bail};

use crate::process::{command, read, root, say};

/// A text file of the repository.
pub(crate) struct Source {
    /// Relative to the root, with slashes.
    path: String,
    text: String,
}

/// What was found. `fails: false` is only printed.
pub(crate) struct Finding {
    fails: bool,
    place: String,
    what: String,
}

impl Finding {
    fn fails(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { fails: true, place: place.into(), what: what.into() }
    }

    fn prints(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { fails: false, place: place.into(), what: what.into() }
    }
}

pub(crate) fn run() -> Result<()> {
    say("tidy");
    let sources = sources()?;
    let mut findings = arrows::check()?;
    for source in &sources {
        findings.extend(lengths::check(source));
        findings.extend(functions::check(source));
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

/// Every file that git keeps or would keep, if it is text.
fn sources() -> Result<Vec<Source>> {
    let listed = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let listed = read(&mut command("git", &listed))?;
    let mut sources = Vec::new();
    for path in listed.lines() {
        if let Ok(text) = fs::read_to_string(root().join(path)) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
