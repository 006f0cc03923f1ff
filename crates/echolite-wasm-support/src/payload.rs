//! The application's data as the browser holds it.

use crate::{intern, js};
use echolite_core::{Name, Payload, Scalar};
use js_sys::{Array, Object};
use std::{cell::RefCell, fmt, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// An object: `Reflect.get` would need a `catch`, which each row's every field would pay for.
    type Fielded;

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn field(this: &Fielded, name: &JsValue) -> JsValue;
}

/// A value of JSON, held by reference.
#[derive(Clone)]
pub struct JsPayload(pub JsValue);

type Fields = Rc<[JsValue]>;

thread_local! {
    /// Field names of each path seen; there are as many as resources declare.
    static PATHS: RefCell<Vec<(Box<str>, Fields)>> = const { RefCell::new(Vec::new()) };
}

fn fields(path: &str) -> Fields {
    PATHS.with_borrow_mut(|paths| {
        if let Some((_, fields)) = paths.iter().find(|(known, _)| **known == *path) {
            return fields.clone();
        }
        let names = path.split('.').filter(|name| !name.is_empty());
        let fields: Fields = names.map(intern::js).collect();
        paths.push((path.into(), fields.clone()));
        fields
    })
}

fn get(value: &JsValue, name: &JsValue) -> Option<JsValue> {
    value.is_object().then(|| value.unchecked_ref::<Fielded>().field(name))
}

impl Payload for JsPayload {
    fn at(&self, path: &str) -> Option<Self> {
        let fields = fields(path);
        let Some((first, others)) = fields.split_first() else { return Some(self.clone()) };
        let mut value = get(&self.0, first)?;
        for field in others {
            value = get(&value, field)?;
        }
        (!value.is_undefined()).then_some(Self(value))
    }

    fn scalar(&self) -> Scalar {
        let value = &self.0;
        // asking first is cheaper than a string that is none
        if value.is_string() {
            Scalar::Text(value.as_string().unwrap_or_default().into())
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

    fn parse(text: &str) -> Option<Self> {
        js::parse(&JsValue::from_str(text)).ok().map(Self)
    }

    fn from_text(text: &str) -> Self {
        Self(JsValue::from_str(text))
    }

    /// By identity, else by the text of their JSON, which never leaves JavaScript, else by their fields: an
    /// event and a list of the same back end may have them in another order.
    fn same(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        match (js::stringify(&self.0), js::stringify(&other.0)) {
            (Ok(ours), Ok(theirs)) => ours == theirs || same_fields(&self.0, &other.0),
            _ => false,
        }
    }

    fn lacks(&self, other: &Self) -> Option<Name> {
        lacks(&self.0, &other.0).map(Name::from)
    }

    fn over(&self, other: &Self) -> Self {
        match (self.0.dyn_ref::<Object>(), other.0.dyn_ref::<Object>()) {
            (Some(own), Some(known)) => {
                let copy = Object::assign(&Object::new(), known);
                Self(Object::assign(&copy, own).into())
            }
            _ => self.clone(),
        }
    }
}

fn lacks(own: &JsValue, other: &JsValue) -> Option<String> {
    let (own, other) = (own.dyn_ref::<Object>()?, other.dyn_ref::<Object>()?);
    if Array::is_array(own) != Array::is_array(other) {
        return None;
    }
    let field = |of: &JsValue, name: &JsValue| of.unchecked_ref::<Fielded>().field(name);
    let is_list = Array::is_array(other);
    for name in Object::keys(other) {
        let (value, of_other) = (field(own, &name), field(other, &name));
        let path = name.as_string().unwrap_or_default();
        if value.is_undefined() && !of_other.is_undefined() {
            // a list may be shorter
            return (!is_list).then_some(path);
        }
        if let Some(within) = lacks(&value, &of_other) {
            return Some([&*path, ".", &*within].concat());
        }
        if is_list {
            break;
        }
    }
    None
}

/// Whether both are the same JSON, whatever the order of fields; arrays have their indexes for fields.
fn same_fields(ours: &JsValue, theirs: &JsValue) -> bool {
    if ours == theirs {
        return true;
    }
    let (Some(our), Some(their)) = (ours.dyn_ref::<Object>(), theirs.dyn_ref::<Object>()) else {
        return false;
    };
    let names = Object::keys(our);
    let field = |of: &JsValue, name: &JsValue| of.unchecked_ref::<Fielded>().field(name);
    Array::is_array(ours) == Array::is_array(theirs)
        && names.length() == Object::keys(their).length()
        && names.iter().all(|name| same_fields(&field(ours, &name), &field(theirs, &name)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn payload(json: &str) -> JsPayload {
        JsPayload(js::parse(&json.into()).unwrap())
    }

    #[wasm_bindgen_test]
    fn fields_are_found_by_path() {
        let row = payload(r#"{"a":{"b":[1,{"c":"d"}],"n":null,"t":true},"":7}"#);
        assert_eq!(row.leaf("a.b.0"), Scalar::Number(1.0));
        assert_eq!(row.leaf("a.b.1.c"), Scalar::Text("d".into()));
        assert_eq!(row.leaf("a.n"), Scalar::Null);
        assert_eq!(row.leaf("a.t"), Scalar::Bool(true));
        assert_eq!(row.leaf("a.b"), Scalar::Other);
        for missing in ["b", "a.x", "a.b.9", "a.n.x", "a.t.x", "a.b.1.c.x"] {
            assert!(row.at(missing).is_none(), "{missing}");
        }
        assert!(row.at("").unwrap().same(&row));
        assert_eq!(row.text("a.b.1.c").as_deref(), Some("d"));
    }

    #[wasm_bindgen_test]
    fn kinds_are_told_apart() {
        assert!(payload("{}").is_object());
        for other in ["[]", "null", "1", "\"text\""] {
            assert!(!payload(other).is_object(), "{other}");
        }
        assert_eq!(payload("[1,2]").items().map(|items| items.len()), Some(2));
        assert!(payload(r#"{"length":2}"#).items().is_none());
    }

    #[wasm_bindgen_test]
    fn the_order_of_fields_does_not_count() {
        let row = payload(r#"{"id":1,"tags":[{"a":1,"b":null}],"name":"x"}"#);
        assert!(row.same(&payload(r#"{"name":"x","id":1,"tags":[{"b":null,"a":1}]}"#)));
        for other in [
            r#"{"name":"x","id":1,"tags":[{"b":null,"a":2}]}"#,
            r#"{"name":"x","id":1,"tags":[{"b":null,"c":1}]}"#,
            r#"{"name":"x","id":1,"tags":{"0":{"a":1,"b":null}}}"#,
        ] {
            assert!(!row.same(&payload(other)), "{other}");
        }
    }

    #[wasm_bindgen_test]
    fn a_poorer_row_lacks_a_field_and_is_put_over_the_known_one() {
        let known = payload(r#"{"id":1,"category":{"id":2,"name":"x"},"tags":[{"id":1,"t":2}]}"#);
        for (row, lacking) in [
            (r#"{"id":1,"category":{"id":2}}"#, "category.name"),
            (r#"{"id":1,"category":null,"tags":[{"id":3}]}"#, "tags.0.t"),
            (r#"{"category":null,"tags":[]}"#, "id"),
        ] {
            assert_eq!(payload(row).lacks(&known).as_deref(), Some(lacking), "{row}");
        }
        let whole = payload(r#"{"id":1,"category":null,"tags":[],"more":1}"#);
        assert!(whole.lacks(&known).is_none());
        let merged = payload(r#"{"id":1,"category":null}"#).over(&known);
        assert!(merged.same(&payload(r#"{"id":1,"category":null,"tags":[{"id":1,"t":2}]}"#)));
        assert_eq!(known.leaf("category.name"), Scalar::Text("x".into()));
    }

    #[wasm_bindgen_test]
    fn the_same_json_is_the_same() {
        let row = payload(r#"{"a":[1,"x",null]}"#);
        assert!(row.same(&row.clone()));
        assert!(row.same(&payload(r#"{"a":[1,"x",null]}"#)));
        for other in [r#"{"a":[1,"x"]}"#, "{}", "null", "1"] {
            assert!(!row.same(&payload(other)), "{other}");
        }
        assert!(payload("1").same(&payload("1")));
    }
}
