//! The task that calls an application at its time.

use crate::app::App;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use tokio::sync::Notify;
use tokio::time::timeout;

/// An application's clock. It runs from the first connection until the application is dropped.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    started: AtomicBool,
    bell: Arc<Notify>,
}

impl Clock {
    /// Lets the clock look again when the next thing is due: something was added.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Starts it, if it does not run yet. Needs a runtime, which an application that is only being
    /// configured has not.
    pub(crate) fn start(&self, app: &Arc<App>) {
        if !self.started.swap(true, Ordering::Relaxed) {
            tokio::spawn(run(Arc::downgrade(app), self.bell.clone()));
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.ring();
    }
}

async fn run(app: Weak<App>, bell: Arc<Notify>) {
    while let Some(app) = app.upgrade() {
        let now = app.now();
        for delivery in app.on_time(now) {
            app.clone().deliver(delivery);
        }
        let wait = app.deadline().map(|deadline| deadline.saturating_sub(now));
        drop(app);
        match wait {
            Some(wait) => {
                let _ = timeout(wait, bell.notified()).await;
            }
            None => bell.notified().await,
        }
    }
}
