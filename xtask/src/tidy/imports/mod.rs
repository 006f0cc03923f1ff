//! The files that each file takes something from.

pub(super) mod rust;
mod rust_modules;
pub(super) mod typescript;

/// A file uses a name that another defines.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) name: String,
}
