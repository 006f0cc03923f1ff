//! Publishing to an application's channels.

use super::App;
use super::publication::Publication;
use crate::cluster::PreparedEvent;

impl App {
    /// Publishes an event: one frame a channel, encoded once for all its subscribers, and once more
    /// with its offset where the channel keeps history. Returns when the event has its numbers.
    pub(crate) async fn publish(&self, event: &Publication) {
        let mut receipts = Vec::new();
        for channel in &event.channels {
            let event = PreparedEvent::new(channel, (&event.name, &event.data), event.except);
            let mut outcome = self.broker(channel).publish(self.now(), &event);
            receipts.extend(outcome.receipt.take());
            self.settle(outcome);
            self.stats.events_published.add(1);
        }
        for receipt in receipts {
            // It comes, however long the cluster takes: the broker keeps an event until it is numbered.
            let _ = receipt.await;
        }
    }
}
