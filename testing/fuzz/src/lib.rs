//! Pages for the fuzzers, connected and subscribed: one whose cache has one resource, and one that listens.

mod listener;

use echolite_cache::{
    CacheEngine, Command, Config, Frame, Head, Input, LiveUpdate, Mono, Name, Now, Output, Query,
    Reaction, ReadReply, ReadRequest, ResourceConfig, Timeout, Wall,
};
use echolite_core::json::{Json, read_frame};
use echolite_core::{Input as CoreInput, Output as CoreOutput, SocketInput};
use serde_json::json;

pub use listener::Listener;

const LIST: &str = "https://shop.test/api/products";
/// The frames that confirm the connection and the subscription.
const GREETINGS: [&str; 2] = [
    r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.1\",\"activity_timeout\":30,\"echolite\":{\"version\":1,\"recovery\":true}}"}"#,
    r#"{"event":"pusher_internal:subscription_succeeded","channel":"cache-products","data":"{}"}"#,
];

/// An engine, its clock, and what it shows.
pub struct Page {
    engine: CacheEngine<Json>,
    now: u64,
    socket: u32,
    reads: Vec<ReadRequest>,
    rows: Vec<Json>,
}

impl Page {
    /// Connected, and subscribed to its one channel.
    #[must_use]
    pub fn connected() -> Self {
        let core = echolite_core::Config { key: "k".into(), recover: true, ..Default::default() };
        let config = Config { core, ..Config::default() };
        let (engine, reads, rows) = (CacheEngine::new(config, 1), Vec::new(), Vec::new());
        let mut page = Self { engine, now: 1_000, socket: 0, reads, rows };
        page.input(Command::Resource(resource()));
        page.input(Command::Live(1, "products".into(), Query::default()));
        GREETINGS.iter().for_each(|text| page.socket(read_frame(text)));
        page
    }

    /// Connected, and its list read once.
    #[must_use]
    pub fn fresh(head: Option<Head>) -> Self {
        let mut page = Self::connected();
        page.pass(1_000);
        let rows = (1..=3).map(|id| Json::from(json!({ "id": id, "v": 1 }))).collect();
        let list = ReadReply::List { rows, validator: Some("\"1\"".into()), head };
        for read in std::mem::take(&mut page.reads) {
            page.input(Input::Read(read.request, Ok(list.clone())));
        }
        page
    }

    /// Something that the socket reports.
    pub fn socket(&mut self, input: SocketInput<Json>) {
        self.now += 10;
        self.input(CoreInput::Socket(self.socket, input));
    }

    /// An event of the back end.
    pub fn event(&mut self, data: &Json) {
        let (event, channel) = (Name::from("Changed"), Some(Name::from("cache-products")));
        let frame = Frame { event, channel, data: data.clone(), user_id: None, offset: None };
        self.socket(SocketInput::Frame(frame));
    }

    /// Time passes, and the engine asks for nothing for ever.
    ///
    /// # Panics
    /// When it does.
    pub fn ends_in_peace(mut self) {
        self.pass(60_000);
        let inspected = self.engine.inspect();
        assert!(serde_json::from_str::<serde_json::Value>(&inspected).is_ok(), "{inspected}");
    }

    fn pass(&mut self, time: u64) {
        let end = self.now + time;
        for _ in 0..10_000 {
            match self.engine.poll_timeout() {
                Some(Timeout { at: Mono(at), .. }) if at <= end => {
                    self.now = self.now.max(at);
                    self.input(CoreInput::Tick);
                }
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the engine wants to be called for ever");
    }

    fn input(&mut self, input: impl Into<Input<Json>>) {
        let now = Now { mono: Mono(self.now), wall: Wall(1_700_000_000_000 + self.now) };
        self.engine.handle(now, input.into());
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Core(CoreOutput::OpenSocket(socket, _)) => self.socket = socket,
                Output::Read(read) => self.reads.push(read),
                Output::Live(update) => self.show(update),
                _ => {}
            }
        }
    }

    fn show(&mut self, update: LiveUpdate<Json>) {
        for splice in update.splices {
            self.rows.splice(splice.at..splice.at + splice.remove, splice.insert);
        }
    }
}

fn resource() -> ResourceConfig {
    ResourceConfig {
        row_prefixes: vec![LIST.into()],
        version: Some("v".into()),
        channels: vec!["cache-products".into()],
        on: vec![("Changed".into(), Reaction::Auto)],
        indexes: vec!["price".into()],
        tags: vec!["products".into(), "product:{id}".into()],
        ..ResourceConfig::new("products", LIST)
    }
}
