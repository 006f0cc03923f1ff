//! A driver for tests: a clock that is turned by hand, and everything that the engine wants written down.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test file uses its part")]

mod wire;

use echolite_core::json::Json;
use echolite_core::{
    ClientFrame, Command, Config, Engine, Input, Mono, Now, Output, SocketNumber, Timeout, Wall,
};
use serde_json::json;

pub use wire::{Wire, recovered, standing};

pub struct Rig {
    pub engine: Engine<Json>,
    pub now: Now,
    pub outputs: Vec<Output<Json>>,
    /// Whether the server of this test answers pings.
    pub answers_pings: bool,
    socket: SocketNumber,
}

pub fn config() -> Config {
    Config { key: "app".into(), host: "h".into(), tls: false, ws_port: 80, ..Config::default() }
}

impl Rig {
    pub fn new(config: Config) -> Self {
        let now = Now { mono: Mono(1_000_000), wall: Wall(1_700_000_000_000) };
        let engine = Engine::new(config, 7);
        Self { engine, now, outputs: Vec::new(), answers_pings: false, socket: 0 }
    }

    /// A connection that stands, to a server that answers pings.
    pub fn connected() -> Self {
        let mut rig = Self::new(config());
        rig.answers_pings = true;
        rig.command(Command::Connect);
        rig.establish();
        rig.outputs.clear();
        rig
    }

    pub fn input(&mut self, input: Input<Json>) {
        self.engine.handle(self.now, input);
        let mut pinged = false;
        while let Some(output) = self.engine.poll_output() {
            match &output {
                Output::OpenSocket(socket, _) => self.socket = *socket,
                Output::Send(_, ClientFrame::Ping) => pinged = self.answers_pings,
                _ => {}
            }
            self.outputs.push(output);
        }
        if pinged {
            self.frame("pusher:pong", None, json!({}));
        }
    }

    pub fn command(&mut self, command: Command<Json>) {
        self.input(Input::Command(command));
    }

    pub fn errors(&self) -> Vec<String> {
        let word = |output: &Output<Json>| match output {
            Output::SubscriptionError { channel, status, message, kind } => {
                let kind = kind.as_deref().map_or(String::new(), |kind| format!("{kind}: "));
                Some(format!("{channel} {status:?} {kind}{message}"))
            }
            Output::Error { code, message } => Some(format!("{code:?} {message}")),
            _ => None,
        };
        self.outputs.iter().filter_map(word).collect()
    }
}

impl Wire for Rig {
    fn happens(&mut self, input: Input<Json>) {
        self.input(input);
    }

    fn socket_number(&self) -> SocketNumber {
        self.socket
    }

    fn now_mut(&mut self) -> &mut Now {
        &mut self.now
    }

    fn poll_timeout(&self) -> Option<Timeout> {
        self.engine.poll_timeout()
    }

    fn take<T>(&mut self, mut pick: impl FnMut(&Output<Json>) -> Option<T>) -> Vec<T> {
        let mut taken = Vec::new();
        self.outputs.retain(|output| {
            let picked = pick(output);
            let kept = picked.is_none();
            taken.extend(picked);
            kept
        });
        taken
    }
}
