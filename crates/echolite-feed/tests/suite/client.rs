//! A client that follows events by their heads alone, and takes nothing on trust.

use std::collections::BTreeMap;

use echolite_feed::Outgoing;
use serde_json::Value;

pub(crate) type Rows = BTreeMap<i64, String>;

/// Rows at each head it has seen.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) seq: i64,
    pub(crate) rows: Rows,
    /// By seq: the rows that the list had then.
    pub(crate) history: BTreeMap<i64, Rows>,
    /// Events that it knew already.
    pub(crate) repeated: usize,
}

impl Client {
    /// With the rows of a list of this head.
    pub(crate) fn new(seq: i64, rows: Rows) -> Self {
        Self { seq, history: [(seq, rows.clone())].into(), rows, repeated: 0 }
    }

    /// Takes an event; panics at one that something is missing before.
    pub(crate) fn hear(&mut self, event: &Outgoing) {
        let data: Value = serde_json::from_str(&event.data).expect("an event is JSON");
        let (seq, prev) = (number(&data["head"]["seq"]), number(&data["head"]["prev"]));
        if seq <= self.seq {
            self.repeated += 1;
            return;
        }
        assert_eq!(prev, self.seq, "a hole, or events were swapped: {data}");
        for row in data["rows"].as_array().expect("an event has rows") {
            apply(&mut self.rows, row);
        }
        self.seq = seq;
        self.history.insert(seq, self.rows.clone());
    }

    pub(crate) fn hear_all(&mut self, events: &[Outgoing]) {
        events.iter().for_each(|event| self.hear(event));
    }
}

/// `[id, name]`, or `[id, null]` for one that is gone.
pub(crate) fn apply(rows: &mut Rows, row: &Value) {
    match row[1].as_str() {
        Some(name) => rows.insert(number(&row[0]), name.to_owned()),
        None => rows.remove(&number(&row[0])),
    };
}

/// The rows of a whole list.
pub(crate) fn rows(list: &Value) -> Rows {
    let mut rows = Rows::new();
    list["data"].as_array().expect("a whole list").iter().for_each(|row| apply(&mut rows, row));
    rows
}

/// The seq of `epoch;seq`.
pub(crate) fn seq_of(head: &str) -> i64 {
    head.rsplit_once(';').and_then(|(_, seq)| seq.parse().ok()).expect("a head")
}

pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no number"))
}
