//! What JavaScript sees: one class, whose methods are the commands of the port.

use crate::{
    cached::{self, CacheDriver},
    events,
    store_queue::Job,
    wire,
};
use echolite_cache::{Advice, Command, Input, PageSignal, Reaction, StoreInput};
use echolite_core::{Command as CoreCommand, Input as CoreInput};
use echolite_wasm_support::{
    JsPayload, refuse_after_panic,
    wire::{Expected, auth_reply, name, page_signal},
};
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::wasm_bindgen};

/// A cache with an engine of its own. Freeing it closes its socket and gives its scope up.
///
/// No command throws: what does not fit is told by a `rejected` event where the command has an id, by
/// an `error` event where not.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<CacheDriver>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine with these settings (`EngineConfig`), which tells what happens by calling `onevent`.
    ///
    /// # Errors
    /// Where the settings or the listener do not fit; the message says what was expected.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &JsValue, onevent: JsValue) -> Result<Self, JsError> {
        refuse_after_panic()?;
        let (config, database) =
            wire::config(config).map_err(|expected| JsError::new(&expected))?;
        let onevent: Function =
            onevent.dyn_into().map_err(|_| JsError::new("onevent must be a function"))?;
        Ok(Self { driver: cached::driver(config, database.as_ref(), onevent) })
    }

    /// Connects, and stays connected.
    pub fn connect(&self) {
        self.command(CoreCommand::Connect);
    }

    /// Tells of a change of the page (`PageSignal`).
    pub fn page(&self, signal: &JsValue) {
        match page_signal(signal) {
            Ok(signal) => {
                self.driver.feed(CoreInput::Page(signal));
                if let (PageSignal::Resumed, Some(queue)) = (signal, self.driver.store()) {
                    queue.resume();
                }
            }
            Err(expected) => self.complain(&expected),
        }
    }

    /// Answers `authorize` (`AuthReply`).
    pub fn authorized(&self, request: u32, reply: &JsValue) {
        self.driver.feed(CoreInput::Authorized(request, auth_reply(reply)));
    }

    /// Declares a resource (`WireResource`).
    pub fn resource(&self, definition: &JsValue) {
        self.try_command(wire::resource(definition).map(Command::Resource));
    }

    /// Forgets a resource declared before; its stored rows stay.
    #[wasm_bindgen(js_name = closeResource)]
    pub fn close_resource(&self, resource: &JsValue) {
        self.try_command(name(resource, "resource").map(Command::CloseResource));
    }

    /// Opens or changes a live query (`WireQuery`).
    pub fn live(&self, live: u32, resource: &JsValue, query: &JsValue) {
        let parts =
            name(resource, "resource").and_then(|resource| Ok((resource, wire::query(query)?)));
        match parts {
            Ok((resource, query)) => self.command(Command::Live(live, resource, query)),
            Err(expected) => events::rejected(self.driver.events(), live, &expected),
        }
    }

    /// Closes a live query.
    #[wasm_bindgen(js_name = closeLive)]
    pub fn close_live(&self, live: u32) {
        self.command(Command::CloseLive(live));
    }

    /// Gives a row as soon as its resource has been read; answered by `got`.
    pub fn get(&self, request: u32, resource: &JsValue, id: &JsValue) {
        let parts = name(resource, "resource").and_then(|resource| {
            let id = id.as_string().ok_or("id must be a string")?;
            Ok((resource, id))
        });
        match parts {
            Ok((resource, id)) => self.command(Command::Get(request, resource, id.into())),
            Err(expected) => events::rejected(self.driver.events(), request, &expected),
        }
    }

    /// Reads a resource again, now.
    pub fn refresh(&self, resource: &JsValue) {
        self.try_command(name(resource, "resource").map(Command::Refresh));
    }

    /// Answers `read` (`ReadReply`).
    #[wasm_bindgen(js_name = readDone)]
    pub fn read_done(&self, request: u32, reply: &JsValue) {
        if let Some(age) = wire::age(reply) {
            self.driver.feed(Input::Aged(request, age));
        }
        self.driver.feed(Input::Read(request, wire::read_reply(reply)));
    }

    /// Tells that a part of the answer to `read` came.
    #[wasm_bindgen(js_name = readProgress)]
    pub fn read_progress(&self, request: u32) {
        self.driver.feed(Input::ReadProgress(request));
    }

    /// Answers `consult` (`WireAdvice`).
    pub fn consulted(&self, request: u32, advice: &JsValue) {
        let advice = wire::advice(advice).unwrap_or_else(|expected| {
            self.complain(&expected);
            // the safe one: the back end knows
            Advice::declared(Reaction::Refresh)
        });
        self.driver.feed(Input::Consulted(request, advice));
    }

    /// Tells what the engine knows and concluded; answered by `inspected`.
    pub fn inspect(&self, request: u32) {
        self.driver.inspect(request);
    }

    /// Forgets everything of the scope, stored rows too, and ends; answered by `cleared`.
    pub fn clear(&self, request: u32) {
        self.command(Command::Clear(request));
    }

    /// Gives the scope up, so that another tab may own it; `page('resumed')` asks for it again. For a
    /// page that goes into the back/forward cache (`pagehide` with `persisted`), where it would keep
    /// all other tabs waiting.
    pub fn release(&self) {
        if let Some(queue) = self.driver.store() {
            queue.release();
        }
    }

    /// Gives the scope up to a newer build of the application, for good: this one goes on in memory.
    pub fn retire(&self) {
        if let Some(queue) = self.driver.store() {
            queue.retire();
        }
    }

    /// Another tab clears the scope: forgets everything of it, and ends; answered by `cleared` of request 0.
    pub fn forget(&self) {
        self.driver.feed(Input::Store(StoreInput::Cleared));
    }

    /// Another tab has cleared the scope: sees whether that was after this one's rows were loaded.
    pub fn look(&self) {
        if let Some(queue) = self.driver.store() {
            queue.push(Job::Look);
        }
    }

    fn command(&self, command: impl Into<Input<JsPayload>>) {
        self.driver.feed(command);
    }

    fn try_command(&self, command: Result<impl Into<Input<JsPayload>>, Expected>) {
        match command {
            Ok(command) => self.command(command),
            Err(expected) => self.complain(&expected),
        }
    }

    fn complain(&self, expected: &str) {
        self.driver.events().error(None, expected);
    }
}
