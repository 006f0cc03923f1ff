//! Questions to the cluster without an answer yet.

use super::prepared_subscription::PreparedSubscription;
use crate::cluster::{Ask, Recover, Ticket};
use crate::delivery::Frame;
use crate::socket_id::SocketId;
use echolite_protocol::{ChannelName, Member};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// An event that has no number yet. Nobody has got it.
#[derive(Debug)]
pub(super) struct Unnumbered {
    pub(super) channel: ChannelName,
    pub(super) plain: Frame,
    pub(super) except: Option<SocketId>,
    /// Told when the event is numbered. Who waited for it may have given up.
    pub(super) receipt: oneshot::Sender<()>,
}

/// A question, with what is needed to go on with its answer.
#[derive(Debug)]
pub(super) enum Pending {
    Join(JoinAsked),
    History(HistoryAsked),
    Leave(LeaveAsked),
}

/// A subscription that is not counted yet.
#[derive(Debug)]
pub(super) struct JoinAsked {
    pub(super) subscription: PreparedSubscription,
    pub(super) socket: SocketId,
    /// The most members.
    pub(super) most: usize,
    /// It ended before it was counted: with this grace time.
    pub(super) ended: Option<Duration>,
}

/// A subscription that is to be confirmed.
#[derive(Debug)]
pub(super) struct HistoryAsked {
    pub(super) subscription: Ticket,
    pub(super) channel: ChannelName,
    /// Whether it follows positions.
    pub(super) follows: bool,
    /// Where its client was.
    pub(super) after: Option<Recover>,
    pub(super) confirms: Confirms,
}

/// How a subscription is confirmed.
#[derive(Debug)]
pub(super) enum Confirms {
    /// For the first time, with what was missed, or the last event, or this frame if there is none.
    Anew { miss: Option<(Frame, SocketId)> },
    /// Once more, with the position, and this to say of recovery.
    Again { recovered: Option<bool> },
}

/// A subscription that ended, and was counted.
#[derive(Debug)]
pub(super) struct LeaveAsked {
    pub(super) channel: ChannelName,
    pub(super) member: Option<Arc<Member>>,
    pub(super) grace: Duration,
}

impl Pending {
    /// The question.
    pub(super) fn ask(&self) -> Ask<'_> {
        match self {
            Self::Join(join) => Ask::Join {
                channel: &join.subscription.channel,
                member: join.subscription.member.as_ref(),
                most: join.most,
            },
            Self::History(history) => Ask::History {
                channel: &history.channel,
                follows: history.follows,
                after: history.after.as_ref(),
            },
            Self::Leave(leave) => Ask::Leave {
                channel: &leave.channel,
                user_id: leave.member.as_ref().map(|member| member.user_id.as_str()),
                grace: leave.grace,
            },
        }
    }
}
