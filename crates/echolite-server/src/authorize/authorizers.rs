//! All authorisers behind one address: finds the one that is asked.

use super::channel_authorizer::{AuthRequest, ChannelAuthorizer, Refusal};
use axum::http::request::Parts;
use echolite_protocol::{ChannelName, Credentials};
use serde_json::Value;

/// The authorisers of several kinds of users, and the credentials that answers are signed with.
pub(super) struct Authorizers<S> {
    authorizers: Vec<Box<dyn ChannelAuthorizer<S>>>,
    credentials: Credentials,
}

impl<S> Authorizers<S> {
    pub(super) fn new(
        authorizers: Vec<Box<dyn ChannelAuthorizer<S>>>,
        credentials: Credentials,
    ) -> Self {
        Self { authorizers, credentials }
    }

    /// The path where users sign in, when they do.
    pub(super) fn sign_in_path(&self) -> Option<&str> {
        self.authorizers.iter().find_map(|authorizer| authorizer.sign_in_path())
    }

    /// Asks the first authoriser that has a rule for the channel, else the first of all.
    pub(super) async fn decide(
        &self,
        parts: &mut Parts,
        state: &S,
        (socket, name): (&str, &str),
    ) -> Result<Value, Refusal> {
        let denied = |why: String| Refusal::Denied(why);
        let channel = ChannelName::new(name).map_err(|why| denied(why.to_string()))?;
        let knows = self.authorizers.iter().find(|authorizer| authorizer.knows(&channel));
        let authorizer = knows.or(self.authorizers.first());
        let authorizer =
            authorizer.ok_or_else(|| denied(format!("{name}: no channels are defined")))?;
        let request = AuthRequest { parts, state, socket, credentials: &self.credentials };
        authorizer.decide(request, &channel).await
    }

    /// Asks the first authoriser with which users sign in.
    pub(super) async fn sign_in(
        &self,
        parts: &mut Parts,
        state: &S,
        socket: &str,
    ) -> Result<Value, Refusal> {
        let mut authorizers = self.authorizers.iter();
        let authorizer = authorizers.find(|authorizer| authorizer.sign_in_path().is_some());
        let authorizer =
            authorizer.ok_or_else(|| Refusal::Denied("Nobody signs in here.".into()))?;
        let request = AuthRequest { parts, state, socket, credentials: &self.credentials };
        authorizer.sign_in(request).await
    }
}
