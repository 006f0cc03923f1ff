//! End-to-end encryption of `private-encrypted-` channels: NaCl's secretbox (XSalsa20-Poly1305).
//!
//! Back ends hold a master key; a channel's secret is made from it and given, with the channel's
//! signature, to who may read. The server passes on what it cannot read. Randomness is an argument:
//! a nonce must never be used twice with a secret, and 24 random bytes never are.

use base64ct::{Base64, Encoding};
use crypto_secretbox::aead::AeadInPlace;
use crypto_secretbox::{KeyInit, Nonce, Tag, XSalsa20Poly1305};
use sha2::{Digest, Sha256};

/// The length of keys and secrets, in bytes.
pub const KEY_LENGTH: usize = 32;
/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: usize = 24;
/// What is added before the encrypted text, in bytes.
const TAG_LENGTH: usize = 16;

/// An encryption master key or a channel's secret: 32 bytes, which are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptionKey([u8; KEY_LENGTH]);

/// The text is no key: not base64, or not 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an encryption key is 32 bytes in base64, as `openssl rand -base64 32` prints them")]
pub struct KeyError;

/// The data of an encrypted event, as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Encrypted {
    /// 24 bytes, in base64.
    pub nonce: String,
    /// The encrypted text and its authentication, in base64.
    pub ciphertext: String,
}

/// Why an encrypted text was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The nonce is not 24 bytes in base64.
    #[error("the nonce is not 24 bytes in base64")]
    Nonce,
    /// The ciphertext is not base64, or too short.
    #[error("the ciphertext is not base64 of an encrypted text")]
    Ciphertext,
    /// Another secret, another nonce, or changed on its way.
    #[error("the secret does not open it; ask for the channel's secret again")]
    Secret,
    /// What was encrypted is no text.
    #[error("what was encrypted is not UTF-8")]
    Text,
}

impl EncryptionKey {
    /// Takes the bytes.
    #[must_use]
    pub const fn new(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// Reads base64: a master key as Pusher's SDKs take it, or the `shared_secret` of an answer.
    ///
    /// # Errors
    /// [`KeyError`] when it is not 32 bytes in base64.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        decode(text).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(KeyError)
    }

    /// The `shared_secret` of an answer: base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        Base64::encode_string(&self.0)
    }

    fn cipher(&self) -> XSalsa20Poly1305 {
        XSalsa20Poly1305::new(&self.0.into())
    }
}

/// The key is never printed.
impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EncryptionKey(…)")
    }
}

/// The secret of a channel, by its full name: SHA-256 of the name followed by the master key.
#[must_use]
pub fn shared_secret(channel: &str, master_key: &EncryptionKey) -> EncryptionKey {
    let hash = Sha256::new().chain_update(channel).chain_update(master_key.0);
    EncryptionKey(hash.finalize().into())
}

/// Encrypts a text with a channel's secret.
///
/// ```
/// use echolite_protocol::encryption::{EncryptionKey, open, seal, shared_secret};
/// let master_key = EncryptionKey::new([7; 32]);
/// let secret = shared_secret("private-encrypted-orders", &master_key);
/// let sealed = seal(&secret, [1; 24], r#"{"id":7}"#);
/// assert_eq!(open(&secret, &sealed.nonce, &sealed.ciphertext).unwrap(), r#"{"id":7}"#);
/// ```
#[must_use]
#[allow(clippy::expect_used, reason = "only texts over 256 GB are refused")]
pub fn seal(secret: &EncryptionKey, nonce: [u8; NONCE_LENGTH], text: &str) -> Encrypted {
    let mut bytes = vec![0; TAG_LENGTH];
    bytes.extend_from_slice(text.as_bytes());
    let cipher = secret.cipher();
    let sealed = cipher.encrypt_in_place_detached(&nonce.into(), b"", &mut bytes[TAG_LENGTH..]);
    let tag = sealed.expect("a text in memory is short enough");
    bytes[..TAG_LENGTH].copy_from_slice(&tag);
    Encrypted { nonce: Base64::encode_string(&nonce), ciphertext: Base64::encode_string(&bytes) }
}

/// Decrypts what was encrypted with the same secret; nonce and ciphertext in base64.
///
/// # Errors
/// [`OpenError`] when it was not, or is damaged. [`OpenError::Secret`] may mean that the secret was
/// changed since: Pusher's clients then ask for authorisation once more.
pub fn open(secret: &EncryptionKey, nonce: &str, ciphertext: &str) -> Result<String, OpenError> {
    let nonce: [u8; NONCE_LENGTH] =
        decode(nonce).and_then(|bytes| bytes.try_into().ok()).ok_or(OpenError::Nonce)?;
    let mut bytes = decode(ciphertext).ok_or(OpenError::Ciphertext)?;
    let (tag, text) = bytes.split_at_mut_checked(TAG_LENGTH).ok_or(OpenError::Ciphertext)?;
    let (nonce, tag) = (Nonce::from(nonce), Tag::clone_from_slice(tag));
    let opened = secret.cipher().decrypt_in_place_detached(&nonce, b"", text, &tag);
    opened.map_err(|_| OpenError::Secret)?;
    bytes.drain(..TAG_LENGTH);
    String::from_utf8(bytes).map_err(|_| OpenError::Text)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_name() {
        let secret = EncryptionKey::new([1; 32]);
        let Encrypted { nonce, ciphertext } = seal(&secret, [2; 24], "text");
        let open = |nonce: &str, ciphertext: &str| open(&secret, nonce, ciphertext);
        assert_eq!(open(&nonce, &ciphertext).as_deref(), Ok("text"));
        assert_eq!(open("?", &ciphertext), Err(OpenError::Nonce));
        assert_eq!(open("AAAA", &ciphertext), Err(OpenError::Nonce));
        assert_eq!(open(&nonce, "?"), Err(OpenError::Ciphertext));
        assert_eq!(open(&nonce, "AAAA"), Err(OpenError::Ciphertext));
        assert_eq!(open(&Base64::encode_string(&[3; 24]), &ciphertext), Err(OpenError::Secret));
        let other = EncryptionKey::new([4; 32]);
        assert_eq!(super::open(&other, &nonce, &ciphertext), Err(OpenError::Secret));
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_and_is_not_printed() {
        let key = EncryptionKey::new([5; 32]);
        assert_eq!(EncryptionKey::from_base64(&key.to_base64()), Ok(key.clone()));
        for wrong in ["", "AAAA", "?", "not a key"] {
            assert_eq!(EncryptionKey::from_base64(wrong), Err(KeyError), "{wrong}");
        }
        assert_eq!(format!("{key:?}"), "EncryptionKey(…)");
    }
}
