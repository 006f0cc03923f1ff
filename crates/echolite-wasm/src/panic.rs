//! A bug in the engine is told as `failed`, and stops it: what it held is not to be trusted then.

use crate::driver::Driver;
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

thread_local! {
    static DRIVERS: RefCell<Vec<Weak<Driver>>> = const { RefCell::new(Vec::new()) };
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// Whether there was a panic. All engines of the module share its memory, and stop together.
pub(crate) fn has_stopped() -> bool {
    STOPPED.get()
}

/// Has a driver's listener told of a panic.
pub(crate) fn tell_of_panics(driver: &Rc<Driver>) {
    let first = DRIVERS.with_borrow_mut(|drivers| {
        drivers.retain(|driver| driver.strong_count() > 0);
        drivers.push(Rc::downgrade(driver));
        drivers.len() == 1
    });
    if first {
        // the default one would bring code that prints to nowhere
        #[cfg(debug_assertions)]
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            #[cfg(debug_assertions)]
            before(panic);
            STOPPED.set(true);
            let drivers = DRIVERS.take();
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let message = ["the engine stopped by a bug, please report it (", &place, ")"].concat();
            for driver in drivers.iter().filter_map(Weak::upgrade) {
                driver.teller().failed(&message);
            }
        }));
    }
}
