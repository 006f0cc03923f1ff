//! A function fits a screen and takes few parameters.

use super::finding::Finding;
use super::mask::{Language, mask};
use super::rules::{FUNCTION_LINES, LONG_BECAUSE, PARAMETERS, TESTS};
use super::source::Source;

struct Function {
    name: String,
    /// Counted from 1.
    line: usize,
    lines: usize,
    parameters: usize,
}

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let Some(language) = Language::of(&source.path) else { return Vec::new() };
    let masked = mask(&source.text, language);
    let functions = match language {
        Language::Rust => rust_functions(&masked),
        Language::TypeScript => script_functions(&masked),
    };
    let tests_begin = masked.find("#[cfg(test)]").map_or(usize::MAX, |at| line_of(&masked, at));
    let is_test = TESTS.iter().any(|part| source.path.contains(part));
    let lines: Vec<&str> = source.text.lines().collect();
    let mut findings = Vec::new();
    for function in functions {
        let relaxed = is_test || function.line > tests_begin;
        let place = format!("{}:{}", source.path, function.line);
        let mut found = |what: String| {
            let finding = if relaxed { Finding::prints } else { Finding::fails };
            findings.push(finding(place.clone(), what));
        };
        if function.lines > FUNCTION_LINES && !excused(&lines, function.line) {
            found(format!(
                "`{}` has {} lines, {FUNCTION_LINES} at most",
                function.name, function.lines
            ));
        }
        if function.parameters > PARAMETERS && !excused(&lines, function.line) {
            let (name, count) = (&function.name, function.parameters);
            found(format!("`{name}` takes {count} parameters, {PARAMETERS} at most"));
        }
    }
    findings
}

/// Whether a reason stands on the function's line or in the lines of comments and attributes above.
fn excused(lines: &[&str], line: usize) -> bool {
    let has_reason = |text: &str| text.contains(LONG_BECAUSE);
    let above = lines[..line - 1].iter().rev().take_while(|text| {
        let text = text.trim_start();
        text.starts_with("//") || text.starts_with('#') || text.starts_with('*')
    });
    has_reason(lines[line - 1]) || above.into_iter().any(|text| has_reason(text))
}

fn rust_functions(masked: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    let text = masked.as_bytes();
    for (at, _) in masked.match_indices("fn ") {
        let starts_word =
            at == 0 || !(text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'_');
        let name: String = masked[at + 3..]
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        let Some((open, close)) = parameter_list(text, at + 3 + name.len()) else { continue };
        let after = text[close..].iter().position(|byte| matches!(byte, b'{' | b';'));
        let Some(body) = after.map(|after| close + after).filter(|body| text[*body] == b'{') else {
            continue;
        };
        let line = line_of(masked, at);
        let end = line_of(masked, matching(text, body));
        let parameters = count_parameters(&masked[open + 1..close]);
        functions.push(Function { name, line, lines: end + 1 - line, parameters });
    }
    functions
}

/// The parentheses of the parameters, behind the generics if there are any.
fn parameter_list(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    let mut angles = 0_usize;
    while let Some(byte) = text.get(at) {
        match byte {
            b'<' => angles += 1,
            b'>' if text[at - 1] != b'-' => angles = angles.saturating_sub(1),
            b'(' if angles == 0 => return Some((at, matching(text, at))),
            b'{' | b';' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The bracket that closes the one at `open`; the text's end where there is none.
fn matching(text: &[u8], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.iter().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len() - 1
}

/// Commas outside of brackets separate parameters; `self` is none.
fn count_parameters(list: &str) -> usize {
    let mut depth = 0_i32;
    let mut parameters = vec![String::new()];
    let mut before = ' ';
    for letter in list.chars() {
        match letter {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '>' if before != '-' && before != '=' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parameters.push(String::new());
        } else if let Some(last) = parameters.last_mut() {
            last.push(letter);
        }
        before = letter;
    }
    let is_self = |text: &str| {
        text.split_whitespace().last().is_some_and(|word| word.trim_start_matches('&') == "self")
            || text.trim().starts_with("self:")
    };
    parameters
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty() && !is_self(text))
        .count()
}

/// Blocks that a line with `) {`, `): T {` or `=> {` opens, and that no control word begins; a list of tests is no
/// function either.
fn script_functions(masked: &str) -> Vec<Function> {
    const CONTROL: &[&str] = &[
        "if", "for", "while", "switch", "catch", "else", "do", "try", "with", "}", "return",
        "case", "describe", "it", "test",
    ];
    let text = masked.as_bytes();
    let mut functions = Vec::new();
    let mut start = 0;
    for (index, line) in masked.split_inclusive('\n').enumerate() {
        let code = line.trim_end();
        let first = line
            .split(|letter: char| letter.is_whitespace() || letter == '(')
            .find(|word| !word.is_empty());
        let is_function = code.ends_with('{') && code.contains(')') || code.ends_with("=> {");
        if is_function && !CONTROL.contains(&first.unwrap_or("")) {
            let end = line_of(masked, matching(text, start + code.len() - 1));
            let name = code.trim().trim_end_matches('{').chars().take(40).collect();
            functions.push(Function { name, line: index + 1, lines: end - index, parameters: 0 });
        }
        start += line.len();
    }
    functions
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions_with_their_parameters() {
        let code = "impl A {\n  fn a<F: Fn(u8, u8) -> u8>(&mut self, f: F, b: (u8, u8), c: Map<u8, u8>) -> u8 {\n    1\n  }\n}\nfn b();\n";
        let found = rust_functions(code);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].lines, found[0].parameters), (2, 3, 3));
    }

    #[test]
    fn finds_script_functions() {
        let code = "class A {\n  run(a: number): void {\n    if (a) {\n    }\n  }\n}\n";
        let found = script_functions(code);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].lines), (2, 4));
    }

    #[test]
    fn a_reason_beside_excuses() {
        let lines = ["// tidy: long because it is a table", "#[test]", "fn a() {"];
        assert!(excused(&lines, 3));
        assert!(!excused(&lines[1..], 2));
    }
}
