//! Names and moments that all files of the simulation share.

/// The wall clock when a schedule begins.
pub const START: u64 = 1_700_000_000_000;
/// The back end's event.
pub const EVENT: &str = "Changed";
/// A client event that the resource names too: it must not drive the cache all the same.
pub const WHISPER: &str = "client-changed";
/// The URL of the list.
pub const LIST: &str = "https://shop.test/api/products";
