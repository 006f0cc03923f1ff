//! The order of leaves, by which live queries sort and append lists grow.

use std::cmp::Ordering;

use crate::config::{FieldType, ResourceConfig};
use crate::timestamp::Timestamp;
use crate::{Name, Scalar, decimal};

/// A field that rows are compared by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Its place among the keys of a row.
    pub(crate) at: usize,
    kind: Option<FieldType>,
}

impl Column {
    /// The column of a path: the key's, or that of an index.
    pub(crate) fn of(config: &ResourceConfig, path: &str) -> Option<Self> {
        let index = || config.indexes.iter().position(|index| **index == *path).map(|at| at + 1);
        let at = if *path == *config.key { 0 } else { index()? };
        let typed = config.index_types.iter().find(|(index, _)| **index == *path);
        Some(Self { at, kind: typed.map(|(_, kind)| *kind) })
    }

    /// A leaf as it is compared: of a date its moment, of a number in a text the number.
    pub(crate) fn key(self, leaf: Scalar) -> Scalar {
        match (self.kind, leaf) {
            (Some(FieldType::Number), Scalar::Text(text)) => {
                decimal::parse(&text).map_or(Scalar::Text(text), Scalar::Number)
            }
            (Some(FieldType::Date), Scalar::Text(text)) => match Timestamp::parse(&text) {
                Some(time) => Scalar::Number(time.milliseconds()),
                None => Scalar::Text(text),
            },
            (Some(FieldType::Text), Scalar::Number(number)) => {
                Scalar::Text(decimal::text(number).into())
            }
            (_, leaf) => leaf,
        }
    }

    /// The order of two keys as values of one kind; `None` where they are not. Without a declared type, numbers in
    /// texts are numbers.
    pub(crate) fn relate(self, a: &Scalar, b: &Scalar) -> Option<Ordering> {
        relate((a, self.number(a)), (b, self.number(b)))
    }

    /// A total order: null, then booleans, numbers, texts (by code point), then what has no order. Of equal numbers those
    /// come first that are none of digits alone.
    pub(crate) fn compare(self, a: &Scalar, b: &Scalar) -> Ordering {
        // each text is read as a number once: a list is put in order by many comparisons
        let (a, b) = ((a, self.number(a)), (b, self.number(b)));
        rank(a).cmp(&rank(b)).then_with(|| relate(a, b).unwrap_or(Ordering::Equal))
    }

    /// The number that a leaf is compared as, if it is one.
    fn number(self, leaf: &Scalar) -> Option<f64> {
        match leaf {
            Scalar::Text(_) if self.is_text() => None,
            leaf => numeric(leaf),
        }
    }

    /// Whether a key is what an operand asks for: the same leaf, or the same number in another form.
    pub(crate) fn equals(self, key: &Scalar, operand: &Scalar) -> bool {
        let number_in_text = matches!(
            (key, operand),
            (Scalar::Text(_), Scalar::Number(_)) | (Scalar::Number(_), Scalar::Text(_))
        );
        key == operand
            || (number_in_text && numeric(key).is_some() && numeric(key) == numeric(operand))
    }

    /// Whether a declared type says how to compare texts.
    pub(crate) fn is_text(self) -> bool {
        self.kind == Some(FieldType::Text)
    }

    /// Whether it is declared to have numbers or dates alone.
    pub(crate) fn is_number(self) -> bool {
        matches!(self.kind, Some(FieldType::Number | FieldType::Date))
    }
}

/// The classes of leaves that a column has, as bits: numbers, and texts that are none.
pub(crate) mod class {
    /// A number, or a text that is one.
    pub(crate) const NUMBER: u8 = 1;
    /// Another text.
    pub(crate) const TEXT: u8 = 2;
    /// Any text, a number or not.
    pub(crate) const ANY_TEXT: u8 = 4;
    /// A boolean.
    pub(crate) const BOOL: u8 = 8;
}

/// The classes of a leaf; 0 for what has none.
pub(crate) fn class_of(leaf: &Scalar) -> u8 {
    match leaf {
        Scalar::Number(_) => class::NUMBER,
        Scalar::Text(text) if decimal::parse(text).is_some() => class::NUMBER | class::ANY_TEXT,
        Scalar::Text(_) => class::TEXT | class::ANY_TEXT,
        Scalar::Bool(_) => class::BOOL,
        Scalar::Null | Scalar::Other => 0,
    }
}

/// The place of a leaf among those of other kinds; it comes with its number, if it is one.
fn rank((leaf, number): (&Scalar, Option<f64>)) -> u8 {
    match leaf {
        Scalar::Null => 0,
        Scalar::Bool(_) => 1,
        _ if number.is_some() => 2,
        Scalar::Number(_) | Scalar::Text(_) => 3,
        Scalar::Other => 4,
    }
}

/// [`Column::relate`] of leaves that come with their numbers.
fn relate((a, x): (&Scalar, Option<f64>), (b, y): (&Scalar, Option<f64>)) -> Option<Ordering> {
    match (a, b) {
        (Scalar::Null, Scalar::Null) | (Scalar::Other, Scalar::Other) => Some(Ordering::Equal),
        (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
        (Scalar::Text(a), Scalar::Text(b)) if x.is_none() || y.is_none() => Some(a.cmp(b)),
        // a zero is a zero, whatever its sign
        _ => Some((x? + 0.0).total_cmp(&(y? + 0.0)).then_with(|| digits(a).cmp(&digits(b)))),
    }
}

fn numeric(leaf: &Scalar) -> Option<f64> {
    match leaf {
        Scalar::Number(number) => Some(*number),
        Scalar::Text(text) => decimal::parse(text),
        _ => None,
    }
}

/// Of a text of digits what orders it exactly, beyond the precision of a number.
fn digits(leaf: &Scalar) -> Option<(usize, Name)> {
    let Scalar::Text(text) = leaf else { return None };
    let digits = text.trim_start_matches('0');
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| (digits.len(), digits.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.into())
    }

    fn column(kind: Option<FieldType>) -> Column {
        Column { at: 1, kind }
    }

    #[test]
    fn leaves_of_one_kind_are_compared_and_kinds_follow_each_other() {
        let ascending = [
            Scalar::Null,
            Scalar::Bool(false),
            Scalar::Bool(true),
            text("-5"),
            Scalar::Number(-1.0),
            text("9"),
            text("9.99"),
            Scalar::Number(10.0),
            text("100.00"),
            text("9007199254740992"),
            text("9007199254740993"),
            text("100000000000000000000"),
            text("1.2.3"),
            text("2026-01-02"),
            text("A5"),
            text("a"),
            Scalar::Other,
        ];
        for (at, a) in ascending.iter().enumerate() {
            for b in &ascending[at + 1..] {
                assert_eq!(column(None).compare(a, b), Ordering::Less, "{a:?} {b:?}");
                assert_eq!(column(None).compare(b, a), Ordering::Greater, "{a:?} {b:?}");
            }
        }
        for order in [text("10"), text("9")].windows(2) {
            let typed = column(Some(FieldType::Text));
            assert_eq!(typed.compare(&order[0], &order[1]), Ordering::Less);
        }
    }

    #[test]
    fn only_values_of_one_kind_are_less_or_greater() {
        for (a, b, related) in [
            (Scalar::Null, Scalar::Null, Some(Ordering::Equal)),
            (Scalar::Other, Scalar::Other, Some(Ordering::Equal)),
            (Scalar::Null, Scalar::Number(0.0), None),
            (Scalar::Bool(false), Scalar::Number(0.0), None),
            (text("9"), Scalar::Number(10.0), Some(Ordering::Less)),
            (text("a"), Scalar::Number(10.0), None),
            (text("a"), text("10"), Some(Ordering::Greater)),
        ] {
            assert_eq!(column(None).relate(&a, &b), related, "{a:?} {b:?}");
            assert_eq!(column(None).relate(&b, &a), related.map(Ordering::reverse), "{b:?} {a:?}");
        }
    }

    #[test]
    fn equality_of_texts_is_that_of_their_characters() {
        let column = column(None);
        assert!(column.equals(&text("9.90"), &Scalar::Number(9.9)));
        assert!(column.equals(&Scalar::Number(7.0), &text("7")));
        assert!(!column.equals(&text("01234"), &text("1234")), "a code is no number");
        assert!(!column.equals(&text("x"), &Scalar::Number(1.0)));
        assert!(!column.equals(&Scalar::Null, &text("0")));
    }

    #[test]
    fn a_declared_type_says_what_a_leaf_is() {
        let typed = |kind, leaf| column(Some(kind)).key(leaf);
        assert_eq!(typed(FieldType::Number, text("9.50")), Scalar::Number(9.5));
        assert_eq!(typed(FieldType::Number, text("n/a")), text("n/a"));
        assert_eq!(typed(FieldType::Text, Scalar::Number(9.0)), text("9"));
        let noon = typed(FieldType::Date, text("2026-01-02T14:00:00+02:00"));
        assert_eq!(noon, typed(FieldType::Date, text("2026-01-02 12:00:00Z")));
        assert_eq!(noon, Scalar::Number(1_767_355_200_000.0));
    }
}
