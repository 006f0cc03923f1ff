//! Words and texts that must not be there.

use super::finding::Finding;
use super::rules::{HELD, TEXTS, WORDS};
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
    private_names(source, &mut findings);
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

/// Members of classes whose names begin with `#`: where a class is used through a proxy, they cannot be read.
fn private_names(source: &Source, findings: &mut Vec<Finding>) {
    if !source.is_code() || !source.path.starts_with(HELD) {
        return;
    }
    for (index, line) in source.text.lines().enumerate().filter(|(_, line)| is_private(line)) {
        let why = "applications keep objects in proxies (Vue, Alpine), which cannot read it; write `private`";
        let what = format!("`{}`: {why}", line.trim());
        findings.push(Finding::fails(format!("{}:{}", source.path, index + 1), what));
    }
}

/// Whether a line declares a member such as `#port` or `static async #open()`.
fn is_private(line: &str) -> bool {
    const BEFORE: [&str; 7] = ["static", "readonly", "accessor", "async", "get", "set", "*"];
    let mut words = line.split_whitespace().skip_while(|word| BEFORE.contains(word));
    let name = words.next().map(|word| word.trim_start_matches('*')).unwrap_or_default();
    name.strip_prefix('#')
        .is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$'))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        check(&source).len()
    }

    #[test]
    fn private_names_are_found_where_applications_hold_objects() {
        for line in [
            "#port: Port;",
            "  #done = () => {};",
            "  static async #open(): void {",
            "  readonly #handlers = {",
            "  async *#rows() {",
            "  get #state() {",
            "  #_x;",
        ] {
            assert_eq!(found("npm/src/echo/echo.ts", line), 1, "{line}");
            assert_eq!(found("npm/tests/echo/echo.test.ts", line), 0, "{line}");
        }
        for line in
            ["  private port: Port;", " * #7 is an issue", "  '#server-to-user-': 1,", "  # x"]
        {
            assert_eq!(found("npm/src/echo/echo.ts", line), 0, "{line}");
        }
    }
}
