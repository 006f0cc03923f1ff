//! Delivery becomes uncertain, or certain again: over all brokers of an application at once.
//!
//! All of them are locked meanwhile. So nobody gets an offset after having been told that delivery is
//! uncertain, and whoever subscribes is told that it is, or that it is certain again.

use super::outcome::Outcome;
use super::state::Broker;
use crate::cluster::Cluster;
use crate::delivery::{Frame, Recipient};
use crate::socket_id::SocketId;
use echolite_protocol::extension;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Events may be lost from now on: tells so, and gives no positions until [`mark_certain`]. How many
/// were told.
pub(crate) fn mark_uncertain<R: Recipient, C: Cluster>(
    brokers: &mut [&mut Broker<R, C>],
    now: Duration,
    reason: &str,
) -> (usize, Vec<Outcome>) {
    let told = Frame::text(&extension::uncertain(reason));
    let reason: Arc<str> = reason.into();
    let outcomes = brokers.iter_mut().map(|broker| {
        broker.change(|broker, outcome| {
            broker.cluster.mark_uncertain(&reason);
            // What was decided before is told before.
            broker.take_news(now, outcome);
        })
    });
    let outcomes = outcomes.collect();
    (tell_followers(brokers, &told), outcomes)
}

/// Every event comes again: tells so, and before that the new epochs.
pub(crate) fn mark_certain<R: Recipient, C: Cluster>(
    brokers: &mut [&mut Broker<R, C>],
    now: Duration,
) -> Vec<Outcome> {
    let outcomes = brokers.iter_mut().map(|broker| {
        broker.change(|broker, outcome| {
            let followed = broker.hub.followed().cloned().collect();
            let epochs = broker.cluster.mark_certain(now, followed);
            broker.take_news(now, outcome);
            for (channel, position) in epochs {
                let told = Frame::text(&extension::new_epoch(channel.as_str(), &position));
                let followers = broker.hub.followers(&channel);
                followers.for_each(|follower| follower.send(told.clone()));
            }
        })
    });
    let outcomes = outcomes.collect();
    tell_followers(brokers, &Frame::text(&extension::certain()));
    outcomes
}

/// Tells all who asked for positions, each once, on however many channels; how many they are.
fn tell_followers<R: Recipient, C: Cluster>(brokers: &[&mut Broker<R, C>], told: &Frame) -> usize {
    let followers = brokers.iter().flat_map(|broker| broker.hub.all_followers());
    let followers: BTreeMap<SocketId, &R> = followers.collect();
    followers.values().for_each(|follower| follower.send(told.clone()));
    followers.len()
}
