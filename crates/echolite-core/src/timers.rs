//! Named timers: a machine's deadlines stand in one table, and one loop expires them.
//!
//! A machine names what it waits for in an enum. Entering a state stops the timers of the state before and sets its
//! own; the earliest tells when to wake the engine, and why.

use std::fmt;
use std::marker::PhantomData;

use crate::Mono;

/// When an engine asks to be called, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The moment at the latest.
    pub at: Mono,
    /// The name of the timer that is due then, for people and logs.
    pub why: &'static str,
}

impl Timeout {
    /// The earliest of several; of two at one moment, the first.
    pub fn earliest(timeouts: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        timeouts.into_iter().flatten().min_by_key(|timeout| timeout.at)
    }
}

/// Declares the timers of one machine, each with its name: all that the enum has, in their order, are all there are.
#[macro_export]
macro_rules! timer_names {
    ($(#[$about:meta])* enum $Timer:ident { $($(#[$when:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        enum $Timer { $($(#[$when])* $variant,)+ }

        impl $crate::timers::TimerName for $Timer {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn index(self) -> usize {
                self as usize
            }

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

/// The timers of one machine, by name: declared by [`timer_names!`](crate::timer_names).
pub trait TimerName: Copy + 'static {
    /// All of them, each at its own index, in the order in which those due at one moment expire.
    const ALL: &'static [Self];

    /// Its index in [`Self::ALL`].
    fn index(self) -> usize;

    /// Its name for people and logs.
    fn name(self) -> &'static str;
}

/// A deadline for each of a machine's `N` timers, where it is set.
#[derive(Clone)]
pub struct Timers<T, const N: usize> {
    deadlines: [Option<Mono>; N],
    names: PhantomData<T>,
}

impl<T: TimerName, const N: usize> Default for Timers<T, N> {
    /// A table in which no timer is set.
    fn default() -> Self {
        const { assert!(T::ALL.len() == N, "a deadline for each name") };
        Self { deadlines: [None; N], names: PhantomData }
    }
}

impl<T: TimerName, const N: usize> Timers<T, N> {
    /// Sets a timer, whether it was set or not.
    pub fn set(&mut self, timer: T, at: Mono) {
        self.deadlines[timer.index()] = Some(at);
    }

    /// Stops a timer.
    pub fn stop(&mut self, timer: T) {
        self.deadlines[timer.index()] = None;
    }

    /// Stops all timers: the machine enters another state.
    pub fn stop_all(&mut self) {
        self.deadlines = [None; N];
    }

    /// The deadline of a timer, if it is set.
    #[must_use]
    pub fn get(&self, timer: T) -> Option<Mono> {
        self.deadlines[timer.index()]
    }

    /// Whether a timer is due.
    #[must_use]
    pub fn is_due(&self, timer: T, now: Mono) -> bool {
        self.get(timer).is_some_and(|at| at <= now)
    }

    /// Stops a timer if it is due, and tells whether it was.
    pub fn take_due(&mut self, timer: T, now: Mono) -> bool {
        self.take_late(timer, now).is_some()
    }

    /// Stops a timer if it is due, and tells how long it has been (milliseconds).
    pub fn take_late(&mut self, timer: T, now: Mono) -> Option<u64> {
        let at = self.get(timer).filter(|at| *at <= now)?;
        self.stop(timer);
        Some(now - at)
    }

    /// The earliest deadline, and its timer's name.
    #[must_use]
    pub fn next(&self) -> Option<Timeout> {
        Timeout::earliest(T::ALL.iter().map(|timer| {
            let at = self.get(*timer)?;
            Some(Timeout { at, why: timer.name() })
        }))
    }
}

impl<T, const N: usize> fmt::Debug for Timers<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deadlines.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    timer_names! {
        enum Timer {
            Boil = "boil",
            Burn = "burn",
        }
    }

    #[test]
    fn the_earliest_timer_says_when_and_why() {
        let mut timers: Timers<Timer, 2> = Timers::default();
        assert_eq!(timers.next(), None);
        timers.set(Timer::Burn, Mono(9));
        timers.set(Timer::Boil, Mono(10));
        assert_eq!(timers.next(), Some(Timeout { at: Mono(9), why: "burn" }));
        timers.set(Timer::Boil, Mono(9));
        assert_eq!(timers.next(), Some(Timeout { at: Mono(9), why: "boil" }), "the first of two");
        timers.stop(Timer::Boil);
        assert_eq!(timers.get(Timer::Boil), None);
        timers.stop_all();
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn a_timer_expires_once_and_not_before_its_time() {
        let mut timers: Timers<Timer, 2> = Timers::default();
        timers.set(Timer::Boil, Mono(10));
        assert!(!timers.take_due(Timer::Boil, Mono(9)));
        assert!(timers.is_due(Timer::Boil, Mono(10)));
        assert!(timers.take_due(Timer::Boil, Mono(10)));
        assert!(!timers.take_due(Timer::Boil, Mono(11)));
    }
}
