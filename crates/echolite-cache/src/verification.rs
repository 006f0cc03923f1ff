//! The clock of verification (rule 4): how long rows may be called fresh without another read.
//!
//! A change that was never published is in no event and no replay. So rows are fresh only as long as the read that
//! they rest on is no older than the interval of verification and the time that one read may take, across reloads and
//! replays. The age is counted by the monotonic clock and, where it says more, by the wall clock: neither a page that is
//! loaded again nor a clock that was set back makes rows younger.

use fastrand::Rng;

use crate::{Mono, Now, Wall};

/// After a longer absence the read that is due waits a random part of this (milliseconds): a crowd comes back at once.
const SPREAD: u64 = 5_000;

/// The age of the rows, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Verification {
    /// Between two verifications (milliseconds).
    interval: u64,
    /// The time that one read may take (milliseconds).
    patience: u64,
    /// The age of the rows at `at`; the greatest number where nobody knows it.
    age: u64,
    at: Mono,
    /// The read that is due after a longer absence.
    late: Option<Mono>,
}

impl Verification {
    /// Of rows of unknown age.
    pub(crate) const fn new(interval: u64, patience: u64, now: Mono) -> Self {
        Self { interval, patience, age: u64::MAX, at: now, late: None }
    }

    /// The rows rest on a read that began so long ago.
    pub(crate) const fn read(&mut self, age: u64, now: Mono) {
        (self.age, self.at, self.late) = (age, now, None);
    }

    /// The rows were stored, and rest on a read that began at `as_of`. One that began in the future was timed by another
    /// clock: nobody knows its age.
    pub(crate) fn restore(&mut self, as_of: Option<Wall>, now: Now) {
        let age = as_of.and_then(|as_of| now.wall.0.checked_sub(as_of.0));
        self.read(age.unwrap_or(u64::MAX), now.mono);
    }

    /// A head or a replay shows that no event was missed. Rows that are too old to be fresh otherwise are so until the
    /// one read that is due now; another reconnect does not put it off.
    pub(crate) fn confirm(&mut self, as_of: Option<Wall>, now: Now, random: &mut Rng) {
        self.age = self.age(as_of, now);
        self.at = now.mono;
        if self.age >= self.interval && self.late.is_none() {
            self.late = Some(now.mono + random.u64(0..=SPREAD.min(self.interval)));
        }
    }

    fn age(&self, as_of: Option<Wall>, now: Now) -> u64 {
        let by_wall = as_of.map_or(0, |as_of| now.wall.0.saturating_sub(as_of.0));
        self.age.saturating_add(now.mono - self.at).max(by_wall)
    }

    /// The moment at which the rows will be so old.
    fn reaches(&self, age: u64) -> Mono {
        self.at + age.saturating_sub(self.age)
    }

    /// The moment of the next verification.
    pub(crate) fn due(&self) -> Mono {
        self.late.unwrap_or_else(|| self.reaches(self.interval))
    }

    /// Until when the rows may be called fresh.
    pub(crate) fn ends(&self) -> Mono {
        let end = self.reaches(self.interval.saturating_add(self.patience));
        self.late.map_or(end, |late| end.max(late + self.patience))
    }

    /// Whether the rows are too old to be called fresh.
    pub(crate) fn is_over(&self, as_of: Option<Wall>, now: Now) -> bool {
        let grown = self.age(as_of, now) > self.interval.saturating_add(self.patience);
        now.mono > self.ends() || (grown && self.late.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: u64 = 30_000;
    const INTERVAL: u64 = 300_000;

    fn at(mono: u64, wall: u64) -> Now {
        Now { mono: Mono(mono), wall: Wall(wall) }
    }

    #[test]
    fn rows_are_verified_an_interval_after_their_read_and_may_be_fresh_as_long_as_that_takes() {
        let mut verification = Verification::new(INTERVAL, DEADLINE, Mono(0));
        verification.read(1_000, Mono(10_000));
        assert_eq!(verification.due(), Mono(9_000 + INTERVAL));
        assert_eq!(verification.ends(), Mono(9_000 + INTERVAL + DEADLINE));
        let end = 9_000 + INTERVAL + DEADLINE;
        assert!(!verification.is_over(Some(Wall(9_000)), at(end, end)));
        assert!(verification.is_over(Some(Wall(9_000)), at(end + 1, end + 1)));
    }

    #[test]
    fn stored_rows_are_as_old_as_the_wall_clock_says_unless_it_was_set_back() {
        let mut verification = Verification::new(INTERVAL, DEADLINE, Mono(0));
        verification.restore(Some(Wall(1_000_000)), at(50, 1_200_000));
        assert_eq!(verification.due(), Mono(50 + INTERVAL - 200_000));
        for as_of in [None, Some(Wall(1_200_001))] {
            verification.restore(as_of, at(50, 1_200_000));
            assert_eq!(verification.due(), Mono(50));
            assert!(verification.is_over(as_of, at(51, 1_200_001)));
        }
    }

    #[test]
    fn after_a_longer_absence_there_is_one_read_that_nothing_puts_off() {
        let mut random = Rng::with_seed(1);
        let mut verification = Verification::new(INTERVAL, DEADLINE, Mono(0));
        verification.restore(Some(Wall(0)), at(50, 1_000_000));
        verification.confirm(Some(Wall(0)), at(60, 1_000_010), &mut random);
        let due = verification.due();
        assert!((60..=60 + SPREAD).contains(&due.0));
        assert!(!verification.is_over(Some(Wall(0)), at(due.0, 1_005_000)));
        verification.confirm(Some(Wall(0)), at(70, 1_000_020), &mut random);
        assert_eq!(verification.due(), due);
        assert!(verification.is_over(Some(Wall(0)), at(due.0 + DEADLINE + 1, 1_040_000)));
    }

    #[test]
    fn a_machine_that_slept_is_as_old_as_the_wall_clock_says() {
        let mut verification = Verification::new(INTERVAL, DEADLINE, Mono(0));
        verification.read(0, Mono(0));
        let now = at(1_000, 10_000_000);
        assert!(verification.is_over(Some(Wall(0)), now));
        verification.confirm(Some(Wall(0)), now, &mut Rng::with_seed(1));
        assert!(verification.due() <= Mono(1_000 + SPREAD));
    }
}
