//! One variable: its name, and its value by quotes, escapes and comments.

use super::value::Value;

/// The characters that PHP's `trim` takes away.
pub(super) const BLANK: [char; 6] = [' ', '\n', '\r', '\t', '\0', '\x0b'];

const NO_NAME: &str = "there is no name before the =; expected NAME=value";
const WRONG_NAME: &str = "this is not a name; expected letters, digits, _ and . before the =";
const NO_QUOTE: &str =
    "a quote is opened and not closed; close it, or put the value into double quotes";
const WRONG_ESCAPE: &str = "in double quotes a backslash stands before one of \" \\ $ f n r t v; for the \
                            backslash itself write \\\\, or use single quotes";
const WHITESPACE: &str =
    "something follows a space or a closing quote; put the whole value into double quotes";

const NOT_UTF8: &str = "some bytes are not UTF-8; save the file as UTF-8";

/// The parser's place in a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Unquoted,
    SingleQuoted,
    DoubleQuoted,
    Escape,
    /// Behind the value.
    Whitespace,
    Comment,
}

/// The name as far as it could be read, and what is wrong.
type Wrong = (Option<String>, &'static str);

/// Parses `NAME=value`, or `NAME` alone, which has no value.
pub(super) fn parse(text: &str) -> Result<(String, Option<Value>), Wrong> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim_matches(BLANK), Some(value.trim_matches(BLANK))),
        None => (text, None),
    };
    if name.is_empty() {
        return Err((None, NO_NAME));
    }
    let name = parse_name(name).map_err(|why| (None, why))?;
    match value.map(parse_value).transpose() {
        Ok(value) => Ok((name, value)),
        Err(why) => Err((Some(name), why)),
    }
}

/// A name, of which `export ` and quotes around it are no part.
pub(super) fn parse_name(text: &str) -> Result<String, &'static str> {
    let text = text.trim_matches(BLANK);
    // The name behind it has two letters at least, in phpdotenv too.
    let exported = text
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(is_space) && text.chars().count() > "export A".len());
    let name = exported.map_or(text, |rest| rest.trim_start_matches(is_space));
    let quoted =
        |quote: char| name.strip_prefix(quote)?.strip_suffix(quote).filter(|name| !name.is_empty());
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(name);
    let valid = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if name.is_empty() || !name.chars().all(valid) {
        return Err(WRONG_NAME);
    }
    Ok(name.to_owned())
}

/// White space as PHP's `\s` has it.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\x0b'
}

fn parse_value(text: &str) -> Result<Value, &'static str> {
    // the replacement character of bytes that are no text
    if text.contains('\u{fffd}') {
        return Err(NOT_UTF8);
    }
    let mut value = Value::default();
    let mut state = State::Start;
    for c in text.chars() {
        state = step(state, c, &mut value)?;
    }
    match state {
        State::SingleQuoted | State::DoubleQuoted | State::Escape => Err(NO_QUOTE),
        _ => Ok(value),
    }
}

fn step(state: State, c: char, value: &mut Value) -> Result<State, &'static str> {
    let next = match (state, c) {
        (State::Start, '\'') => State::SingleQuoted,
        (State::Start, '"') => State::DoubleQuoted,
        (State::Start | State::Unquoted | State::Whitespace, '#') | (State::Comment, _) => {
            State::Comment
        }
        (State::Unquoted | State::Whitespace, _) if is_space(c) => State::Whitespace,
        (State::SingleQuoted, '\'') | (State::DoubleQuoted, '"') => State::Whitespace,
        (State::DoubleQuoted, '\\') => State::Escape,
        (State::Start | State::Unquoted, '$') => {
            value.push_reference();
            State::Unquoted
        }
        (State::DoubleQuoted, '$') => {
            value.push_reference();
            State::DoubleQuoted
        }
        (State::Start | State::Unquoted, _) => {
            value.push(c);
            State::Unquoted
        }
        (State::SingleQuoted | State::DoubleQuoted, _) => {
            value.push(c);
            state
        }
        (State::Escape, _) => {
            value.push(escaped(c).ok_or(WRONG_ESCAPE)?);
            State::DoubleQuoted
        }
        (State::Whitespace, _) => return Err(WHITESPACE),
    };
    Ok(next)
}

/// The character that a backslash and this one stand for.
fn escaped(c: char) -> Option<char> {
    match c {
        '"' | '\\' | '$' => Some(c),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        _ => None,
    }
}
