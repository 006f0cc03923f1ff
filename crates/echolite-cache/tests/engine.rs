//! The engine as a whole: what is declared again, several resources on one channel, clones, and how many changes at once.

mod rig;

use echolite_cache::{
    Command, Config, Meta, Name, Position, ReadTarget, ResourceConfig, StoreInput, Stored, Wall,
};
use echolite_core::{ClientFrame, Output as CoreOutput};
use rig::{Rig, Wire, config, products, row};
use serde_json::json;

const ROWS: &str = "https://shop.test/api/products";

#[test]
fn what_is_declared_again_as_it_was_keeps_its_rows() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    rig.command(Command::Resource(products()));
    assert_eq!((rig.state(), rig.versions()), ("fresh".into(), vec![(1, 1)]));
    rig.no_read(60_000);
}

#[test]
fn what_is_declared_otherwise_begins_anew() {
    let mut rig = Rig::fresh(products(), &[row(1, 1)]);
    let other = format!("{ROWS}?category=hats");
    rig.command(Command::CloseLive(1));
    rig.shown.clear();
    rig.declare(ResourceConfig { url: other.as_str().into(), ..products() });
    assert_eq!(rig.state(), "empty(loading)");
    let read = rig.answer_list(&[row(2, 1)]);
    assert_eq!((&*read.url, read.validator), (&*other, None));
    assert_eq!((rig.state(), rig.versions()), ("fresh".into(), vec![(2, 1)]));
}

#[test]
fn clones_draw_alike_until_their_seeds_differ() {
    let due = |seed: Option<u64>| {
        let mut rig = Rig::fresh(products(), &[row(1, 1)]);
        rig.pass(60_000);
        rig.engine = rig.engine.clone();
        if let Some(seed) = seed {
            rig.engine.reseed(seed);
        }
        rig.changed(json!({}));
        rig.poll_timeout().map(|timeout| timeout.at)
    };
    assert_eq!(due(None), due(None));
    let drawn: std::collections::BTreeSet<_> = (0..20).map(|seed| due(Some(seed))).collect();
    assert!(drawn.len() > 5, "{drawn:?}");
}

/// Two resources of one channel, whose rows were stored at different positions.
#[test]
fn a_channel_is_replayed_from_the_earliest_position_of_its_resources() {
    for offsets in [[41, 43], [43, 41]] {
        let core = echolite_core::Config { recover: true, ..config().core };
        let mut rig = Rig::new(Config { core, persist: true, ..config() });
        let names = ["products", "prices"];
        for name in names {
            let url = format!("https://shop.test/api/{name}");
            let declared = ResourceConfig { name: name.into(), persist: true, ..products() };
            rig.command(Command::Resource(ResourceConfig { url: url.into(), ..declared }));
        }
        for (name, offset) in names.into_iter().zip(offsets) {
            let at = Position { epoch: "e".into(), offset };
            let meta = Meta {
                schema: 1,
                as_of: Some(Wall(rig.now.wall.0 - 1_000)),
                positions: vec![("products".into(), at)],
                ..Meta::default()
            };
            let stored = Stored { meta, rows: Vec::new() };
            rig.store(StoreInput::Loaded(Name::from(name), Some(stored)));
        }
        rig.establish_recovering();
        let asked = rig.take(|output| match output {
            CoreOutput::Send(_, ClientFrame::Subscribe { recover, .. }) => Some(recover.clone()),
            _ => None,
        });
        assert_eq!(asked, [Some(Position { epoch: "e".into(), offset: 41 })]);
    }
}

#[test]
fn a_read_of_many_changes_tells_each() {
    let rows: Vec<_> = (1..=40).map(|id| row(id, 1)).collect();
    let mut rig = Rig::fresh(products(), &rows);
    rig.command(Command::Refresh("products".into()));
    let mut changed: Vec<_> = (1..=38).map(|id| row(id, 2)).collect();
    changed.push(row(50, 1));
    rig.answer_list(&changed);
    let changes = rig.take_changes();
    assert_eq!(changes.len(), 38 + 1 + 2);
    for told in ["update 38", "insert 50", "delete 39", "delete 40"] {
        assert!(changes.iter().any(|change| change == told), "{told}: {changes:?}");
    }
}

/// Rows are read one by one as long as they are few.
#[test]
fn an_event_that_names_many_rows_is_one_read_of_the_list() {
    let rows: Vec<_> = (1..=20).map(|id| row(id, 1)).collect();
    for (named, target) in [(8, ReadTarget::Row), (9, ReadTarget::List)] {
        let mut rig = Rig::fresh(products(), &rows);
        let urls: Vec<_> = (1..=named).map(|id| format!("{ROWS}/{id}")).collect();
        rig.changed(json!({ "url": urls }));
        assert_eq!(rig.read().target, target, "{named}");
    }
}
