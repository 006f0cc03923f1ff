//! The seam to a layer above: facts that listeners of channels are not told, and that a cache lives by.
//!
//! An engine made by [`Engine::with_notices`](crate::Engine::with_notices) hands its outputs and these facts in the
//! order in which they happened ([`Step`]). Any other engine makes no notices, and they cost it nothing.

use crate::{Frame, Name, Output, Position};

/// One thing that happened, for a layer above.
#[derive(Clone, Debug)]
pub enum Notice<P> {
    /// Connected, with a new socket id.
    Up,
    /// The connection was lost; an attempt at a new one is under way or follows.
    Down,
    /// An attempt failed, or none will be made.
    Absent,
    /// The clocks diverged since the last input: the machine slept.
    Slept,
    /// An event of the application, readable; with its position, where the server counts it.
    Event(Frame<P>, Option<Position>),
    /// Events of this channel were missed.
    Missed(Name),
    /// The server counts this channel's events from another start.
    EpochChanged(Name),
    /// So many connections are subscribed to this channel.
    Count(Name, u64),
    /// The server says that it may be losing events.
    Uncertain,
    /// The server delivers every event again.
    Certain,
}

/// One step of an engine, in its order.
#[derive(Clone, Debug)]
pub enum Step<P> {
    /// Something to do or to tell, as [`Engine::poll_output`](crate::Engine::poll_output) gives it.
    Output(Output<P>),
    /// Something that happened.
    Notice(Notice<P>),
}
