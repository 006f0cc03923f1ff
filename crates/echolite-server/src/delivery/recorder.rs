//! A recipient for tests, which writes down in words what it gets.

use super::frame::Frame;
use super::recipient::Recipient;
use echolite_protocol::CloseCode;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What all recorders of a test got, a line each: `a: confirmed`.
pub(crate) type Log = Rc<RefCell<Vec<String>>>;

/// A recipient that writes down what it gets.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    name: char,
    log: Log,
    pub(crate) room: Rc<Cell<usize>>,
    closed: Rc<Cell<Option<CloseCode>>>,
}

impl Recorder {
    pub(crate) fn new(name: char, log: &Log) -> Self {
        let room = Rc::new(Cell::new(100_000));
        Self { name, log: log.clone(), room, closed: Rc::default() }
    }

    fn write(&self, words: &str) {
        self.log.borrow_mut().push(format!("{}: {words}", self.name));
    }
}

impl Recipient for Recorder {
    fn send(&self, frame: Frame) {
        if self.closed.get().is_none() {
            self.write(&words(&frame.to_text()));
        }
    }

    fn room(&self) -> usize {
        self.room.get()
    }

    fn close(&self, code: CloseCode) -> bool {
        let is_open = self.closed.get().is_none();
        if is_open {
            self.write(&format!("closed {}", code.code()));
            self.closed.set(Some(code));
        }
        is_open
    }

    fn close_code(&self) -> Option<CloseCode> {
        self.closed.get()
    }
}

/// A frame in words: `confirmed`, `added 7`, or an event's name with its offset: `sold #3`.
fn words(text: &str) -> String {
    let frame: Value = serde_json::from_str(text).unwrap();
    let event = frame["event"].as_str().unwrap();
    let data =
        frame["data"].as_str().map_or(Value::Null, |data| serde_json::from_str(data).unwrap());
    match event {
        "pusher_internal:subscription_succeeded" => confirmation(&data),
        "pusher:cache_miss" => "no last event".into(),
        "pusher_internal:member_added" => format!("added {}", data["user_id"].as_str().unwrap()),
        "pusher_internal:member_removed" => {
            format!("removed {}", data["user_id"].as_str().unwrap())
        }
        "pusher_internal:subscription_count" => format!("count {}", data["subscription_count"]),
        "pusher_internal:watchlist_events" => format!("watched {}", data["events"]),
        "pusher:subscription_error" => format!("refused {}", data["status"]),
        "echolite:uncertain" => format!("uncertain: {}", data["reason"].as_str().unwrap()),
        "echolite:certain" => "certain".into(),
        "echolite:position" => match data["epoch"].as_str() {
            Some(epoch) => format!("position {epoch} {}", data["offset"]),
            None => format!("position {}", data["offset"]),
        },
        event => match frame["offset"].as_u64() {
            Some(offset) => format!("{event} #{offset}"),
            None => event.to_owned(),
        },
    }
}

fn confirmation(data: &Value) -> String {
    let mut words = "confirmed".to_owned();
    if let Some(ids) = data["presence"]["ids"].as_array() {
        let ids: Vec<_> = ids.iter().map(|id| id.as_str().unwrap()).collect();
        words += &format!(" with {}", ids.join(","));
    }
    if let Some(position) = data["position"].as_object() {
        let epoch = position["epoch"].as_str().unwrap();
        words += &format!(" at {epoch} {}", position["offset"]);
    }
    match data["recovered"].as_bool() {
        Some(true) => words + ", recovered",
        Some(false) => words + ", not recovered",
        None => words,
    }
}
