//! What an application answers when a user wants to join.

use super::Params;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

/// Whether a user may join a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Denied,
    /// It could not be found out; the reason is logged, and the answer is no.
    Failed(String),
}

impl From<bool> for Verdict {
    fn from(allowed: bool) -> Self {
        if allowed { Self::Allowed } else { Self::Denied }
    }
}

impl<E: Display> From<Result<bool, E>> for Verdict {
    fn from(result: Result<bool, E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.to_string()), Self::from)
    }
}

type Answer = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// The application's closure, its types erased.
pub(super) type Ask<U> = Box<dyn Fn(U, Params) -> Answer + Send + Sync>;

pub(super) fn boxed<U, F, A>(ask: F) -> Ask<U>
where
    F: Fn(U, Params) -> A + Send + Sync + 'static,
    A: Future + Send + 'static,
    A::Output: Into<Verdict>,
{
    Box::new(move |user, params| {
        let answer = ask(user, params);
        Box::pin(async move { answer.await.into() })
    })
}
