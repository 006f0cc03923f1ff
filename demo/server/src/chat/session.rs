//! Who asks: the cookie of a session, and what is made of it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, HeaderValue, request::Parts};

use super::error::ChatError;
use super::people::User;
use crate::app::App;
use crate::cookies;

const COOKIE: &str = "leeway_session";
/// In seconds: two weeks.
const LIFETIME: u32 = 14 * 24 * 60 * 60;

/// Whoever asks, signed in or not.
pub(crate) struct Visitor(Option<User>);

impl Visitor {
    pub(super) fn user(&self) -> Option<&User> {
        self.0.as_ref()
    }

    pub(super) fn into_user(self) -> Option<User> {
        self.0
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let Some(token) = token(&parts.headers) else { return Ok(Self(None)) };
        let user = app.chat.signed_in(token).await.unwrap_or_else(|error| {
            eprintln!("echolite-demo: a session could not be looked up: {error}");
            None
        });
        Ok(Self(user))
    }
}

/// Only who is signed in gets past it.
impl FromRequestParts<App> for User {
    type Rejection = ChatError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ChatError> {
        let Ok(Visitor(user)) = Visitor::from_request_parts(parts, app).await;
        user.ok_or(ChatError::NotSignedIn)
    }
}

/// The session's token, as the browser sends it.
pub(super) fn token(headers: &HeaderMap) -> Option<String> {
    cookies::named(headers, COOKIE)
}

/// `Set-Cookie`: out of reach of scripts, and not sent with what other sites post; `None` takes it away.
pub(super) fn cookie(token: Option<&str>) -> Option<HeaderValue> {
    let (value, lifetime) = token.map_or(("", 0), |token| (token, LIFETIME));
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={lifetime}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        assert_eq!(token(&headers), None);
        let value = HeaderValue::from_static("theme=dark; leeway_session=abc; x=leeway_session");
        headers.insert(header::COOKIE, value);
        assert_eq!(token(&headers).as_deref(), Some("abc"));
    }
}
