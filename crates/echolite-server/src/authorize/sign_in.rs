//! Who a connection belongs to: the answer of `/broadcasting/user-auth`.

use serde::Serialize;
use serde_json::Value;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

/// A signed-in user: who it is, what is told about it, and whose coming and going it wants to know.
///
/// ```
/// use echolite_server::UserData;
/// let user = UserData::new(7, &serde_json::json!({ "name": "Zoë" })).watchlist(["8", "9"]);
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct UserData {
    id: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    user_info: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    watchlist: Vec<String>,
}

impl UserData {
    /// A user with an id, and what is told about it; `&()` for nothing.
    ///
    /// # Panics
    /// When `info` cannot be written as JSON: a map with keys that are no strings.
    #[must_use]
    pub fn new(id: impl Display, info: &(impl Serialize + ?Sized)) -> Self {
        let user_info = serde_json::to_value(info)
            .unwrap_or_else(|error| panic!("a user's info must be JSON: {error}"));
        Self { id: id.to_string(), user_info, watchlist: Vec::new() }
    }

    /// The users of whom this one is told when they come online and go.
    #[must_use]
    pub fn watchlist(mut self, ids: impl IntoIterator<Item = impl Display>) -> Self {
        self.watchlist = ids.into_iter().map(|id| id.to_string()).collect();
        self
    }

    pub(super) fn has_id(&self) -> bool {
        !self.id.is_empty()
    }
}

/// Whether a connection may be signed in, and as whom.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SignIn {
    /// Yes.
    As(UserData),
    /// No.
    Denied,
    /// It could not be found out; the reason is logged, and the answer is no.
    Failed(String),
}

impl From<UserData> for SignIn {
    fn from(user: UserData) -> Self {
        Self::As(user)
    }
}

impl From<Option<UserData>> for SignIn {
    fn from(user: Option<UserData>) -> Self {
        user.map_or(Self::Denied, Self::As)
    }
}

impl<T: Into<SignIn>, E: Display> From<Result<T, E>> for SignIn {
    fn from(result: Result<T, E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.to_string()), Into::into)
    }
}

type Answer = Pin<Box<dyn Future<Output = SignIn> + Send>>;

/// The application's closure, its types erased.
pub(super) type Identify<U> = Box<dyn Fn(U) -> Answer + Send + Sync>;

pub(super) fn boxed<U, F, A>(identify: F) -> Identify<U>
where
    F: Fn(U) -> A + Send + Sync + 'static,
    A: Future + Send + 'static,
    A::Output: Into<SignIn>,
{
    Box::new(move |user| {
        let answer = identify(user);
        Box::pin(async move { answer.await.into() })
    })
}
