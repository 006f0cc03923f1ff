//! What an application answers when a user wants to join.

use super::params::Params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

/// Who somebody is on a presence channel: what the other members are told.
///
/// ```
/// use echolite_server::Member;
/// let member = Member::new(7, &serde_json::json!({ "name": "Zoë" }));
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    user_id: String,
    user_info: Value,
}

impl Member {
    /// A user with an id, and what is told about it; `&()` for nothing.
    ///
    /// # Panics
    /// When `info` cannot be written as JSON: a map with keys that are no strings.
    #[must_use]
    pub fn new(user_id: impl Display, info: &(impl Serialize + ?Sized)) -> Self {
        let user_info = serde_json::to_value(info)
            .unwrap_or_else(|error| panic!("a member's info must be JSON: {error}"));
        Self { user_id: user_id.to_string(), user_info }
    }
}

/// Whether a user may join a channel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Permission {
    /// Yes.
    Allowed,
    /// Yes, and as whom: on presence channels.
    Member(Member),
    /// No.
    Denied,
    /// No, and the client is told why.
    DeniedBecause(String),
    /// It could not be found out; the reason is logged, and the answer is no.
    Failed(String),
}

impl From<bool> for Permission {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

impl<E: Display> From<Result<bool, E>> for Permission {
    fn from(result: Result<bool, E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.to_string()), Self::from)
    }
}

impl From<Option<Member>> for Permission {
    fn from(member: Option<Member>) -> Self {
        member.map_or(Self::Denied, Self::Member)
    }
}

impl<E: Display> From<Result<Option<Member>, E>> for Permission {
    fn from(result: Result<Option<Member>, E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.to_string()), Self::from)
    }
}

type Answer = Pin<Box<dyn Future<Output = Permission> + Send>>;

/// The application's closure, its types erased.
pub(super) type Ask<U> = Box<dyn Fn(U, Params) -> Answer + Send + Sync>;

pub(super) fn boxed<U, P, F, A>(ask: F) -> Ask<U>
where
    P: DeserializeOwned,
    F: Fn(U, P) -> A + Send + Sync + 'static,
    A: Future + Send + 'static,
    A::Output: Into<Permission>,
{
    Box::new(move |user, params| match params.read() {
        Ok(params) => {
            let answer = ask(user, params);
            Box::pin(async move { answer.await.into() })
        }
        Err(why) => Box::pin(std::future::ready(Permission::DeniedBecause(why.to_string()))),
    })
}
