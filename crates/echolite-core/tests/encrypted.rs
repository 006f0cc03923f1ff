//! Encrypted channels by inputs and times.

mod rig;

use echolite_core::{Authorization, Command, Input, Output};
use echolite_protocol::encryption::{Encrypted, EncryptionKey, seal, shared_secret};
use rig::{Rig, Wire, config};
use serde_json::{Value, json};

const CHANNEL: &str = "private-encrypted-orders";

fn key(byte: u8) -> EncryptionKey {
    shared_secret(CHANNEL, &EncryptionKey::new([byte; 32]))
}

fn answer(rig: &mut Rig, request: u32, key: Option<&EncryptionKey>) {
    let shared_secret = key.map(|key| key.to_base64().into());
    let auth = Authorization { auth: "app:sig".into(), channel_data: None, shared_secret };
    rig.input(Input::Authorized(request, Ok(auth)));
}

fn joined(first: &EncryptionKey) -> Rig {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.establish();
    rig.command(Command::Subscribe(CHANNEL.into()));
    let request = rig.authorizations()[0].0;
    answer(&mut rig, request, Some(first));
    rig.confirm(CHANNEL);
    rig.outputs.clear();
    rig
}

fn sealed(rig: &mut Rig, key: &EncryptionKey, event: &str, text: &str) {
    let Encrypted { nonce, ciphertext } = seal(key, [9; 24], text);
    rig.frame(event, Some(CHANNEL), json!({ "nonce": nonce, "ciphertext": ciphertext }));
}

fn heard(rig: &mut Rig) -> Vec<(String, Value)> {
    let mut heard = Vec::new();
    rig.outputs.retain(|output| match output {
        Output::Event { event, data, .. } => {
            heard.push((event.to_string(), (*data.0).clone()));
            false
        }
        _ => true,
    });
    heard
}

#[test]
fn events_come_in_plain_text_parsed_where_they_are_json() {
    let mut rig = joined(&key(1));
    sealed(&mut rig, &key(1), "Shipped", r#"{"id":7}"#);
    sealed(&mut rig, &key(1), "Said", "no json");
    let expected = [("Shipped".into(), json!({ "id": 7 })), ("Said".into(), json!("no json"))];
    assert_eq!(heard(&mut rig), expected);
}

#[test]
fn events_that_wait_for_a_key_keep_their_numbers() {
    let mut rig = joined(&key(1));
    let position = json!({ "epoch": "e", "offset": 41 });
    let standing = json!({ "position": position });
    rig.frame("pusher_internal:subscription_succeeded", Some(CHANNEL), standing);
    rig.outputs.clear();
    let numbered = |rig: &mut Rig, offset, event: &str| {
        let Encrypted { nonce, ciphertext } = seal(&key(2), [9; 24], "1");
        let data = json!({ "nonce": nonce, "ciphertext": ciphertext });
        rig.numbered(CHANNEL, offset, event, data);
    };
    numbered(&mut rig, 42, "A");
    rig.frame("echolite:position", Some(CHANNEL), json!({ "offset": 43 }));
    numbered(&mut rig, 44, "B");
    let request = rig.authorizations()[0].0;
    answer(&mut rig, request, Some(&key(2)));
    assert_eq!(heard(&mut rig), [("A".into(), json!(1)), ("B".into(), json!(1))]);
}

#[test]
fn a_rotated_key_is_asked_for_once_and_events_keep_their_order() {
    let mut rig = joined(&key(1));
    sealed(&mut rig, &key(2), "A", "1");
    sealed(&mut rig, &key(2), "B", "2");
    sealed(&mut rig, &key(1), "C", "3");
    assert_eq!(heard(&mut rig), []);
    let asked = rig.authorizations();
    assert_eq!(asked.len(), 1);
    answer(&mut rig, asked[0].0, Some(&key(2)));
    assert_eq!(heard(&mut rig), [("A".into(), json!(1)), ("B".into(), json!(2))]);
    assert!(rig.errors()[0].contains("could not be decrypted"), "{:?}", rig.errors());
    sealed(&mut rig, &key(2), "D", "4");
    assert_eq!(heard(&mut rig), [("D".into(), json!(4))]);
}

#[test]
fn what_no_key_opens_is_told_and_dropped() {
    let mut rig = joined(&key(1));
    rig.frame("Plain", Some(CHANNEL), json!({ "not": "encrypted" }));
    let asked = rig.authorizations();
    rig.refuse(asked[0].0, Some(403));
    assert_eq!(heard(&mut rig), []);
    assert_eq!(rig.errors().len(), 1);
    sealed(&mut rig, &key(1), "A", "1");
    assert_eq!(heard(&mut rig), [("A".into(), json!(1))], "the old key still opens");
}

#[test]
fn an_authorisation_without_a_key_is_refused_with_the_fix() {
    let mut rig = Rig::new(config());
    rig.command(Command::Connect);
    rig.establish();
    rig.command(Command::Subscribe(CHANNEL.into()));
    let request = rig.authorizations()[0].0;
    answer(&mut rig, request, None);
    assert!(rig.errors()[0].contains("no usable shared_secret"), "{:?}", rig.errors());
    assert_eq!(rig.sent(), Vec::<String>::new());
}
