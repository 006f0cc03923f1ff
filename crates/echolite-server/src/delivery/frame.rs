//! A frame as it is on the wire. A server's frames are not masked, so all recipients share the bytes.

use bytes::{BufMut, Bytes, BytesMut};
use echolite_protocol::CloseCode;
use tungstenite::protocol::frame::Frame as WebSocketFrame;
use tungstenite::protocol::frame::coding::CloseCode as WebSocketCode;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{CloseFrame, FrameHeader};

/// A WebSocket frame, header and payload, encoded. A clone shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame(Bytes);

impl Frame {
    /// A text frame.
    pub(crate) fn text(text: &str) -> Self {
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let header_len = header.len(text.len() as u64);
        let mut wire = BytesMut::with_capacity(header_len + text.len()).writer();
        // A buffer that grows takes everything.
        let _ = header.format(text.len() as u64, &mut wire);
        let mut wire = wire.into_inner();
        wire.put_slice(text.as_bytes());
        Self(wire.freeze())
    }

    /// The close frame of a protocol code, with its message.
    pub(crate) fn close(code: CloseCode) -> Self {
        Self::close_with(code.code(), code.message())
    }

    /// A close frame with any code. The reason is at most 123 bytes long.
    pub(crate) fn close_with(code: u16, reason: &str) -> Self {
        let reason = reason.to_owned().into();
        let frame =
            WebSocketFrame::close(Some(CloseFrame { code: WebSocketCode::from(code), reason }));
        let mut wire = Vec::with_capacity(frame.len());
        let _ = frame.format(&mut wire);
        Self(wire.into())
    }

    /// Bytes that are a frame already.
    pub(crate) fn encoded(wire: Vec<u8>) -> Self {
        Self(wire.into())
    }

    /// The text of a text frame.
    #[cfg(any(test, feature = "simulation"))]
    pub(crate) fn to_text(&self) -> String {
        let header_len = match self.0[1] & 0x7f {
            127 => 10,
            126 => 4,
            _ => 2,
        };
        String::from_utf8_lossy(&self.0[header_len..]).into_owned()
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_rfc_6455() {
        assert_eq!(Frame::text("Hello").as_slice(), b"\x81\x05Hello");
        assert_eq!(&Frame::text(&"a".repeat(300)).as_slice()[..4], [0x81, 126, 1, 44]);
        assert_eq!(Frame::text(&"a".repeat(300)).to_text(), "a".repeat(300));
        let close = Frame::close(CloseCode::Reconnect);
        assert_eq!(close.as_slice()[..4], [0x88, close.len() as u8 - 2, 0x10, 0x68]);
    }
}
