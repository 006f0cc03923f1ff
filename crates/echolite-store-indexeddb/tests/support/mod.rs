//! A harness over fresh databases, and a hand of its own on what they hold.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use echolite_cache::{Batch, Meta, StoredRow, Term, Wall};
use echolite_store::{MemoryStore, Store, conformance::Harness};
use echolite_store_indexeddb::IndexedDbStore;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// A row as the browser holds it.
#[derive(Clone, Debug)]
pub(crate) struct Row(pub(crate) JsValue);

impl AsRef<JsValue> for Row {
    fn as_ref(&self) -> &JsValue {
        &self.0
    }
}

impl From<JsValue> for Row {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}

impl Row {
    pub(crate) fn new(text: &str) -> Self {
        let row = Object::new();
        Reflect::set(&row, &"name".into(), &text.into()).unwrap();
        Self(row.into())
    }

    pub(crate) fn text(&self) -> String {
        Reflect::get(&self.0, &"name".into()).unwrap().as_string().unwrap()
    }
}

/// Stores in memory, holding JavaScript's values.
pub(crate) struct Memory;

impl Harness<Row> for Memory {
    type Store = MemoryStore<Row>;

    async fn fresh(&self) -> Self::Store {
        MemoryStore::new()
    }

    async fn reopen(&self, store: &Self::Store) -> Self::Store {
        store.clone()
    }

    async fn size(&self, store: &Self::Store) -> usize {
        store.len()
    }

    fn payload(&self, text: &str) -> Row {
        Row::new(text)
    }

    fn text(&self, row: &Row) -> String {
        row.text()
    }
}

/// Stores in IndexedDB, each in a database of its own.
pub(crate) struct Browser;

impl Harness<Row> for Browser {
    type Store = IndexedDbStore<Row>;

    async fn fresh(&self) -> Self::Store {
        IndexedDbStore::new(&new_name())
    }

    async fn reopen(&self, store: &Self::Store) -> Self::Store {
        IndexedDbStore::new(store.database())
    }

    async fn size(&self, store: &Self::Store) -> usize {
        slots(store.database()).await.as_f64().unwrap() as usize
    }

    fn payload(&self, text: &str) -> Row {
        Row::new(text)
    }

    fn text(&self, row: &Row) -> String {
        row.text()
    }

    fn unstorable(&self) -> Option<Row> {
        Some(Row(throwing("a function")))
    }
}

pub(crate) type Rows = IndexedDbStore<Row>;

/// A database name that nobody has used.
pub(crate) fn new_name() -> String {
    thread_local!(static COUNT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    COUNT.set(COUNT.get() + 1);
    format!("test-{}-{}-{}", js_sys::Date::now(), js_sys::Math::random(), COUNT.get())
}

/// A batch that puts rows with these ids.
pub(crate) fn puts(resource: &str, term: Term, ids: &[&str]) -> Batch<Row> {
    let row = |id: &&str| StoredRow {
        id: (*id).into(),
        version: None,
        payload: Some(Row::new(id)),
        deleted_at: Wall(0),
    };
    Batch {
        resource: resource.into(),
        term,
        reset: false,
        meta: Meta::default(),
        put: ids.iter().map(row).collect(),
        remove: Vec::new(),
    }
}

/// The ids stored, in order; `None` where the resource is not stored.
pub(crate) async fn ids(store: &IndexedDbStore<Row>, resource: &str) -> Option<Vec<String>> {
    let stored = store.load(resource).await.unwrap()?;
    let mut ids: Vec<_> = stored.rows.iter().map(|row| row.id.to_string()).collect();
    ids.sort();
    Some(ids)
}

/// The key of a page.
pub(crate) fn page_key(resource: &str, number: u32) -> JsValue {
    Array::of2(&resource.into(), &number.into()).into()
}

#[wasm_bindgen(module = "/tests/support/hand.js")]
extern "C" {
    /// Has all timers fire at once; the answer puts it back.
    pub(crate) fn hurry() -> Function;
    /// Has requests to open a database never be answered; the answer puts it back.
    #[wasm_bindgen(js_name = hangingOpen)]
    pub(crate) fn hanging_open() -> Function;
    /// Keeps all object stores busy until the function that is given is called.
    pub(crate) async fn occupy(name: &str) -> JsValue;
    /// Contents of a database: its version, and the values of each object store.
    #[wasm_bindgen(js_name = contents)]
    async fn contents_of(name: &str) -> JsValue;
    /// Makes a database as the layout before this one was.
    pub(crate) async fn older(name: &str);
    /// How many slots the pages of a database have.
    pub(crate) async fn slots(name: &str) -> JsValue;
    pub(crate) async fn put(name: &str, store: &str, key: &JsValue, value: &JsValue);
    pub(crate) async fn remove(name: &str, store: &str, key: &JsValue);
    pub(crate) async fn foreign(name: &str, version: u32, store: &str);
    pub(crate) async fn erase(name: &str);
    pub(crate) async fn hold(name: &str, version: u32) -> JsValue;
    #[wasm_bindgen(js_name = failOnce)]
    pub(crate) fn fail_once(kind: &str, method: &str, error: &str);
    #[wasm_bindgen(js_name = replaceIndexedDb)]
    pub(crate) fn replace_indexed_db(get: &JsValue) -> Function;
    pub(crate) fn throwing(error: &str) -> JsValue;
    pub(crate) fn giving(value: &JsValue) -> JsValue;
}

/// Contents of a database: its version, and the values of each object store.
pub(crate) async fn contents(name: &str) -> String {
    contents_of(name).await.as_string().unwrap()
}
