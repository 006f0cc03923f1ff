//! The schedule of reads: never two at once, never in a storm (rule 12).

use echolite_core::backoff;
use fastrand::Rng;

use crate::flight::Flight;
use crate::freshness::Stamp;
use crate::{Mono, ReadFailure, ReadTarget, RequestId};

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
/// When the subscription is confirmed, a read older than this is given up: it may hang on a dead network.
const HANGING: u64 = 3_000;
/// Polls of a hidden page are so many times rarer.
const HIDDEN: u64 = 6;

/// Reads in a row that contradict what was known when the first of them began.
#[derive(Clone, Copy, Debug)]
struct Suspects {
    count: u32,
    since: Mono,
    began: Stamp,
}

/// How the situation asks a list to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Subscribed: read what is stale, verify now and then.
    Live { stale: bool },
    /// On the way to a subscription: a first read need not wait for ever.
    Settling { empty: bool },
    /// No subscription to be had: poll.
    Polling { hidden: bool },
}

/// The schedule of one resource's reads.
#[derive(Clone, Debug)]
pub(crate) struct ReadSchedule {
    flight: Option<Flight>,
    /// The moment at which the read under way began, or the last part of its answer came.
    heard: Mono,
    /// A list that became stale asks for a read from then on.
    stale_due: Mono,
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
    /// The last answer was of before what it was to settle: a cache on the way kept it.
    answered_old: bool,
    /// So many answers for single rows in a row were kept on the way; the next row is not read before then.
    old_rows: u32,
    rows_not_before: Mono,
    spread: u64,
}

impl ReadSchedule {
    pub(crate) fn new(now: Mono) -> Self {
        Self {
            flight: None,
            heard: now,
            stale_due: now,
            patience: now + PATIENCE,
            window: WINDOW,
            window_opens: now,
            not_before: now,
            failures: 0,
            failure: None,
            last: None,
            poll_pause: 0,
            suspects: None,
            answered_old: false,
            old_rows: 0,
            rows_not_before: now,
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

    /// Whether reads show what was before: of a replica that lags, or of a cache on the way.
    pub(crate) fn is_lagging(&self) -> bool {
        self.is_suspecting() || self.answered_old
    }

    /// Whether a cache on the way kept the last answer, which did not settle what it was to.
    pub(crate) fn is_answered_old(&self) -> bool {
        self.answered_old
    }

    /// A read ended. `old`: a cache on the way kept what it answered, and it did not settle what it was to.
    pub(crate) fn note_age(&mut self, old: bool) {
        self.answered_old = old;
    }

    /// A single row was answered. `old`: a cache on the way kept the answer, and is likely to give it again.
    pub(crate) fn pace_rows(&mut self, old: bool, now: Mono, random: &mut Rng) {
        self.old_rows = if old { self.old_rows + 1 } else { 0 };
        if old {
            self.rows_not_before = now + backoff::retry_pause(self.old_rows, None, random);
        }
    }

    /// The read under way, if this is its number.
    pub(crate) fn flight_of(&mut self, request: RequestId) -> Option<&mut Flight> {
        self.flight.as_mut().filter(|flight| flight.request == request)
    }

    /// Whether events come faster than reads may follow.
    pub(crate) fn is_changing(&self) -> bool {
        self.window > WINDOW
    }

    /// A broadcast marked the list as stale. `already`: it was before.
    pub(crate) fn broadcast(&mut self, already: bool, now: Mono, random: &mut Rng) {
        if !already {
            self.stale_due = now + jitter(self.spread, random);
        }
    }

    /// The list is to be read again then, and not before.
    pub(crate) fn wait_until(&mut self, due: Mono) {
        self.stale_due = due;
    }

    /// A broadcast came while a list that is stale already waits to be read.
    pub(crate) fn hasten(&mut self, now: Mono, random: &mut Rng) {
        self.stale_due = self.stale_due.min(now + jitter(self.spread, random));
    }

    /// The application asked: no jitter, no window.
    pub(crate) fn requested(&mut self, now: Mono) {
        self.stale_due = now;
        self.window_opens = now;
        self.not_before = now;
    }

    /// The subscription was confirmed: what failed without it may be tried at once.
    pub(crate) fn on_subscribed(&mut self, empty: bool, now: Mono, random: &mut Rng) {
        self.stale_due = if empty { now } else { now + jitter(self.spread, random) };
        self.not_before = now;
        self.failures = 0;
        if self.flight.as_ref().is_some_and(|_| now - self.heard > HANGING) {
            self.flight = None;
        }
    }

    /// The subscription was lost.
    pub(crate) fn on_unsubscribed(&mut self, now: Mono) {
        self.patience = now + PATIENCE;
        self.window = WINDOW;
    }

    /// The moment of the next read of the list; `verify`: that moment if nothing happens.
    pub(crate) fn list_due(&self, mode: Mode, verify: Mono) -> Option<Mono> {
        if self.flight.is_some() {
            return None;
        }
        let earliest = self.window_opens.max(self.not_before);
        match mode {
            Mode::Live { stale: true } => Some(self.stale_due.max(earliest)),
            Mode::Live { stale: false } => Some(verify.max(earliest)),
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

    /// When a stale row is to be read next.
    pub(crate) fn row_due(&self) -> Option<Mono> {
        self.flight.is_none().then_some(self.not_before.max(self.rows_not_before))
    }

    /// When the read under way has failed.
    /// `read_timeout`: how long nothing of an answer may come. However large a list is, it may come in its own time.
    pub(crate) fn answer_deadline(&self, read_timeout: u64) -> Option<Mono> {
        self.flight.as_ref().map(|_| self.heard + read_timeout)
    }

    /// A part of the answer to the read under way came.
    pub(crate) fn progress(&mut self, now: Mono) {
        self.heard = now;
    }

    /// A read of the list begins: the next is paced from here.
    pub(crate) fn begin_list(&mut self, poll_interval: u64, now: Mono, random: &mut Rng) {
        self.last = Some(now);
        self.window_opens = now + self.window;
        // ±10 %, so that the polls of many pages drift apart
        self.poll_pause = poll_interval * 9 / 10 + jitter(poll_interval / 5, random);
    }

    pub(crate) fn begin(&mut self, flight: Flight) {
        self.heard = flight.at;
        self.flight = Some(flight);
    }

    /// Takes the read under way, if this is its answer.
    pub(crate) fn end(&mut self, request: RequestId) -> Option<Flight> {
        self.flight.take_if(|flight| flight.request == request)
    }

    /// Gives the read under way up.
    pub(crate) fn give_up(&mut self) -> Option<Flight> {
        self.flight.take()
    }

    /// A read brought something. `overtaken`: events marked the list as stale meanwhile.
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

    /// A read failed. `polling`: polls have their own pace, only `Retry-After` slows them further.
    pub(crate) fn failed(
        &mut self,
        failure: ReadFailure,
        polling: bool,
        now: Mono,
        random: &mut Rng,
    ) {
        self.failures += 1;
        let pause = match failure.retry_after {
            after if polling => after.unwrap_or(0),
            after => backoff::retry_pause(self.failures, after, random),
        };
        self.not_before = now + pause;
        self.failure = Some(failure);
    }

    /// A read that began at `began` contradicts what is known since `known`. Returns how many did so in a row, and
    /// for how long: reads before something came to be known say nothing about it.
    pub(crate) fn suspect(
        &mut self,
        (began, known): (Stamp, Stamp),
        now: Mono,
        random: &mut Rng,
    ) -> (u32, u64) {
        let series = self.suspects.filter(|series| known <= series.began);
        let first = Suspects { count: 0, since: now, began };
        let Suspects { count, since, began } = series.unwrap_or(first);
        let count = count + 1;
        self.suspects = Some(Suspects { count, since, began });
        self.failure = None;
        self.not_before = now + backoff::retry_pause(count, None, random);
        (count, now - since)
    }
}

/// A random duration below `milliseconds`.
fn jitter(milliseconds: u64, random: &mut Rng) -> u64 {
    random.u64(0..milliseconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wall;

    const DEADLINE: u64 = 30_000;
    const VERIFY: Mono = Mono(300_000);
    const STALE: Mode = Mode::Live { stale: true };
    const FRESH: Mode = Mode::Live { stale: false };

    fn random() -> Rng {
        Rng::with_seed(1)
    }

    fn flight(request: RequestId, at: Mono) -> Flight {
        let (target, url, began) = (ReadTarget::List, "/".into(), Stamp::START);
        let (as_of, conditional) = (Wall(0), false);
        Flight { request, target, url, began, at, as_of, conditional, older: 0 }
    }

    /// A list that was read just now.
    fn read(now: Mono) -> ReadSchedule {
        let mut schedule = ReadSchedule::new(now);
        schedule.begin_list(5_000, now, &mut random());
        schedule.succeeded(ReadTarget::List, false, now);
        schedule
    }

    #[test]
    fn never_two_reads_at_once() {
        let mut schedule = ReadSchedule::new(Mono(0));
        assert_eq!(schedule.list_due(STALE, VERIFY), Some(Mono(0)));
        schedule.begin(flight(7, Mono(0)));
        assert_eq!((schedule.list_due(STALE, VERIFY), schedule.row_due()), (None, None));
        assert!(schedule.end(8).is_none() && schedule.end(7).is_some());
        assert!(schedule.row_due().is_some());
    }

    #[test]
    fn a_read_hangs_for_half_a_minute_or_until_a_new_subscription() {
        let mut schedule = ReadSchedule::new(Mono(0));
        schedule.begin(flight(1, Mono(0)));
        assert_eq!(schedule.answer_deadline(DEADLINE), Some(Mono(DEADLINE)));
        schedule.on_subscribed(true, Mono(HANGING), &mut random());
        assert!(schedule.flight().is_some());
        schedule.progress(Mono(HANGING));
        assert_eq!(schedule.answer_deadline(DEADLINE), Some(Mono(HANGING + DEADLINE)));
        schedule.on_subscribed(true, Mono(2 * HANGING), &mut random());
        assert!(schedule.flight().is_some(), "its answer is coming");
        schedule.on_subscribed(true, Mono(2 * HANGING + 1), &mut random());
        assert!(schedule.flight().is_none());
    }

    #[test]
    fn a_fresh_list_is_verified_and_a_stale_one_read_within_the_window() {
        let mut schedule = read(Mono(1_000));
        assert_eq!(schedule.list_due(FRESH, VERIFY), Some(VERIFY));
        schedule.broadcast(false, Mono(1_100), &mut random());
        assert_eq!(schedule.list_due(STALE, VERIFY), Some(Mono(1_000 + WINDOW)));
        schedule.requested(Mono(1_200));
        assert_eq!(schedule.list_due(STALE, VERIFY), Some(Mono(1_200)));
    }

    #[test]
    fn the_window_doubles_while_events_overtake_reads() {
        let mut schedule = read(Mono(0));
        for window in [2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            schedule.succeeded(ReadTarget::List, true, Mono(0));
            assert!(schedule.is_changing());
            assert_eq!(schedule.list_due(STALE, VERIFY), Some(Mono(window)));
        }
        schedule.succeeded(ReadTarget::Row, false, Mono(0));
        assert!(schedule.is_changing(), "a row says nothing of the list");
        schedule.succeeded(ReadTarget::List, false, Mono(0));
        assert!(!schedule.is_changing());
    }

    #[test]
    fn a_crowd_is_spread_up_to_five_seconds() {
        let mut random = random();
        for (subscribers, spread) in [(1, 250), (8_000, 2_000), (1_000_000, 5_000)] {
            let mut schedule = ReadSchedule::new(Mono(0));
            schedule.crowd(subscribers);
            let due = (0..200).map(|_| {
                schedule.broadcast(false, Mono(0), &mut random);
                schedule.list_due(STALE, VERIFY).map_or(0, |at| at.0)
            });
            let latest = due.max().unwrap_or_default();
            assert!((spread / 2..spread).contains(&latest), "{subscribers}: {latest}");
        }
    }

    #[test]
    fn polls_keep_their_pace_and_are_rarer_in_a_hidden_page() {
        let mut schedule = read(Mono(0));
        let due = |schedule: &ReadSchedule, hidden| {
            schedule.list_due(Mode::Polling { hidden }, VERIFY).map_or(0, |at| at.0)
        };
        assert!((4_500..5_500).contains(&due(&schedule, false)));
        assert_eq!(due(&schedule, true), due(&schedule, false) * HIDDEN);
        let failure = |after| ReadFailure { status: None, message: "".into(), retry_after: after };
        schedule.failed(failure(None), true, Mono(0), &mut random());
        assert!((4_500..5_500).contains(&due(&schedule, false)), "a failure slows nothing");
        schedule.failed(failure(Some(60_000)), true, Mono(0), &mut random());
        assert_eq!(due(&schedule, false), 60_000);
    }

    #[test]
    fn suspects_count_in_a_row_from_what_they_contradict() {
        let mut freshness = crate::freshness::Freshness::new(crate::Reason::Loading);
        let (known, first, later) = (freshness.now(), freshness.now(), freshness.now());
        let mut schedule = ReadSchedule::new(Mono(0));
        assert_eq!(schedule.suspect((first, known), Mono(0), &mut random()), (1, 0));
        assert_eq!(schedule.suspect((later, known), Mono(900), &mut random()), (2, 900));
        assert!(schedule.is_suspecting());
        let (news, last) = (freshness.now(), freshness.now());
        assert_eq!(
            schedule.suspect((last, news), Mono(1_000), &mut random()),
            (1, 0),
            "known since"
        );
        schedule.succeeded(ReadTarget::List, false, Mono(1_000));
        assert!(!schedule.is_suspecting());
    }

    #[test]
    fn a_lost_subscription_begins_the_window_and_the_patience_anew() {
        let mut schedule = read(Mono(0));
        schedule.succeeded(ReadTarget::List, true, Mono(0));
        assert!(schedule.is_changing());
        schedule.on_unsubscribed(Mono(60_000));
        assert!(!schedule.is_changing());
        let empty = Mode::Settling { empty: true };
        assert_eq!(schedule.list_due(empty, VERIFY), Some(Mono(60_000 + PATIENCE)));
    }

    #[test]
    fn the_polls_of_many_pages_drift_apart_by_a_tenth() {
        let polling = Mode::Polling { hidden: false };
        let pauses = (0..200).map(|seed| {
            let mut schedule = ReadSchedule::new(Mono(0));
            schedule.begin_list(5_000, Mono(0), &mut Rng::with_seed(seed));
            schedule.list_due(polling, VERIFY).map_or(0, |at| at.0)
        });
        let (least, most) = pauses.fold((u64::MAX, 0), |(a, b), at| (a.min(at), b.max(at)));
        assert!((4_500..4_600).contains(&least), "{least}");
        assert!((5_400..5_500).contains(&most), "{most}");
    }

    #[test]
    fn however_many_polls_fail_the_next_keeps_the_pace() {
        let mut schedule = read(Mono(0));
        for _ in 0..10 {
            let failure = ReadFailure { status: None, message: "".into(), retry_after: None };
            schedule.failed(failure, true, Mono(0), &mut random());
        }
        let due = schedule.list_due(Mode::Polling { hidden: false }, VERIFY);
        assert!((4_500..5_500).contains(&due.map_or(0, |at| at.0)), "{due:?}");
    }
}
