//! The conformance suite on the store in memory.

use echolite_store::{
    MemoryStore,
    conformance::{self, Harness},
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
