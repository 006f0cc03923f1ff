//! The channels of one kind of user, and who may join them.

use super::handler::{Ask, Permission, boxed};
use super::params::Params;
use super::pattern::Pattern;
use super::sign_in::{self, Identify, SignIn};
use echolite_protocol::encryption::EncryptionKey;
use echolite_protocol::{Access, ChannelName};
use serde::de::DeserializeOwned;
use std::future::Future;

/// The path that clients sign in at unless told otherwise.
const SIGN_IN_PATH: &str = "/broadcasting/user-auth";

/// Who may subscribe to which private and presence channels, as Laravel's `routes/channels.php` says it.
///
/// `U` is the user: anything that axum extracts from a request. When it cannot be extracted, its
/// rejection is the answer, so an extractor that wants a login guards every channel. It is extracted
/// for each channel of a request; one that is dear can leave its result in the request's extensions.
/// For several kinds of users see [`Guards`].
///
/// A rule gets the user and what the pattern's parameters stand for: [`Params`], or a type of its own.
///
/// ```
/// use axum::extract::FromRequestParts;
/// use axum::http::{StatusCode, request::Parts};
/// use echolite_server::{AppConfig, Channels, Config, Echolite};
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
///     .private("products", |_: User, ()| async { true })
///     .private("user.{id}", |user: User, id: String| async move { user.id == id });
/// let app: axum::Router = server.router().merge(channels.router(server.credentials("shop")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Channels<U> {
    rules: Vec<Rule<U>>,
    /// Where users sign in, and who they are.
    pub(super) sign_in: Option<(String, Identify<U>)>,
    pub(super) master_key: Option<EncryptionKey>,
}

/// The channels that fit a pattern, and who may join them.
pub(super) struct Rule<U> {
    kind: Kind,
    pattern: Pattern,
    pub(super) ask: Ask<U>,
}

/// The families of channels that are joined by permission, cache variants included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `private-`
    Private,
    /// `presence-`
    Presence,
    /// `private-encrypted-`
    Encrypted,
}

impl<U> Default for Channels<U> {
    fn default() -> Self {
        Self { rules: Vec::new(), sign_in: None, master_key: None }
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
    /// The answer is a `bool`, a [`Permission`], or a `Result` whose error is logged and refuses.
    ///
    /// # Panics
    /// When the pattern is not well formed; it is a constant of the program.
    #[must_use]
    pub fn private<P, F, A>(self, pattern: &str, ask: F) -> Self
    where
        P: DeserializeOwned,
        F: Fn(U, P) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<Permission>,
    {
        self.rule_for(Kind::Private, pattern, boxed(ask))
    }

    /// Lets users join presence channels that fit a pattern: `room.{id}` is for `presence-room.7`.
    ///
    /// The answer is an `Option<Member>`, or a `Result` of one whose error is logged and refuses.
    ///
    /// ```
    /// # use echolite_server::{Channels, Member};
    /// # struct User { id: u64, name: String }
    /// let channels = Channels::new().presence("room.{id}", |user: User, _room: u64| async move {
    ///     Some(Member::new(user.id, &serde_json::json!({ "name": user.name })))
    /// });
    /// ```
    ///
    /// # Panics
    /// When the pattern is not well formed; it is a constant of the program.
    #[must_use]
    pub fn presence<P, F, A>(self, pattern: &str, ask: F) -> Self
    where
        P: DeserializeOwned,
        F: Fn(U, P) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<Permission>,
    {
        self.rule_for(Kind::Presence, pattern, boxed(ask))
    }

    /// Lets users join encrypted channels that fit a pattern: `orders.{id}` is for
    /// `private-encrypted-orders.7`. They are given the channel's secret, so that they can read it.
    ///
    /// Answers as for [`Self::private`]; needs [`Self::encryption_master_key`].
    ///
    /// # Panics
    /// When the pattern is not well formed; it is a constant of the program.
    #[must_use]
    pub fn encrypted<P, F, A>(self, pattern: &str, ask: F) -> Self
    where
        P: DeserializeOwned,
        F: Fn(U, P) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<Permission>,
    {
        self.rule_for(Kind::Encrypted, pattern, boxed(ask))
    }

    /// The key that the secrets of encrypted channels are made from; the same as the
    /// [`Broadcaster`](crate::Broadcaster)'s.
    #[must_use]
    pub fn encryption_master_key(mut self, key: EncryptionKey) -> Self {
        self.master_key = Some(key);
        self
    }

    /// Lets users sign in at `/broadcasting/user-auth`, so that they can be reached wherever they
    /// are, and watched: the answer is a [`UserData`], an `Option` or a `Result` of one.
    ///
    /// ```
    /// # use echolite_server::{Channels, UserData};
    /// # struct User { id: u64, name: String }
    /// let channels = Channels::new().user(|user: User| async move {
    ///     UserData::new(user.id, &serde_json::json!({ "name": user.name }))
    /// });
    /// ```
    #[must_use]
    pub fn user<F, A>(self, identify: F) -> Self
    where
        F: Fn(U) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<SignIn>,
    {
        self.user_at(SIGN_IN_PATH, identify)
    }

    /// The same at another path.
    #[must_use]
    pub fn user_at<F, A>(mut self, path: &str, identify: F) -> Self
    where
        F: Fn(U) -> A + Send + Sync + 'static,
        A: Future + Send + 'static,
        A::Output: Into<SignIn>,
    {
        self.sign_in = Some((path.to_owned(), sign_in::boxed(identify)));
        self
    }

    fn rule_for(mut self, kind: Kind, pattern: &str, ask: Ask<U>) -> Self {
        self.rules.push(Rule::new(kind, pattern, ask));
        self
    }
}

impl<U> Channels<U> {
    /// The rule for a channel, and what its pattern took from the name.
    pub(super) fn rule(&self, channel: &ChannelName) -> Option<(&Rule<U>, Params)> {
        let kind = Kind::of(channel)?;
        let mut rules = self.rules.iter().filter(|rule| rule.kind == kind);
        rules.find_map(|rule| Some((rule, rule.pattern.matches(channel.base())?)))
    }
}

impl<U> Rule<U> {
    fn new(kind: Kind, pattern: &str, ask: Ask<U>) -> Self {
        let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{error}"));
        Self { kind, pattern, ask }
    }
}

impl Kind {
    /// The kind of a channel that is joined by permission.
    pub(super) fn of(channel: &ChannelName) -> Option<Self> {
        match channel.access() {
            Access::Private => Some(Self::Private),
            Access::Presence => Some(Self::Presence),
            Access::Encrypted => Some(Self::Encrypted),
            Access::Public | Access::ServerToUser => None,
        }
    }
}

impl<U> std::fmt::Debug for Channels<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|rule| &rule.pattern)).finish()
    }
}
