//! What the events of a back end carry: each line is the data of one.
#![no_main]

use echolite_cache::Head;
use echolite_core::json::Json;
use echolite_fuzz::Page;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let mut page = Page::fresh(Head::parse("e;1"));
    for line in text.lines() {
        let data: Value = serde_json::from_str(line).unwrap_or(Value::String(line.into()));
        page.event(&Json::from(data));
    }
    page.ends_in_peace();
});
