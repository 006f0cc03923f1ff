//! Feeds an engine one input at a time and carries out what it wants before the next.

use crate::{JsPayload, event_sink::EventSink, frame, js, panic, socket::Socket, timer::Timer};
use echolite_core::{Input, Mono, Now, Output, SocketInput, SocketNumber, Wall};
use js_sys::Function;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
};

/// When something happened.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub(crate) now: Now,
    /// `performance.now()`, with its fractions.
    pub at: f64,
}

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        let at = js::monotonic();
        let now = Now { mono: Mono(at as u64), wall: Wall(js::wall() as u64) };
        Self { now, at }
    }
}

/// An engine that a driver runs.
pub trait Engine: Sized + 'static {
    /// One thing that happened to it.
    type Input: From<Input<JsPayload>> + 'static;
    /// One thing that it wants done.
    type Output;
    /// The store that its driver has beside sockets and timer, if it needs one.
    type Store;

    /// Takes in one thing that happened.
    fn handle(&mut self, now: Now, input: Self::Input);
    /// The next thing to do.
    fn poll_output(&mut self) -> Option<Self::Output>;
    /// When to wake it at the latest.
    fn poll_timeout(&self) -> Option<Mono>;
    /// What it knows, as JSON.
    fn inspect(&self) -> String;
    /// Carries out one output, whose cause came at `moment`.
    fn perform(driver: &Rc<Driver<Self>>, output: Self::Output, moment: Moment);
}

/// What waits for its turn.
enum Turn<I> {
    Input(Box<I>),
    /// The page asks what the engine knows.
    Inspect(u32),
}

/// An engine and its borders.
///
/// A listener may command the engine from within an event, and a store or socket may report while
/// another input is being carried out: what comes meanwhile waits in `turns`.
pub struct Driver<E: Engine> {
    engine: RefCell<E>,
    turns: RefCell<VecDeque<(Moment, Turn<E::Input>)>>,
    is_running: Cell<bool>,
    events: Rc<EventSink>,
    sockets: RefCell<Vec<(SocketNumber, Socket)>>,
    timer: Timer,
    store: E::Store,
}

impl<E: Engine> Driver<E> {
    /// Runs an engine; `store` makes the store that reports to the driver.
    pub fn new(
        engine: E,
        onevent: Function,
        store: impl FnOnce(&Weak<Self>) -> E::Store,
    ) -> Rc<Self> {
        let driver = Rc::new_cyclic(|driver: &Weak<Self>| Self {
            engine: RefCell::new(engine),
            turns: RefCell::new(VecDeque::new()),
            is_running: Cell::new(false),
            events: Rc::new(EventSink::new(onevent)),
            sockets: RefCell::new(Vec::new()),
            timer: Timer::new({
                let driver = driver.clone();
                move || {
                    if let Some(driver) = driver.upgrade() {
                        driver.on_timeout();
                    }
                }
            }),
            store: store(driver),
        });
        panic::tell_of_panics(&driver.events);
        driver
    }

    /// Takes in what happened just now.
    pub fn feed(self: &Rc<Self>, input: impl Into<E::Input>) {
        self.take_turn(Turn::Input(Box::new(input.into())));
    }

    /// Tells what the engine knows.
    pub fn inspect(self: &Rc<Self>, request: u32) {
        self.take_turn(Turn::Inspect(request));
    }

    /// The page's end.
    pub fn events(&self) -> &EventSink {
        &self.events
    }

    /// The store, if the engine has one.
    pub fn store(&self) -> &E::Store {
        &self.store
    }

    /// Carries out or tells what the engine wants of its connection.
    pub fn perform(self: &Rc<Self>, output: Output<JsPayload>) {
        match output {
            Output::OpenSocket(number, url) => {
                if let Err(reason) = self.open_socket(number, &url) {
                    // a URL refused (mixed content, a wrong port) is a socket that never opened
                    let closed = SocketInput::Closed { code: 1006, reason };
                    self.feed(Input::Socket(number, closed));
                }
            }
            Output::Send(number, sent) => match frame::encode(&sent) {
                Ok(text) => self.send(number, &text),
                Err(thrown) => self.events.error(None, &js::message(&thrown)),
            },
            Output::CloseSocket(number) => self.close_socket(number),
            told => self.events.tell(told),
        }
    }

    /// The timeout has fired: perhaps early, since deadlines move away.
    fn on_timeout(self: &Rc<Self>) {
        self.timer.fired();
        let deadline = self.engine.borrow().poll_timeout();
        if deadline.is_some_and(|deadline| deadline <= Moment::now().now.mono) {
            self.feed(Input::Tick);
        } else {
            self.set_timer();
        }
    }

    fn open_socket(self: &Rc<Self>, number: SocketNumber, url: &str) -> Result<(), String> {
        let driver = Rc::downgrade(self);
        let report = move |input| {
            if let Some(driver) = driver.upgrade() {
                driver.feed(Input::Socket(number, input));
            }
        };
        let socket = Socket::open(url, report).map_err(|thrown| js::message(&thrown))?;
        self.sockets.borrow_mut().push((number, socket));
        Ok(())
    }

    fn send(&self, number: SocketNumber, text: &wasm_bindgen::JsValue) {
        let sockets = self.sockets.borrow();
        if let Some((_, socket)) = sockets.iter().find(|(other, _)| *other == number) {
            // throws while the socket is opening, when the engine sends nothing
            let _ = socket.send(text);
        }
    }

    fn close_socket(&self, number: SocketNumber) {
        self.sockets.borrow_mut().retain(|(other, _)| *other != number);
    }

    fn take_turn(self: &Rc<Self>, turn: Turn<E::Input>) {
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
                    self.events.inspected(request, &facts);
                }
            }
            loop {
                // borrowed for this line only: listeners may come back
                let output = self.engine.borrow_mut().poll_output();
                let Some(output) = output else { break };
                E::perform(self, output, moment);
            }
        }
    }

    fn set_timer(&self) {
        if let Some(deadline) = self.engine.borrow().poll_timeout() {
            self.timer.wake_at(deadline, js::monotonic());
        }
    }
}
