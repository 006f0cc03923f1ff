//! Payloads outside a browser: parsed JSON, shared.

use std::rc::Rc;

use serde_json::Value;

use crate::{Payload, Scalar};

/// Parsed JSON as a payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Rc<Value>);

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self(Rc::new(value))
    }
}

impl Payload for Json {
    fn at(&self, path: &str) -> Option<Self> {
        let mut value = &*self.0;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            value = value.get(name)?;
        }
        Some(Self(Rc::new(value.clone())))
    }

    fn scalar(&self) -> Scalar {
        match &*self.0 {
            Value::Null => Scalar::Null,
            Value::Bool(value) => Scalar::Bool(*value),
            Value::Number(number) => number.as_f64().map_or(Scalar::Other, Scalar::Number),
            Value::String(text) => Scalar::Text(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => Scalar::Other,
        }
    }

    fn items(&self) -> Option<Vec<Self>> {
        Some(self.0.as_array()?.iter().cloned().map(Self::from).collect())
    }

    fn is_object(&self) -> bool {
        self.0.is_object()
    }

    fn parse(text: &str) -> Option<Self> {
        serde_json::from_str::<Value>(text).ok().map(Self::from)
    }

    fn from_text(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}
