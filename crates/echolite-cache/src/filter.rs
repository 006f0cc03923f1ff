//! A live query, compiled: paths become indexes into a row's keys.

use std::cmp::Ordering;

use crate::key_order::{Column, class_of};
use crate::rows::Row;
use crate::{Condition, Query, ResourceConfig, Scalar};

/// Which rows match, and how they are ordered.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    conditions: Vec<(Column, Condition)>,
    order: Vec<(Column, bool)>,
    /// The key's, which orders what is equal otherwise.
    key: Column,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Filter {
    /// Compiles a query.
    ///
    /// # Errors
    /// What is wrong with it, and the fix, when it names a path that is not declared.
    pub(crate) fn new(query: Query, config: &ResourceConfig) -> Result<Self, String> {
        let column = |path: &str| {
            Column::of(config, path).ok_or_else(|| {
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
                .map(|(p, c)| {
                    let column = column(&p)?;
                    Ok((column, typed(column, c)))
                })
                .collect::<Result<_, String>>()?,
            order: order
                .map(|o| Ok((column(&o.path)?, o.descending)))
                .collect::<Result<_, String>>()?,
            key: column(&config.key)?,
            offset: query.offset,
            limit: query.limit.unwrap_or(usize::MAX),
        })
    }

    pub(crate) fn matches<P>(&self, row: &Row<P>) -> bool {
        self.conditions
            .iter()
            .all(|(column, condition)| holds(*column, condition, &row.keys[column.at]))
    }

    /// The order of two rows: by the keys asked for, then by id.
    pub(crate) fn compare<P>(&self, a: &Row<P>, b: &Row<P>) -> Ordering {
        for (column, descending) in &self.order {
            let order = column.compare(&a.keys[column.at], &b.keys[column.at]);
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        self.key.compare(&a.keys[0], &b.keys[0]).then_with(|| a.id.cmp(&b.id))
    }

    /// A column with values of `classes`, and the operand with which they are compared although none of them can be.
    pub(crate) fn unlike(&self, classes: impl Fn(Column) -> u8) -> Option<(Column, &Scalar)> {
        let unlike = |column: Column, operand: &Scalar| {
            let (own, of) = (classes(column), class_of(operand));
            own != 0 && of != 0 && own & of == 0
        };
        self.conditions.iter().find_map(|(column, condition)| match condition {
            Condition::OneOf(operands) => {
                let first = operands.first()?;
                let all = operands.iter().all(|operand| unlike(*column, operand));
                all.then_some((*column, first))
            }
            Condition::Contains(_) => None,
            Condition::Equals(operand)
            | Condition::Differs(operand)
            | Condition::Less(operand)
            | Condition::AtMost(operand)
            | Condition::Greater(operand)
            | Condition::AtLeast(operand) => unlike(*column, operand).then_some((*column, operand)),
        })
    }

    /// The columns whose values are put in order.
    pub(crate) fn ordered(&self) -> impl Iterator<Item = Column> {
        let ranged = self.conditions.iter().filter(|(_, condition)| {
            matches!(
                condition,
                Condition::Less(_)
                    | Condition::AtMost(_)
                    | Condition::Greater(_)
                    | Condition::AtLeast(_)
            )
        });
        let sorted = self.order.iter().map(|(column, _)| *column);
        ranged.map(|(column, _)| *column).chain(sorted)
    }
}

/// A condition whose operands are of the column's type.
fn typed(column: Column, condition: Condition) -> Condition {
    let key = |operand| column.key(operand);
    match condition {
        Condition::Equals(operand) => Condition::Equals(key(operand)),
        Condition::Differs(operand) => Condition::Differs(key(operand)),
        Condition::OneOf(operands) => Condition::OneOf(operands.into_iter().map(key).collect()),
        Condition::Less(operand) => Condition::Less(key(operand)),
        Condition::AtMost(operand) => Condition::AtMost(key(operand)),
        Condition::Greater(operand) => Condition::Greater(key(operand)),
        Condition::AtLeast(operand) => Condition::AtLeast(key(operand)),
        Condition::Contains(part) => Condition::Contains(part),
    }
}

fn holds(column: Column, condition: &Condition, key: &Scalar) -> bool {
    let is = |operand: &Scalar, wanted: fn(Ordering) -> bool| {
        column.relate(key, operand).is_some_and(wanted)
    };
    match condition {
        Condition::Equals(operand) => column.equals(key, operand),
        Condition::Differs(operand) => !column.equals(key, operand),
        Condition::OneOf(operands) => operands.iter().any(|operand| column.equals(key, operand)),
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
