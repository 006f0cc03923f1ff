//! Channel authorisation: who may subscribe to what, said by the application.

mod handler;
mod pattern;
mod route;

pub use handler::{Member, Verdict};
pub use pattern::{Params, PatternError};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::post;
use echolite_protocol::Credentials;
use handler::{Ask, boxed};
use pattern::Pattern;
use std::future::Future;
use std::sync::Arc;

/// The path that clients ask at unless told otherwise.
const PATH: &str = "/broadcasting/auth";

/// Who may subscribe to which private and presence channels, as Laravel's `routes/channels.php` says it.
///
/// `U` is the user: anything that axum extracts from a request. When it cannot be extracted, its
/// rejection is the answer, so an extractor that wants a login guards every channel.
///
/// ```
/// use axum::extract::FromRequestParts;
/// use axum::http::{StatusCode, request::Parts};
/// use echolite_server::{AppConfig, Channels, Config, Echolite, Params};
///
/// struct User { id: String }
///
/// impl<S: Sync> FromRequestParts<S> for User {
///     type Rejection = StatusCode;
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
///         let id = parts.headers.get("x-user").and_then(|id| id.to_str().ok());
///         id.map(|id| User { id: id.to_owned() }).ok_or(StatusCode::UNAUTHORIZED)
///     }
/// }
///
/// let server = Echolite::new(Config::with_app(AppConfig::new("shop", "shop-key", "shop-secret")))?;
/// let channels = Channels::new()
///     .private("products", |_: User, _: Params| async { true })
///     .private("user.{id}", |user: User, params: Params| async move { user.id == params["id"] });
/// let app: axum::Router = server.router().merge(channels.router(server.credentials("shop")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Channels<U> {
    rules: Vec<Rule<U>>,
}

/// The channels that fit a pattern, and who may join them.
struct Rule<U> {
    kind: Kind,
    pattern: Pattern,
    ask: Ask<U>,
}

/// The two families of channels that are joined by permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `private-`, cache variant included.
    Private,
    /// `presence-`, cache variant included.
    Presence,
}

impl<U> Default for Channels<U> {
    fn default() -> Self {
        Self { rules: Vec::new() }
    }
}

impl<U: Send + 'static> Channels<U> {
    /// No channels: everything is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets users join private channels that fit a pattern: `user.{id}` is for `private-user.7`, and
    /// for its cache variant. The first pattern that fits decides.
    ///
    /// The answer is a `bool`, or a `Result` whose error is logged and refuses.
    ///
    /// # Panics
    /// When the pattern is not well formed; it is a constant of the program.
    #[must_use]
    pub fn private<F, A>(mut self, pattern: &str, ask: F) -> Self
    where
        F: Fn(U, Params) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<Verdict>,
    {
        self.rules.push(Rule::new(Kind::Private, pattern, boxed(ask)));
        self
    }

    /// Lets users join presence channels that fit a pattern: `room.{id}` is for `presence-room.7`.
    ///
    /// The answer is an `Option<Member>`, or a `Result` of one whose error is logged and refuses.
    ///
    /// ```
    /// # use echolite_server::{Channels, Member, Params};
    /// # struct User { id: u64, name: String }
    /// let channels = Channels::new().presence("room.{id}", |user: User, _: Params| async move {
    ///     Some(Member::new(user.id, &serde_json::json!({ "name": user.name })))
    /// });
    /// ```
    ///
    /// # Panics
    /// When the pattern is not well formed; it is a constant of the program.
    #[must_use]
    pub fn presence<F, A>(mut self, pattern: &str, ask: F) -> Self
    where
        F: Fn(U, Params) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<Verdict>,
    {
        self.rules.push(Rule::new(Kind::Presence, pattern, boxed(ask)));
        self
    }

    /// The route `POST /broadcasting/auth`, where clients ask.
    pub fn router<S>(self, credentials: Credentials) -> Router<S>
    where
        U: FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        self.router_at(PATH, credentials)
    }

    /// The same route at another path.
    pub fn router_at<S>(self, path: &str, credentials: Credentials) -> Router<S>
    where
        U: FromRequestParts<S>,
        S: Clone + Send + Sync + 'static,
    {
        let office = Arc::new(route::Office { channels: self, credentials });
        Router::new().route(
            path,
            post(move |state: axum::extract::State<S>, request: axum::extract::Request| {
                route::authorize(office.clone(), state, request)
            }),
        )
    }

    /// The rule for a channel, and what its pattern took from the name.
    fn rule(&self, kind: Kind, name: &str) -> Option<(&Rule<U>, Params)> {
        let mut rules = self.rules.iter().filter(|rule| rule.kind == kind);
        rules.find_map(|rule| Some((rule, rule.pattern.matches(name)?)))
    }
}

impl<U> Rule<U> {
    fn new(kind: Kind, pattern: &str, ask: Ask<U>) -> Self {
        let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
        Self { kind, pattern, ask }
    }
}

impl<U> std::fmt::Debug for Channels<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|rule| &rule.pattern)).finish()
    }
}
