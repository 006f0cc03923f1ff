//! Texts within messages, as JSON writes them.

use std::fmt::Write;

/// A JSON string: what is shown of a text that somebody else made. Control characters are escaped.
///
/// ```
/// assert_eq!(echolite_protocol::quoted("a\"b\n"), r#""a\"b\u000a""#);
/// ```
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                // writing to a String cannot fail
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(quoted("caf\u{e9}"), "\"caf\u{e9}\"");
        assert_eq!(quoted("\u{1b}[2J\u{7f}\u{9b}"), r#""\u001b[2J\u007f\u009b""#);
        assert_eq!(quoted(r#"\"#), r#""\\""#);
    }
}
