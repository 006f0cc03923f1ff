//! What a server says to the engines that are shipped, a frame a line, well-formed or not.
#![no_main]

use echolite_core::json::read_frame;
use echolite_fuzz::{Listener, Page};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (mut page, mut listener) = (Page::connected(), Listener::connected());
    for line in text.lines() {
        page.socket(read_frame(line));
        listener.socket(read_frame(line));
    }
    page.ends_in_peace();
    listener.ends_in_peace();
});
