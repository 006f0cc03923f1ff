//! A page that listens: Echo's engine, as it is shipped without a cache.

use echolite_core::json::{Json, read_frame};
use echolite_core::{
    Command, Config, Engine, Input, Mono, Now, Output, SocketInput, Timeout, Wall,
};

/// An engine, its clock, and its socket.
pub struct Listener {
    engine: Engine<Json>,
    now: u64,
    socket: u32,
}

impl Listener {
    /// Connected, and subscribed to its one channel.
    #[must_use]
    pub fn connected() -> Self {
        let config = Config { key: "k".into(), recover: true, ..Default::default() };
        let mut listener = Self { engine: Engine::new(config, 1), now: 1_000, socket: 0 };
        listener.input(Input::Command(Command::Connect));
        listener.input(Input::Command(Command::Subscribe("cache-products".into())));
        for text in crate::GREETINGS {
            listener.socket(read_frame(text));
        }
        listener
    }

    /// Something that the socket reports.
    pub fn socket(&mut self, input: SocketInput<Json>) {
        self.now += 10;
        self.input(Input::Socket(self.socket, input));
    }

    /// Time passes, and the engine asks for nothing for ever.
    ///
    /// # Panics
    /// When it does.
    pub fn ends_in_peace(mut self) {
        let end = self.now + 60_000;
        for _ in 0..10_000 {
            match self.engine.poll_timeout() {
                Some(Timeout { at: Mono(at), .. }) if at <= end => {
                    self.now = self.now.max(at);
                    self.input(Input::Tick);
                }
                _ => {
                    let inspected = self.engine.inspect();
                    let json = serde_json::from_str::<serde_json::Value>(&inspected);
                    assert!(json.is_ok(), "{inspected}");
                    return;
                }
            }
        }
        panic!("the engine wants to be called for ever");
    }

    fn input(&mut self, input: Input<Json>) {
        let now = Now { mono: Mono(self.now), wall: Wall(1_700_000_000_000 + self.now) };
        self.engine.handle(now, input);
        while let Some(output) = self.engine.poll_output() {
            if let Output::OpenSocket(socket, _) = output {
                self.socket = socket;
            }
        }
    }
}
