//! What the HTTP API answers when it refuses, with Reverb's statuses and words.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use echolite_protocol::{RequestError, error_text};
use serde_json::json;

/// Why a request to the HTTP API was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The signature, or something that it covers.
    #[error("{}", signature_text(.0))]
    Signature(#[from] RequestError),
    /// The application's id.
    #[error("{}", error_text::no_matching_application(.0))]
    NoApp(String),
    /// The body's size, or the data's.
    #[error("{}", error_text::PAYLOAD_TOO_LARGE)]
    TooLarge,
    /// The body broke off.
    #[error("The request's body could not be read.")]
    Unreadable,
    /// The body is no JSON.
    #[error("The request's body is no JSON: {0}")]
    NoJson(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// A field of the body does not fit.
    #[error("{field}: {message}")]
    Invalid {
        /// The field, as Laravel names it: `batch.0.name`.
        field: String,
        /// What holds for it.
        message: String,
    },
}

/// Key and signature have Reverb's text alone; for the rest, the reason helps and tells nothing.
fn signature_text(error: &RequestError) -> String {
    match error {
        RequestError::WrongKey | RequestError::WrongSignature => {
            error_text::SIGNATURE_INVALID.to_owned()
        }
        reason => format!("{} ({reason})", error_text::SIGNATURE_INVALID),
    }
}

impl ApiError {
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::NoApp(_) => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable | Self::NoJson(_) | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        tracing::debug!(status = self.status().as_u16(), "refused: {self}");
        match &self {
            Self::Invalid { field, message } => {
                (self.status(), axum::Json(json!({ field: [message] }))).into_response()
            }
            _ => (self.status(), self.to_string()).into_response(),
        }
    }
}
