//! The surroundings of a resource: what it depends on besides itself.

use crate::link::Link;
use crate::{Config, Term};

/// The surroundings of a resource at one input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) config: &'a Config,
    pub(crate) link: Link,
    /// The term of this engine's ownership of the store, while it has it.
    pub(crate) term: Option<Term>,
}
