//! A bug in the engine is told as `failed`, and stops it: what it held is not to be trusted then.

use crate::event_sink::EventSink;
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};
use wasm_bindgen::JsError;

thread_local! {
    static SINKS: RefCell<Vec<Weak<EventSink>>> = const { RefCell::new(Vec::new()) };
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// Whether there was a panic. All engines of the module share its memory, and stop together.
pub(crate) fn has_stopped() -> bool {
    STOPPED.get()
}

/// Refuses another engine after a panic.
///
/// # Errors
/// After a panic; the message says what to do.
pub fn refuse_after_panic() -> Result<(), JsError> {
    if has_stopped() {
        return Err(JsError::new("the engine stopped by a bug before: reload the page"));
    }
    Ok(())
}

/// Has a page told of a panic.
pub(crate) fn tell_of_panics(events: &Rc<EventSink>) {
    let first = SINKS.with_borrow_mut(|sinks| {
        sinks.retain(|events| events.strong_count() > 0);
        sinks.push(Rc::downgrade(events));
        sinks.len() == 1
    });
    if first {
        // the default one would bring code that prints to nowhere
        #[cfg(debug_assertions)]
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            #[cfg(debug_assertions)]
            before(panic);
            STOPPED.set(true);
            let sinks = SINKS.take();
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let message = ["the engine stopped by a bug, please report it (", &place, ")"].concat();
            for events in sinks.iter().filter_map(Weak::upgrade) {
                events.failed(&message);
            }
        }));
    }
}
