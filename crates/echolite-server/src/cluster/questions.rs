//! The questions to a cluster, and its answers.

use super::event::{LastEvent, PreparedEvent};
use super::replay::{Beginning, Recover};
use super::usage::HistoryUsage;
use crate::delivery::Frame;
use echolite_protocol::extension::Position;
use echolite_protocol::{ChannelName, Member};
use std::sync::Arc;
use std::time::Duration;

/// Names a question, so that its answer finds what waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);

/// A question to the cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask<'a> {
    /// Number this event, and keep it as the channel's history and last event ask for.
    Number(&'a PreparedEvent<'a>),
    /// Count a subscription, and its member on presence channels, of which there may be so many.
    Join { channel: &'a ChannelName, member: Option<&'a Arc<Member>>, most: usize },
    /// Tell what a subscription begins with. One that follows positions is told where the channel is,
    /// and what came after its own position.
    History { channel: &'a ChannelName, follows: bool, after: Option<&'a Recover> },
    /// End what [`Ask::Join`] counted. The user may return within the grace time.
    Leave { channel: &'a ChannelName, user_id: Option<&'a str>, grace: Duration },
}

/// An answer of the cluster.
#[derive(Debug)]
pub(crate) enum Answer {
    /// To [`Ask::Number`]: the offset, and the event with it, where the channel keeps history.
    Numbered { sequence: u64, numbered: Option<(u64, Frame)> },
    /// To [`Ask::Join`]: whether the member's user was not there before.
    Joined { sequence: u64, arrived: bool },
    /// To [`Ask::Join`]: the channel has as many members as it may.
    Full,
    /// To [`Ask::History`].
    History(Box<Snapshot>),
    /// To [`Ask::Leave`]: the user who is gone by it.
    Left { sequence: u64, departed: Option<String> },
}

/// A channel at one moment: what a subscription begins with.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The last decision that is in it.
    pub(crate) sequence: u64,
    /// The members of a presence channel.
    pub(crate) members: Vec<Arc<Member>>,
    /// For who follows positions: where the channel is, and what was missed.
    pub(crate) beginning: Option<Beginning<Frame>>,
    /// The last event of a `cache` channel.
    pub(crate) last_event: Option<Frame>,
}

/// What a cluster says without being asked in the same call.
#[derive(Debug)]
pub(crate) enum News {
    /// A late answer.
    #[cfg_attr(
        not(any(test, feature = "simulation")),
        expect(dead_code, reason = "one node alone answers within the call")
    )]
    Answered(Ticket, Answer),
    /// A user's grace time on a presence channel is over.
    Departed { sequence: u64, channel: ChannelName, user_id: String },
}

/// Whatever numbers events and counts members, for the channels of one broker.
pub(crate) trait Cluster {
    /// Takes a question, and answers it at once or later, under this ticket.
    fn ask(&mut self, now: Duration, ticket: Ticket, ask: Ask<'_>) -> Option<Answer>;

    /// Takes what the cluster has to say. Must be called at [`Self::deadline`] at the latest.
    fn poll(&mut self, now: Duration) -> Option<News>;

    /// When [`Self::poll`] has something.
    fn deadline(&self) -> Option<Duration>;

    /// Forgets all history and last events, because events may be lost from now on. What was asked
    /// before is answered by the next [`Self::poll`], or decided from now on.
    fn mark_uncertain(&mut self, reason: &Arc<str>);

    /// Keeps history again, because every event comes again. Gives the new epochs of these channels.
    /// What was asked before is answered as with [`Self::mark_uncertain`].
    fn mark_certain(
        &mut self,
        now: Duration,
        channels: Vec<ChannelName>,
    ) -> Vec<(ChannelName, Position)>;

    /// The members of a presence channel, as far as this node knows.
    fn members(&self, channel: &ChannelName) -> impl Iterator<Item = &Arc<Member>>;

    /// How many members a presence channel has, as far as this node knows.
    fn member_count(&self, channel: &ChannelName) -> usize;

    /// Whether a user is a member of a presence channel, as far as this node knows.
    fn is_member(&self, channel: &ChannelName, user_id: &str) -> bool;

    /// The last event of a `cache` channel, as far as this node knows.
    fn last_event(&self, now: Duration, channel: &ChannelName) -> Option<&LastEvent>;

    /// Where a channel is, and what is held of it, if it keeps history and has any.
    fn history(&self, channel: &ChannelName) -> Option<(Position, HistoryUsage)>;

    /// The last decision, told or not yet.
    #[cfg(feature = "simulation")]
    fn last_decision(&self) -> u64;

    /// What is held of all channels' history.
    fn held(&self) -> HistoryUsage;
}
