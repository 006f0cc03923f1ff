//! Words and texts that must not be there.

use super::finding::Finding;
use super::rules::{TEXTS, WORDS};
use super::source::Source;

/// Where the texts themselves are listed.
const RULES: &str = "xtask/src/tidy/rules.rs";
/// What every Cargo.lock has; another registry is one machine's.
const CRATES: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.path == RULES {
        return findings;
    }
    words(source, &mut findings);
    texts(source, &mut findings);
    sources_of_packages(source, &mut findings);
    findings
}

fn words(source: &Source, findings: &mut Vec<Finding>) {
    let applies = |under: &&str| source.path.starts_with(under);
    let rules: Vec<_> = WORDS.iter().filter(|rule| rule.under.iter().any(applies)).collect();
    let code = source.text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
    for (index, line) in code.enumerate().filter(|_| source.is_code()) {
        let is_comment = line.trim_start().starts_with(['/', '*']);
        for rule in rules.iter().filter(|rule| line.contains(rule.word)) {
            if !is_comment && !line.trim_start().starts_with("use ") {
                let place = format!("{}:{}", source.path, index + 1);
                findings.push(Finding::fails(place, format!("`{}`: {}", rule.word, rule.instead)));
            }
        }
    }
}

fn texts(source: &Source, findings: &mut Vec<Finding>) {
    for (index, line) in source.text.lines().enumerate() {
        for (text, why) in TEXTS.iter().filter(|(text, _)| line.contains(text)) {
            let place = format!("{}:{}", source.path, index + 1);
            findings.push(Finding::fails(place, format!("`{text}`: {why}")));
        }
    }
}

/// Lock files name packages by version and hash; where one machine got them from is its own affair.
fn sources_of_packages(source: &Source, findings: &mut Vec<Finding>) {
    let is_odd = |line: &str| match source.path.rsplit('/').next() {
        Some("Cargo.lock") => line.starts_with("source = ") && line != CRATES,
        Some("package-lock.json") => line.trim_start().starts_with("\"resolved\": \"http"),
        _ => false,
    };
    for (index, line) in source.text.lines().enumerate().filter(|(_, line)| is_odd(line)) {
        let what = format!("an odd source: {} (npm: omit-lockfile-registry-resolved)", line.trim());
        findings.push(Finding::fails(format!("{}:{}", source.path, index + 1), what));
    }
}
