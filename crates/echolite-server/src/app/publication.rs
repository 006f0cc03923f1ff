//! An event that a back end publishes.

use crate::socket_id::SocketId;
use echolite_protocol::ChannelName;
use serde_json::value::RawValue;
use std::sync::Arc;

/// An event to publish.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) name: String,
    /// A JSON string, as it came: its escapes are kept.
    pub(crate) data: Arc<RawValue>,
    pub(crate) channels: Vec<ChannelName>,
    pub(crate) except: Option<SocketId>,
}
