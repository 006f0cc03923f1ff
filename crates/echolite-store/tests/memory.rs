//! The conformance suite on the store in memory.
#![allow(clippy::unwrap_used, reason = "tests")]

use echolite_store::{
    MemoryStore, Store, StoreError,
    conformance::{self, Harness, ready},
};

struct Memory;

impl Harness<String> for Memory {
    type Store = MemoryStore<String>;

    async fn fresh(&self) -> Self::Store {
        MemoryStore::new()
    }

    async fn reopen(&self, store: &Self::Store) -> Self::Store {
        store.clone()
    }

    async fn size(&self, store: &Self::Store) -> usize {
        store.len()
    }

    fn payload(&self, text: &str) -> String {
        text.into()
    }

    fn text(&self, payload: &String) -> String {
        payload.clone()
    }
}

macro_rules! one {
    ($name:ident) => {
        #[test]
        fn $name() {
            conformance::ready(conformance::$name(&Memory));
        }
    };
}

echolite_store::for_each_conformance_test!(one);

#[test]
fn of_three_builds_only_the_newest_writes() {
    let scope = MemoryStore::<String>::new();
    let [one, two, three] = [1.0, 2.0, 3.5].map(|build| scope.of_build(Some(build)));
    ready(one.claim()).unwrap();
    ready(two.claim()).unwrap();
    assert_eq!(ready(one.claim()), Err(StoreError::Newer));
    ready(three.claim()).unwrap();
    for older in [&one, &two] {
        assert_eq!(ready(older.look()), Err(StoreError::Newer));
        assert_eq!(ready(older.claim()), Err(StoreError::Newer));
        assert_eq!(ready(older.load("products")).err(), Some(StoreError::Newer));
    }
    // one that does not say its number is neither older nor newer, and the newest is not forgotten
    ready(scope.of_build(None).claim()).unwrap();
    ready(three.claim()).unwrap();
    assert_eq!(ready(two.claim()), Err(StoreError::Newer));
}
