//! Facts about order that a back end may give: row versions, resource heads.

use std::cmp::Ordering;

use crate::timestamp::Timestamp;
use crate::{Name, Scalar};

/// A row's version, as the back end writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Version {
    /// A number: a counter, or a time as a number.
    Number(f64),
    /// A text: a timestamp, or a counter as text.
    Text(Name),
}

/// The kind of a version. Only two of one kind have an order.
enum Kind {
    Integer(i64),
    Time(Timestamp),
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

    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Number(number) => Scalar::Number(*number).integer().map(Kind::Integer),
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                let number = crate::decimal::parse(text).map(Scalar::Number)?;
                number.integer().map(Kind::Integer)
            }
            Self::Text(text) => Timestamp::parse(text).map(Kind::Time),
        }
    }

    /// Whether it has an order among others of its kind: whole numbers that JSON counts without gaps, as numbers or as
    /// digits, and timestamps. Fractions, hashes, ULIDs and larger numbers have none.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.kind().is_some()
    }

    /// Compares two versions; `None` where the two cannot be compared. `Equal` may be precision that one of two timestamps lost.
    #[must_use]
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self.kind()?, other.kind()?) {
            (Kind::Integer(a), Kind::Integer(b)) => Some(a.cmp(&b)),
            (Kind::Time(a), Kind::Time(b)) => Some(a.order(&b)),
            _ => None,
        }
    }

    /// Whether both are the same, to the last digit that either tells.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self.kind(), other.kind()) {
            (Some(Kind::Integer(a)), Some(Kind::Integer(b))) => a == b,
            (Some(Kind::Time(a)), Some(Kind::Time(b))) => a.is_same(&b),
            _ => false,
        }
    }

    /// Its text, for people.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Number(number) => crate::decimal::text(*number),
            Self::Text(text) => format!("'{text}'"),
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
    fn text(text: &str) -> Version {
        Version::of(Scalar::Text(text.into())).unwrap()
    }

    fn number(number: f64) -> Version {
        Version::of(Scalar::Number(number)).unwrap()
    }

    #[test]
    fn versions_compare_within_their_kind() {
        for (a, b) in [
            (number(9.0), number(10.0)),
            (text("9"), text("10")),
            (text("9"), number(10.0)),
            (number(9.0), text("010")),
            (number(-2.0), number(-1.0)),
            (text("9007199254740990"), number(9_007_199_254_740_991.0)),
            (text("2026-01-01T00:00:00Z"), text("2026-01-02T00:00:00Z")),
            (text("2026-01-02T10:00:00+02:00"), text("2026-01-02T09:00:00.000000Z")),
            (text("2026-01-02 10:00:00"), text("2026-01-02 10:05:00")),
        ] {
            assert_eq!(a.order(&b), Some(Ordering::Less), "{a:?} {b:?}");
            assert_eq!(b.order(&a), Some(Ordering::Greater), "{a:?} {b:?}");
            assert!(!a.is_same(&b) && a.is_same(&a), "{a:?} {b:?}");
        }
        assert!(number(7.0).is_same(&text("7")));
    }

    #[test]
    fn what_is_of_no_kind_or_of_two_has_no_order() {
        let (counter, time) = (number(1.0), text("2026-01-02T10:00:00Z"));
        assert_eq!(counter.order(&time), None, "two kinds");
        assert_eq!(number(1_767_348_300.0).order(&time), None, "a Unix timestamp is a number");
        for none in [
            number(1.5),
            number(9_007_199_254_740_992.0),
            number(1e300),
            text("9007199254740992"),
            text("123456789012345678901234567890"),
            text("-1"),
            text("+1"),
            text("1.5"),
            text("1e3"),
            text("0x10"),
            text(" 1"),
            text("\u{661}"),
            text("v2"),
            text("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            text("550e8400-e29b-41d4-a716-446655440000"),
            text("d41d8cd98f00b204e9800998ecf8427e"),
        ] {
            assert!(!none.is_ordered(), "{none:?}");
            for other in [&counter, &time, &none] {
                assert_eq!((none.order(other), other.order(&none)), (None, None), "{none:?}");
                assert!(!none.is_same(other));
            }
        }
        for no_version in [
            Scalar::Null,
            Scalar::Bool(true),
            Scalar::Other,
            Scalar::Text("".into()),
            Scalar::Number(f64::NAN),
            Scalar::Number(f64::INFINITY),
        ] {
            assert_eq!(Version::of(no_version.clone()), None, "{no_version:?}");
        }
    }

    #[test]
    fn a_head_is_epoch_and_seq() {
        assert_eq!(Head::parse("e;1;42"), Some(Head { epoch: "e;1".into(), seq: 42 }));
        for bad in ["", "42", ";42", "e;", "e;x", "e;-1"] {
            assert_eq!(Head::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn nothing_is_no_version() {
        for leaf in [Scalar::Text("".into()), Scalar::Number(f64::NAN), Scalar::Null] {
            assert_eq!(Version::of(leaf), None);
        }
    }
}
