//! Whether the channels of a resource are subscribed, and what a new subscription may still show.

use crate::{Mono, Name};

/// How long the last event of a cache channel is waited for after the subscription (milliseconds).
const HEAD_PATIENCE: u64 = 2_000;
/// How long reads wait for a replay to end after the subscription (milliseconds).
const REPLAY_PATIENCE: u64 = 10_000;

/// The subscription of a resource to all of its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subscription {
    /// Not all are confirmed.
    Pending,
    /// All are confirmed.
    Confirmed {
        /// Until then, the last event of the cache channels may show that nothing was missed (rule 15).
        awaiting_head: Option<Mono>,
        /// Until then, a replay may show that nothing was missed (rule 4b).
        awaiting_replay: Option<Mono>,
    },
    /// One was refused.
    Refused {
        /// Its name.
        channel: Name,
        /// The reason that was given.
        message: String,
    },
}

impl Subscription {
    /// A subscription confirmed now. `may_show`: its channels tell their last event, whose head may show that nothing
    /// was missed.
    pub(crate) fn confirmed(may_show: bool, now: Mono) -> Self {
        let awaiting_head = may_show.then_some(now + HEAD_PATIENCE);
        Self::Confirmed { awaiting_head, awaiting_replay: Some(now + REPLAY_PATIENCE) }
    }

    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed { .. })
    }

    /// Rows came from the store: a replay may show that they miss nothing.
    pub(crate) fn await_replay(&mut self, now: Mono) {
        if let Self::Confirmed { awaiting_replay, .. } = self {
            *awaiting_replay = Some(now + REPLAY_PATIENCE);
        }
    }

    pub(crate) fn awaits_replay(&self) -> bool {
        matches!(self, Self::Confirmed { awaiting_replay: Some(_), .. })
    }

    /// Until when reads wait for what may make them needless.
    pub(crate) fn awaits_until(&self) -> Option<Mono> {
        match self {
            Self::Confirmed { awaiting_head, awaiting_replay } => {
                (*awaiting_head).max(*awaiting_replay)
            }
            Self::Pending | Self::Refused { .. } => None,
        }
    }

    /// Ends the wait for the last event of the channels: it came, or will not come. Whether it was waited for.
    pub(crate) fn end_head(&mut self) -> bool {
        match self {
            Self::Confirmed { awaiting_head, .. } => awaiting_head.take().is_some(),
            Self::Pending | Self::Refused { .. } => false,
        }
    }

    /// The wait for the last event of the channels in which an event comes, if there is one.
    pub(crate) fn awaited_head(&self) -> Option<Mono> {
        match self {
            Self::Confirmed { awaiting_head, .. } => *awaiting_head,
            Self::Pending | Self::Refused { .. } => None,
        }
    }

    /// Ends the wait in which an event came, if it goes on. An event that came before all channels were confirmed is not
    /// the last one of the others, however late it is carried out.
    pub(crate) fn end_head_of(&mut self, wait: Option<Mono>) -> bool {
        wait.is_some() && wait == self.awaited_head() && self.end_head()
    }

    /// Ends the wait for a replay: it ended, or there is none.
    pub(crate) fn end_replay(&mut self) {
        if let Self::Confirmed { awaiting_replay, .. } = self {
            *awaiting_replay = None;
        }
    }

    /// Ends the waits that lasted too long.
    pub(crate) fn expire(&mut self, now: Mono) {
        if let Self::Confirmed { awaiting_head, awaiting_replay } = self {
            awaiting_head.take_if(|until| *until <= now);
            awaiting_replay.take_if(|until| *until <= now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_wait_for_the_last_event_and_longer_for_a_replay() {
        let mut subscription = Subscription::confirmed(true, Mono(0));
        assert_eq!(subscription.awaits_until(), Some(Mono(REPLAY_PATIENCE)));
        subscription.end_replay();
        assert_eq!(subscription.awaits_until(), Some(Mono(HEAD_PATIENCE)));
        subscription.expire(Mono(HEAD_PATIENCE - 1));
        assert!(subscription.end_head(), "it came in time");
        assert_eq!(subscription.awaits_until(), None);
        assert!(!subscription.end_head(), "and counts once");
    }

    #[test]
    fn no_wait_is_endless() {
        let mut subscription = Subscription::confirmed(true, Mono(0));
        subscription.expire(Mono(HEAD_PATIENCE));
        assert_eq!(subscription.awaits_until(), Some(Mono(REPLAY_PATIENCE)));
        subscription.expire(Mono(REPLAY_PATIENCE));
        assert_eq!(subscription.awaits_until(), None);
        assert!(!Subscription::confirmed(false, Mono(0)).end_head(), "nothing tells a last event");
    }

    #[test]
    fn only_a_confirmed_subscription_waits() {
        let message = "no".to_owned();
        for mut other in
            [Subscription::Pending, Subscription::Refused { channel: "a".into(), message }]
        {
            other.await_replay(Mono(0));
            assert!(!other.awaits_replay() && !other.is_confirmed() && !other.end_head());
            assert_eq!(other.awaits_until(), None);
        }
    }

    #[test]
    fn rows_from_the_store_wait_for_a_replay_anew() {
        let mut subscription = Subscription::confirmed(false, Mono(0));
        subscription.end_replay();
        assert!(!subscription.awaits_replay());
        subscription.await_replay(Mono(70));
        assert!(subscription.awaits_replay());
        assert_eq!(subscription.awaits_until(), Some(Mono(70 + REPLAY_PATIENCE)));
    }
}
