//! A file is one idea: about 300 lines, 600 at most.

use super::finding::Finding;
use super::rules::{FILE_LINES, LONG_BECAUSE, LONG_FILE_LINES, NOT_CODE, TESTS};
use super::source::Source;

pub(super) fn check(source: &Source) -> Option<Finding> {
    let is_code = source.is_code() || source.path.ends_with(".css");
    if !is_code || NOT_CODE.iter().any(|path| source.path.starts_with(path)) {
        return None;
    }
    let lines = source.text.lines().count();
    let excused = source.text.lines().take(20).any(|line| line.contains(LONG_BECAUSE));
    let is_test = TESTS.iter().any(|part| source.path.contains(part));
    if lines > FILE_LINES && !excused && !is_test {
        let what = format!("{lines} lines, {FILE_LINES} at most: split it by ideas");
        return Some(Finding::fails(&source.path, what));
    }
    (lines > LONG_FILE_LINES).then(|| Finding::prints(&source.path, format!("{lines} lines")))
}
