//! One webhook's queue: what goes together, and when it is tried again. Pure.

use super::event::{Event, Source};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// How long events are gathered before they go out together.
const GATHERING: Duration = Duration::from_millis(100);
/// The most events of one request.
const TOGETHER: usize = 100;
/// The most events that wait for an address that does not answer.
const WAITING: usize = 10_000;
/// The pause after a first failure; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a request is repeated, as Pusher does.
const PATIENCE: Duration = Duration::from_secs(300);

/// One webhook's queue.
#[derive(Debug, Default)]
pub(super) struct Hook {
    queue: VecDeque<(Duration, Arc<Event>)>,
    /// Counts of waiting events by source.
    sources: HashMap<Source, usize>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// There is nothing to send.
    #[default]
    Idle,
    /// More may come, and is sent with it.
    Gathering { until: Duration },
    /// A request is under way.
    Sending(Attempt),
    /// A request failed, and will be repeated.
    Pausing { attempt: Attempt, until: Duration },
}

#[derive(Clone, Debug)]
struct Attempt {
    batch: Batch,
    /// When the first attempt began.
    began: Duration,
    /// How many attempts failed.
    failures: u32,
}

/// The events of one request.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// When the first of them happened.
    pub(crate) since: Duration,
    pub(crate) events: Arc<[Arc<Event>]>,
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The address took the events.
    Delivered,
    /// It did not, and will be asked again.
    Again {
        /// When.
        at: Duration,
    },
    /// It did not for too long: so many events are lost.
    GivenUp(usize),
}

impl Hook {
    /// Queues an event; how many older ones had to go for it.
    ///
    /// If too much waits, removes the oldest event of the source that has the most, so that one client that joins and
    /// leaves in a loop does not push out what others did.
    pub(super) fn push(&mut self, now: Duration, event: Arc<Event>) -> usize {
        *self.sources.entry(event.source()).or_default() += 1;
        self.queue.push_back((now, event));
        if matches!(self.state, State::Idle) {
            self.state = State::Gathering { until: now + GATHERING };
        }
        if self.queue.len() <= WAITING {
            return 0;
        }
        let most = self.sources.values().max().copied().unwrap_or_default();
        let of_most =
            |(_, event): &(_, Arc<Event>)| self.sources.get(&event.source()) == Some(&most);
        let at = self.queue.iter().position(of_most).unwrap_or_default();
        if let Some((_, event)) = self.queue.remove(at) {
            self.leaves(&event);
        }
        1
    }

    /// An event does not wait any more.
    fn leaves(&mut self, event: &Event) {
        if let Entry::Occupied(mut count) = self.sources.entry(event.source()) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// The events to send now. [`Self::on_answer`] must be told what came of it.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<Batch> {
        let attempt = match std::mem::take(&mut self.state) {
            State::Gathering { until } if until <= now => {
                let (since, _) = *self.queue.front()?;
                let count = self.queue.len().min(TOGETHER);
                let events: Arc<[_]> = self.queue.drain(..count).map(|(_, event)| event).collect();
                events.iter().for_each(|event| self.leaves(event));
                Attempt { batch: Batch { since, events }, began: now, failures: 0 }
            }
            State::Pausing { attempt, until } if until <= now => attempt,
            other => {
                self.state = other;
                return None;
            }
        };
        let batch = attempt.batch.clone();
        self.state = State::Sending(attempt);
        Some(batch)
    }

    /// What came of the request under way.
    pub(super) fn on_answer(&mut self, now: Duration, delivered: bool) -> Option<Outcome> {
        let State::Sending(attempt) = &mut self.state else { return None };
        let pause = FIRST_PAUSE.saturating_mul(1 << attempt.failures.min(16)).min(LONGEST_PAUSE);
        let at = now + pause;
        if !delivered && at <= attempt.began + PATIENCE {
            attempt.failures += 1;
            self.state = State::Pausing { attempt: attempt.clone(), until: at };
            return Some(Outcome::Again { at });
        }
        let lost = attempt.batch.events.len();
        self.state = match self.queue.is_empty() {
            true => State::Idle,
            false => State::Gathering { until: now },
        };
        Some(if delivered { Outcome::Delivered } else { Outcome::GivenUp(lost) })
    }

    /// Lets everything go out at once: there is no later.
    pub(super) fn hurry(&mut self, now: Duration) {
        if let State::Gathering { until } | State::Pausing { until, .. } = &mut self.state {
            *until = now;
        }
    }

    /// When [`Self::take_due`] has something.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match self.state {
            State::Gathering { until } | State::Pausing { until, .. } => Some(until),
            State::Idle | State::Sending(_) => None,
        }
    }

    /// Whether everything is sent, or failed a first time.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state, State::Idle | State::Pausing { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::WebhookEvent;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn event() -> Arc<Event> {
        Arc::new(Event::channel(WebhookEvent::ChannelOccupied, "news"))
    }

    #[test]
    fn what_happens_together_is_sent_together() {
        let mut hook = Hook::default();
        hook.push(at(0), event());
        hook.push(at(99), event());
        assert_eq!(hook.deadline(), Some(at(100)));
        assert!(hook.take_due(at(99)).is_none());
        let batch = hook.take_due(at(100)).unwrap();
        assert_eq!((batch.since, batch.events.len()), (at(0), 2));
        // One request at a time: what comes meanwhile goes with the next.
        hook.push(at(150), event());
        assert!(hook.take_due(at(900)).is_none());
        assert_eq!(hook.on_answer(at(900), true), Some(Outcome::Delivered));
        assert_eq!(hook.take_due(at(900)).unwrap().events.len(), 1);
        assert_eq!(hook.on_answer(at(950), true), Some(Outcome::Delivered));
        assert_eq!((hook.deadline(), hook.is_settled()), (None, true));
    }

    #[test]
    fn a_request_has_a_hundred_events_at_most() {
        let mut hook = Hook::default();
        (0..150).for_each(|_| _ = hook.push(at(0), event()));
        assert_eq!(hook.take_due(at(100)).unwrap().events.len(), 100);
        hook.on_answer(at(200), true);
        assert_eq!(hook.take_due(at(200)).unwrap().events.len(), 50);
    }

    #[test]
    fn a_failure_is_repeated_with_growing_pauses_for_five_minutes() {
        let mut hook = Hook::default();
        hook.push(at(0), event());
        let mut now = at(100);
        let mut pauses = vec![];
        let lost = loop {
            assert_eq!(hook.take_due(now).unwrap().events.len(), 1);
            match hook.on_answer(now, false).unwrap() {
                Outcome::Again { at } => {
                    pauses.push((at - now).as_secs());
                    assert!(hook.take_due(at - Duration::from_millis(1)).is_none());
                    now = at;
                }
                Outcome::GivenUp(lost) => break lost,
                Outcome::Delivered => unreachable!(),
            }
        };
        assert_eq!((pauses, lost), (vec![1, 2, 4, 8, 16, 32, 60, 60, 60], 1));
        assert!(hook.is_settled());
        assert_eq!(hook.deadline(), None);
    }

    #[test]
    fn after_a_failure_came_right_the_rest_follows() {
        let mut hook = Hook::default();
        hook.push(at(0), event());
        hook.take_due(at(100));
        hook.on_answer(at(100), false);
        hook.push(at(200), event());
        assert_eq!(hook.deadline(), Some(at(1_100)));
        assert_eq!(hook.take_due(at(1_100)).unwrap().since, at(0));
        hook.on_answer(at(1_100), true);
        assert_eq!(hook.take_due(at(1_100)).unwrap().since, at(200));
    }

    #[test]
    fn the_oldest_goes_when_too_much_waits() {
        let mut hook = Hook::default();
        for _ in 0..WAITING {
            assert_eq!(hook.push(at(0), event()), 0);
        }
        assert_eq!(hook.push(at(1), event()), 1);
        assert_eq!(hook.queue.len(), WAITING);
    }

    #[test]
    fn one_client_in_a_loop_does_not_push_out_what_others_did() {
        let mut hook = Hook::default();
        let socket = crate::socket_id::SocketId::from_random;
        let occupied = |channel: &str, by: u64| {
            let event = Event::channel(WebhookEvent::ChannelOccupied, channel).by(socket(by));
            Arc::new(event)
        };
        let member =
            |user: &str| Arc::new(Event::member(WebhookEvent::MemberAdded, "presence-a", user));
        // What others did, before, between and after: by channel, by user, by client event.
        let said = crate::webhooks::ClientEvent {
            event: "client-a".into(),
            data: "1".into(),
            socket_id: "0.1".into(),
            user_id: None,
        };
        let others = [
            occupied("first", 1),
            member("1"),
            Arc::new(Event::client("private-a", said)),
            member("2"),
        ];
        let mut lost = 0;
        let mut others_come = others.iter().cloned();
        for n in 0..3 * WAITING {
            if n % WAITING == 0 {
                lost += others_come.next().map_or(0, |event| hook.push(at(0), event));
            }
            // Many channels, and one user in many connections.
            lost += hook.push(at(0), occupied(&format!("loop-{n}"), 9));
            lost += hook.push(at(0), member("loop"));
        }
        lost += others_come.next().map_or(0, |event| hook.push(at(0), event));
        assert_eq!((hook.queue.len(), lost), (WAITING, 5 * WAITING + 4));
        let kept = |event: &Arc<Event>| hook.queue.iter().any(|(_, kept)| kept == event);
        assert!(others.iter().all(kept));
        // events that were sent do not count any more
        while !hook.queue.is_empty() {
            hook.take_due(at(1_000)).unwrap();
            hook.on_answer(at(1_000), true);
        }
        assert!(hook.sources.is_empty());
    }

    #[test]
    fn in_a_hurry_nothing_waits() {
        let mut hook = Hook::default();
        hook.push(at(0), event());
        hook.hurry(at(1));
        assert!(!hook.is_settled());
        assert!(hook.take_due(at(1)).is_some());
    }
}
