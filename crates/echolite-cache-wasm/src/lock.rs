//! The scope's Web Lock, which makes this engine the owner of the scope.

use echolite_wasm_support::js;
use js_sys::{Function, Promise, futures};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::AbortController;

#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &JsValue,
        granted: &JsValue,
    ) -> Result<Promise, JsValue>;
}

/// What becomes of a request for the lock.
pub(crate) enum Grant {
    /// It is ours until it is released, or stolen.
    Held,
    /// Another has it; the request waits behind it.
    Waiting,
    /// It was ours, and somebody stole it.
    Stolen,
    /// There are no Web Locks here (an old browser, a sandboxed frame): the term alone must do.
    Missing,
}

enum State {
    Idle,
    Asking,
    Waiting(AbortController),
    /// Calling the function releases it.
    Held(Function),
    /// There is no such thing.
    Missing,
}

/// Owner of a lock, told what comes of its requests.
pub(crate) trait LockOwner {
    /// Its lock.
    fn lock(&self) -> &Lock;
    /// A request was answered, or the lock was lost.
    fn on_grant(self: Rc<Self>, grant: Grant);
}

/// A lock by name. Dropping it releases it.
pub(crate) struct Lock {
    name: String,
    state: RefCell<State>,
    /// Raised by each release: what was asked before does not count any more.
    round: Cell<u32>,
    owner: Weak<dyn LockOwner>,
}

impl Lock {
    pub(crate) fn new(name: &str, owner: Weak<dyn LockOwner>) -> Self {
        let state = RefCell::new(State::Idle);
        Self { name: name.into(), state, round: Cell::new(0), owner }
    }

    /// Asks for the lock, unless that was done already. Its owner is told what comes of it.
    ///
    /// The first request does not wait, so that it is known at once whether somebody else owns the
    /// scope: an owner then claims it before it loads, and need not write what it has just read.
    pub(crate) fn ask(&self) {
        if matches!(*self.state.borrow(), State::Idle) {
            self.state.replace(State::Asking);
            self.request(js::object([("ifAvailable", JsValue::TRUE)]));
        }
    }

    /// Whether this engine may take the scope for its own.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(*self.state.borrow(), State::Held(_) | State::Missing)
    }

    /// Whether the browser itself says that nobody else owns the scope.
    pub(crate) fn is_held(&self) -> bool {
        matches!(*self.state.borrow(), State::Held(_))
    }

    /// Gives the lock up, or stops waiting for it.
    pub(crate) fn release(&self) {
        self.round.set(self.round.get() + 1);
        match self.state.replace(State::Idle) {
            State::Idle | State::Asking | State::Missing => {}
            State::Waiting(abort) => abort.abort(),
            State::Held(release) => js::report_failure(release.call0(&JsValue::NULL).map(drop)),
        }
    }

    fn wait(&self) {
        // `ifAvailable` and `signal` exclude each other
        let Ok(abort) = AbortController::new() else { return };
        let options = js::object([("signal", abort.signal().into())]);
        self.state.replace(State::Waiting(abort));
        self.request(options);
    }

    fn request(&self, options: JsValue) {
        let (owner, round) = (self.owner.clone(), self.round.get());
        let ended = owner.clone();
        let granted = Closure::once_into_js(move |lock: JsValue| match owner.upgrade() {
            Some(owner) if owner.lock().round.get() == round => {
                owner.lock().on_answer(&lock, owner.clone())
            }
            _ => JsValue::UNDEFINED,
        });
        let manager = js::field(&js::field(&js_sys::global(), "navigator"), "locks");
        let promise = if manager.is_undefined() {
            Err(JsValue::UNDEFINED)
        } else {
            manager.unchecked_ref::<LockManager>().request(&self.name, &options, &granted)
        };
        futures::spawn_local(async move {
            let failed = match promise {
                Ok(promise) => promise.await.is_err(),
                Err(_) => true,
            };
            if let (true, Some(owner)) = (failed, ended.upgrade()) {
                owner.lock().on_failure(round, owner.clone());
            }
        });
    }

    /// The browser grants the lock, or says with `null` that another has it. What is given back keeps
    /// the lock until it resolves.
    fn on_answer(&self, lock: &JsValue, owner: Rc<dyn LockOwner>) -> JsValue {
        if lock.is_null() {
            self.wait();
            owner.on_grant(Grant::Waiting);
            return JsValue::UNDEFINED;
        }
        let held = Promise::new(&mut |release, _| {
            self.state.replace(State::Held(release.unchecked_into()));
        });
        owner.on_grant(Grant::Held);
        held.into()
    }

    fn on_failure(&self, round: u32, owner: Rc<dyn LockOwner>) {
        if round != self.round.get() {
            return; // our own doing
        }
        match self.state.replace(State::Idle) {
            State::Held(_) => owner.on_grant(Grant::Stolen),
            _ => {
                self.state.replace(State::Missing);
                owner.on_grant(Grant::Missing);
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.release();
    }
}
