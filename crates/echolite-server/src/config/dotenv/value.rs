//! A value with references to other variables.

use std::collections::BTreeMap;

/// A value as it was written, without its quotes.
#[derive(Default)]
pub(super) struct Value {
    text: String,
    /// Places of `$` that may begin a reference.
    references: Vec<usize>,
}

impl Value {
    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
    }

    pub(super) fn push_reference(&mut self) {
        self.references.push(self.text.len());
        self.text.push('$');
    }

    /// The value with its references replaced, and the names that are not set, whose references stay.
    ///
    /// The last one goes first, so a reference may have others in it: `${A_${B}}`.
    pub(super) fn resolve(self, variables: &BTreeMap<String, String>) -> (String, Vec<String>) {
        let (mut text, mut missing) = (self.text, Vec::new());
        for at in self.references.into_iter().rev() {
            let Some((name, end)) = reference(&text[at..]) else { continue };
            match variables.get(name) {
                Some(value) => text = [&text[..at], value, &text[at + end..]].concat(),
                None => missing.push(name.to_owned()),
            }
        }
        (text, missing)
    }
}

/// The name in a text that begins with `${name}`, and where the reference ends.
fn reference(text: &str) -> Option<(&str, usize)> {
    let (name, _) = text.strip_prefix("${")?.split_once('}')?;
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    (!name.is_empty() && name.chars().all(valid)).then_some((name, name.len() + "${}".len()))
}
