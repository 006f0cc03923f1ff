//! Publishing and relaying: who gets an event, and in which form.

use super::outcome::Outcome;
use super::pending::Unnumbered;
use super::state::Broker;
use crate::cluster::{Answer, Ask, Cluster, PreparedEvent};
use crate::delivery::{Frame, Recipient};
use crate::hub::NumberedEvent;
use crate::socket_id::SocketId;
use echolite_protocol::ChannelName;
use std::time::Duration;
use tokio::sync::oneshot;

impl<R: Recipient, C: Cluster> Broker<R, C> {
    /// Publishes an event of a back end, when the cluster has numbered it.
    pub(crate) fn publish(&mut self, now: Duration, event: &PreparedEvent<'_>) -> Outcome {
        self.change(|broker, outcome| {
            let ticket = broker.ticket();
            match broker.cluster.ask(now, ticket, Ask::Number(event)) {
                Some(answer) => {
                    let event = (event.channel, &event.plain, event.except);
                    outcome.deliveries += broker.deliver(event, answer);
                }
                None => {
                    let (receipt, received) = oneshot::channel();
                    outcome.receipt = Some(received);
                    let (channel, plain) = (event.channel.clone(), event.plain.clone());
                    let waiting = Unnumbered { channel, plain, except: event.except, receipt };
                    broker.publications.insert(ticket, waiting);
                }
            }
        })
    }

    /// An event that waited has its number.
    pub(super) fn on_numbered(&mut self, event: Unnumbered, answer: Answer, outcome: &mut Outcome) {
        let Unnumbered { channel, plain, except, receipt } = event;
        outcome.deliveries += self.deliver((&channel, &plain, except), answer);
        // Who waited for it may have given up.
        let _ = receipt.send(());
    }

    /// Sends a client event to the channel's other subscribers.
    pub(crate) fn relay(
        &mut self,
        channel: &ChannelName,
        frame: &Frame,
        from: SocketId,
    ) -> Outcome {
        let deliveries = self.hub.send(channel, frame, None, Some(from));
        Outcome { deliveries, ..Outcome::default() }
    }

    /// Sends an event to all but the connection that caused it, which is told the position alone.
    fn deliver(
        &mut self,
        (channel, plain, except): (&ChannelName, &Frame, Option<SocketId>),
        answer: Answer,
    ) -> u64 {
        let Answer::Numbered { sequence, numbered } = answer else {
            debug_assert!(false, "an event is not answered by {answer:?}");
            return 0;
        };
        let Some((offset, numbered)) = &numbered else {
            return self.hub.send(channel, plain, Some(sequence), except);
        };
        let event = NumberedEvent { plain, numbered, offset: *offset };
        self.hub.send_numbered(channel, event, sequence, except)
    }
}
