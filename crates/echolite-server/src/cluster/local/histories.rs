//! What the histories of all channels take, and whether they can be trusted.

use super::history::Limits;
use crate::cluster::usage::HistoryUsage;
use crate::config::HistoryConfig;
use echolite_protocol::ChannelName;
use std::sync::Arc;

/// Settings of what is kept of events, and the seed of epochs.
#[derive(Debug, Default)]
pub(crate) struct Keeping {
    /// The first that covers a channel is its history.
    pub(crate) histories: Arc<[HistoryConfig]>,
    /// The most bytes of all channels' history.
    pub(crate) memory: usize,
    /// Random: no other cluster, of this server or of one before, has the same.
    pub(crate) seed: u64,
}

/// Histories of all channels: what they take, and whether they can be trusted.
#[derive(Debug, Default)]
pub(super) struct Histories {
    pub(super) keeping: Keeping,
    pub(super) promise: Promise,
    pub(super) begun: u64,
    pub(super) held: HistoryUsage,
    /// Beyond the memory, how much may be held until room is made again: what subscribed channels
    /// take cannot be freed, and must not be looked for with each event.
    pub(super) excess: usize,
}

/// Whether every event comes here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Promise {
    #[default]
    Certain,
    /// Some may not, for this reason: nothing is numbered and nothing kept.
    Uncertain(Arc<str>),
}

impl Histories {
    pub(super) fn new(keeping: Keeping) -> Self {
        Self { keeping, ..Self::default() }
    }

    /// What a channel's history may take, if it keeps one. None does while delivery is uncertain.
    pub(super) fn limits(&self, channel: &ChannelName) -> Option<Limits> {
        match self.promise {
            Promise::Certain => {
                let mut histories = self.keeping.histories.iter();
                histories.find(|history| history.covers(channel.as_str())).map(Limits::from)
            }
            Promise::Uncertain(_) => None,
        }
    }

    /// Whether a channel keeps history while delivery is certain.
    pub(super) fn covers(&self, channel: &ChannelName) -> bool {
        self.keeping.histories.iter().any(|history| history.covers(channel.as_str()))
    }

    pub(super) fn uncertain(&self) -> Option<Arc<str>> {
        match &self.promise {
            Promise::Certain => None,
            Promise::Uncertain(reason) => Some(reason.clone()),
        }
    }

    /// What could not be freed before may be free by now.
    pub(super) fn expect_room(&mut self) {
        self.excess = 0;
    }

    /// Whether something is held that will have to be forgotten.
    pub(super) fn ages(&self) -> bool {
        self.held.channels > 0
    }
}
