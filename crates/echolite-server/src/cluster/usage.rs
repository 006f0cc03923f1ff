//! The memory that histories take.

use std::ops::{AddAssign, SubAssign};

/// The memory that histories take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryUsage {
    /// Channels that have a position.
    pub(crate) channels: usize,
    /// Events that can be replayed.
    pub(crate) events: usize,
    /// Memory that both take.
    pub(crate) bytes: usize,
}

impl AddAssign for HistoryUsage {
    fn add_assign(&mut self, other: Self) {
        self.channels += other.channels;
        self.events += other.events;
        self.bytes += other.bytes;
    }
}

impl SubAssign for HistoryUsage {
    fn sub_assign(&mut self, other: Self) {
        self.channels -= other.channels;
        self.events -= other.events;
        self.bytes -= other.bytes;
    }
}
