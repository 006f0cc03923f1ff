//! History of an application's channels: keeping events, replaying them, and saying when nobody can
//! be sure.

use super::{App, AppHub, deliver};
use crate::config::AppConfig;
use crate::delivery::{Frame, Outbox};
use crate::hub::{HistoryUsage, Hub, Keeping, Recover, Replay, Share};
use crate::shards::SHARDS;
use crate::socket_id::SocketId;
use echolite_protocol::ChannelName;
use echolite_protocol::extension::{self, Position};
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;

/// The hubs of an application, which divide the memory for history among them.
pub(super) fn hubs(config: &AppConfig) -> [Mutex<AppHub>; SHARDS] {
    let histories: Arc<[_]> = config.history.as_slice().into();
    let memory = config.history_memory / SHARDS;
    std::array::from_fn(|_| {
        let keeping = Keeping { histories: histories.clone(), memory, seed: fastrand::u64(..) };
        Mutex::new(Hub::keeping(keeping))
    })
}

/// Where a client was, and how much its connection can take. Some room is left for what comes live.
pub(super) fn recovering(position: Position, outbox: &Outbox) -> Recover {
    let room = outbox.room();
    Recover { position, room: room - room / 4 }
}

impl App {
    /// Sends what was missed, after the confirmation; whether it was all there.
    pub(super) fn replay(&self, replay: Replay<Frame>, outbox: &Outbox) -> bool {
        match replay {
            Replay::NotAsked => false,
            Replay::NotCovered => {
                self.stats.replays_refused.add(1);
                false
            }
            Replay::Covered(missed) => {
                self.stats.replays_served.add(1);
                self.stats.events_replayed.add(missed.len() as u64);
                missed.into_iter().for_each(|frame| outbox.push(frame));
                true
            }
        }
    }

    /// What is held of all channels' history.
    pub(crate) fn held(&self) -> HistoryUsage {
        let mut held = HistoryUsage::default();
        self.hubs().for_each(|hub| held += hub.held());
        held
    }

    /// Events may be lost from now on: tells so, and gives no positions until [`Self::mark_certain`].
    pub(crate) fn mark_uncertain(&self, reason: &str) {
        let reason = Arc::from(reason);
        let told = Frame::text(&extension::uncertain(&reason));
        // All hubs at once: nobody gets an offset after having been told.
        let mut hubs: Vec<_> = self.hubs().collect();
        let followers = tell_followers(&hubs, &told);
        hubs.iter_mut().for_each(|hub| hub.mark_uncertain(&reason));
        let app = &self.config().app_id;
        tracing::warn!(app, %reason, followers, "delivery is uncertain; history is forgotten");
    }

    /// Every event comes again: tells so, and before that the new epochs.
    pub(crate) fn mark_certain(&self) {
        // All hubs at once: who subscribes is told that it is uncertain, or that it is certain again.
        let mut hubs: Vec<_> = self.hubs().collect();
        for hub in &mut hubs {
            for (channel, position) in hub.mark_certain(self.now()) {
                let told = Frame::text(&extension::new_epoch(channel.as_str(), &position));
                hub.followers(&channel).for_each(|outbox| outbox.push(told.clone()));
            }
        }
        tell_followers(&hubs, &Frame::text(&extension::certain()));
        drop(hubs);
        self.clock.wake();
        tracing::info!(app = self.config().app_id, "delivery is certain again, in new epochs");
    }
}

/// Tells all who asked for positions, each once, on however many channels; how many they are.
fn tell_followers(hubs: &[MutexGuard<'_, AppHub>], told: &Frame) -> usize {
    let mut followers: Vec<_> = hubs.iter().flat_map(|hub| hub.all_followers()).collect();
    followers.sort_unstable_by_key(|outbox| Arc::as_ptr(outbox));
    followers.dedup_by(|a, b| Arc::ptr_eq(a, b));
    followers.iter().for_each(|outbox| outbox.push(told.clone()));
    followers.len()
}

/// An event in the forms in which it is sent, each encoded once.
pub(super) struct Forms {
    pub(super) plain: Frame,
    /// Number and frame, where the channel keeps history.
    pub(super) numbered: Option<(u64, Frame)>,
}

impl Forms {
    /// Sends the event to everybody; how many get it.
    pub(super) fn deliver(
        &self,
        hub: &AppHub,
        channel: &ChannelName,
        except: Option<SocketId>,
    ) -> u64 {
        let Some((offset, numbered)) = &self.numbered else {
            return deliver(hub, channel, &self.plain, except);
        };
        let mut deliveries = 0;
        for (outbox, share) in hub.shares(channel, except) {
            let frame = match share {
                Share::Plain => &self.plain,
                Share::Numbered => numbered,
                Share::Position => {
                    outbox.push(Frame::text(&extension::position(channel.as_str(), *offset)));
                    continue;
                }
            };
            outbox.push(frame.clone());
            deliveries += 1;
        }
        deliveries
    }
}
