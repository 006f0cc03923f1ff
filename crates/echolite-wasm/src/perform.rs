//! Carries out what the engine wants.

use crate::{
    JsPayload,
    driver::{Driver, Moment},
    frame,
    keeper::Job,
};
use echolite_cache::{Input, Output, StoreInput};
use echolite_core::{Input as CoreInput, Output as CoreOutput, SocketInput};
use std::rc::Rc;

/// Carries out one output, whose cause came at `moment`.
pub(crate) fn perform(driver: &Rc<Driver>, output: Output<JsPayload>, moment: Moment) {
    let teller = driver.teller();
    match output {
        Output::Core(CoreOutput::OpenSocket(number, url)) => {
            if let Err(reason) = driver.open_socket(number, &url) {
                // a URL refused (mixed content, a wrong port) is a socket that never opened
                let closed = SocketInput::Closed { code: 1006, reason };
                driver.feed(CoreInput::Socket(number, closed));
            }
        }
        Output::Core(CoreOutput::Send(number, sent)) => match frame::encode(&sent) {
            Ok(text) => driver.send(number, &text),
            Err(thrown) => teller.error(None, &crate::js::message(&thrown)),
        },
        Output::Core(CoreOutput::CloseSocket(number)) => driver.close_socket(number),
        Output::Load(name) => store(driver, Job::Load(name)),
        Output::Commit(request, batch) => store(driver, Job::Commit(request, Box::new(batch))),
        Output::ClearStore(request) => store(driver, Job::Clear(request)),
        told => teller.tell(told, moment),
    }
}

fn store(driver: &Rc<Driver>, job: Job) {
    match (driver.keeper(), job) {
        (Some(keeper), job) => keeper.push(job),
        // without a store, nothing is stored: that is an answer, too
        (None, Job::Load(name)) => driver.feed(Input::Store(StoreInput::Loaded(name, None))),
        (None, Job::Commit(request, _)) => {
            driver.feed(Input::Store(StoreInput::Committed(request, Ok(()))));
        }
        (None, Job::Clear(request)) => driver.teller().cleared(request, None),
        (None, Job::Claim) => {}
    }
}
