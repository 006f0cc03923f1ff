//! Names on both sides of the border, so that a text that comes again is not copied again.
//!
//! Channel and event names come with every frame, field names with every object.

use echolite_core::Name;
use js_sys::Map;
use std::cell::RefCell;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// When so many names are known, all are forgotten: an application that makes names up by the
/// thousand must not fill the memory.
const CAPACITY: usize = 2_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Map)]
    type Numbers;

    #[wasm_bindgen(method)]
    fn get(this: &Numbers, text: &JsValue) -> Option<u32>;

    #[wasm_bindgen(method)]
    fn set(this: &Numbers, text: &JsValue, number: u32);
}

struct Interner {
    names: Vec<(Name, JsValue)>,
    by_text: Numbers,
    /// Places in `names`, in the order of the names: a map of the library would be larger code.
    by_name: Vec<usize>,
}

thread_local!(static INTERNER: RefCell<Interner> = RefCell::new(Interner::new()));

/// The name in a JavaScript string; `None` for anything else.
pub fn name(text: &JsValue) -> Option<Name> {
    INTERNER.with_borrow_mut(|interner| interner.name(text))
}

/// A text as a JavaScript string.
pub fn js(text: &str) -> JsValue {
    INTERNER.with_borrow_mut(|interner| interner.js(text))
}

impl Interner {
    fn new() -> Self {
        let by_text = wasm_bindgen::JsCast::unchecked_into(Map::new());
        Self { names: Vec::new(), by_text, by_name: Vec::new() }
    }

    fn name(&mut self, text: &JsValue) -> Option<Name> {
        if let Some(number) = self.by_text.get(text) {
            return self.names.get(number as usize).map(|(name, _)| name.clone());
        }
        let name = Name::from(text.as_string()?);
        self.keep(name.clone(), text.clone());
        Some(name)
    }

    fn js(&mut self, text: &str) -> JsValue {
        if let Ok(at) = self.place_of(text) {
            return self.names[self.by_name[at]].1.clone();
        }
        let js = JsValue::from_str(text);
        self.keep(text.into(), js.clone());
        js
    }

    fn keep(&mut self, name: Name, js: JsValue) {
        if self.names.len() >= CAPACITY {
            *self = Self::new();
        }
        let number = self.names.len();
        self.by_text.set(&js, number as u32);
        if let Err(at) = self.place_of(&name) {
            self.by_name.insert(at, number);
        }
        self.names.push((name, js));
    }

    /// The place of a name in `by_name`, or the one at which to insert it.
    fn place_of(&self, text: &str) -> Result<usize, usize> {
        self.by_name.binary_search_by(|number| (*self.names[*number].0).cmp(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_name_is_copied_once() {
        let first = name(&JsValue::from_str("größe-🛒")).unwrap();
        let again = name(&JsValue::from_str("größe-🛒")).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(js(&first).as_string().as_deref(), Some("größe-🛒"));
        assert!(Arc::ptr_eq(&first, &name(&js("größe-🛒")).unwrap()));
        for other in [JsValue::UNDEFINED, JsValue::NULL, 1.into(), js_sys::Object::new().into()] {
            assert!(name(&other).is_none());
        }
    }

    #[wasm_bindgen_test]
    fn names_beyond_the_capacity_are_right_all_the_same() {
        for n in 0..CAPACITY * 2 + 10 {
            let text = n.to_string();
            assert_eq!(&*name(&JsValue::from_str(&text)).unwrap(), &*text);
            assert_eq!(js(&text).as_string().as_deref(), Some(&*text));
        }
        assert!(INTERNER.with_borrow(|interner| interner.names.len()) <= CAPACITY);
    }
}
