//! Events about which the application was asked, and has not said what they do.

use echolite_cache::{Mono, RequestId};

/// An event about which a page's application is asked.
#[derive(Debug)]
pub struct Asked {
    pub request: RequestId,
    pub event: usize,
    /// By the monotonic clock.
    pub at: Mono,
    pub is_answered: bool,
}
