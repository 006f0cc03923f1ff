//! Outputs of the connection's engine.

use crate::{Name, Position, RequestId, SocketNumber};

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Output<P> {
    /// Open a WebSocket.
    OpenSocket(SocketNumber, String),
    /// Send a frame.
    Send(SocketNumber, ClientFrame<P>),
    /// Close a socket; nothing it reports afterwards counts.
    CloseSocket(SocketNumber),
    /// Ask the back end for a signature.
    Authorize {
        /// To be named in the answer.
        request: RequestId,
        /// For which channel.
        channel: Name,
        /// For which socket.
        socket_id: Name,
    },
    /// Ask the back end who the user is.
    Authenticate {
        /// To be named in the answer.
        request: RequestId,
        /// For which socket.
        socket_id: Name,
    },
    /// Signed in.
    SignedIn {
        /// The JSON text that the back end signed.
        user_data: Name,
    },
    /// Signing in failed; what may pass is tried again.
    SignInFailed {
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// What went wrong.
        message: String,
    },
    /// Users that the signed-in user watches came or went.
    Watchlist(P),
    /// The connection's state changed.
    Connection {
        /// `initialized`, `connecting`, `connected`, `unavailable`, `disconnected` or `failed`.
        state: &'static str,
        /// Why, for people.
        reason: String,
        /// The socket id, when connected.
        socket_id: Option<Name>,
    },
    /// An event for listeners of a channel, the protocol's own (`pusher:subscription_succeeded`,
    /// `pusher:subscription_error`) included.
    Event {
        /// The channel.
        channel: Name,
        /// The event's name on the wire.
        event: Name,
        /// Its data.
        data: P,
        /// Its sender, if it tells.
        user_id: Option<Name>,
        /// Whether it was missed while there was no connection, and is told now.
        recovered: bool,
    },
    /// A subscription failed (`pusher:subscription_error`).
    SubscriptionError {
        /// The channel.
        channel: Name,
        /// Pusher's `type` (`AuthError`, `LimitReached`), if the server says one.
        kind: Option<Name>,
        /// The HTTP status, if there was one.
        status: Option<u16>,
        /// What went wrong.
        message: String,
    },
    /// An error of the protocol (`pusher:error`) or of the connection.
    Error {
        /// Its code, if it has one.
        code: Option<u16>,
        /// What went wrong.
        message: String,
    },
}

/// A frame to the server.
#[derive(Clone, Debug)]
pub enum ClientFrame<P> {
    /// `pusher:ping`.
    Ping,
    /// `pusher:pong`.
    Pong,
    /// `pusher:subscribe`.
    Subscribe {
        /// The channel.
        channel: Name,
        /// The signature; empty for public channels.
        auth: Option<Name>,
        /// Signed data, verbatim.
        channel_data: Option<Name>,
        /// A replay is asked for of what came after this position.
        recover: Option<Position>,
    },
    /// `pusher:signin`.
    SignIn {
        /// The signature.
        auth: Name,
        /// The JSON text that was signed, verbatim.
        user_data: Name,
    },
    /// `pusher:unsubscribe`.
    Unsubscribe(Name),
    /// `client-…`.
    Event {
        /// The channel.
        channel: Name,
        /// The event's name.
        event: Name,
        /// Its data.
        data: P,
    },
}
