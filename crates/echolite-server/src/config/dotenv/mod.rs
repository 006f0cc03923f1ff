//! `.env` as Laravel reads it: by the rules of `vlucas/phpdotenv` 5, which `tests/fixtures/dotenv.json` records.
//! Pure.
//!
//! One thing is different: Laravel refuses a file that has one line it cannot read. Here such a line is a
//! [`Fault`], and only who needs the variable of that line is refused.

mod entry;
mod lines;
mod value;

use std::collections::BTreeMap;

/// The variables and faults of a file.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct DotEnv {
    /// The variables of the process and those of the file that the process does not set.
    pub(super) variables: BTreeMap<String, String>,
    /// The lines that cannot be read.
    pub(super) faults: Vec<Fault>,
}

/// A line that cannot be read. It does not have the line's text, which may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line's number; that of the first line, if the value has several.
    pub(super) line: usize,
    /// The variable, as far as it can be told.
    pub(super) name: Option<String>,
    /// The fault, and the fix.
    pub(super) why: &'static str,
}

const REFERS_TO_FAULT: &str =
    "the value refers to a variable whose own line cannot be read; mend that line";

/// Reads a file. What `process` sets is not changed by it.
pub(super) fn parse(text: &str, process: BTreeMap<String, String>) -> DotEnv {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines::Lines { entries, mut faults } = lines::split(text);
    let mut variables = process.clone();
    for lines::Entry { line, text } in entries {
        let (name, value) = match entry::parse(&text) {
            Ok(entry) => entry,
            Err((name, why)) => {
                faults.push(Fault { line, name, why });
                continue;
            }
        };
        if process.contains_key(&name) {
            continue;
        }
        // A name without `=` is a variable that is not set (any more).
        let Some(value) = value else {
            variables.remove(&name);
            continue;
        };
        let (value, missing) = value.resolve(&variables);
        let is_fault = |name: &String| faults.iter().any(|fault| fault.name.as_ref() == Some(name));
        if missing.iter().any(is_fault) {
            faults.push(Fault { line, name: Some(name), why: REFERS_TO_FAULT });
            continue;
        }
        variables.insert(name, value);
    }
    faults.sort_by_key(|fault| fault.line);
    DotEnv { variables, faults }
}

#[cfg(test)]
mod tests;
