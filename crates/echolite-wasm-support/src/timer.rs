//! One timeout for all deadlines of an engine.

use crate::js;
use echolite_core::Mono;
use std::cell::Cell;
use wasm_bindgen::closure::Closure;

/// The longest time that `setTimeout` knows.
const LONGEST: f64 = 2_147_483_647.0;

/// Wakes its driver at a time.
///
/// Deadlines move with every frame, mostly away: a timeout that is set stays set until it fires, and is
/// set anew then, so that a frame costs no call of the browser.
pub(crate) struct Timer {
    set: Cell<Option<(Mono, i32)>>,
    on_time: Closure<dyn FnMut()>,
}

impl Timer {
    pub(crate) fn new(on_time: impl FnMut() + 'static) -> Self {
        Self { set: Cell::new(None), on_time: Closure::new(on_time) }
    }

    /// Has the driver woken at this time, or before.
    pub(crate) fn wake_at(&self, deadline: Mono, now: f64) {
        if let Some((set, timeout)) = self.set.get() {
            if set <= deadline {
                return;
            }
            js::clear_timeout(timeout);
        }
        let wait = (deadline.0 as f64 - now).ceil().clamp(0.0, LONGEST);
        let timeout = js::set_timeout(self.on_time.as_ref(), wait);
        self.set.set(Some((deadline, timeout)));
    }

    /// The timeout has fired.
    pub(crate) fn fired(&self) {
        self.set.set(None);
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some((_, timeout)) = self.set.take() {
            js::clear_timeout(timeout);
        }
    }
}
