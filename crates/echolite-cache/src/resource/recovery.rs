//! The channels of a resource: whether they are subscribed, what a replay shows, which events the rows include.

use echolite_core::{Channels, SubscriptionState};
use echolite_protocol::{ChannelName, Stream};

use super::Resource;
use crate::context::Context;
use crate::subscription::Subscription;
use crate::{Name, Payload, Position, Reason};

impl<P: Payload> Resource<P> {
    /// An event of a channel comes in; `false` where the rows include it already.
    pub(crate) fn take_position(&mut self, channel: &Name, at: &Position) -> bool {
        self.positions.take(channel, at)
    }

    /// Up to where the rows include the events of a channel.
    pub(crate) fn position(&self, channel: &str) -> Option<&Position> {
        self.positions.of(channel)
    }

    /// Follows the channels' subscriptions, after they may have changed.
    pub(crate) fn on_subscriptions<'c>(
        &mut self,
        subscription: impl Fn(&str) -> SubscriptionState<'c>,
        cx: &mut Context<'_, P>,
    ) {
        let mut confirmed = true;
        let mut refused = None;
        for channel in &self.config.channels {
            match subscription(channel) {
                SubscriptionState::Subscribed => {}
                SubscriptionState::Pending => confirmed = false,
                SubscriptionState::Refused(message) => refused = Some((channel, message)),
            }
        }
        match refused {
            Some((channel, message)) => {
                let (channel, message) = (channel.clone(), message.to_owned());
                self.set_subscription(Subscription::Refused { channel, message }, cx);
            }
            None if !confirmed => self.set_subscription(Subscription::Pending, cx),
            None if self.subscription.is_confirmed() => {}
            None => {
                let may_show = self.order.reflected().is_some() && self.freshness.is_of_link();
                let cached =
                    |name: &Name| ChannelName::new(name).is_ok_and(|n| n.stream() == Stream::Cache);
                let may_show = may_show && self.config.channels.iter().all(cached);
                self.set_subscription(Subscription::confirmed(may_show, cx.now.mono), cx);
            }
        }
    }

    /// The one door between subscriptions.
    fn set_subscription(&mut self, next: Subscription, cx: &mut Context<'_, P>) {
        if next == self.subscription {
            return;
        }
        if next.is_confirmed() {
            // rule 4: a read must begin after the confirmation
            self.freshness.require_new_read();
            self.schedule.on_subscribed(self.last_read.is_none(), cx.now.mono, cx.random);
        } else if self.subscription.is_confirmed() {
            self.freshness.mark_stale(Reason::Disconnected);
            self.schedule.on_unsubscribed(cx.now.mono);
            self.order.drop_held();
        }
        self.subscription = next;
    }

    /// Follows the channels: whether a replay shows that nothing was missed, and which events the rows include.
    pub(super) fn follow(&mut self, channels: &Channels, cx: &mut Context<'_, P>) {
        if self.subscription.is_confirmed() {
            self.follow_replay(channels, cx);
            self.subscription.expire(cx.now.mono);
            if !self.freshness.is_list_stale() {
                for channel in &self.config.channels {
                    let followed = channels.followed(channel);
                    self.positions.set(channel, followed.map(|followed| &followed.at));
                }
            }
        }
        if !self.freshness.is_of_link() {
            self.positions.clear();
        }
    }

    fn follow_replay(&mut self, channels: &Channels, cx: &mut Context<'_, P>) {
        if !self.subscription.awaits_replay() {
            return;
        }
        let followed = || self.config.channels.iter().map(|channel| channels.followed(channel));
        let replaying = followed().flatten().any(|followed| followed.is_replaying());
        if replaying {
            // the last event of a cache channel is not the first one of a replay
            self.subscription.end_head();
            return;
        }
        self.subscription.end_replay();
        let mut pairs = self.config.channels.iter().zip(followed());
        let whole = !self.config.channels.is_empty()
            && pairs.all(|(channel, followed)| {
                followed.is_some_and(|followed| self.positions.of(channel) == Some(&followed.at))
            });
        if whole && self.freshness.is_of_link() {
            self.subscription.end_head();
            self.confirm(cx);
        }
    }

    /// Whether the rows include each event that came, and none of them by half.
    fn includes_all_events(&self) -> bool {
        self.freshness.is_of_link()
            && !self.freshness.has_stale_rows()
            && self.consultations.is_empty()
            && !self.order.has_gap()
            && self.order.is_reached()
    }

    /// The positions to be stored with the rows as they are now.
    pub(super) fn storable_positions(&mut self) -> Vec<(Name, Position)> {
        if !self.includes_all_events() {
            return Vec::new();
        }
        if self.positions.outdates_store() {
            self.unsaved.touch_meta();
        }
        self.positions.all().to_vec()
    }
}
