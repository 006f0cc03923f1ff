//! What IndexedDB's exceptions mean.

use echolite_store::StoreError;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why an operation was not carried out.
pub(crate) enum Trouble {
    /// It is of no use to try again.
    Final(StoreError),
    /// What IndexedDB threw.
    Thrown(JsValue),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Final(error)
    }
}

impl From<JsValue> for Trouble {
    fn from(thrown: JsValue) -> Self {
        Self::Thrown(thrown)
    }
}

impl Trouble {
    /// Whether the connection may be at fault, so that a new one may do better.
    ///
    /// WebKit drops connections of pages in the background (`UnknownError`, "Connection to Indexed
    /// Database server lost"); a connection closed throws `InvalidStateError`, and one closed by the
    /// browser (site data cleared) aborts its transactions with `AbortError`.
    pub(crate) fn is_lost_connection(&self) -> bool {
        let Self::Thrown(thrown) = self else { return false };
        ["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError"]
            .contains(&&*name(thrown))
    }

    /// The error as the store's users know it.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Final(error) => error,
            Self::Thrown(thrown) if name(&thrown) == "QuotaExceededError" => StoreError::Quota,
            Self::Thrown(thrown) => StoreError::Failed { message: message(&thrown) },
        }
    }
}

/// The name of an exception; empty where it has none.
pub(crate) fn name(thrown: &JsValue) -> String {
    thrown.dyn_ref::<DomException>().map_or_else(String::new, DomException::name)
}

/// What an exception says, for people.
pub(crate) fn message(thrown: &JsValue) -> String {
    if let Some(exception) = thrown.dyn_ref::<DomException>() {
        let message = exception.message();
        return if message.is_empty() { exception.name() } else { message };
    }
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => "no reason given".into(),
    }
}

/// Whether reading failed because of what is stored (a damaged file), not because of how.
pub(crate) fn is_damage(thrown: &JsValue) -> bool {
    ["NotReadableError", "DataError"].contains(&&*name(thrown))
}
