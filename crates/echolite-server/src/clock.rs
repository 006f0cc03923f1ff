//! The task that calls an application at its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;

/// Something that has things to do at their times.
pub(crate) trait Timed: Send + Sync + 'static {
    /// Does what is due, and gives the time until the next thing is.
    fn on_time(self: Arc<Self>) -> Option<Duration>;
}

/// The clock of one [`Timed`]. It runs from the first connection until the application is dropped.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    started: AtomicBool,
    wake: Arc<Notify>,
}

impl Clock {
    /// Makes the clock ask again when the next thing is due, because something was added.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Starts it, unless it runs already. Needs a runtime, which an application that is only being
    /// configured does not have.
    pub(crate) fn start(&self, timed: &Arc<impl Timed>) {
        if !self.started.swap(true, Ordering::Relaxed) {
            tokio::spawn(run(Arc::downgrade(timed), self.wake.clone()));
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.wake();
    }
}

async fn run(timed: Weak<impl Timed>, wake: Arc<Notify>) {
    while let Some(timed) = timed.upgrade() {
        match timed.on_time() {
            Some(wait) => {
                let _ = timeout(wait, wake.notified()).await;
            }
            None => wake.notified().await,
        }
    }
}
