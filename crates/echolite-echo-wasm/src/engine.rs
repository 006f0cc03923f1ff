//! What JavaScript sees: one class, whose methods are the commands of the port.

use crate::connected::Connected;
use echolite_core::{Command, Input};
use echolite_wasm_support::{
    Driver, JsPayload, js, refuse_after_panic,
    wire::{self, Expected, name},
};
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsError, JsValue, prelude::wasm_bindgen};

/// A realtime engine of its own. Freeing it closes its socket.
///
/// No command throws: what does not fit is told by an `error` event.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver<Connected>>,
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
        let config = wire::config(config).map_err(|expected| JsError::new(&expected))?;
        let onevent: Function =
            onevent.dyn_into().map_err(|_| JsError::new("onevent must be a function"))?;
        let engine = Connected(echolite_core::Engine::new(config, js::seed()));
        Ok(Self { driver: Driver::new(engine, onevent, |_| ()) })
    }

    /// Connects, and stays connected.
    pub fn connect(&self) {
        self.command(Command::Connect);
    }

    /// Closes the connection, and stays so.
    pub fn disconnect(&self) {
        self.command(Command::Disconnect);
    }

    /// Subscribes to a channel by its full name.
    pub fn subscribe(&self, channel: &JsValue) {
        self.try_command(name(channel, "channel").map(Command::Subscribe));
    }

    /// Leaves a channel.
    pub fn unsubscribe(&self, channel: &JsValue) {
        self.try_command(name(channel, "channel").map(Command::Unsubscribe));
    }

    /// Sends a client event.
    pub fn trigger(&self, channel: &JsValue, event: &JsValue, data: JsValue) {
        let names =
            name(channel, "channel").and_then(|channel| Ok((channel, name(event, "event")?)));
        self.try_command(names.map(|(channel, event)| {
            let data = JsPayload(data);
            Command::Trigger { channel, event, data }
        }));
    }

    /// Tells of a change of the page (`PageSignal`).
    pub fn page(&self, signal: &JsValue) {
        match wire::page_signal(signal) {
            Ok(signal) => self.driver.feed(Input::Page(signal)),
            Err(expected) => self.complain(&expected),
        }
    }

    /// Answers `authorize` (`AuthReply`).
    pub fn authorized(&self, request: u32, reply: &JsValue) {
        self.driver.feed(Input::Authorized(request, wire::auth_reply(reply)));
    }

    /// Signs in as a user, now and after every reconnect.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self) {
        self.command(Command::SignIn);
    }

    /// Signs the user out, on a socket that the server knows no user of.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self) {
        self.command(Command::SignOut);
    }

    /// Answers `authenticate` (`UserReply`).
    pub fn authenticated(&self, request: u32, reply: &JsValue) {
        self.driver.feed(Input::Authenticated(request, wire::user_reply(reply)));
    }

    /// Tells what the engine knows; answered by `inspected`.
    pub fn inspect(&self, request: u32) {
        self.driver.inspect(request);
    }

    fn command(&self, command: Command<JsPayload>) {
        self.driver.feed(Input::Command(command));
    }

    fn try_command(&self, command: Result<Command<JsPayload>, Expected>) {
        match command {
            Ok(command) => self.command(command),
            Err(expected) => self.complain(&expected),
        }
    }

    fn complain(&self, expected: &str) {
        self.driver.events().error(None, expected);
    }
}
