//! The conformance suite in the browser: on IndexedDB, and in memory with JavaScript's values.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use echolite_store::conformance;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

mod indexed_db {
    use super::*;

    macro_rules! one {
        ($name:ident) => {
            #[wasm_bindgen_test]
            async fn $name() {
                conformance::$name(&support::Browser).await;
            }
        };
    }

    echolite_store::for_each_conformance_test!(one);
}

mod memory {
    use super::*;

    macro_rules! one {
        ($name:ident) => {
            #[wasm_bindgen_test]
            async fn $name() {
                conformance::$name(&support::Memory).await;
            }
        };
    }

    echolite_store::for_each_conformance_test!(one);
}
