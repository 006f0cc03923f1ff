//! Positions and recovery: what was missed is replayed, and a reconnect without a gap costs no read.

mod connected;
mod reconnects;
#[path = "../rig/mod.rs"]
mod rig;
mod stored;

use echolite_cache::{Config, ReadReply, ReadTarget, ResourceConfig};
use rig::{Rig, Wire, config, products, standing};
use serde_json::Value;

const CHANNEL: &str = "private-products";
const OTHER: &str = "private-prices";

fn resource() -> ResourceConfig {
    ResourceConfig { channels: vec![CHANNEL.into()], ..products() }
}

fn recovering() -> Config {
    let config = config();
    Config { core: echolite_core::Config { recover: true, ..config.core }, ..config }
}

/// A resource that is fresh, its channel at `e;41`.
fn fresh(resource: ResourceConfig, rows: &[Value]) -> Rig {
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    let channels = resource.channels.clone();
    rig.declare(resource);
    rig.establish_recovering();
    channels.iter().for_each(|channel| rig.confirm_with(channel, standing("e", 41)));
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
    rig.establish_recovering();
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
