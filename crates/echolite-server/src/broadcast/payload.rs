//! What an event carries.

use serde::Serialize;

/// The payload of an event: JSON, or the error why it could not be written, which sending reports.
///
/// ```
/// use echolite_server::Payload;
/// let payload = Payload::of(&serde_json::json!({ "id": 7 }));
/// ```
#[derive(Debug)]
pub struct Payload(pub(crate) Result<String, serde_json::Error>);

impl Payload {
    /// Writes a value as JSON.
    #[must_use]
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        Self(serde_json::to_string(value))
    }
}
