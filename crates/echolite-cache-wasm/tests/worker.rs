//! The driver in a worker, where there is no window.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{BY_PRICE, PRODUCTS, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn socket_lock_and_store_are_there() {
    let database = format!("worker-{}-{}", js_sys::Date::now(), js_sys::Math::random());
    support::install_fake_web_socket();
    let (engine, listener) =
        support::engine(&support::with_database(&database), &JsValue::UNDEFINED);
    engine.resource(&json(PRODUCTS));
    engine.live(1, &"products".into(), &json(BY_PRICE));
    support::until_lock(&database, true).await.unwrap();
    support::establish(0);
    let told = support::recorded(&listener, "connection");
    assert!(told.ends_with(r#","1.1"]]"#), "{told}");
    assert!(!support::recorded(&listener, "activity").contains("store-failed"));
    engine.clear(3);
    support::until(&listener, "cleared", "3").await.unwrap();
    drop(engine);
    support::until_lock(&database, false).await.unwrap();
}
