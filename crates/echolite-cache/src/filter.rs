//! A live query, compiled: paths become indexes into a row's keys.

use std::cmp::Ordering;

use crate::key_order::compare;
use crate::rows::Row;
use crate::{Condition, Query, ResourceConfig, Scalar};

/// Which rows match, and how they are ordered.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    conditions: Vec<(usize, Condition)>,
    order: Vec<(usize, bool)>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Filter {
    /// Compiles a query.
    ///
    /// # Errors
    /// What is wrong with it, and the fix, when it names a path that is not declared.
    pub(crate) fn new(query: Query, config: &ResourceConfig) -> Result<Self, String> {
        let index = |path: &str| {
            if path == &*config.key {
                return Ok(0);
            }
            let declared = config.indexes.iter().position(|index| &**index == path);
            declared.map(|at| at + 1).ok_or_else(|| {
                format!(
                    "'{path}' is not among the indexes of resource '{}': add it to `indexes`",
                    config.name
                )
            })
        };
        let conditions = query.conditions.into_iter();
        let order = query.order.iter();
        Ok(Self {
            conditions: conditions
                .map(|(p, c)| Ok((index(&p)?, c)))
                .collect::<Result<_, String>>()?,
            order: order
                .map(|o| Ok((index(&o.path)?, o.descending)))
                .collect::<Result<_, String>>()?,
            offset: query.offset,
            limit: query.limit.unwrap_or(usize::MAX),
        })
    }

    pub(crate) fn matches<P>(&self, row: &Row<P>) -> bool {
        self.conditions.iter().all(|(at, condition)| holds(condition, &row.keys[*at]))
    }

    /// The order of two rows: by the keys asked for, then by id.
    pub(crate) fn compare<P>(&self, a: &Row<P>, b: &Row<P>) -> Ordering {
        for (at, descending) in &self.order {
            let order = compare(&a.keys[*at], &b.keys[*at]);
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        compare(&a.keys[0], &b.keys[0])
    }
}

fn holds(condition: &Condition, key: &Scalar) -> bool {
    let is = |operand: &Scalar, wanted: fn(Ordering) -> bool| {
        std::mem::discriminant(operand) == std::mem::discriminant(key)
            && wanted(compare(key, operand))
    };
    match condition {
        Condition::Equals(operand) => key == operand,
        Condition::Differs(operand) => key != operand,
        Condition::OneOf(operands) => operands.contains(key),
        Condition::Less(operand) => is(operand, Ordering::is_lt),
        Condition::AtMost(operand) => is(operand, Ordering::is_le),
        Condition::Greater(operand) => is(operand, Ordering::is_gt),
        Condition::AtLeast(operand) => is(operand, Ordering::is_ge),
        Condition::Contains(part) => matches!(key, Scalar::Text(text) if contains(text, part)),
    }
}

/// Whether `part` is in `text`, whatever the case of letters.
fn contains(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        return part.is_empty() || text.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(&part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_whatever_case_beyond_ascii_too() {
        for (text, part, found) in [
            ("Teapot", "POT", true),
            ("Teapot", "", true),
            ("Teapot", "pots", false),
            ("Straße", "STRA", true),
            ("ÉTÉ", "été", true),
            // the sign of kelvin becomes an ASCII letter
            ("5 \u{212a}elvin", "kelvin", true),
            ("5 kelvin", "\u{212a}elvin", true),
        ] {
            assert_eq!(contains(text, part), found, "{text} {part}");
        }
    }
}
