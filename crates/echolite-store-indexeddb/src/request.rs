//! IndexedDB's requests as futures.
//!
//! The promises resolve within the request's own event, and what awaits them runs in the microtasks
//! right after, while the transaction is still active: so a transaction may await its own requests,
//! and nothing else.

use js_sys::{Function, Promise, futures::JsFuture};
use std::{future::poll_fn, pin::pin, task::Poll};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{IdbOpenDbRequest, IdbRequest, IdbTransaction};

/// Limit for a database to open (milliseconds). Less than the engine waits for its rows, so that the reason is
/// known then.
const OPENING: i32 = 4_000;

/// Limit for connections in the way to close (milliseconds): theirs close by themselves, but not before
/// the transaction that they are in has ended.
const BLOCKED: i32 = 1_000;

/// Limit for anything else (milliseconds).
const LONGEST: i32 = 10_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: i32);
}

/// What came of a request to open or delete a database.
pub(crate) enum Opened {
    /// It is done, and this is the result.
    Done(JsValue),
    /// Connections of other tabs are in the way, or the browser does not answer.
    Waiting,
}

/// Waits for a future; `None` where it takes too long. It is dropped then.
pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = pin!(settle(|resolve, _| set_timeout(resolve, LONGEST)));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => timer.as_mut().poll(cx).map(|_| None),
    })
    .await
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

/// Waits for a database to be opened or deleted, for a while.
pub(crate) async fn opened(request: &IdbOpenDbRequest) -> Result<Opened, JsValue> {
    let settled = settle(|resolve, reject| {
        request.set_onsuccess(Some(resolve));
        let ends = resolve.clone();
        let on_blocked = Closure::once_into_js(move || set_timeout(&ends, BLOCKED));
        request.set_onblocked(Some(on_blocked.unchecked_ref()));
        request.set_onerror(Some(reject));
        set_timeout(resolve, OPENING);
    });
    match settled.await {
        // `result` throws while the request is under way
        Ok(_) => Ok(request.result().map_or(Opened::Waiting, Opened::Done)),
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
