//! Signing in: who the user of a connection is.

use super::{Effect, Session, error};
use echolite_protocol::{CloseCode, User, error_text, server_frame};
use std::sync::Arc;

impl Session {
    /// Signs the connection in. A refusal leaves the connection as it was.
    pub(super) fn on_sign_in(&mut self, auth: &str, user_data: &str) -> Vec<Effect> {
        match self.check_user(auth, user_data) {
            Err(refusal) => vec![refusal],
            Ok(user) => {
                let success = Effect::Send(server_frame::signin_success(user_data).into());
                if self.user.is_some() {
                    return vec![success];
                }
                let user = Arc::new(user);
                self.user = Some(user.clone());
                vec![success, Effect::SignIn(user)]
            }
        }
    }

    fn check_user(&self, auth: &str, user_data: &str) -> Result<User, Effect> {
        let refused = |why: &str| {
            let text = format!("{}: {why}", error_text::UNAUTHORIZED);
            error(CloseCode::Unauthorized, &text)
        };
        let credentials = &self.rules.credentials;
        let checked = credentials.verify_user_auth(auth, &self.id.to_string(), user_data);
        checked.map_err(|why| refused(&why.to_string()))?;
        let user = User::parse(user_data).map_err(|why| {
            refused(&format!(
                "user_data is not {{\"id\":\"…\"}} with a string that says who: {why}"
            ))
        })?;
        let limits = &self.rules.config.limits;
        if user.id.len() > limits.user_id {
            return Err(refused(&format!("a user's id has at most {} characters", limits.user_id)));
        }
        if self.user.as_ref().is_some_and(|known| known.id != user.id) {
            return Err(refused("this connection is signed in as another user"));
        }
        if user.watchlist.len() > limits.watchlist {
            let text = format!("a watchlist has at most {} users", limits.watchlist);
            return Err(error(CloseCode::WatchlistLimit, &text));
        }
        Ok(user)
    }
}
