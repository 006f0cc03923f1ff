//! The page's end of the port: `onevent(name, …arguments)`.

use crate::{JsPayload, intern, js};
use echolite_core::Output;
use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Function)]
    type Listener;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell1(this: &Listener, to: &JsValue, name: &JsValue, a: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell2(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell3(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = call)]
    fn tell4(
        this: &Listener,
        to: &JsValue,
        name: &JsValue,
        a: &JsValue,
        b: &JsValue,
        c: &JsValue,
        d: &JsValue,
    ) -> Result<(), JsValue>;
}

thread_local!(static EVENT: JsValue = JsValue::from_str("event"));

/// The page's end: its exceptions are reported and stop nothing here.
pub struct EventSink {
    listener: Listener,
}

impl EventSink {
    pub(crate) fn new(onevent: Function) -> Self {
        Self { listener: onevent.unchecked_into() }
    }

    /// Tells an output of a connection that is told; others are carried out by the driver.
    pub(crate) fn tell(&self, output: Output<JsPayload>) {
        match output {
            Output::Event { channel, event, data, user_id, recovered } => {
                let event = [intern::js(&channel), intern::js(&event), data.0, js::text(user_id)];
                EVENT.with(|name| self.event(name, &event, recovered));
            }
            Output::Connection { state, reason, socket_id } => {
                let (state, reason) = (intern::js(state), JsValue::from_str(&reason));
                self.three(&intern::js("connection"), &state, &reason, &js::text(socket_id));
            }
            Output::SubscriptionError { channel, kind, status, message } => {
                let (channel, message) = (intern::js(&channel), JsValue::from_str(&message));
                let status = status.map_or(JsValue::UNDEFINED, JsValue::from);
                let told = [&channel, &status, &message, &js::text(kind)];
                self.four(&intern::js("subscriptionError"), told);
            }
            Output::Error { code, message } => self.error(code, &message),
            Output::Authorize { request, channel, socket_id } => {
                let (channel, id) = (intern::js(&channel), JsValue::from_str(&socket_id));
                self.three(&intern::js("authorize"), &request.into(), &channel, &id);
            }
            Output::Authenticate { request, socket_id } => {
                let id = JsValue::from_str(&socket_id);
                self.two(&intern::js("authenticate"), &request.into(), &id);
            }
            Output::SignedIn { user_data } => {
                self.one(&intern::js("signedIn"), &JsValue::from_str(&user_data));
            }
            Output::SignInFailed { status, message } => {
                let status = status.map_or(JsValue::UNDEFINED, JsValue::from);
                self.two(&intern::js("signInFailed"), &status, &JsValue::from_str(&message));
            }
            Output::Watchlist(data) => self.one(&intern::js("watchlist"), &data.0),
            Output::OpenSocket(..) | Output::Send(..) | Output::CloseSocket(_) => {}
        }
    }

    /// Something went wrong.
    pub fn error(&self, code: Option<u16>, message: &str) {
        let code = code.map_or(JsValue::UNDEFINED, JsValue::from);
        self.two(&intern::js("error"), &code, &JsValue::from_str(message));
    }

    /// A bug stopped the engine; nothing follows.
    pub(crate) fn failed(&self, message: &str) {
        self.one(&intern::js("failed"), &JsValue::from_str(message));
    }

    /// Answers what the engine knows, a JSON text.
    pub fn inspected(&self, request: u32, facts: &str) {
        let facts = js::parse(&JsValue::from_str(facts)).unwrap_or(JsValue::UNDEFINED);
        self.two(&intern::js("inspected"), &request.into(), &facts);
    }

    /// An event with one argument.
    pub fn one(&self, name: &JsValue, a: &JsValue) {
        js::report_failure(self.listener.tell1(&JsValue::UNDEFINED, name, a));
    }

    /// An event with two arguments.
    pub fn two(&self, name: &JsValue, a: &JsValue, b: &JsValue) {
        js::report_failure(self.listener.tell2(&JsValue::UNDEFINED, name, a, b));
    }

    fn three(&self, name: &JsValue, a: &JsValue, b: &JsValue, c: &JsValue) {
        js::report_failure(self.listener.tell3(&JsValue::UNDEFINED, name, a, b, c));
    }

    /// Most events are live: what is said of the others costs those nothing.
    fn event(&self, name: &JsValue, [a, b, c, d]: &[JsValue; 4], recovered: bool) {
        if recovered {
            let all = Array::of5(name, a, b, c, d);
            all.push(&JsValue::TRUE);
            js::report_failure(self.listener.apply(&JsValue::UNDEFINED, &all).map(|_| ()));
        } else {
            self.four(name, [a, b, c, d]);
        }
    }

    /// An event with four arguments.
    pub fn four(&self, name: &JsValue, [a, b, c, d]: [&JsValue; 4]) {
        js::report_failure(self.listener.tell4(&JsValue::UNDEFINED, name, a, b, c, d));
    }
}
