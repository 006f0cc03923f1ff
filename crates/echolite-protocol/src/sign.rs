//! Signatures of channels, users and webhooks: HMAC-SHA256 with the application's secret, in hex.
//!
//! The signatures of HTTP requests are in [`crate::request`].

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// An application's public key and its secret, ready to sign and to verify.
///
/// ```
/// use echolite_protocol::Credentials;
/// let app = Credentials::new("278d425bdf160c739803", "7ad3773142a6692b25b8");
/// let auth = app.channel_auth("1234.1234", "private-foobar", None);
/// assert_eq!(auth, "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4");
/// assert!(app.verify_channel_auth(&auth, "1234.1234", "private-foobar", None).is_ok());
/// ```
#[derive(Clone)]
pub struct Credentials {
    key: String,
    mac: Hmac<Sha256>,
}

/// Why an `auth` string was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Not of the form `key:signature`.
    #[error("auth must be \"key:signature\", as the application's back end signed it")]
    Malformed,
    /// Signed for another application.
    #[error("auth names another application key; the back end and the client use different keys")]
    WrongKey,
    /// The signature does not belong to this socket and channel.
    #[error("the signature is not that of this socket and channel; is the secret the same?")]
    WrongSignature,
}

impl Credentials {
    /// Takes an application's key and secret.
    #[must_use]
    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub fn new(key: &str, secret: &str) -> Self {
        let mac = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
        Self { key: key.to_owned(), mac }
    }

    /// The public key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Signs the parts, joined without a separator.
    #[must_use]
    pub fn sign(&self, parts: &[&str]) -> String {
        hex::encode(self.mac_of(parts).finalize().into_bytes())
    }

    /// Whether `signature` (hex) is that of the parts. Takes the same time for every wrong one.
    #[must_use]
    pub fn verify(&self, parts: &[&str], signature: &str) -> bool {
        let mut expected = [0; 32];
        hex::decode_to_slice(signature, &mut expected).is_ok()
            && self.mac_of(parts).verify_slice(&expected).is_ok()
    }

    /// The `auth` of a channel: `key:signature`. `channel_data` is signed exactly as it is sent.
    #[must_use]
    pub fn channel_auth(&self, socket: &str, channel: &str, channel_data: Option<&str>) -> String {
        self.auth(&channel_parts(socket, channel, &channel_data))
    }

    /// Checks the `auth` of a channel, its key included.
    ///
    /// # Errors
    /// [`AuthError`] says what is wrong with it.
    pub fn verify_channel_auth(
        &self,
        auth: &str,
        socket: &str,
        channel: &str,
        channel_data: Option<&str>,
    ) -> Result<(), AuthError> {
        self.verify_auth(auth, &channel_parts(socket, channel, &channel_data))
    }

    /// The `auth` of a user's sign-in. `user_data` is signed exactly as it is sent.
    #[must_use]
    pub fn user_auth(&self, socket: &str, user_data: &str) -> String {
        self.auth(&[socket, "::user::", user_data])
    }

    /// Checks the `auth` of a sign-in, its key included.
    ///
    /// # Errors
    /// [`AuthError`] says what is wrong with it.
    pub fn verify_user_auth(
        &self,
        auth: &str,
        socket: &str,
        user_data: &str,
    ) -> Result<(), AuthError> {
        self.verify_auth(auth, &[socket, "::user::", user_data])
    }

    /// The `X-Pusher-Signature` of a webhook's body.
    #[must_use]
    pub fn webhook_signature(&self, body: &str) -> String {
        self.sign(&[body])
    }

    fn auth(&self, parts: &[&str]) -> String {
        format!("{}:{}", self.key, self.sign(parts))
    }

    fn verify_auth(&self, auth: &str, parts: &[&str]) -> Result<(), AuthError> {
        let (key, signature) = auth.split_once(':').ok_or(AuthError::Malformed)?;
        if key != self.key {
            return Err(AuthError::WrongKey);
        }
        if self.verify(parts, signature) { Ok(()) } else { Err(AuthError::WrongSignature) }
    }

    fn mac_of(&self, parts: &[&str]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// The secret is never printed.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("key", &self.key).finish_non_exhaustive()
    }
}

fn channel_parts<'a>(
    socket: &'a str,
    channel: &'a str,
    channel_data: &Option<&'a str>,
) -> [&'a str; 5] {
    let (colon, data) = channel_data.map_or(("", ""), |data| (":", data));
    [socket, ":", channel, colon, data]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_name() {
        let app = Credentials::new("key", "secret");
        let auth = app.channel_auth("1.2", "private-a", None);
        let check = |auth: &str, socket| app.verify_channel_auth(auth, socket, "private-a", None);
        assert_eq!(check(&auth, "1.2"), Ok(()));
        assert_eq!(check(&auth, "1.3"), Err(AuthError::WrongSignature));
        assert_eq!(check("nothing", "1.2"), Err(AuthError::Malformed));
        assert_eq!(check("key:zz", "1.2"), Err(AuthError::WrongSignature));
        assert_eq!(check(&auth.replace("key:", "other:"), "1.2"), Err(AuthError::WrongKey));
    }

    #[test]
    fn channel_data_is_part_of_what_is_signed() {
        let app = Credentials::new("key", "secret");
        let auth = app.channel_auth("1.2", "presence-a", Some("{}"));
        assert!(app.verify_channel_auth(&auth, "1.2", "presence-a", Some("{}")).is_ok());
        assert!(app.verify_channel_auth(&auth, "1.2", "presence-a", None).is_err());
        assert!(app.verify_channel_auth(&auth, "1.2", "presence-a", Some("{ }")).is_err());
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", Credentials::new("key", "hidden")).contains("hidden"));
    }
}
