//! The answers of one node: each within the call.

use super::members::Full;
use super::state::LocalCluster;
use crate::cluster::event::{LastEvent, PreparedEvent};
use crate::cluster::questions::{Answer, Ask, Cluster, News, Snapshot, Ticket};
use crate::cluster::usage::HistoryUsage;
use crate::delivery::Frame;
use echolite_protocol::extension::Position;
use echolite_protocol::{Access, ChannelName, Member, Stream};
use std::sync::Arc;
use std::time::Duration;

impl Cluster for LocalCluster {
    fn ask(&mut self, now: Duration, _: Ticket, ask: Ask<'_>) -> Option<Answer> {
        Some(match ask {
            Ask::Number(event) => self.number(now, event),
            Ask::Join { channel, member, most } => match self.join(now, channel, member, most) {
                Ok(arrived) => Answer::Joined { sequence: self.decide(), arrived },
                Err(Full) => Answer::Full,
            },
            Ask::History { channel, follows, after } => {
                let (members, last_event) = self.kept_of(now, channel);
                let beginning = follows.then(|| self.begin(now, channel, after));
                let sequence = self.sequence;
                Answer::History(Box::new(Snapshot { sequence, members, beginning, last_event }))
            }
            Ask::Leave { channel, user_id, grace } => {
                let departed = self.leave(now, channel, user_id, grace);
                Answer::Left { sequence: self.decide(), departed }
            }
        })
    }

    fn poll(&mut self, now: Duration) -> Option<News> {
        let (channel, user_id) = self.next_departure(now)?;
        Some(News::Departed { sequence: self.decide(), channel, user_id })
    }

    fn deadline(&self) -> Option<Duration> {
        LocalCluster::deadline(self)
    }

    fn mark_uncertain(&mut self, reason: &Arc<str>) {
        self.forget_all(reason);
    }

    fn mark_certain(
        &mut self,
        now: Duration,
        channels: Vec<ChannelName>,
    ) -> Vec<(ChannelName, Position)> {
        self.keep_again(now, channels)
    }

    fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Arc<Member>> {
        LocalCluster::members(self, channel)
    }

    fn member_count(&self, channel: &ChannelName) -> usize {
        LocalCluster::member_count(self, channel)
    }

    fn is_member(&self, channel: &ChannelName, user_id: &str) -> bool {
        LocalCluster::is_member(self, channel, user_id)
    }

    fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&LastEvent> {
        LocalCluster::last_event(self, now, channel)
    }

    fn history(&self, channel: &ChannelName) -> Option<(Position, HistoryUsage)> {
        LocalCluster::history(self, channel)
    }

    #[cfg(feature = "simulation")]
    fn last_decision(&self) -> u64 {
        self.sequence
    }

    fn held(&self) -> HistoryUsage {
        LocalCluster::held(self)
    }
}

impl LocalCluster {
    fn number(&mut self, now: Duration, event: &PreparedEvent<'_>) -> Answer {
        let PreparedEvent { channel, data, plain, .. } = event;
        self.keep(now, channel, || (plain.clone(), Arc::clone(data)));
        let numbered = self.record(now, channel, plain.len(), |offset| event.numbered(offset));
        Answer::Numbered { sequence: self.decide(), numbered }
    }

    /// The members of a presence channel and the last event of a `cache` channel. Most channels are
    /// neither, and are not looked up.
    fn kept_of(&self, now: Duration, channel: &ChannelName) -> (Vec<Arc<Member>>, Option<Frame>) {
        if channel.access() != Access::Presence && channel.stream() != Stream::Cache {
            return (Vec::new(), None);
        }
        let Some(entry) = self.channels.get(channel.as_str()) else { return (Vec::new(), None) };
        let last_event = entry.last_event(now).map(|(frame, _)| frame.clone());
        (entry.members.iter().cloned().collect(), last_event)
    }

    /// Counts a decision.
    fn decide(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}
