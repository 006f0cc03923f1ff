//! The application's data, opaque but for a few fields.

use crate::Name;

/// A leaf value, as far as the engine compares such.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, or no such field.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// A string.
    Text(Name),
    /// An object or a list: has no order.
    Other,
}

/// What JavaScript, and so JSON, counts without gaps: `Number.MAX_SAFE_INTEGER` (ECMA-262).
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

impl Scalar {
    /// The number, if it is a whole one that JSON tells apart from its neighbours.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(n) if n.trunc() == *n && n.abs() <= MAX_SAFE => Some(*n as i64),
            _ => None,
        }
    }
}

/// What an event or a row carries: a `JsValue` in the browser, parsed JSON natively.
///
/// Cloning is cheap (a reference). Paths are field names joined by dots: `"data.id"`.
pub trait Payload: Clone + std::fmt::Debug + 'static {
    /// The value at `path`; the value itself for an empty path; `None` where there is none.
    fn at(&self, path: &str) -> Option<Self>;

    /// The value itself as a leaf.
    fn scalar(&self) -> Scalar;

    /// The elements, if it is a list.
    fn items(&self) -> Option<Vec<Self>>;

    /// Whether it is an object (a row must be one).
    fn is_object(&self) -> bool;

    /// Parses a text of JSON; `None` where it is none.
    fn parse(text: &str) -> Option<Self>;

    /// A text as a payload.
    fn from_text(text: &str) -> Self;

    /// Whether both are the same JSON.
    fn same(&self, other: &Self) -> bool;

    /// A field of `other` that this object lacks, by its path; also in objects within it, and in the first elements of
    /// lists.
    fn lacks(&self, other: &Self) -> Option<Name>;

    /// This object, and of `other` the fields that it lacks.
    fn over(&self, other: &Self) -> Self;

    /// The leaf at `path`.
    fn leaf(&self, path: &str) -> Scalar {
        self.at(path).map_or(Scalar::Null, |value| value.scalar())
    }

    /// The text at `path`, if it is one.
    fn text(&self, path: &str) -> Option<Name> {
        match self.leaf(path) {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_what_json_counts() {
        assert_eq!(Scalar::Number(MAX_SAFE).integer(), Some(9_007_199_254_740_991));
        assert_eq!(Scalar::Number(-MAX_SAFE).integer(), Some(-9_007_199_254_740_991));
        for other in [MAX_SAFE + 1.0, -MAX_SAFE - 1.0, 1.5, f64::NAN, f64::INFINITY] {
            assert_eq!(Scalar::Number(other).integer(), None, "{other}");
        }
        assert_eq!(Scalar::Text("1".into()).integer(), None);
    }
}
