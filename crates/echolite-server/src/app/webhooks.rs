//! Telling an application's webhooks.

use super::App;
use crate::webhooks::{Note, WebhookRequest};
use std::sync::Arc;
use std::time::Duration;

/// How long stopping waits until the last events are sent, and how often it looks.
const LAST_SENDING: Duration = Duration::from_secs(3);
const LAST_SENDING_LOOK: Duration = Duration::from_millis(10);
/// So many lost events are one line in the log.
const LOST_LOGGED: u64 = 1_000;

/// Whether the first lost event of a line is among those that are lost now.
fn is_logged(before: u64, lost: u64) -> bool {
    before.div_ceil(LOST_LOGGED) != (before + lost).div_ceil(LOST_LOGGED)
}

impl App {
    /// Tells the webhooks, if there are any.
    pub(super) fn note_all(&self, notes: Vec<Note>) {
        if notes.is_empty() || self.config().webhooks.is_empty() {
            return;
        }
        let mut webhooks = self.webhooks.lock();
        let before = webhooks.deadline();
        let now = self.now();
        let lost: usize = notes.into_iter().map(|note| webhooks.take(now, note)).sum();
        if webhooks.deadline() != before {
            self.clock.wake();
        }
        drop(webhooks);
        if lost > 0 {
            let before = self.stats.webhook_events_lost.get();
            self.stats.webhook_events_lost.add(lost as u64);
            if is_logged(before, lost as u64) {
                let app = &self.config().app_id;
                tracing::warn!(app, "too many events wait for a webhook; the oldest are lost");
            }
        }
    }

    /// Posts events to a webhook, in a task of its own.
    #[cfg(feature = "http-client")]
    pub(super) fn post(self: Arc<Self>, request: WebhookRequest) {
        tokio::spawn(async move {
            let Some(sender) = &self.sender else { return };
            let age = self.now().saturating_sub(request.batch.since);
            let result = sender.post(&request, age).await;
            self.on_posted(&request, result);
        });
    }

    /// Without an HTTP client there are no webhooks.
    #[cfg(not(feature = "http-client"))]
    pub(super) fn post(self: Arc<Self>, _: WebhookRequest) {}

    #[cfg(feature = "http-client")]
    fn on_posted(&self, request: &WebhookRequest, result: Result<(), String>) {
        use crate::shown::shown_address;
        use crate::webhooks::Outcome;
        let delivered = result.is_ok();
        let outcome = self.webhooks.lock().on_answer(self.now(), request.hook, delivered);
        let app = &self.config().app_id;
        // Neither credentials nor the path, which may be a secret, too.
        let url = shown_address(&self.config().webhooks[request.hook].url);
        let why = result.err().unwrap_or_default();
        match outcome {
            None | Some(Outcome::Delivered) => self.stats.webhooks_delivered.add(1),
            Some(Outcome::Again { at }) => {
                let pause = at.saturating_sub(self.now()).as_secs_f32();
                tracing::warn!(app, url, why, pause, "a webhook did not take its events; again");
            }
            Some(Outcome::GivenUp(lost)) => {
                self.stats.webhook_events_lost.add(lost as u64);
                tracing::error!(app, url, why, lost, "a webhook did not take its events; lost");
            }
        }
        self.clock.wake();
    }

    /// The server stops and forgets who was there: tells the webhooks, and waits a while until they
    /// took it.
    pub(crate) async fn finish(&self) {
        self.end_grace_times(Duration::MAX);
        if self.config().webhooks.is_empty() {
            return;
        }
        self.webhooks.lock().hurry(self.now());
        self.clock.wake();
        let settled = async {
            while !self.webhooks.lock().is_settled() {
                tokio::time::sleep(LAST_SENDING_LOOK).await;
            }
        };
        let _ = tokio::time::timeout(LAST_SENDING, settled).await;
    }
}

#[cfg(test)]
mod tests {
    use super::is_logged;

    #[test]
    fn of_lost_events_the_first_and_then_each_thousandth_is_a_line_in_the_log() {
        let lost = [(0, 1), (0, 1_000), (1_000, 1), (999, 2), (1, 5_000)];
        assert!(lost.into_iter().all(|(before, lost)| is_logged(before, lost)));
        let lost = [(1, 1), (1, 999), (999, 1), (1_001, 999)];
        assert!(!lost.into_iter().any(|(before, lost)| is_logged(before, lost)));
    }
}
