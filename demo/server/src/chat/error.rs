//! Errors that the chat answers a request with.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::database::DatabaseError;

/// The longest message, in characters.
pub(super) const LONGEST: usize = 4_000;

#[derive(thiserror::Error, Debug)]
pub(crate) enum ChatError {
    #[error("Nobody is signed in: choose who you are first.")]
    NotSignedIn,
    #[error("There is no such user.")]
    NoUser,
    #[error("You are not a member of “{0}”.")]
    NotMember(String),
    #[error("There is no such conversation.")]
    NoConversation,
    #[error("A message has 1 to {} characters.", LONGEST)]
    Length,
    #[error("{0}")]
    Body(#[from] JsonRejection),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl IntoResponse for ChatError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotMember(_) => StatusCode::FORBIDDEN,
            Self::NoUser | Self::NoConversation => StatusCode::NOT_FOUND,
            Self::Length => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Body(rejection) => rejection.status(),
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(serde_json::json!({ "message": self.to_string() }))).into_response()
    }
}
