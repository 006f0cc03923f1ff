//! The engine of a connection as a driver runs it.

use echolite_core::{Engine, Input, Mono, Now, Output};
use echolite_wasm_support::{Driver, JsPayload, Moment};
use std::rc::Rc;

/// The engine of a connection.
pub(crate) struct Connected(pub(crate) Engine<JsPayload>);

impl echolite_wasm_support::Engine for Connected {
    type Input = Input<JsPayload>;
    type Output = Output<JsPayload>;
    type Store = ();

    fn handle(&mut self, now: Now, input: Self::Input) {
        self.0.handle(now, input);
    }

    fn poll_output(&mut self) -> Option<Self::Output> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<Mono> {
        self.0.poll_timeout().map(|timeout| timeout.at)
    }

    fn inspect(&self) -> String {
        self.0.inspect()
    }

    fn perform(driver: &Rc<Driver<Self>>, output: Self::Output, _moment: Moment) {
        driver.perform(output);
    }
}
