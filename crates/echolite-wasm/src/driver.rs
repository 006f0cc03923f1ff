//! Feeds the engine one input at a time and carries out what it wants before the next.

use crate::{
    JsPayload, js, keeper::Keeper, panic, perform::perform, socket::Socket, tell::Teller,
    timer::Timer,
};
use echolite_cache::{CacheEngine, Config, Input};
use echolite_core::{Input as CoreInput, Mono, Now, SocketNumber, Wall};
use js_sys::Function;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

/// When something happened.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Now,
    /// `performance.now()`, with its fractions.
    pub(crate) at: f64,
}

impl Moment {
    pub(crate) fn now() -> Self {
        let at = js::monotonic();
        let now = Now { mono: Mono(at as u64), wall: Wall(js::wall() as u64) };
        Self { now, at }
    }
}

/// What waits for its turn.
enum Turn {
    Input(Box<Input<JsPayload>>),
    /// The page asks what the engine knows.
    Inspect(u32),
}

/// An engine and its borders.
///
/// A listener may command the engine from within an event, and a store or socket may report while
/// another input is being carried out: what comes meanwhile waits in `turns`.
pub(crate) struct Driver {
    engine: RefCell<CacheEngine<JsPayload>>,
    turns: RefCell<VecDeque<(Moment, Turn)>>,
    is_running: Cell<bool>,
    teller: Teller,
    sockets: RefCell<Vec<(SocketNumber, Socket)>>,
    timer: Timer,
    keeper: Option<Rc<Keeper>>,
}

impl Driver {
    /// A driver with an engine of its own; rows are kept in `database`, if there is one.
    pub(crate) fn new(config: Config, database: Option<&str>, onevent: Function) -> Rc<Self> {
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| Self {
            engine: RefCell::new(CacheEngine::new(config, js::seed())),
            turns: RefCell::new(VecDeque::new()),
            is_running: Cell::new(false),
            teller: Teller::new(onevent),
            sockets: RefCell::new(Vec::new()),
            timer: Timer::new(driver.clone()),
            keeper: database.map(|database| Keeper::new(database, driver.clone())),
        });
        panic::tell_of_panics(&driver);
        if let Some(keeper) = &driver.keeper {
            keeper.own();
        }
        driver
    }

    /// Takes in what happened just now.
    pub(crate) fn feed(self: &Rc<Self>, input: impl Into<Input<JsPayload>>) {
        self.take_turn(Turn::Input(Box::new(input.into())));
    }

    /// Tells what the engine knows.
    pub(crate) fn inspect(self: &Rc<Self>, request: u32) {
        self.take_turn(Turn::Inspect(request));
    }

    pub(crate) fn teller(&self) -> &Teller {
        &self.teller
    }

    pub(crate) fn keeper(&self) -> Option<&Rc<Keeper>> {
        self.keeper.as_ref()
    }

    /// The timeout has fired: perhaps early, since deadlines move away.
    pub(crate) fn on_timeout(self: &Rc<Self>) {
        self.timer.fired();
        let deadline = self.engine.borrow().poll_timeout();
        if deadline.is_some_and(|deadline| deadline <= Moment::now().now.mono) {
            self.feed(CoreInput::Tick);
        } else {
            self.set_timer();
        }
    }

    pub(crate) fn open_socket(
        self: &Rc<Self>,
        number: SocketNumber,
        url: &str,
    ) -> Result<(), String> {
        let opened = Socket::open(number, url, &Rc::downgrade(self));
        let socket = opened.map_err(|thrown| js::message(&thrown))?;
        self.sockets.borrow_mut().push((number, socket));
        Ok(())
    }

    pub(crate) fn send(&self, number: SocketNumber, text: &wasm_bindgen::JsValue) {
        let sockets = self.sockets.borrow();
        if let Some((_, socket)) = sockets.iter().find(|(other, _)| *other == number) {
            // throws while the socket is opening, when the engine sends nothing
            let _ = socket.send(text);
        }
    }

    pub(crate) fn close_socket(&self, number: SocketNumber) {
        self.sockets.borrow_mut().retain(|(other, _)| *other != number);
    }

    fn take_turn(self: &Rc<Self>, turn: Turn) {
        if panic::has_stopped() {
            return;
        }
        self.turns.borrow_mut().push_back((Moment::now(), turn));
        if !self.is_running.replace(true) {
            self.run();
            self.is_running.set(false);
            self.set_timer();
        }
    }

    fn run(self: &Rc<Self>) {
        loop {
            let Some((moment, turn)) = self.turns.borrow_mut().pop_front() else { return };
            match turn {
                Turn::Input(input) => self.engine.borrow_mut().handle(moment.now, *input),
                Turn::Inspect(request) => {
                    let facts = self.engine.borrow().inspect();
                    self.teller.inspected(request, &facts);
                }
            }
            loop {
                // borrowed for this line only: listeners may come back
                let output = self.engine.borrow_mut().poll_output();
                let Some(output) = output else { break };
                perform(self, output, moment);
            }
        }
    }

    fn set_timer(&self) {
        if let Some(deadline) = self.engine.borrow().poll_timeout() {
            self.timer.wake_at(deadline, js::monotonic());
        }
    }
}
