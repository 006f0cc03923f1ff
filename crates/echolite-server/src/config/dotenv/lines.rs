//! Lines, and values of several lines.

use super::{Fault, entry};

/// A file's lines: what may be variables, and what cannot be read.
pub(super) struct Lines {
    pub(super) entries: Vec<Entry>,
    pub(super) faults: Vec<Fault>,
}

/// A line with something to read, or several with one value.
pub(super) struct Entry {
    /// The number of the first line.
    pub(super) line: usize,
    pub(super) text: String,
}

const NEVER_CLOSED: &str = "a double quote is opened before here and never closed, so the rest of the file is its value; close it";

/// Splits at CRLF, LF and CR. A value in double quotes may go over several lines.
pub(super) fn split(text: &str) -> Lines {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut entries = Vec::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (at, line) in text.split('\n').enumerate() {
        let starts = open.is_empty() && starts_several(line);
        if !starts && open.is_empty() {
            entries.push(Entry { line: at + 1, text: line.to_owned() });
            continue;
        }
        open.push((at + 1, line));
        if ends_several(line, starts) {
            let lines: Vec<_> = open.iter().map(|(_, line)| *line).collect();
            entries.push(Entry { line: open[0].0, text: lines.join("\n") });
            open.clear();
        }
    }
    entries.retain(|entry| {
        let text = entry.text.trim_matches(entry::BLANK);
        !text.is_empty() && !text.starts_with('#')
    });
    // phpdotenv drops these without a word: who needs one of them would look for it long.
    let fault = |(line, text): (usize, &str)| {
        let name = entry::parse_name(text.split('=').next()?).ok()?;
        text.contains('=').then_some(Fault { line, name: Some(name), why: NEVER_CLOSED })
    };
    let faults = open.into_iter().filter_map(fault).collect();
    Lines { entries, faults }
}

fn starts_several(line: &str) -> bool {
    line.contains("=\"") && !ends_several(line, true)
}

/// Whether a line closes what is open: it has a quote, and two of them if the first one is its own.
fn ends_several(line: &str, starts: bool) -> bool {
    if line == "\"" {
        return true;
    }
    let line = line.replace("\\\\", "");
    let quotes = line.as_bytes().windows(2).filter(|pair| pair[0] != b'\\' && pair[1] == b'"');
    quotes.count() > usize::from(starts)
}
