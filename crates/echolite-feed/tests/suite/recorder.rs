//! A server that notes what it is sent, and fails as a test wants it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use echolite_feed::{Outgoing, Publish, PublishError};
use tokio::sync::watch;

pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// What becomes of one attempt; without a plan an event is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// The server is away.
    Away,
    /// The server will never have it.
    Refused,
    /// The attempt hangs before the server has the event.
    HangsBefore,
    /// The server has the event, and the answer never comes.
    HangsAfter,
}

#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    fates: Arc<Mutex<VecDeque<Fate>>>,
    taken: watch::Sender<Vec<Outgoing>>,
    attempts: watch::Sender<usize>,
}

impl Recorder {
    pub(crate) fn new(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self {
            fates: Arc::new(Mutex::new(fates.into_iter().collect())),
            taken: watch::Sender::default(),
            attempts: watch::Sender::default(),
        }
    }

    pub(crate) fn taken(&self) -> Vec<Outgoing> {
        self.taken.borrow().clone()
    }

    /// Waits until so many events were taken.
    pub(crate) async fn has_taken(&self, count: usize) -> Vec<Outgoing> {
        let mut taken = self.taken.subscribe();
        let reached = taken.wait_for(|taken| taken.len() >= count);
        let reached = tokio::time::timeout(DEADLINE, reached).await;
        let Ok(reached) = reached else {
            panic!("{count} events were expected; taken: {:?}", self.taken())
        };
        reached.expect("the sender lives").clone()
    }

    /// Waits until so many attempts were made.
    pub(crate) async fn was_tried(&self, count: usize) {
        let mut attempts = self.attempts.subscribe();
        let reached = attempts.wait_for(|attempts| *attempts >= count);
        let reached = tokio::time::timeout(DEADLINE, reached).await;
        assert!(reached.is_ok(), "{count} attempts were expected");
    }
}

impl Publish for Recorder {
    async fn publish(&self, event: &Outgoing) -> Result<(), PublishError> {
        let fate = self.fates.lock().expect("nobody panicked").pop_front();
        let failed =
            |reason: &str, is_transient| PublishError { reason: reason.into(), is_transient };
        if matches!(fate, None | Some(Fate::HangsAfter)) {
            self.taken.send_modify(|taken| taken.push(event.clone()));
        }
        self.attempts.send_modify(|attempts| *attempts += 1);
        match fate {
            None => Ok(()),
            Some(Fate::Away) => Err(failed("away", true)),
            Some(Fate::Refused) => Err(failed("too large", false)),
            Some(Fate::HangsBefore | Fate::HangsAfter) => std::future::pending().await,
        }
    }
}
