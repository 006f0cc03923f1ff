//! What JavaScript sees: one class, whose methods are the commands of the port.

use crate::{
    JsPayload,
    driver::Driver,
    panic,
    wire::{self, Expected},
};
use echolite_cache::{Command, Input, Reaction, Verdict};
use echolite_core::{Command as CoreCommand, Input as CoreInput, PageSignal};
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::wasm_bindgen};

/// A realtime engine of its own. Freeing it closes its socket and gives its scope up.
///
/// No command throws: what does not fit is told by a `rejected` event where the command has an id, by
/// an `error` event where not.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine with these settings (`EngineConfig`), which tells what happens by calling `onevent`.
    ///
    /// # Errors
    /// Where the settings or the listener do not fit; the message says what was expected.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &JsValue, onevent: JsValue) -> Result<Self, JsError> {
        if panic::has_stopped() {
            return Err(JsError::new("the engine stopped by a bug before: reload the page"));
        }
        let (config, database) =
            wire::config(config).map_err(|expected| JsError::new(&expected))?;
        let onevent: Function =
            onevent.dyn_into().map_err(|_| JsError::new("onevent must be a function"))?;
        Ok(Self { driver: Driver::new(config, database.as_deref(), onevent) })
    }

    /// Connects, and stays connected.
    pub fn connect(&self) {
        self.command(CoreCommand::Connect);
    }

    /// Closes the connection, and stays so.
    pub fn disconnect(&self) {
        self.command(CoreCommand::Disconnect);
    }

    /// Subscribes to a channel by its full name.
    pub fn subscribe(&self, channel: &JsValue) {
        self.try_command(wire::name(channel, "channel").map(CoreCommand::Subscribe));
    }

    /// Leaves a channel.
    pub fn unsubscribe(&self, channel: &JsValue) {
        self.try_command(wire::name(channel, "channel").map(CoreCommand::Unsubscribe));
    }

    /// Sends a client event.
    pub fn trigger(&self, channel: &JsValue, event: &JsValue, data: JsValue) {
        let names = wire::name(channel, "channel")
            .and_then(|channel| Ok((channel, wire::name(event, "event")?)));
        self.try_command(names.map(|(channel, event)| {
            let data = JsPayload(data);
            CoreCommand::Trigger { channel, event, data }
        }));
    }

    /// Tells of a change of the page (`PageSignal`).
    pub fn page(&self, signal: &JsValue) {
        match wire::page_signal(signal) {
            Ok(signal) => {
                if let (PageSignal::Resumed, Some(keeper)) = (signal, self.driver.keeper()) {
                    // a page frozen has given its scope up
                    keeper.own();
                }
                self.driver.feed(CoreInput::Page(signal));
            }
            Err(expected) => self.complain(&expected),
        }
    }

    /// Answers `authorize` (`AuthReply`).
    pub fn authorized(&self, request: u32, reply: &JsValue) {
        self.driver.feed(CoreInput::Authorized(request, wire::auth_reply(reply)));
    }

    /// Signs in as a user, now and after every reconnect.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self) {
        self.command(CoreCommand::SignIn);
    }

    /// Answers `authenticate` (`UserReply`).
    pub fn authenticated(&self, request: u32, reply: &JsValue) {
        self.driver.feed(CoreInput::Authenticated(request, wire::user_reply(reply)));
    }

    /// Declares a resource (`WireResource`).
    pub fn resource(&self, definition: &JsValue) {
        self.try_command(wire::resource(definition).map(Command::Resource));
    }

    /// Forgets a resource declared before; its stored rows stay.
    #[wasm_bindgen(js_name = closeResource)]
    pub fn close_resource(&self, resource: &JsValue) {
        self.try_command(wire::name(resource, "resource").map(Command::CloseResource));
    }

    /// Opens or changes a live query (`WireQuery`).
    pub fn live(&self, live: u32, resource: &JsValue, query: &JsValue) {
        let parts = wire::name(resource, "resource")
            .and_then(|resource| Ok((resource, wire::query(query)?)));
        match parts {
            Ok((resource, query)) => self.command(Command::Live(live, resource, query)),
            Err(expected) => self.driver.teller().rejected(live, &expected),
        }
    }

    /// Closes a live query.
    #[wasm_bindgen(js_name = closeLive)]
    pub fn close_live(&self, live: u32) {
        self.command(Command::CloseLive(live));
    }

    /// Gives a row as soon as its resource has been read; answered by `got`.
    pub fn get(&self, request: u32, resource: &JsValue, id: &JsValue) {
        let parts = wire::name(resource, "resource").and_then(|resource| {
            let id = id.as_string().ok_or("id must be a string")?;
            Ok((resource, id))
        });
        match parts {
            Ok((resource, id)) => self.command(Command::Get(request, resource, id.into())),
            Err(expected) => self.driver.teller().rejected(request, &expected),
        }
    }

    /// Reads a resource again, now.
    pub fn refresh(&self, resource: &JsValue) {
        self.try_command(wire::name(resource, "resource").map(Command::Refresh));
    }

    /// Answers `read` (`ReadReply`).
    #[wasm_bindgen(js_name = readDone)]
    pub fn read_done(&self, request: u32, reply: &JsValue) {
        self.driver.feed(Input::Read(request, wire::read_reply(reply)));
    }

    /// Answers `consult` (`WireAdvice`).
    pub fn consulted(&self, request: u32, verdict: &JsValue) {
        let verdict = wire::verdict(verdict).unwrap_or_else(|expected| {
            self.complain(&expected);
            // the safe one: the back end knows
            Verdict::declared(Reaction::Refresh)
        });
        self.driver.feed(Input::Consulted(request, verdict));
    }

    /// Tells what the engine knows and concluded; answered by `inspected`.
    pub fn inspect(&self, request: u32) {
        self.driver.inspect(request);
    }

    /// Forgets everything of the scope, stored rows too; answered by `cleared`.
    pub fn clear(&self, request: u32) {
        self.command(Command::Clear(request));
    }

    /// Gives the scope up, so that another tab may own it; `page('resumed')` asks for it again. For a
    /// page that goes into the back/forward cache (`pagehide` with `persisted`), where it would keep
    /// all other tabs waiting.
    pub fn release(&self) {
        if let Some(keeper) = self.driver.keeper() {
            keeper.release();
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
        self.driver.teller().error(None, expected);
    }
}
