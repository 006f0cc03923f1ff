//! Two clocks, both arguments. Their divergence shows that the machine slept.

/// Milliseconds of a clock that never goes back (`performance.now()`), from an arbitrary start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mono(pub u64);

/// Milliseconds since 1970 by the wall clock; may jump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub u64);

/// The moment of an input, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For deadlines.
    pub mono: Mono,
    /// For what is shown and stored.
    pub wall: Wall,
}

impl std::ops::Add<u64> for Mono {
    type Output = Self;
    fn add(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

impl std::ops::Sub for Mono {
    type Output = u64;
    fn sub(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
