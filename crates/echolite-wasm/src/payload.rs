//! The application's data as the browser holds it.

use crate::{intern, js};
use echolite_core::{Payload, Scalar};
use js_sys::{Array, Reflect};
use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};

/// A value of JSON, held by reference.
#[derive(Clone)]
pub struct JsPayload(pub JsValue);

thread_local! {
    /// Field names of each path seen; there are as many as resources declare.
    static PATHS: RefCell<BTreeMap<Box<str>, Rc<[JsValue]>>> = const { RefCell::new(BTreeMap::new()) };
}

fn fields(path: &str) -> Rc<[JsValue]> {
    PATHS.with_borrow_mut(|paths| {
        if let Some(fields) = paths.get(path) {
            return fields.clone();
        }
        let names = path.split('.').filter(|name| !name.is_empty());
        let fields: Rc<[JsValue]> = names.map(intern::js).collect();
        paths.insert(path.into(), fields.clone());
        fields
    })
}

impl Payload for JsPayload {
    fn at(&self, path: &str) -> Option<Self> {
        let mut value = self.0.clone();
        for field in &*fields(path) {
            // throws for anything but an object
            value = Reflect::get(&value, field).ok()?;
        }
        (!value.is_undefined()).then_some(Self(value))
    }

    fn scalar(&self) -> Scalar {
        let value = &self.0;
        if let Some(text) = value.as_string() {
            Scalar::Text(text.into())
        } else if let Some(number) = value.as_f64() {
            Scalar::Number(number)
        } else if let Some(truth) = value.as_bool() {
            Scalar::Bool(truth)
        } else if value.is_null() || value.is_undefined() {
            Scalar::Null
        } else {
            Scalar::Other
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        Some(self.0.dyn_ref::<Array>()?.iter().map(Self).collect())
    }

    fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    /// By identity, else by the text of their JSON, which never leaves JavaScript. The order of fields
    /// counts: a back end that changes it makes a row look different, which does no harm.
    fn same(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        match (js::stringify(&self.0), js::stringify(&other.0)) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

impl AsRef<JsValue> for JsPayload {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

impl From<JsValue> for JsPayload {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl fmt::Debug for JsPayload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // JsValue's own would bring code to print any object
        formatter.write_str("JsPayload")
    }
}
