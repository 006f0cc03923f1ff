//! Subscribing and unsubscribing, and who is told of it.

use super::history::recovering;
use super::{App, AppHub, deliver};
use crate::config::WebhookEvent;
use crate::delivery::{Frame, Outbox};
use crate::dialect::Dialect;
use crate::hub::{Full, Subscriber};
use crate::socket_id::SocketId;
use crate::webhooks::Event;
use echolite_protocol::extension::{self, Position, SubscriptionPosition};
use echolite_protocol::member::presence_data_with;
use echolite_protocol::{Access, ChannelName, Member, Stream, server_frame};
use std::sync::Arc;
use std::time::Duration;

/// A subscription that was authorised.
pub(crate) struct Joining {
    pub(crate) channel: ChannelName,
    /// Who it is, on presence channels.
    pub(crate) member: Option<Arc<Member>>,
    pub(crate) dialect: Dialect,
    /// Where it was before, if it wants what it missed since.
    pub(crate) recover: Option<Position>,
}

impl App {
    /// Subscribes a connection, and queues the answer, and what it missed, before any later event.
    ///
    /// # Errors
    /// [`Full`] when a presence channel has as many members as it may.
    pub(crate) fn subscribe(
        &self,
        joining: &Joining,
        id: SocketId,
        outbox: &Arc<Outbox>,
    ) -> Result<(), Full> {
        let Joining { channel, member, dialect, .. } = joining;
        let name = channel.as_str();
        let added = member.as_ref().map(|member| {
            let info = member.user_info.as_deref();
            let frame = server_frame::member_added(name, &member.user_id, info);
            (Frame::text(&frame), member)
        });
        let cached = channel.stream() == Stream::Cache;
        let miss = cached.then(|| Frame::text(&server_frame::cache_miss(name)));
        let most = self.config().limits.presence_members;
        let (member, dialect) = (member.clone(), *dialect);
        let subscriber = Subscriber { recipient: outbox.clone(), member, dialect };
        let mut hub = self.hub(channel);
        let joined = hub.subscribe(self.now(), channel, (id, subscriber), most)?;
        if joined.occupied {
            self.note_occupied(channel);
        }
        let recovered = self.answer(&mut hub, joining, outbox);
        match (joined.last_event, miss) {
            // It has had the last event, or gets it with what it missed.
            _ if recovered => {}
            (Some((frame, _)), _) => outbox.push(frame),
            (None, Some(miss)) => {
                outbox.push(miss);
                self.note(|| Event::channel(WebhookEvent::CacheMiss, name));
            }
            (None, None) => {}
        }
        if let Some((added, member)) = added {
            if joined.arrived {
                deliver(&hub, channel, &added, Some(id));
                self.note(|| Event::member(WebhookEvent::MemberAdded, name, &member.user_id));
            }
        } else {
            self.count_changed(&mut hub, channel);
        }
        Ok(())
    }

    /// Confirms a subscription, and sends what was missed; whether that is all there.
    ///
    /// Who is there, and where the channel is, is known only under the lock, and must be told before
    /// what comes next.
    fn answer(&self, hub: &mut AppHub, joining: &Joining, outbox: &Outbox) -> bool {
        let channel = &joining.channel;
        if joining.dialect == Dialect::Pusher {
            outbox.push(confirmation(hub, channel, &SubscriptionPosition::default()));
            return false;
        }
        let recover = joining.recover.clone().map(|position| recovering(position, outbox));
        let deadline = hub.deadline();
        let beginning = hub.begin(self.now(), channel, recover.as_ref());
        if hub.deadline() != deadline {
            self.clock.wake();
        }
        outbox.push(confirmation(hub, channel, &beginning.position()));
        if let Some(reason) = &beginning.uncertain {
            outbox.push(Frame::text(&extension::uncertain(reason)));
        }
        self.replay(beginning.replay, outbox)
    }

    /// Confirms a subscription once more, to who asked for positions.
    pub(crate) fn confirm(&self, channel: &ChannelName, recovered: Option<bool>, outbox: &Outbox) {
        let hub = self.hub(channel);
        let position = hub.history(channel).map(|(position, _)| position);
        outbox.push(confirmation(&hub, channel, &SubscriptionPosition { position, recovered }));
    }

    /// Ends a subscription that its client asked to end.
    pub(crate) fn unsubscribe(&self, channel: &ChannelName, id: SocketId) {
        self.end_subscription(channel, id, Duration::ZERO);
    }

    /// Ends everything of a connection that is gone. With `for_good` it will not return; else it is
    /// missed only after the grace time.
    pub(crate) fn leave<'a>(
        &self,
        channels: impl Iterator<Item = &'a ChannelName>,
        id: SocketId,
        for_good: bool,
    ) {
        let grace = if for_good { 0 } else { self.config().presence_grace };
        let grace = Duration::from_secs(grace);
        channels.for_each(|channel| self.end_subscription(channel, id, grace));
        self.sign_out(id, grace);
        if self.connections.lock().remove(&id).is_some() {
            self.stats.connections_closed.add(1);
        }
        self.clock.wake();
    }

    fn end_subscription(&self, channel: &ChannelName, id: SocketId, grace: Duration) {
        let mut hub = self.hub(channel);
        let now = self.now();
        let Some(left) = hub.unsubscribe(now, channel, id, grace) else { return };
        if let Some(user) = left.departed {
            self.tell_departed(&hub, channel, &user);
        }
        if channel.access() != Access::Presence {
            self.count_changed(&mut hub, channel);
        }
        if left.vacated {
            self.note_vacated(now, channel);
        }
    }

    /// Tells that a user is gone from a channel.
    pub(super) fn tell_departed(&self, hub: &AppHub, channel: &ChannelName, user: &str) {
        let removed = Frame::text(&server_frame::member_removed(channel.as_str(), user));
        deliver(hub, channel, &removed, None);
        self.note(|| Event::member(WebhookEvent::MemberRemoved, channel.as_str(), user));
    }

    /// A subscriber came or went: tells the others how many they are, now or later.
    fn count_changed(&self, hub: &mut AppHub, channel: &ChannelName) {
        if !self.config().subscription_count && !self.notes(WebhookEvent::SubscriptionCount) {
            return;
        }
        match hub.count_to_tell(self.now(), channel) {
            Some(count) => self.tell_count(hub, channel, count),
            None => self.clock.wake(),
        }
    }

    /// Tells how many subscribers a channel has.
    pub(super) fn tell_count(&self, hub: &AppHub, channel: &ChannelName, count: usize) {
        if self.config().subscription_count {
            let frame = server_frame::subscription_count(channel.as_str(), count);
            deliver(hub, channel, &Frame::text(&frame), None);
        }
        self.note(|| Event::count(channel.as_str(), count));
    }
}

/// A channel's `subscription_succeeded`.
fn confirmation(hub: &AppHub, channel: &ChannelName, position: &SubscriptionPosition) -> Frame {
    let data = match channel.access() {
        Access::Presence => {
            let members = hub.members(channel);
            let members =
                members.map(|member| (member.user_id.as_str(), member.user_info.as_deref()));
            presence_data_with(members, position)
        }
        _ => extension::subscription_data(position),
    };
    Frame::text(&server_frame::subscription_succeeded(channel.as_str(), &data))
}
