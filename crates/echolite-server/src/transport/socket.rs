//! A WebSocket after its handshake: messages in, frames out, over any byte stream.
//!
//! Tungstenite reads. Frames are written as they are, because their bytes are shared by all
//! recipients (see [`Frame`]); whatever tungstenite wants to answer joins the queue.

use super::parts::Parts;
use crate::delivery::Frame;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Bytes read at once. Tungstenite's default of 128 kB would be held by every idle connection.
const READ_BUFFER: usize = 1024;
/// The most frames handed to the kernel at once; Linux takes 1,024.
const FRAMES_PER_WRITE: usize = 64;
/// With so many frames waiting, pings are not answered: who does not read gets no more to read.
const FRAMES_BEFORE_ANSWERS: usize = 64;
/// Tungstenite keeps at most so many bytes of answers back.
const ANSWERS_KEPT: usize = 1024;
/// The most bytes copied together for streams that take one buffer at a time (TLS).
const COPIED_PER_WRITE: usize = 16 * 1024;

/// Bytes both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// A WebSocket.
pub(crate) struct Socket<S> {
    stream: S,
    context: WebSocketContext,
    /// Frames on their way out, and how much of the first has gone.
    pub(crate) sending: VecDeque<Frame>,
    sent: usize,
    answers: Vec<u8>,
    parts: Parts,
    /// The client broke the protocol: what it says cannot be understood any more.
    broken: bool,
}

impl<S: Stream> Socket<S> {
    /// `received` is what came behind the handshake; a message has at most `max_message` bytes.
    pub(crate) fn new(stream: S, received: Vec<u8>, max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(ANSWERS_KEPT)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let mut parts = Parts::default();
        parts.feed(&received);
        let context = WebSocketContext::from_partially_read(received, Role::Server, Some(config));
        Self {
            stream,
            context,
            sending: VecDeque::new(),
            sent: 0,
            answers: Vec::new(),
            parts,
            broken: false,
        }
    }

    /// The next message, control frames included.
    pub(crate) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        let takes_answers = self.sending.len() < FRAMES_BEFORE_ANSWERS;
        let answers = takes_answers.then_some(&mut self.answers);
        let (stream, parts) = (&mut self.stream, &mut self.parts);
        let mut stream = Blocking { stream, cx, answers, parts };
        let result = match self.context.read(&mut stream) {
            Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        };
        self.broken |= matches!(
            result,
            Poll::Ready(Err(Error::Capacity(_) | Error::Utf8(_) | Error::Protocol(_)))
        );
        if !self.answers.is_empty() {
            self.sending.push_back(Frame::encoded(std::mem::take(&mut self.answers)));
        }
        result
    }

    /// Takes the count of further parts of messages since the last call.
    pub(crate) fn take_parts(&mut self) -> u32 {
        self.parts.take()
    }

    /// Writes until nothing is left to send, as many frames at once as the stream takes.
    pub(crate) fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.sending.is_empty() {
            let written = ready!(self.poll_write(cx))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Reads and drops until the client has closed: its close frame, or the stream's end.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.broken {
            match ready!(self.poll_message(cx)) {
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::Io(_)) => {
                    return Poll::Ready(());
                }
                Ok(_) => {}
                Err(_) => {}
            }
        }
        let mut dropped = [0; READ_BUFFER];
        loop {
            let mut buffer = ReadBuf::new(&mut dropped);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(());
            }
        }
    }

    /// Ends the stream's sending half.
    pub(crate) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let first = self.sending.front().map_or(&[][..], |frame| &frame.as_slice()[self.sent..]);
        if self.sending.len() == 1 {
            return stream.poll_write(cx, first);
        }
        let rest = self.sending.iter().skip(1).map(Frame::as_slice);
        let mut slices = std::iter::once(first).chain(rest);
        if stream.is_write_vectored() {
            let mut vector = [IoSlice::new(&[]); FRAMES_PER_WRITE];
            let count =
                vector.iter_mut().zip(&mut slices).map(|(to, from)| *to = IoSlice::new(from));
            let count = count.count();
            return stream.poll_write_vectored(cx, &vector[..count]);
        }
        let mut together = Vec::with_capacity(COPIED_PER_WRITE);
        for slice in slices {
            together.extend_from_slice(slice);
            if together.len() >= COPIED_PER_WRITE {
                break;
            }
        }
        stream.poll_write(cx, &together)
    }

    fn advance(&mut self, written: usize) {
        self.sent += written;
        while let Some(first) = self.sending.front().map(Frame::len).filter(|len| *len <= self.sent)
        {
            self.sent -= first;
            self.sending.pop_front();
        }
    }
}

/// A stream as tungstenite wants it: reading says `WouldBlock`; writing collects the answers.
struct Blocking<'a, 'cx, S> {
    stream: &'a mut S,
    cx: &'a mut Context<'cx>,
    answers: Option<&'a mut Vec<u8>>,
    parts: &'a mut Parts,
}

impl<S: AsyncRead + Unpin> Read for Blocking<'_, '_, S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match Pin::new(&mut *self.stream).poll_read(self.cx, &mut buffer) {
            Poll::Ready(Ok(())) => {
                self.parts.feed(buffer.filled());
                Ok(buffer.filled().len())
            }
            Poll::Ready(Err(error)) => Err(error),
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S> Write for Blocking<'_, '_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(answers) = &mut self.answers else { return Err(ErrorKind::WouldBlock.into()) };
        answers.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn frames_leave_whole_and_in_order_through_a_stream_that_takes_little_at_a_time() {
        // A duplex takes one buffer at a time, as TLS does, and here seven bytes of it.
        let (stream, mut client) = tokio::io::duplex(7);
        let mut socket = Socket::new(stream, Vec::new(), 100);
        let texts: Vec<_> = (0..2_000).map(|n| format!("frame {n}")).collect();
        socket.sending.extend(texts.iter().map(|text| Frame::text(text)));
        let expected: Vec<u8> =
            socket.sending.iter().flat_map(|frame| frame.as_slice().to_vec()).collect();
        let sending = tokio::spawn(async move {
            poll_fn(|cx| socket.poll_send(cx)).await.unwrap();
        });
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.unwrap();
        sending.await.unwrap();
        assert!(received == expected);
    }
}
