//! Blanks out comments and strings, so that braces and words that remain are code. Lines keep their numbers.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    TypeScript,
}

impl Language {
    pub(super) fn of(path: &str) -> Option<Self> {
        match path.rsplit('.').next()? {
            "rs" => Some(Self::Rust),
            "ts" | "tsx" | "js" | "mjs" => Some(Self::TypeScript),
            _ => None,
        }
    }
}

/// The text with every comment, string and regular expression replaced by spaces.
pub(super) fn mask(text: &str, language: Language) -> String {
    let text = text.as_bytes();
    let mut masked = text.to_vec();
    let mut at = 0;
    while at < text.len() {
        let end = skip(text, at, language);
        if end == at {
            at += 1;
            continue;
        }
        for byte in &mut masked[at..end.min(text.len())] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8_lossy(&masked).into_owned()
}

/// The end of the comment or literal that begins at `at`; `at` itself if none does.
fn skip(text: &[u8], at: usize, language: Language) -> usize {
    let rest = &text[at..];
    if rest.starts_with(b"//") {
        return at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return at + block_comment(rest, language);
    }
    match (language, rest[0]) {
        (_, b'"') => at + quoted(rest, b'"'),
        (Language::TypeScript, quote @ (b'\'' | b'`')) => at + quoted(rest, quote),
        (Language::TypeScript, b'/') if regex_may_begin(&text[..at]) => at + quoted(rest, b'/'),
        (Language::Rust, b'r') if !is_word(text, at) => at + raw(rest),
        (Language::Rust, b'\'') => at + character(rest),
        _ => at,
    }
}

/// Whether the byte before `at` belongs to a word (`for"…"` is no raw string); `br"…"` is one.
fn is_word(text: &[u8], at: usize) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match text[..at] {
        [] | [b'b'] => false,
        [.., before, b'b'] => is_word(&before),
        [.., before] => is_word(&before),
    }
}

fn block_comment(text: &[u8], language: Language) -> usize {
    let (mut at, mut depth) = (2, 1);
    while at < text.len() && depth > 0 {
        if text[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
        } else if language == Language::Rust && text[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else {
            at += 1;
        }
    }
    at
}

fn quoted(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// `r"…"`, `r#"…"#`; 0 when it is a word or a raw identifier.
fn raw(text: &[u8]) -> usize {
    let hashes = text[1..].iter().take_while(|byte| **byte == b'#').count();
    if text.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let start = 2 + hashes;
    let length = text[start..].windows(end.len()).position(|window| window == end);
    length.map_or(text.len(), |length| start + length + end.len())
}

/// `'x'`, `'\n'`; 0 when it is a lifetime.
fn character(text: &[u8]) -> usize {
    if text.get(1) == Some(&b'\\') {
        return quoted(text, b'\'');
    }
    // A character may be four bytes long.
    (2..=5).find(|end| text.get(*end) == Some(&b'\'')).map_or(0, |end| {
        let inside = std::str::from_utf8(&text[1..end]);
        if inside.is_ok_and(|inside| inside.chars().count() == 1) { end + 1 } else { 0 }
    })
}

fn regex_may_begin(before: &[u8]) -> bool {
    let last = before.iter().rposition(|byte| !byte.is_ascii_whitespace());
    last.is_none_or(|last| {
        b"(,=:[!&|?{};>".contains(&before[last]) || before[..=last].ends_with(b"return")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_strings_and_keeps_lines() {
        let rust = "let a = \"{\"; // {\nlet b: &'a str = r#\"}\"#; /* { /* } */ */ let c = '{';";
        let masked = mask(rust, Language::Rust);
        assert!(!masked.contains(['{', '}']), "{masked}");
        assert_eq!(masked.len(), rust.len());
        assert_eq!(masked.lines().count(), 2);
    }

    #[test]
    fn knows_a_regex_from_a_division() {
        let masked =
            mask("const a = /[{]/.test(b); const c = d / e / f; `${g}{`", Language::TypeScript);
        assert!(!masked.contains('{'), "{masked}");
        assert!(masked.contains("d / e / f"), "{masked}");
    }
}
