//! JavaScript's own functions, as far as they are used here, and plain objects.

use crate::intern;
use echolite_core::Name;
use js_sys::{Object, Reflect, Uint32Array};
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// Milliseconds of a clock that never goes back.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub(crate) fn monotonic() -> f64;

    /// Milliseconds since 1970.
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub(crate) fn wall() -> f64;

    /// `JSON.parse`.
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    pub(crate) fn parse(text: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = JSON, js_name = stringify, catch)]
    pub(crate) fn stringify(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(callback: &JsValue, milliseconds: f64) -> i32;

    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(timeout: i32);

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_randomly(values: &Uint32Array);

    #[wasm_bindgen(js_name = reportError, catch)]
    fn report_error(error: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn log_error(error: &JsValue);
}

/// Calls back after a while, whatever happens meanwhile.
pub fn later(milliseconds: f64, callback: impl FnOnce() + 'static) {
    set_timeout(&Closure::once_into_js(callback), milliseconds);
}

/// Randomness to start from.
pub fn seed() -> u64 {
    let words = Uint32Array::new_with_length(2);
    fill_randomly(&words);
    u64::from(words.get_index(0)) << 32 | u64::from(words.get_index(1))
}

/// Tells an application's own exception to whoever watches for errors, without stopping anything.
pub fn report_failure(result: Result<(), JsValue>) {
    let Err(error) = result else { return };
    // older browsers have no `reportError`
    if report_error(&error).is_err() {
        log_error(&error);
    }
}

/// A text, or `undefined`.
#[must_use]
pub fn text(text: Option<Name>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, |text| JsValue::from_str(&text))
}

/// A field of an object; `undefined` where there is none, or no object.
pub fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &intern::js(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A plain object with these fields, without those that are `undefined`.
pub fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        if !value.is_undefined() {
            // cannot fail on an object of our own
            let _ = Reflect::set(&object, &intern::js(name), &value);
        }
    }
    object.into()
}

/// What a thrown value says.
pub fn message(thrown: &JsValue) -> String {
    let message = field(thrown, "message").as_string();
    message.or_else(|| thrown.as_string()).unwrap_or_else(|| "no reason given".into())
}
