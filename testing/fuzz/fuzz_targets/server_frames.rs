//! What a server says to the engine, a frame a line, well-formed or not.
#![no_main]

use echolite_core::json::read_frame;
use echolite_fuzz::Page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut page = Page::connected();
    for line in text.lines() {
        page.socket(read_frame(line));
    }
    page.ends_in_peace();
});
