//! Which rows of a resource a live query shows, and in which order.

use crate::{Name, Scalar};

/// A live query, numbered by the application's side.
pub type LiveId = u32;

/// A live query. Paths must be among the resource's `indexes` (or its key).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// All must hold.
    pub conditions: Vec<(Name, Condition)>,
    /// Ordered by these, then by id.
    pub order: Vec<Order>,
    /// Rows skipped before the first shown.
    pub offset: usize,
    /// Rows shown at most.
    pub limit: Option<usize>,
}

/// A condition on one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Equal to the value.
    Equals(Scalar),
    /// Unlike the value.
    Differs(Scalar),
    /// Equal to one of them.
    OneOf(Vec<Scalar>),
    /// Less than the value.
    Less(Scalar),
    /// Less than or equal.
    AtMost(Scalar),
    /// Greater than the value.
    Greater(Scalar),
    /// Greater than or equal.
    AtLeast(Scalar),
    /// A text that contains this one, whatever the case of letters.
    Contains(Name),
}

/// One key of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The field's path.
    pub path: Name,
    /// Greatest first.
    pub descending: bool,
}
