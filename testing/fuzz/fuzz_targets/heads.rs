//! Heads: `X-Cache-Head` of an answer in the first line, the heads of events in the others.
#![no_main]

use echolite_cache::Head;
use echolite_core::json;
use echolite_fuzz::Page;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|text: &str| {
    let (first, events) = text.split_once('\n').unwrap_or((text, ""));
    let head = Head::parse(first);
    if let Some(Head { epoch, seq }) = &head {
        assert_eq!(Head::parse(&format!("{epoch};{seq}")), head, "a head is read as it is written");
    }
    let mut page = Page::fresh(head);
    for line in events.lines() {
        let head: Value = serde_json::from_str(line).unwrap_or(Value::String(line.into()));
        page.event(&json::Json::from(json!({ "head": head, "client_refresh": { "id": 1, "v": 2 } })));
    }
    page.ends_in_peace();
});
