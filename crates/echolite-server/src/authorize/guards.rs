//! Channels for several kinds of users, at one address.

use super::authorizers::Authorizers;
use super::channel_authorizer::ChannelAuthorizer;
use super::channels::Channels;
use super::route;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::routing::post;
use echolite_protocol::Credentials;
use std::sync::Arc;

/// The path that clients ask at unless told otherwise.
const PATH: &str = "/broadcasting/auth";

/// Several [`Channels`], each with its own kind of user, behind one `/broadcasting/auth`.
///
/// The first that has a rule for a channel decides, with its own way to find out who asks. What
/// nobody has a rule for is refused by the first.
///
/// ```
/// use echolite_server::{Channels, Credentials, Guards};
/// # use axum::{extract::FromRequestParts, http::{StatusCode, request::Parts}};
/// # struct User { id: u64 }
/// # struct Admin;
/// # impl<S: Sync> FromRequestParts<S> for User {
/// #     type Rejection = StatusCode;
/// #     async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> { Ok(User { id: 7 }) }
/// # }
/// # impl<S: Sync> FromRequestParts<S> for Admin {
/// #     type Rejection = StatusCode;
/// #     async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> { Ok(Admin) }
/// # }
/// let users = Channels::new().private("user.{id}", |user: User, id: u64| async move { user.id == id });
/// let admins = Channels::new().private("orders", |_: Admin, ()| async { true });
/// let credentials = Credentials::new("shop-key", "shop-secret");
/// let router: axum::Router = Guards::new().guard(users).guard(admins).router(credentials);
/// ```
pub struct Guards<S = ()> {
    authorizers: Vec<Box<dyn ChannelAuthorizer<S>>>,
}

impl<S: Clone + Send + Sync + 'static> Guards<S> {
    /// No channels: everything is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The channels of one kind of user.
    #[must_use]
    pub fn guard<U>(mut self, channels: Channels<U>) -> Self
    where
        U: FromRequestParts<S> + Send + 'static,
    {
        self.authorizers.push(Box::new(channels));
        self
    }

    /// The route `POST /broadcasting/auth`, where clients ask; and that of signing in, if it was
    /// said how.
    pub fn router(self, credentials: Credentials) -> Router<S> {
        self.router_at(PATH, credentials)
    }

    /// The same with another path for channels.
    pub fn router_at(self, path: &str, credentials: Credentials) -> Router<S> {
        let authorizers = Arc::new(Authorizers::new(self.authorizers, credentials));
        let sign_in = authorizers.sign_in_path().map(str::to_owned);
        let for_channels = authorizers.clone();
        let router = Router::new().route(
            path,
            post(move |State(state): State<S>, request: Request| async move {
                route::authorize(&for_channels, &state, request).await
            }),
        );
        let Some(path) = sign_in else { return router };
        router.route(
            &path,
            post(move |State(state): State<S>, request: Request| async move {
                route::sign_in(&authorizers, &state, request).await
            }),
        )
    }
}

impl<U: Send + 'static> Channels<U> {
    /// The route `POST /broadcasting/auth`, where clients ask; and that of signing in, if it was
    /// said how.
    pub fn router<S>(self, credentials: Credentials) -> Router<S>
    where
        U: FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        Guards::new().guard(self).router(credentials)
    }

    /// The same with another path for channels.
    pub fn router_at<S>(self, path: &str, credentials: Credentials) -> Router<S>
    where
        U: FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        Guards::new().guard(self).router_at(path, credentials)
    }
}

impl<S> Default for Guards<S> {
    fn default() -> Self {
        Self { authorizers: Vec::new() }
    }
}

impl<S> std::fmt::Debug for Guards<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guards").field("guards", &self.authorizers.len()).finish()
    }
}
