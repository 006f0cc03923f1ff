//! Counts the further parts of messages in a client's bytes, which tungstenite puts together without a word.

/// The most bytes of a header: two, eight of the length, four of the mask.
const LONGEST_HEADER: usize = 14;

/// The place of the bytes in a client's stream of frames.
#[derive(Debug, Default)]
pub(super) struct Parts {
    header: [u8; LONGEST_HEADER],
    /// So many bytes of the header are there.
    known: usize,
    /// Bytes of the payload that are still to come.
    payload: u64,
    found: u32,
}

impl Parts {
    /// Takes the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skipped = bytes.len().min(usize::try_from(self.payload).unwrap_or(usize::MAX));
                self.payload -= skipped as u64;
                bytes = &bytes[skipped..];
                continue;
            }
            self.header[self.known] = *first;
            self.known += 1;
            bytes = rest;
            if self.known == self.length() {
                self.payload = self.payload_length();
                // Continuation: neither text nor binary nor a control frame.
                self.found = self.found.saturating_add(u32::from(self.header[0] & 0x0f == 0));
                self.known = 0;
            }
        }
    }

    /// Takes the count of further parts since the last call.
    pub(super) fn take(&mut self) -> u32 {
        std::mem::take(&mut self.found)
    }

    /// The length of the header, as far as it is known.
    fn length(&self) -> usize {
        if self.known < 2 {
            return 2;
        }
        let extended = match self.header[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        2 + extended + if self.header[1] & 0x80 == 0 { 0 } else { 4 }
    }

    fn payload_length(&self) -> u64 {
        let big_endian =
            |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        match self.header[1] & 0x7f {
            126 => big_endian(&self.header[2..4]),
            127 => big_endian(&self.header[2..10]),
            length => u64::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame: masked with zeros.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..126 => frame.push(0x80 | length as u8),
            126..65_536 => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.resize(frame.len() + length, 0);
        frame
    }

    #[test]
    fn further_parts_are_counted_however_the_bytes_are_cut() {
        let frames = [
            frame(0x81, 5),
            frame(0x01, 0),
            frame(0x00, 0),
            frame(0x89, 3),
            frame(0x00, 300),
            frame(0x80, 70_000),
            frame(0x82, 200),
            vec![0x81, 2, b'h', b'i'],
            frame(0x80, 125),
        ];
        let bytes = frames.concat();
        for size in [1, 2, 3, 7, 1_024, bytes.len()] {
            let mut parts = Parts::default();
            let mut found = 0;
            for chunk in bytes.chunks(size) {
                parts.feed(chunk);
                found += parts.take();
            }
            assert_eq!(found, 4, "{size}");
        }
    }
}
