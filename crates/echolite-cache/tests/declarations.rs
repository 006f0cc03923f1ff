//! Stored rows answer one question: rows are kept for a name and the fingerprint of its declaration.

mod rig;

use echolite_cache::{
    Batch, Command, Config, Name, Position, Query, ResourceConfig, StoreInput, Stored, Term,
};
use echolite_core::json::Json;
use rig::{Rig, Wire, config, products, recovered, row, standing};

const CHANNEL: &str = "private-products";

fn kept(category: &str) -> ResourceConfig {
    ResourceConfig {
        url: format!("https://shop.test/api/products?category={category}").into(),
        fingerprint: format!("[\"{category}\"]").into(),
        channels: vec![CHANNEL.into()],
        persist: true,
        ..products()
    }
}

fn recovering() -> Config {
    let config = config();
    let core = echolite_core::Config { recover: true, ..config.core };
    Config { core, persist: true, ..config }
}

/// A page that owns the store and has not heard of it yet.
fn page(term: u64) -> Rig {
    let mut rig = Rig::new(recovering());
    rig.answers_pings = true;
    rig.store(StoreInput::Owned(Term(term)));
    rig
}

/// Answers what the store is asked for: it has nothing but this commit.
fn load_from(rig: &mut Rig, kept: &Batch<Json>) {
    for key in rig.loads() {
        let meta = kept.meta.clone();
        let rows = kept.put.clone();
        let stored = (key == kept.resource).then_some(Stored { meta, rows });
        rig.store(StoreInput::Loaded(key, stored));
    }
}

fn subscribe(rig: &mut Rig) -> Vec<String> {
    rig.establish_recovering();
    for (request, _) in rig.authorizations() {
        rig.authorize(request);
    }
    rig.sent()
}

/// A visit that reads the shoes and stores them; what it stored.
fn shoes_are_stored() -> Batch<Json> {
    let mut rig = page(1);
    rig.declare(kept("shoes"));
    for key in rig.loads() {
        rig.store(StoreInput::Loaded(key, None));
    }
    subscribe(&mut rig);
    rig.confirm_with(CHANNEL, standing("e", 41));
    rig.answer_list(&[row(1, 1)]);
    assert_eq!(rig.state(), "fresh");
    let mut last = None;
    while let Some((request, batch)) = rig.commits().pop() {
        rig.store(StoreInput::Committed(request, Ok(())));
        last = Some(batch);
    }
    let batch = last.expect("it is stored");
    let at = Position { epoch: "e".into(), offset: 41 };
    assert_eq!(batch.meta.positions, [(Name::from(CHANNEL), at)]);
    batch
}

#[test]
fn another_declaration_of_a_name_is_not_given_the_rows_of_the_first() {
    let shoes = shoes_are_stored();
    let mut rig = page(2);
    rig.declare(kept("hats"));
    load_from(&mut rig, &shoes);
    assert_eq!(subscribe(&mut rig), [format!("subscribe {CHANNEL} app:sig")]);
    rig.confirm_with(CHANNEL, standing("e", 41));
    assert_eq!((rig.state(), rig.shown.len()), ("empty(loading)".to_owned(), 0));
    let read = rig.answer_list(&[row(7, 1)]);
    assert_eq!(read.validator, None, "the validator was the shoes'");
    assert_eq!((rig.state(), rig.versions()), ("fresh".to_owned(), vec![(7, 1)]));
    let stored = rig.commits();
    assert!(stored.iter().all(|(_, batch)| batch.resource != shoes.resource), "beside the shoes");
}

#[test]
fn the_same_declaration_is_given_its_rows_again() {
    let shoes = shoes_are_stored();
    let mut rig = page(2);
    rig.declare(kept("shoes"));
    load_from(&mut rig, &shoes);
    assert_eq!(subscribe(&mut rig), [format!("subscribe {CHANNEL} app:sig after e;41")]);
    rig.confirm_with(CHANNEL, recovered("e", 41, true));
    assert_eq!((rig.state(), rig.versions()), ("fresh".to_owned(), vec![(1, 1)]));
    rig.no_read(10_000);
}

#[test]
fn a_declaration_that_follows_in_the_same_page_is_not_given_what_was_asked_for_the_first() {
    let shoes = shoes_are_stored();
    for closed in [true, false] {
        let mut rig = page(2);
        rig.declare(kept("shoes"));
        let asked = rig.loads();
        if closed {
            rig.command(Command::CloseResource("products".into()));
        }
        rig.command(Command::Resource(kept("hats")));
        rig.command(Command::Live(1, "products".into(), Query::default()));
        // the store answers the first question late
        let (meta, rows) = (shoes.meta.clone(), shoes.put.clone());
        rig.store(StoreInput::Loaded(asked[0].clone(), Some(Stored { meta, rows })));
        assert_eq!((rig.state(), rig.shown.len()), ("empty(loading)".to_owned(), 0), "{closed}");
        load_from(&mut rig, &shoes);
        subscribe(&mut rig);
        rig.confirm_with(CHANNEL, standing("e", 41));
        rig.answer_list(&[row(7, 1)]);
        assert_eq!((rig.state(), rig.versions()), ("fresh".to_owned(), vec![(7, 1)]));
    }
}

#[test]
fn a_read_of_the_first_declaration_does_not_answer_the_second() {
    let mut rig = page(2);
    rig.declare(kept("shoes"));
    for key in rig.loads() {
        rig.store(StoreInput::Loaded(key, None));
    }
    subscribe(&mut rig);
    rig.confirm_with(CHANNEL, standing("e", 41));
    let shoes = rig.read();
    rig.command(Command::CloseResource("products".into()));
    rig.command(Command::Resource(kept("hats")));
    rig.command(Command::Live(2, "products".into(), Query::default()));
    for key in rig.loads() {
        rig.store(StoreInput::Loaded(key, None));
    }
    rig.answer(&shoes, Rig::list(&[row(1, 1)], Some("shoes")));
    let inspected = rig.engine.inspect();
    assert!(inspected.contains(r#""rows":0"#), "{inspected}");
}

#[test]
fn a_name_is_told_from_its_fingerprint() {
    let stored = kept("shoes").stored_as();
    assert_eq!(echolite_cache::persist::name_of(&stored), "products");
    assert_ne!(stored, kept("hats").stored_as());
    assert_eq!(&*products().stored_as(), "products");
    for name in ["products", "two\nlines"] {
        assert_eq!(echolite_cache::persist::name_of(name), name);
    }
}
