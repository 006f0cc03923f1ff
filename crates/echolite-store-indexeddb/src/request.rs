//! IndexedDB's requests as futures.
//!
//! The promises resolve within the request's own event, and what awaits them runs in the microtasks
//! right after, while the transaction is still active: so a transaction may await its own requests,
//! and nothing else.

use js_sys::{Function, Promise, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{IdbOpenDbRequest, IdbRequest, IdbTransaction};

/// What came of a request to open or delete a database.
pub(crate) enum Opened {
    /// It is done, and this is the result.
    Done(JsValue),
    /// Connections of other tabs are in the way.
    Blocked,
}

/// Starts to listen to a request; to be called before anything is awaited.
pub(crate) fn answer(request: IdbRequest) -> impl Future<Output = Result<JsValue, JsValue>> {
    let settled = settle(|resolve, reject| {
        request.set_onsuccess(Some(resolve));
        request.set_onerror(Some(reject));
    });
    async move {
        match settled.await {
            Ok(_) => request.result(),
            Err(event) => Err(request_error(&request, event)),
        }
    }
}

/// Waits for a database to be opened or deleted.
pub(crate) async fn opened(request: &IdbOpenDbRequest) -> Result<Opened, JsValue> {
    let settled = settle(|resolve, reject| {
        request.set_onsuccess(Some(resolve));
        request.set_onblocked(Some(resolve));
        request.set_onerror(Some(reject));
    });
    match settled.await {
        // `result` throws while the request is under way
        Ok(_) => Ok(request.result().map_or(Opened::Blocked, Opened::Done)),
        Err(event) => Err(request_error(request, event)),
    }
}

/// Starts to listen to a transaction; to be called before anything is awaited. Its error is `null`
/// where the transaction was aborted by its own code.
pub(crate) fn completion(
    transaction: &IdbTransaction,
) -> impl Future<Output = Result<(), JsValue>> + use<> {
    let settled = settle(|resolve, reject| {
        transaction.set_oncomplete(Some(resolve));
        transaction.set_onabort(Some(reject));
    });
    let transaction = transaction.clone();
    async move {
        match settled.await {
            Ok(_) => Ok(()),
            Err(_) => Err(transaction.error().map_or(JsValue::NULL, JsValue::from)),
        }
    }
}

/// A future settled by one of two functions, which are to be set as listeners.
fn settle(mut listen: impl FnMut(&Function, &Function)) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| {
        listen(resolve.unchecked_ref(), reject.unchecked_ref());
    }))
}

fn request_error(request: &IdbRequest, event: JsValue) -> JsValue {
    request.error().ok().flatten().map_or(event, JsValue::from)
}
