//! Facts about order that a back end may give: row versions, resource heads.

use crate::{Name, Scalar};

/// A row's version, as the back end counts it.
#[derive(Clone, Debug, PartialEq)]
pub enum Version {
    /// A number: a counter, or a time as a number.
    Number(f64),
    /// A text that orders by its characters: ISO 8601 times do.
    Text(Name),
}

impl Version {
    /// The version in a leaf; `None` where there is none.
    #[must_use]
    pub fn of(leaf: Scalar) -> Option<Self> {
        match leaf {
            Scalar::Number(number) if number.is_finite() => Some(Self::Number(number)),
            Scalar::Text(text) if !text.is_empty() => Some(Self::Text(text)),
            _ => None,
        }
    }

    /// Which is later; `None` where the two cannot be compared (a number and a text).
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// The back end's counter of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// New whenever the counter's past is lost.
    pub epoch: Name,
    /// Raised by every transaction that changes the resource.
    pub seq: u64,
}

impl Head {
    /// Reads `epoch;seq`, the form of the header `X-Cache-Head`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.trim().rsplit_once(';')?;
        Some(Self { epoch: (!epoch.is_empty()).then(|| epoch.into())?, seq: seq.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn versions_compare_within_their_kind_only() {
        let text = |t: &str| Version::of(Scalar::Text(t.into())).unwrap();
        let number = |n| Version::of(Scalar::Number(n)).unwrap();
        assert_eq!(number(9.0).order(&number(10.0)), Some(Ordering::Less));
        assert_eq!(
            text("2026-01-02T00:00:00Z").order(&text("2026-01-01T00:00:00Z")),
            Some(Ordering::Greater)
        );
        assert_eq!(number(1.0).order(&text("1")), None);
        assert_eq!(Version::of(Scalar::Null), None);
        assert_eq!(Version::of(Scalar::Number(f64::NAN)), None);
    }

    #[test]
    fn a_head_is_epoch_and_seq() {
        assert_eq!(Head::parse("e;1;42"), Some(Head { epoch: "e;1".into(), seq: 42 }));
        for bad in ["", "42", ";42", "e;", "e;x", "e;-1"] {
            assert_eq!(Head::parse(bad), None, "{bad}");
        }
    }
}
