//! An event for one channel, encoded before any lock is taken.

use crate::delivery::Frame;
use crate::socket_id::SocketId;
use echolite_protocol::{ChannelName, extension, server_frame};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The last event of a `cache` channel: the frame and, for `info=cache`, the data.
pub(crate) type LastEvent = (Frame, Arc<RawValue>);

/// An event of a back end for one channel.
#[derive(Debug)]
pub(crate) struct PreparedEvent<'a> {
    pub(crate) channel: &'a ChannelName,
    pub(crate) name: &'a str,
    /// A JSON string, as it came: its escapes are kept.
    pub(crate) data: &'a Arc<RawValue>,
    /// The connection that caused it, and does not get it.
    pub(crate) except: Option<SocketId>,
    /// The event as it is sent without an offset.
    pub(crate) plain: Frame,
}

impl<'a> PreparedEvent<'a> {
    /// Encodes the event, once for all its subscribers.
    pub(crate) fn new(
        channel: &'a ChannelName,
        (name, data): (&'a str, &'a Arc<RawValue>),
        except: Option<SocketId>,
    ) -> Self {
        let plain = Frame::text(&server_frame::event(channel.as_str(), name, data));
        Self { channel, name, data, except, plain }
    }

    /// Encodes the event with its offset, which is known only when it has been numbered.
    pub(crate) fn numbered(&self, offset: u64) -> Frame {
        Frame::text(&extension::event(self.channel.as_str(), self.name, self.data, offset))
    }
}
