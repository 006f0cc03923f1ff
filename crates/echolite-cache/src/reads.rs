//! When a resource is read: never two at once, never in a storm (rule 12).

use echolite_core::backoff;

use super::trust::Stamp;
use crate::context::Context;
use crate::{Mono, Name, ReadFailure, ReadTarget, RequestId, Wall};

/// Between two reads of a list, at least; doubles while events keep coming.
const WINDOW: u64 = 1_000;
/// The longest window.
const LONGEST_WINDOW: u64 = 30_000;
/// A refresh that a broadcast asks for waits a random part of this, so that a crowd does not come at once.
const SPREAD: u64 = 250;
/// … and up to this for the largest crowds: a quarter of a millisecond a subscriber, as far as the server
/// tells how many there are.
const WIDEST_SPREAD: u64 = 5_000;
/// A first read waits so long for the subscription: one read then serves both.
const PATIENCE: u64 = 250;
/// A read not answered within this has failed.
const DEADLINE: u64 = 30_000;
/// When the subscription is confirmed, a read older than this is given up: it may hang on a dead network.
const HANGING: u64 = 3_000;
/// Polls of a hidden page are so many times rarer.
const HIDDEN: u64 = 6;

/// A read under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) request: RequestId,
    pub(crate) target: ReadTarget,
    pub(crate) url: Name,
    pub(crate) began: Stamp,
    pub(crate) at: Mono,
    pub(crate) as_of: Wall,
}

/// Reads in a row that contradict what was known when the first of them began.
#[derive(Clone, Copy, Debug)]
struct Suspects {
    count: u32,
    since: Mono,
    began: Stamp,
}

/// What kind of reading the situation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Subscribed: read what is in doubt, verify now and then.
    Live { doubted: bool },
    /// On the way to a subscription: a first read need not wait for ever.
    Settling { empty: bool },
    /// No subscription to be had: poll.
    Polling { hidden: bool },
}

/// The schedule of one resource's reads.
#[derive(Clone, Debug)]
pub(crate) struct Reads {
    flight: Option<Flight>,
    /// A doubt asks for a read from then on.
    doubt_due: Mono,
    /// A first read starts at the latest then.
    patience: Mono,
    /// The window between two list reads, and when it opens again.
    window: u64,
    window_opens: Mono,
    /// After a failure, or while a replica lags: not before.
    not_before: Mono,
    failures: u32,
    failure: Option<ReadFailure>,
    /// When the last list read began, and the pause to the next poll.
    last: Option<Mono>,
    poll_pause: u64,
    suspects: Option<Suspects>,
    spread: u64,
}

impl Reads {
    pub(crate) fn new(now: Mono) -> Self {
        Self {
            flight: None,
            doubt_due: now,
            patience: now + PATIENCE,
            window: WINDOW,
            window_opens: now,
            not_before: now,
            failures: 0,
            failure: None,
            last: None,
            poll_pause: 0,
            suspects: None,
            spread: SPREAD,
        }
    }

    /// How many subscribers a channel of the resource has.
    pub(crate) fn crowd(&mut self, subscribers: u64) {
        self.spread = (subscribers / 4).clamp(SPREAD, WIDEST_SPREAD);
    }

    pub(crate) fn flight(&self) -> Option<&Flight> {
        self.flight.as_ref()
    }

    /// Why the last read failed, until one succeeds.
    pub(crate) fn failure(&self) -> Option<&ReadFailure> {
        self.failure.as_ref()
    }

    pub(crate) fn is_suspecting(&self) -> bool {
        self.suspects.is_some()
    }

    /// Whether events come faster than reads may follow.
    pub(crate) fn is_changing(&self) -> bool {
        self.window > WINDOW
    }

    /// A broadcast put the list in doubt.
    pub(crate) fn broadcast<P>(&mut self, already: bool, cx: &mut Context<'_, P>) {
        if !already {
            self.doubt_due = cx.now.mono + cx.jitter(self.spread);
        }
    }

    /// The application asked: no jitter, no window.
    pub(crate) fn requested(&mut self, now: Mono) {
        self.doubt_due = now;
        self.window_opens = now;
        self.not_before = now;
    }

    /// The subscription was confirmed: what failed without it may be tried at once.
    pub(crate) fn confirmed<P>(&mut self, empty: bool, cx: &mut Context<'_, P>) {
        let now = cx.now.mono;
        self.doubt_due = if empty { now } else { now + cx.jitter(self.spread) };
        self.not_before = now;
        self.failures = 0;
        if self.flight.as_ref().is_some_and(|flight| now - flight.at > HANGING) {
            self.flight = None;
        }
    }

    /// Something shows that nothing was missed: the rows are verified an interval later, as after a read.
    pub(crate) fn vouched(&mut self, now: Mono) {
        self.last.get_or_insert(now);
    }

    /// The subscription was lost.
    pub(crate) fn unconfirmed(&mut self, now: Mono) {
        self.patience = now + PATIENCE;
        self.window = WINDOW;
    }

    /// When the list is to be read next.
    pub(crate) fn list_due(&self, mode: Mode, verify_interval: u64) -> Option<Mono> {
        if self.flight.is_some() {
            return None;
        }
        let earliest = self.window_opens.max(self.not_before);
        match mode {
            Mode::Live { doubted: true } => Some(self.doubt_due.max(earliest)),
            Mode::Live { doubted: false } => {
                self.last.map(|last| (last + verify_interval).max(earliest))
            }
            Mode::Settling { empty: true } => Some(self.patience.max(earliest)),
            Mode::Settling { empty: false } => None,
            Mode::Polling { hidden } => {
                let factor = if hidden { HIDDEN } else { 1 };
                Some(
                    self.last
                        .map_or(earliest, |last| (last + self.poll_pause * factor).max(earliest)),
                )
            }
        }
    }

    /// The pages of the list moved while they were read: later, perhaps, they stand still.
    pub(crate) fn moving(&mut self, now: Mono) {
        self.failures = 0;
        self.failure = None;
        self.window = (self.window * 2).min(LONGEST_WINDOW);
        self.window_opens = now + self.window;
    }

    /// When an outdated row is to be read next.
    pub(crate) fn row_due(&self) -> Option<Mono> {
        self.flight.is_none().then_some(self.not_before)
    }

    /// When the read under way has failed.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.flight.as_ref().map(|flight| flight.at + DEADLINE)
    }

    /// A read of the list begins: the next is paced from here.
    pub(crate) fn begin_list<P>(&mut self, poll_interval: u64, cx: &mut Context<'_, P>) {
        let now = cx.now.mono;
        self.last = Some(now);
        self.window_opens = now + self.window;
        // ±10 %, so that the polls of many pages drift apart
        self.poll_pause = poll_interval * 9 / 10 + cx.jitter(poll_interval / 5);
    }

    pub(crate) fn begin(&mut self, flight: Flight) {
        self.flight = Some(flight);
    }

    /// Takes the read under way, if this is its answer.
    pub(crate) fn end(&mut self, request: RequestId) -> Option<Flight> {
        self.flight.take_if(|flight| flight.request == request)
    }

    /// The read under way has not been answered in time.
    pub(crate) fn expire(&mut self, now: Mono) -> Option<Flight> {
        self.flight.take_if(|flight| flight.at + DEADLINE <= now)
    }

    /// A read brought something. `overtaken`: events put the list in doubt meanwhile.
    pub(crate) fn succeeded(&mut self, target: ReadTarget, overtaken: bool, now: Mono) {
        self.failures = 0;
        self.failure = None;
        self.suspects = None;
        if target == ReadTarget::Row {
            return;
        }
        let started = self.last.unwrap_or(now);
        self.window = if overtaken { (self.window * 2).min(LONGEST_WINDOW) } else { WINDOW };
        self.window_opens = started + self.window;
    }

    pub(crate) fn failed<P>(
        &mut self,
        failure: ReadFailure,
        polling: bool,
        cx: &mut Context<'_, P>,
    ) {
        self.failures += 1;
        let now = cx.now.mono;
        // polls have their own pace; only Retry-After slows them further
        let pause = match failure.retry_after {
            after if polling => after.unwrap_or(0),
            after => backoff::retry_pause(self.failures, after, cx.random),
        };
        self.not_before = now + pause;
        self.failure = Some(failure);
    }

    /// A read that began at `began` contradicts what is known since `known`. Returns how many did so in a row, and
    /// for how long: reads before something came to be known say nothing about it.
    pub(crate) fn suspect<P>(
        &mut self,
        (began, known): (Stamp, Stamp),
        cx: &mut Context<'_, P>,
    ) -> (u32, u64) {
        let now = cx.now.mono;
        let series = self.suspects.filter(|series| known <= series.began);
        let first = Suspects { count: 0, since: now, began };
        let Suspects { count, since, began } = series.unwrap_or(first);
        let count = count + 1;
        self.suspects = Some(Suspects { count, since, began });
        self.failure = None;
        self.not_before = now + backoff::retry_pause(count, None, cx.random);
        (count, now - since)
    }
}
