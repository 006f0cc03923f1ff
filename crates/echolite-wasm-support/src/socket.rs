//! One WebSocket, for as long as the engine wants it.

use crate::{JsPayload, frame};
use echolite_core::SocketInput;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

#[wasm_bindgen]
extern "C" {
    /// A WebSocket that sends a JavaScript string as it is.
    type Sender;

    #[wasm_bindgen(method, catch)]
    fn send(this: &Sender, text: &JsValue) -> Result<(), JsValue>;
}

/// An open or opening WebSocket. Dropping it closes it, and nothing of it is heard any more.
pub(crate) struct Socket {
    raw: WebSocket,
    // `Fn`: a listener that has a frame dispatched from within another is no reason to break
    _on_open: Closure<dyn Fn()>,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_close: Closure<dyn Fn(CloseEvent)>,
}

impl Socket {
    /// Opens a socket that reports what happens to it.
    pub(crate) fn open(
        url: &str,
        report: impl Fn(SocketInput<JsPayload>) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let raw = WebSocket::new(url)?;
        let (opened, came, closed) = (report.clone(), report.clone(), report);
        let on_open = Closure::<dyn Fn()>::new(move || opened(SocketInput::Opened));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            came(frame::decode(&event.data()));
        });
        // an `error` says nothing that the `close` after it does not
        let on_close = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| {
            closed(SocketInput::Closed { code: event.code(), reason: event.reason() });
        });
        raw.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        raw.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        raw.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Self { raw, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    /// Sends a text.
    pub(crate) fn send(&self, text: &JsValue) -> Result<(), JsValue> {
        self.raw.unchecked_ref::<Sender>().send(text)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.raw.set_onopen(None);
        self.raw.set_onmessage(None);
        self.raw.set_onclose(None);
        // only a wrong code makes it throw
        let _ = self.raw.close();
    }
}
