//! A subscription that was authorised, encoded as far as it can be before any lock is taken.

use crate::delivery::Frame;
use crate::dialect::Dialect;
use echolite_protocol::extension::Position;
use echolite_protocol::{ChannelName, Member, Stream, server_frame};
use std::sync::Arc;

/// A subscription that was authorised.
#[derive(Clone, Debug)]
pub(crate) struct PreparedSubscription {
    pub(crate) channel: ChannelName,
    /// Who it is, on presence channels.
    pub(super) member: Option<Arc<Member>>,
    pub(super) dialect: Dialect,
    /// Where it was before, if it wants what it missed since.
    pub(super) recover: Option<Position>,
    /// Tells the others of its member.
    pub(super) added: Option<Frame>,
    /// Tells it that the channel has no last event, where channels have one.
    pub(super) miss: Option<Frame>,
}

impl PreparedSubscription {
    /// Encodes what is known before.
    pub(crate) fn new(
        channel: ChannelName,
        member: Option<Arc<Member>>,
        dialect: Dialect,
        recover: Option<Position>,
    ) -> Self {
        let name = channel.as_str();
        let added = member.as_ref().map(|member| {
            let info = member.user_info.as_deref();
            Frame::text(&server_frame::member_added(name, &member.user_id, info))
        });
        let cached = channel.stream() == Stream::Cache;
        let miss = cached.then(|| Frame::text(&server_frame::cache_miss(name)));
        Self { channel, member, dialect, recover, added, miss }
    }
}
