//! Positions and recovery: what was missed is replayed, and a reconnect without a gap costs no read.

mod connected;
mod listeners;
mod reconnects;
#[path = "../rig/mod.rs"]
mod rig;
mod stored;

use echolite_core::{Config, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, config, products};
use serde_json::{Value, json};

const CHANNEL: &str = "private-products";
const OTHER: &str = "private-prices";

fn resource() -> ResourceConfig {
    ResourceConfig { channels: vec![CHANNEL.into()], ..products() }
}

fn recovering() -> Config {
    Config { recover: true, ..config() }
}

fn establish(rig: &mut Rig) {
    let echolite = json!({ "version": 1, "recovery": true });
    let data = json!({ "socket_id": "1.1", "activity_timeout": 30, "echolite": echolite });
    rig.frame("pusher:connection_established", None, data);
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
}

fn standing(epoch: &str, offset: u64) -> Value {
    json!({ "position": { "epoch": epoch, "offset": offset } })
}

fn recovered(epoch: &str, offset: u64, covered: bool) -> Value {
    json!({ "position": { "epoch": epoch, "offset": offset }, "recovered": covered })
}

fn confirm(rig: &mut Rig, channel: &str, data: Value) {
    rig.frame("pusher_internal:subscription_succeeded", Some(channel), data);
}

/// A resource that is fresh, its channel at `e;41`.
fn fresh(resource: ResourceConfig, rows: &[Value]) -> Rig {
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    let channels = resource.channels.clone();
    rig.declare(resource);
    establish(&mut rig);
    channels.iter().for_each(|channel| confirm(&mut rig, channel, standing("e", 41)));
    rig.answer_list(rows);
    assert_eq!(rig.state(), "fresh");
    rig.outputs.clear();
    rig.changes.clear();
    rig
}

/// Connected anew, the subscription sent.
fn reconnect(rig: &mut Rig) {
    rig.close(1006);
    assert_eq!(rig.state(), "stale(disconnected)");
    rig.pass(2_000);
    establish(rig);
}

fn changed(rig: &mut Rig, offset: u64, data: Value) {
    rig.numbered(CHANNEL, offset, "ProductChanged", data);
}

/// The one conditional read that ends all doubt.
fn one_read(rig: &mut Rig) {
    let read = rig.read();
    assert_eq!((read.target, read.validator.as_deref()), (ReadTarget::List, Some("etag")));
    rig.answer(&read, ReadReply::NotModified { head: None });
    assert_eq!(rig.state(), "fresh");
    rig.no_read(60_000);
}
