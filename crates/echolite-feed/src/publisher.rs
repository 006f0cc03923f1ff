//! Publishes from the outbox, in order, until it is told to end.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::error::Result;
use crate::feed::{ResourceFeed, Retention};
use crate::outbox::{Entry, Outbox, Turn};
use crate::publish::{Publish, PublishError};

/// While another publisher is at work, the first look after it; each further one waits twice as long.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A turn this long is worth a warning: a publisher gives it back after each event, or when nothing waits.
const LONG_TURN: Duration = Duration::from_secs(120);
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

/// How often a publisher looks and tries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublisherOptions {
    /// Pause between looks into the outbox, when no commit of this process wakes the publisher: what another
    /// process left is found by it.
    pub look_every: Duration,
    /// The pause after a first failure. It doubles with each one, and half of it is random.
    pub first_pause: Duration,
    /// The longest pause after a failure.
    pub longest_pause: Duration,
    /// For how long what is no longer needed stays.
    pub retention: Retention,
}

impl Default for PublisherOptions {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(1),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
            retention: Retention::default(),
        }
    }
}

/// A publisher at work. Dropped, it stops at once; what it has not published waits in the outbox.
#[derive(Debug)]
#[must_use = "a publisher that is dropped publishes nothing"]
pub struct Publisher {
    work: JoinHandle<()>,
    end: Option<oneshot::Sender<()>>,
}

impl<D> ResourceFeed<D>
where
    Self: Outbox,
{
    /// Starts a publisher. Every process may have one: they take turns, so that no two events are swapped.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn publish_to(&self, target: impl Publish, options: PublisherOptions) -> Publisher {
        let (end, ended) = oneshot::channel();
        let work = Work { outbox: self.clone(), target, options };
        Publisher { work: tokio::spawn(work.go_on(ended)), end: Some(end) }
    }
}

impl Publisher {
    /// Publishes what waits at this moment, if the server takes it, and ends. What is committed later waits for the next
    /// start, so steady writes do not keep it from ending.
    pub async fn shutdown(mut self) {
        if let Some(end) = self.end.take() {
            // An error means that it has ended already.
            let _ = end.send(());
        }
        if let Err(error) = (&mut self.work).await {
            tracing::error!(%error, "the publisher broke off");
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// The task behind a publisher.
struct Work<O, P> {
    outbox: O,
    target: P,
    options: PublisherOptions,
}

/// How a look into the outbox ended.
enum Look {
    /// Nothing waits any more.
    Empty,
    /// Nothing waits of what was there when the publisher was told to end.
    Ended,
    /// Another publisher is at work.
    Busy,
    /// The server did not take an event, and may later.
    Failed,
}

impl<O: Outbox, P: Publish> Work<O, P> {
    async fn go_on(self, mut ended: oneshot::Receiver<()>) {
        let PublisherOptions { look_every, first_pause, longest_pause, .. } = self.options;
        let (mut failures, mut busy) = (Pauses::new(first_pause), Pauses::new(LOOK_AGAIN));
        let mut tidied: Option<Instant> = None;
        let mut long_turn = LongTurn::default();
        loop {
            let look = self.look(Some(&mut ended)).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox cannot be read; trying again");
                Look::Failed
            });
            if tidied.is_none_or(|tidied| tidied.elapsed() >= TIDY_EVERY) {
                tidied = Some(Instant::now());
                if let Err(error) = self.outbox.tidy(&self.options.retention).await {
                    tracing::warn!(%error, "old changes and keys were not deleted");
                }
            }
            long_turn.warn_once(&look);
            let (pause, may_wake) = match look {
                Look::Ended => return,
                Look::Empty => {
                    (failures, busy) = (Pauses::new(first_pause), Pauses::new(LOOK_AGAIN));
                    (look_every, true)
                }
                Look::Busy => (busy.next(look_every), false),
                // A commit is no reason to try a server earlier that is away.
                Look::Failed => (failures.next(longest_pause), false),
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = self.outbox.committed(), if may_wake => {}
                _ = &mut ended => break,
            }
        }
        if let Err(error) = self.look(None).await {
            tracing::error!(%error, "the outbox cannot be read; what waits is published at the next start");
        }
    }

    /// Publishes what waits, the oldest first. Once `ended` is told, or without it from the beginning, what comes later is
    /// left.
    async fn look(&self, mut ended: Option<&mut oneshot::Receiver<()>>) -> Result<Look> {
        let Some(mut turn) = self.outbox.turn().await? else { return Ok(Look::Busy) };
        let mut last = None;
        loop {
            let Some(waiting) = turn.waiting().await? else { return Ok(Look::Busy) };
            let is_told = |ended: &mut &mut oneshot::Receiver<()>| {
                !matches!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty))
            };
            if last.is_none() && ended.as_mut().is_none_or(is_told) {
                last = Some(turn.last().await?);
            }
            let is_done = |entry: &Entry| last.is_some_and(|last| entry.id > last);
            if waiting.first().is_none_or(is_done) {
                turn.end().await?;
                return Ok(if last.is_some() { Look::Ended } else { Look::Empty });
            }
            for entry in waiting {
                if is_done(&entry) {
                    break;
                }
                match self.publish(&entry.event).await {
                    Ok(()) => turn.published(entry.id).await?,
                    Err(error) if error.is_transient => {
                        let event = &entry.event.name;
                        tracing::warn!(event, %error, "an event is tried again");
                        turn.end().await?;
                        return Ok(Look::Failed);
                    }
                    Err(error) => {
                        let event = &entry.event.name;
                        tracing::error!(event, %error, "an event is given up; it stays in the outbox");
                        turn.refused(entry.id, &error.reason).await?;
                    }
                }
            }
        }
    }

    /// An event that the server refuses for what it carries (a row too large for it) is still worth its head:
    /// who hears that reads.
    async fn publish(&self, event: &crate::Outgoing) -> std::result::Result<(), PublishError> {
        let Err(error) = self.target.publish(event).await else { return Ok(()) };
        if error.is_transient {
            return Err(error);
        }
        let Ok(bare) = event.heads_alone() else { return Err(error) };
        let name = &event.name;
        tracing::warn!(event = name, %error, "an event is published without its payload");
        self.target.publish(&bare).await
    }
}

/// The turn of another publisher, which may hang: then nobody publishes.
#[derive(Default)]
struct LongTurn {
    since: Option<Instant>,
    is_told: bool,
}

impl LongTurn {
    /// Says once that the turn has not changed hands for long.
    fn warn_once(&mut self, look: &Look) {
        if !matches!(look, Look::Busy) {
            *self = Self::default();
            return;
        }
        let seconds = self.since.get_or_insert_with(Instant::now).elapsed().as_secs();
        if seconds >= LONG_TURN.as_secs() && !self.is_told {
            self.is_told = true;
            tracing::warn!(
                seconds,
                "another publisher has had the turn all the time, and nothing is published here; if it hangs, end it: \
                 its lock ends with its connection to the database"
            );
        }
    }
}

/// Pauses that double.
struct Pauses {
    next: Duration,
}

impl Pauses {
    const fn new(first: Duration) -> Self {
        Self { next: first }
    }

    /// Between half of the pause and all of it, so that many processes do not come back together.
    fn next(&mut self, longest: Duration) -> Duration {
        let pause = self.next.min(longest);
        self.next = (pause * 2).min(longest);
        pause.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}
