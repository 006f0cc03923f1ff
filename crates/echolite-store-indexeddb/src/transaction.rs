//! One transaction, in the words of the layout.

use crate::{
    connection::Connection,
    layout::{META, PAGES, SCOPE, STORES, Scope, page_key},
    request::{answer, completion},
};
use js_sys::{Array, Object, Reflect};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{IdbDatabase, IdbKeyRange, IdbObjectStore, IdbTransaction};

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the options of `transaction`.
    #[wasm_bindgen(extends = IdbDatabase)]
    type Durable;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Durable,
        stores: &JsValue,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransaction` with `commit`.
    #[wasm_bindgen(extends = IdbTransaction)]
    type Committing;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Committing) -> Result<(), JsValue>;
}

/// A transaction over all object stores. One that writes is aborted when it is dropped before
/// [`Transaction::commit`].
pub(crate) struct Transaction {
    raw: IdbTransaction,
    /// Whether there is something to abort.
    pending: Cell<bool>,
}

impl Transaction {
    pub(crate) fn read(connection: &Connection) -> Result<Self, JsValue> {
        let raw = begin(connection, "readonly", &JsValue::UNDEFINED)?;
        Ok(Self { raw, pending: Cell::new(false) })
    }

    pub(crate) fn write(connection: &Connection) -> Result<Self, JsValue> {
        let options = Object::new();
        // rows can be read again: not worth the wait for the disk that `strict` is
        Reflect::set(&options, &"durability".into(), &"relaxed".into())?;
        let raw = begin(connection, "readwrite", &options)?;
        Ok(Self { raw, pending: Cell::new(true) })
    }

    /// Waits until all of it is done.
    pub(crate) async fn commit(self) -> Result<(), JsValue> {
        self.pending.set(false);
        let done = completion(&self.raw);
        // where there is no `commit`, the transaction commits by itself
        let _ = self.raw.unchecked_ref::<Committing>().commit();
        done.await
    }

    pub(crate) fn scope(
        &self,
    ) -> Result<impl Future<Output = Result<Scope, JsValue>> + use<>, JsValue> {
        let record = answer(self.store(SCOPE)?.get(&SCOPE.into())?);
        Ok(async move { Ok(Scope::decode(&record.await?)) })
    }

    pub(crate) fn put_scope(&self, scope: Scope) -> Result<(), JsValue> {
        self.store(SCOPE)?.put_with_key(&scope.encode(), &SCOPE.into()).map(drop)
    }

    /// The record that describes a resource; `undefined` where there is none.
    pub(crate) fn meta(
        &self,
        resource: &str,
    ) -> Result<impl Future<Output = Result<JsValue, JsValue>> + use<>, JsValue> {
        Ok(answer(self.store(META)?.get(&resource.into())?))
    }

    pub(crate) fn put_meta(&self, resource: &str, record: &JsValue) -> Result<(), JsValue> {
        self.store(META)?.put_with_key(record, &resource.into()).map(drop)
    }

    /// The names of all resources.
    pub(crate) async fn resources(&self) -> Result<Array, JsValue> {
        Ok(answer(self.store(META)?.get_all_keys()?).await?.unchecked_into())
    }

    /// All pages of a resource, in order.
    pub(crate) fn pages(
        &self,
        resource: &str,
    ) -> Result<impl Future<Output = Result<Array, JsValue>> + use<>, JsValue> {
        let pages = answer(self.store(PAGES)?.get_all_with_key(&pages_from(resource, 0)?)?);
        Ok(async move { Ok(pages.await?.unchecked_into()) })
    }

    pub(crate) fn put_page(
        &self,
        resource: &str,
        number: u32,
        page: &Array,
    ) -> Result<(), JsValue> {
        self.store(PAGES)?.put_with_key(page, &page_key(resource, number)).map(drop)
    }

    /// Deletes the pages of a resource from this number on.
    pub(crate) fn delete_pages(&self, resource: &str, from: u32) -> Result<(), JsValue> {
        self.store(PAGES)?.delete(&pages_from(resource, from)?).map(drop)
    }

    /// Deletes all that is stored of a resource.
    pub(crate) fn delete_resource(&self, resource: &str) -> Result<(), JsValue> {
        self.store(META)?.delete(&resource.into())?;
        self.delete_pages(resource, 0)
    }

    /// Deletes all resources.
    pub(crate) fn delete_all(&self) -> Result<(), JsValue> {
        self.store(META)?.clear()?;
        self.store(PAGES)?.clear().map(drop)
    }

    fn store(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.raw.object_store(name)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.pending.get() {
            // throws where the browser has aborted it already
            let _ = self.raw.abort();
        }
    }
}

fn begin(
    connection: &Connection,
    mode: &str,
    options: &JsValue,
) -> Result<IdbTransaction, JsValue> {
    let stores: Array = STORES.iter().map(|store| JsValue::from_str(store)).collect();
    connection.database.unchecked_ref::<Durable>().transaction(&stores, mode, options)
}

fn pages_from(resource: &str, number: u32) -> Result<JsValue, JsValue> {
    let end = Array::of2(&resource.into(), &f64::INFINITY.into());
    IdbKeyRange::bound(&page_key(resource, number), &end).map(JsValue::from)
}
