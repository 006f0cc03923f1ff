//! The number of parts that an application's channels are spread over.

/// Each part has its own broker behind its own lock, and its share of the memory for history.
pub(crate) const SHARDS: usize = 16;
