//! Names and numbers that all parts of an engine use.

/// A name (channel, event, resource, row id), shared without copying. Counted so that an engine may move to another
/// thread where its payload may; in a browser that costs nothing.
pub type Name = std::sync::Arc<str>;

/// Correlates a request of the engine with the driver's answer.
pub type RequestId = u32;

/// Tells one socket from the next: frames of a socket given up are ignored.
pub type SocketNumber = u32;
