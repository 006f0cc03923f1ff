//! The order of leaves, by which live queries sort and append lists grow.

use std::cmp::Ordering;

use crate::Scalar;

/// Orders null, then booleans, numbers, texts (by code point), then what has no order.
pub(crate) fn compare(a: &Scalar, b: &Scalar) -> Ordering {
    let rank = |scalar: &Scalar| match scalar {
        Scalar::Null => 0,
        Scalar::Bool(_) => 1,
        Scalar::Number(_) => 2,
        Scalar::Text(_) => 3,
        Scalar::Other => 4,
    };
    match (a, b) {
        (Scalar::Bool(a), Scalar::Bool(b)) => a.cmp(b),
        (Scalar::Number(a), Scalar::Number(b)) => a.total_cmp(b),
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_of_one_kind_are_compared_and_kinds_follow_each_other() {
        let text = |text: &str| Scalar::Text(text.into());
        let ascending = [
            Scalar::Null,
            Scalar::Bool(false),
            Scalar::Bool(true),
            Scalar::Number(-1.0),
            Scalar::Number(10.0),
            text("10"),
            text("9"),
            Scalar::Other,
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare(&Scalar::Other, &Scalar::Other), Ordering::Equal);
    }
}
