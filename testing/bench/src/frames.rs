//! Counts WebSocket frames in a stream of bytes without keeping them.

/// Where one connection's stream is.
#[derive(Default)]
pub(crate) struct FrameCounter {
    /// Bytes of the current frame that are still to come.
    skip: usize,
    /// The beginning of a header whose rest has not come yet.
    header: Vec<u8>,
}

/// A server's frame is not masked, so its header has ten bytes at most.
const LONGEST_HEADER: usize = 10;
const TEXT: u8 = 1;

impl FrameCounter {
    /// How many text frames end in `bytes`.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> usize {
        let mut frames = 0;
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            if self.skip > 0 || bytes.is_empty() {
                return frames;
            }
            let known = self.header.len();
            let taken = bytes.len().min(LONGEST_HEADER - known);
            self.header.extend_from_slice(&bytes[..taken]);
            let Some((header, payload)) = lengths(&self.header) else { return frames };
            // Counted when its header is there: its bytes are on their way in the same write.
            frames += usize::from(self.header[0] & 0x0f == TEXT);
            self.header.clear();
            bytes = &bytes[header - known..];
            self.skip = payload;
        }
    }
}

/// Lengths of a frame's header and payload; `None` if the header is not complete.
fn lengths(header: &[u8]) -> Option<(usize, usize)> {
    match *header {
        [_, length @ 0..=125, ..] => Some((2, usize::from(length))),
        [_, 126, high, low, ..] => Some((4, usize::from(u16::from_be_bytes([high, low])))),
        [_, 127, a, b, c, d, e, f, g, h, ..] => {
            Some((10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize))
        }
        _ => None,
    }
}

/// A text frame as a server sends it, `length` bytes in all.
pub(crate) fn text_frame(length: usize) -> Vec<u8> {
    let payload = u16::try_from(length - 4).expect("a benchmark's frame is shorter than 64 kB");
    let mut frame = vec![0x80 | TEXT, 126];
    frame.extend(payload.to_be_bytes());
    frame.resize(length, b'x');
    frame
}

/// A text frame as a client sends it: masked, here with zeros.
pub(crate) fn client_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length < 126);
    let mut frame =
        vec![0x80 | TEXT, 0x80 | length.expect("a request to subscribe is short"), 0, 0, 0, 0];
    frame.extend(text.as_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_frames_however_they_are_cut() {
        let mut stream = text_frame(300);
        stream.extend([0x81, 2, b'h', b'i']);
        stream.extend([0x89, 0]);
        stream.extend(text_frame(1000));
        for size in [1, 3, 7, 299, 5000] {
            let mut counter = FrameCounter::default();
            let frames: usize = stream.chunks(size).map(|chunk| counter.feed(chunk)).sum();
            assert_eq!(frames, 3, "chunks of {size}");
        }
    }
}
