//! What the HTTP API answers when it refuses, with Reverb's statuses and words.

use crate::shown::shown;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use echolite_protocol::{RequestError, error_text};
use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// So many characters of a refusal are logged: it may repeat what the request said.
const SHOWN: usize = 300;

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
    /// Fields of the body do not fit.
    #[error("{0}")]
    Invalid(Invalid),
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

/// Faults of a body, by field as Laravel's validator names them: `batch.0.name`.
#[derive(Debug, Default)]
pub(crate) struct Invalid(BTreeMap<String, Vec<String>>);

impl Invalid {
    fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(field, message);
        invalid
    }

    /// Adds what holds for a field.
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.entry(field.into()).or_default().push(message.into());
    }

    /// # Errors
    /// [`ApiError::Invalid`] with the faults, if there are any.
    pub(crate) fn into_result(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self)) }
    }
}

impl Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = self.0.iter().map(|(field, why)| format!("{field}: {}", why.join(" ")));
        f.write_str(&fields.next().unwrap_or_default())?;
        fields.try_for_each(|field| write!(f, " {field}"))
    }
}

impl ApiError {
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(Invalid::one(field, message))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::NoApp(_) => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable | Self::NoJson(_) | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let why = shown(&self.to_string(), SHOWN);
        tracing::debug!(status = self.status().as_u16(), why, "refused");
        match &self {
            Self::Invalid(invalid) => (self.status(), axum::Json(&invalid.0)).into_response(),
            _ => (self.status(), self.to_string()).into_response(),
        }
    }
}
