//! Opening the database, and noticing that it was closed.

use crate::{
    layout::{FORMAT, STORES},
    request::{Opened, opened},
    trouble::{message, name},
};
use echolite_store::StoreError;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest};

/// An open database. Dropping it closes it.
pub(crate) struct Connection {
    pub(crate) database: IdbDatabase,
    closed: std::rc::Rc<std::cell::Cell<bool>>,
    _on_close: Closure<dyn FnMut()>,
}

impl Connection {
    /// Opens the database; one that cannot be opened or is not ours is deleted and made anew, once.
    pub(crate) async fn open(database: &str) -> Result<Self, StoreError> {
        let factory = factory()?;
        match open(&factory, database).await {
            Ok(database) if is_ours(&database) => return Ok(Self::new(database)),
            // a connection would block the deletion
            Ok(database) => database.close(),
            Err(Failure::Error(error)) => return Err(error),
            Err(Failure::Damaged) => {}
        }
        delete(&factory, database).await?;
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
        let closed = std::rc::Rc::new(std::cell::Cell::new(false));
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
    let request = factory.open_with_u32(database, FORMAT).map_err(|thrown| failure(&thrown))?;
    let on_upgrade = {
        let request = request.clone();
        Closure::once(move || create_stores(&request))
    };
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    match opened(&request).await {
        Ok(Opened::Done(database)) => Ok(database.unchecked_into()),
        Ok(Opened::Blocked) => {
            close_when_opened(&request);
            Err(Failure::Error(StoreError::Blocked))
        }
        Err(thrown) => Err(failure(&thrown)),
    }
}

fn create_stores(request: &IdbOpenDbRequest) {
    let Ok(database) = request.result() else { return };
    for store in STORES {
        // where this fails, `is_ours` finds the store missing
        let _ = database.unchecked_ref::<IdbDatabase>().create_object_store(store);
    }
}

/// A request that was blocked may still come true, with nobody to use it.
fn close_when_opened(request: &IdbOpenDbRequest) {
    let opened = request.clone();
    let close = Closure::once_into_js(move || {
        if let Ok(database) = opened.result() {
            database.unchecked_ref::<IdbDatabase>().close();
        }
    });
    request.set_onupgradeneeded(None);
    request.set_onsuccess(Some(close.unchecked_ref()));
}

async fn delete(factory: &IdbFactory, database: &str) -> Result<(), StoreError> {
    let request = factory.delete_database(database).map_err(|it| unavailable(&message(&it)))?;
    match opened(&request).await {
        Ok(Opened::Done(_)) => Ok(()),
        Ok(Opened::Blocked) => Err(StoreError::Blocked),
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
        "VersionError" | "UnknownError" | "NotReadableError" | "DataError" => Failure::Damaged,
        // private browsing, storage switched off, the browser shutting down
        _ => Failure::Error(unavailable(&message(thrown))),
    }
}

fn unavailable(message: &str) -> StoreError {
    StoreError::Unavailable { message: message.into() }
}
