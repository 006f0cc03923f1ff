//! Authorises one kind of user: its channels, and the answers that it gets.

use super::channels::{Channels, Kind};
use super::handler::Permission;
use super::sign_in::SignIn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use echolite_protocol::encryption::shared_secret;
use echolite_protocol::{ChannelName, Credentials};
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;

/// A client's request to be authorised, and what its answer is signed with.
pub(super) struct AuthRequest<'a, S> {
    pub(super) parts: &'a mut Parts,
    pub(super) state: &'a S,
    pub(super) socket: &'a str,
    pub(super) credentials: &'a Credentials,
}

/// The reason for a refusal.
pub(super) enum Refusal {
    /// The user could not be extracted: the extractor's own answer.
    Guard(Box<Response>),
    /// The user may not.
    Denied(String),
}

pub(super) type Decision<'a> = Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send + 'a>>;

/// The channels of one kind of user, its type erased.
pub(super) trait ChannelAuthorizer<S>: Send + Sync {
    /// Whether there is a rule for the channel.
    fn knows(&self, channel: &ChannelName) -> bool;

    /// Signs a channel, or refuses.
    fn decide<'a>(&'a self, request: AuthRequest<'a, S>, channel: &'a ChannelName) -> Decision<'a>;

    /// Where users sign in, when they do.
    fn sign_in_path(&self) -> Option<&str>;

    /// Signs a user, or refuses.
    fn sign_in<'a>(&'a self, request: AuthRequest<'a, S>) -> Decision<'a>;
}

impl<U, S> ChannelAuthorizer<S> for Channels<U>
where
    U: FromRequestParts<S> + Send + 'static,
    S: Send + Sync + 'static,
{
    fn knows(&self, channel: &ChannelName) -> bool {
        self.rule(channel).is_some()
    }

    fn decide<'a>(&'a self, request: AuthRequest<'a, S>, channel: &'a ChannelName) -> Decision<'a> {
        Box::pin(async move {
            let user = user(request.parts, request.state).await?;
            let permission = match self.rule(channel) {
                Some((rule, params)) => (rule.ask)(user, params).await,
                None => Permission::DeniedBecause("no channel is defined for this name".into()),
            };
            self.answer(channel, permission, request.socket, request.credentials)
                .map_err(|why| Refusal::Denied(format!("{channel}: {why}")))
        })
    }

    fn sign_in_path(&self) -> Option<&str> {
        self.sign_in.as_ref().map(|(path, _)| path.as_str())
    }

    fn sign_in<'a>(&'a self, request: AuthRequest<'a, S>) -> Decision<'a> {
        Box::pin(async move {
            let user = user(request.parts, request.state).await?;
            let refused = |why: &str| Err(Refusal::Denied(why.to_owned()));
            let sign_in = match &self.sign_in {
                Some((_, identify)) => identify(user).await,
                None => SignIn::Denied,
            };
            match sign_in {
                SignIn::As(user) if user.has_id() => {
                    let data = json!(user).to_string();
                    let auth = request.credentials.user_auth(request.socket, &data);
                    Ok(json!({ "auth": auth, "user_data": data }))
                }
                SignIn::As(_) => {
                    tracing::error!("the rule of signing in must give a user with an id");
                    refused("The user has no id.")
                }
                SignIn::Denied => refused("This user may not sign in."),
                SignIn::Failed(reason) => {
                    tracing::error!(reason, "the rule of signing in failed");
                    refused("It could not be found out who this user is.")
                }
            }
        })
    }
}

impl<U> Channels<U> {
    /// What the client gets, or why it is refused.
    fn answer(
        &self,
        channel: &ChannelName,
        permission: Permission,
        socket: &str,
        credentials: &Credentials,
    ) -> Result<Value, String> {
        let name = channel.as_str();
        let sign = |data: Option<&str>| credentials.channel_auth(socket, name, data);
        let kind = Kind::of(channel).ok_or("only private and presence channels are joined here")?;
        match (kind, permission) {
            (Kind::Private, Permission::Allowed | Permission::Member(_)) => {
                Ok(json!({ "auth": sign(None) }))
            }
            (Kind::Encrypted, Permission::Allowed | Permission::Member(_)) => {
                let Some(key) = &self.master_key else {
                    tracing::error!(channel = name, "an encrypted channel needs the master key");
                    return Err("the application has no key for encrypted channels".into());
                };
                let secret = shared_secret(name, key).to_base64();
                Ok(json!({ "auth": sign(None), "shared_secret": secret }))
            }
            (Kind::Presence, Permission::Member(member)) => {
                let data = json!(member).to_string();
                Ok(json!({ "auth": sign(Some(&data)), "channel_data": data }))
            }
            (Kind::Presence, Permission::Allowed) => {
                tracing::error!(channel = name, "a presence channel's rule must give a Member");
                Err("its rule does not say who joins".into())
            }
            (_, Permission::Denied) => Err("this user may not subscribe to it".into()),
            (_, Permission::DeniedBecause(why)) => Err(why),
            (_, Permission::Failed(reason)) => {
                tracing::error!(channel = name, reason, "the channel's rule failed");
                Err("it could not be found out whether this user may join".into())
            }
        }
    }
}

async fn user<U: FromRequestParts<S>, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<U, Refusal> {
    let user = U::from_request_parts(parts, state).await;
    user.map_err(|rejection| Refusal::Guard(Box::new(rejection.into_response())))
}
