//! The way to the back end, as far as the cache knows it.

/// The socket, the network and the page, as far as they matter to lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The state of the socket.
    pub(crate) socket: Socket,
    /// What the browser says of the network.
    pub(crate) online: bool,
    /// Whether the page is hidden.
    pub(crate) hidden: bool,
    /// Whether the server says that it may be losing events.
    pub(crate) uncertain: bool,
}

/// The socket, as far as it matters to lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    /// No attempt has failed yet since there was none.
    Opening,
    /// Connected.
    Up,
    /// An attempt failed, or none is made: lists are polled.
    Absent,
}
