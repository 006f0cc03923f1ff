//! A list rests on the subscription that it has now, never on one that was left.

mod rig;

use echolite_cache::{Command, Query, ResourceConfig};
use echolite_core::{Input, SocketInput};
use rig::{Rig, Wire, config, products, row};

fn declared() -> Rig {
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(products());
    rig.establish();
    rig
}

fn declare_again(rig: &mut Rig, resource: ResourceConfig) {
    rig.command(Command::CloseResource("products".into()));
    (rig.shown, rig.status) = (Vec::new(), None);
    rig.declare(resource);
}

/// Closed and declared again within a round trip: the first confirmation is that of the subscription that was left.
#[test]
fn a_read_from_before_the_second_subscription_does_not_make_the_list_fresh() {
    for times in 1..=3 {
        let mut rig = declared();
        for _ in 0..times {
            declare_again(&mut rig, products());
        }
        for _ in 0..times {
            rig.confirm("products");
        }
        rig.answer_list(&[row(1, 1)]);
        assert_eq!(rig.state(), "stale(subscribing)", "{times}");
        // the row changed before the server took up the last subscription: nobody was told
        rig.confirm("products");
        rig.answer_list(&[row(1, 2)]);
        assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()), "{times}");
    }
}

#[test]
fn a_list_declared_again_while_its_channel_is_authorised_hears_its_events() {
    let private = || ResourceConfig { channels: vec!["private-products".into()], ..products() };
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(private());
    rig.establish();
    let first = rig.authorizations()[0].0;
    rig.authorize(first);
    declare_again(&mut rig, private());
    let second = rig.authorizations()[0].0;
    rig.confirm("private-products");
    rig.authorize(second);
    let subscribed = |sent: &&String| sent.starts_with("subscribe");
    assert_eq!(rig.sent().iter().filter(subscribed).count(), 2);
    rig.confirm("private-products");
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
}

#[test]
fn a_resource_declared_after_a_refusal_asks_to_join_again() {
    let private = |name: &str| ResourceConfig {
        name: name.into(),
        channels: vec!["private-products".into()],
        ..products()
    };
    let mut rig = Rig::new(config());
    rig.answers_pings = true;
    rig.declare(private("products"));
    rig.establish();
    let refuse = |rig: &mut Rig| {
        let asked = rig.authorizations();
        assert_eq!(asked.len(), 1);
        rig.refuse(asked[0].0, Some(401));
    };
    refuse(&mut rig);
    // the same again
    declare_again(&mut rig, private("products"));
    refuse(&mut rig);
    // another that hears the same channel
    rig.command(Command::Resource(private("offers")));
    rig.command(Command::Live(2, "offers".into(), Query::default()));
    refuse(&mut rig);
    rig.pass(60_000);
    assert_eq!(rig.authorizations(), [], "but not by itself");
}

/// A frame that nobody can read may have been an event of any channel.
#[test]
fn a_frame_that_cannot_be_read_leads_to_a_read() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.happens(Input::Socket(rig.socket_number(), SocketInput::Malformed));
    assert_eq!(rig.state(), "stale(missed)");
    rig.answer_list(&[row(1, 2)]);
    assert_eq!((rig.versions(), rig.state()), (vec![(1, 2)], "fresh".to_owned()));
}
