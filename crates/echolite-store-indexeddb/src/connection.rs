//! Opening the database, and noticing that it was closed.

use crate::{
    layout::{FORMAT, SCOPE, STORES},
    request::{Opened, opened},
    trouble::{message, name},
};
use echolite_store::StoreError;
use js_sys::Reflect;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest};

/// An open database. Dropping it closes it.
pub(crate) struct Connection {
    pub(crate) database: IdbDatabase,
    closed: Rc<Cell<bool>>,
    _on_close: Closure<dyn FnMut()>,
}

impl Connection {
    /// Opens the database; one that is damaged or not ours is deleted and made anew, once. One of a newer build is
    /// left alone.
    pub(crate) async fn open(database: &str) -> Result<Self, StoreError> {
        let factory = factory()?;
        match open(&factory, database).await {
            Ok(database) if is_ours(&database) => return Ok(Self::new(database)),
            // a connection would block the deletion
            Ok(database) => database.close(),
            Err(Failure::Error(error)) => return Err(error),
            Err(Failure::Damaged) => {}
        }
        delete(database).await?;
        match open(&factory, database).await {
            Ok(database) if is_ours(&database) => Ok(Self::new(database)),
            Ok(_) | Err(Failure::Damaged) => {
                Err(unavailable("the database cannot be opened, not even after deleting it"))
            }
            Err(Failure::Error(error)) => Err(error),
        }
    }

    /// Whether the database was closed: deleted or upgraded by another tab, or by the browser.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    fn new(database: IdbDatabase) -> Self {
        let closed = Rc::new(Cell::new(false));
        let on_close = Closure::<dyn FnMut()>::new({
            let (closed, database) = (closed.clone(), database.clone());
            move || {
                closed.set(true);
                database.close();
            }
        });
        let listener = Some(on_close.as_ref().unchecked_ref());
        database.set_onversionchange(listener);
        database.set_onclose(listener);
        Self { database, closed, _on_close: on_close }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        self.database.close();
    }
}

enum Failure {
    /// Nothing to be done here.
    Error(StoreError),
    /// Deleting the database may help.
    Damaged,
}

fn factory() -> Result<IdbFactory, StoreError> {
    // the getter itself throws in sandboxed frames, and gives null in some private modes
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into());
    match factory.map(JsCast::dyn_into::<IdbFactory>) {
        Ok(Ok(factory)) => Ok(factory),
        Ok(Err(_)) => Err(unavailable("there is no IndexedDB")),
        Err(thrown) => Err(unavailable(&message(&thrown))),
    }
}

async fn open(factory: &IdbFactory, database: &str) -> Result<IdbDatabase, Failure> {
    let request = request(factory, database).map_err(|thrown| failure(&thrown))?;
    match opened(&request).await {
        Ok(Opened::Done(database)) => Ok(database.unchecked_into()),
        Ok(Opened::Waiting) => {
            close_when_opened(&request);
            Err(Failure::Error(StoreError::Blocked))
        }
        Err(thrown) => Err(failure(&thrown)),
    }
}

fn request(factory: &IdbFactory, database: &str) -> Result<IdbOpenDbRequest, JsValue> {
    let request = factory.open_with_u32(database, FORMAT)?;
    let upgraded = request.clone();
    let on_upgrade = Closure::once_into_js(move || upgrade(&upgraded));
    request.set_onupgradeneeded(Some(on_upgrade.unchecked_ref()));
    Ok(request)
}

/// Removes what an older layout holds, but for the scope's record, and makes the object stores.
fn upgrade(request: &IdbOpenDbRequest) {
    let Ok(database) = request.result() else { return };
    let database: &IdbDatabase = database.unchecked_ref();
    let names = database.object_store_names();
    let old = (0..names.length()).filter_map(|index| names.get(index));
    for store in old.filter(|store| store != SCOPE) {
        let _ = database.delete_object_store(&store);
    }
    for store in STORES {
        // throws where it is there; where it fails otherwise, `is_ours` finds the store missing
        let _ = database.create_object_store(store);
    }
}

/// A request that is not waited for any longer may still come true, with nobody to use it: the connection would keep
/// other tabs from an upgrade.
fn close_when_opened(request: &IdbOpenDbRequest) {
    let opened = request.clone();
    let close = Closure::once_into_js(move || {
        if let Ok(database) = opened.result() {
            database.unchecked_ref::<IdbDatabase>().close();
        }
    });
    request.set_onsuccess(Some(close.unchecked_ref()));
}

/// Deletes a database, whatever it holds.
pub(crate) async fn delete(database: &str) -> Result<(), StoreError> {
    let request = factory()?.delete_database(database).map_err(|it| unavailable(&message(&it)))?;
    match opened(&request).await {
        Ok(Opened::Done(_)) => Ok(()),
        Ok(Opened::Waiting) => Err(StoreError::Blocked),
        Err(thrown) => Err(unavailable(&message(&thrown))),
    }
}

fn is_ours(database: &IdbDatabase) -> bool {
    let names = database.object_store_names();
    STORES.iter().all(|store| names.contains(store))
}

/// What a failure to open means. Only what speaks of the stored data itself is worth deleting it for.
fn failure(thrown: &JsValue) -> Failure {
    match &*name(thrown) {
        "QuotaExceededError" => Failure::Error(StoreError::Quota),
        "VersionError" => Failure::Error(StoreError::Newer),
        "UnknownError" | "NotReadableError" | "DataError" => Failure::Damaged,
        // private browsing, storage switched off, the browser shutting down
        _ => Failure::Error(unavailable(&message(thrown))),
    }
}

fn unavailable(message: &str) -> StoreError {
    StoreError::Unavailable { message: message.into() }
}
