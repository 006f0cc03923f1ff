//! Text of strangers as it may stand in a log or in an error: on one line, and not too long.

/// A text of a stranger, at most `most` characters of it, with its control characters escaped: it can neither end
/// the line nor colour the terminal.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let hidden = |c: char| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c);
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        match hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// An address without what may be secret in it: scheme, host and port alone.
pub(crate) fn shown_address(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "…".to_owned() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    shown(&format!("{scheme}://{host}"), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_on_its_line_and_is_not_too_long() {
        assert_eq!(shown("größe 日本 \"x\"", 20), "größe 日本 \"x\"");
        assert_eq!(
            shown("a\r\nb\0\u{1b}[31m\u{7f}\u{9b}", 20),
            "a\\r\\nb\\u{0}\\u{1b}[31m\\u{7f}\\u{9b}"
        );
        assert_eq!(shown("a\u{2028}b\u{202e}c", 20), "a\\u{2028}b\\u{202e}c");
        assert_eq!(shown("äöü", 2), "äö…");
        assert_eq!(shown("äö", 2), "äö");
    }

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (url, expected) in [
            (
                "https://user:pass@shop.example:8443/hooks/T0KEN?key=secret#x",
                "https://shop.example:8443",
            ),
            ("http://a@b:c@host/x", "http://host"),
            ("http://[::1]:80?token=1", "http://[::1]:80"),
            ("nonsense", "…"),
        ] {
            assert_eq!(shown_address(url), expected);
        }
    }
}
