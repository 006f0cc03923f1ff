//! The golden file of encrypted channels, made with tweetnacl: what Pusher's SDKs use.
#![cfg(feature = "encrypt")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use echolite_protocol::encryption::{EncryptionKey, OpenError, open, seal, shared_secret};
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../../tests/fixtures/encryption.json")).unwrap()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"))
}

fn nonce(base64: &str) -> [u8; 24] {
    use base64ct::{Base64, Encoding};
    Base64::decode_vec(base64).unwrap().try_into().unwrap()
}

#[test]
fn what_tweetnacl_seals_is_sealed_the_same_and_opened() {
    for case in fixture()["cases"].as_array().unwrap() {
        let master_key = EncryptionKey::from_base64(text(case, "master_key")).unwrap();
        let secret = shared_secret(text(case, "channel"), &master_key);
        assert_eq!(secret.to_base64(), text(case, "shared_secret"), "{}", case["name"]);
        let sealed = seal(&secret, nonce(text(case, "nonce")), text(case, "plaintext"));
        assert_eq!(sealed.nonce, text(case, "nonce"), "{}", case["name"]);
        assert_eq!(sealed.ciphertext, text(case, "ciphertext"), "{}", case["name"]);
        let opened = open(&secret, text(case, "nonce"), text(case, "ciphertext"));
        assert_eq!(opened.as_deref(), Ok(text(case, "plaintext")), "{}", case["name"]);
    }
}

#[test]
fn what_is_damaged_is_refused() {
    for case in fixture()["refused"].as_array().unwrap() {
        let secret = EncryptionKey::from_base64(text(case, "shared_secret")).unwrap();
        let error = match open(&secret, text(case, "nonce"), text(case, "ciphertext")) {
            Err(OpenError::Nonce) => "nonce",
            Err(OpenError::Ciphertext) => "ciphertext",
            Err(OpenError::Secret) => "secret",
            Err(OpenError::Text) => "text",
            Ok(opened) => panic!("{}: opened {opened:?}", case["name"]),
        };
        assert_eq!(error, text(case, "error"), "{}", case["name"]);
    }
}
