//! Many subscribers in one thread: it counts their frames and keeps nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::{Events, Interest, Poll, Token};

use crate::frames::{FrameCounter, client_frame};

/// One read takes all that a socket has.
const READ_BUFFER: usize = 256 * 1024;
pub(crate) const CHANNEL: &str = "bench";

pub(crate) struct Load {
    poll: Poll,
    events: Events,
    subscribers: Vec<(mio::net::TcpStream, FrameCounter)>,
    buffer: Vec<u8>,
}

impl Load {
    fn new() -> Result<Self> {
        let (poll, events) = (Poll::new()?, Events::with_capacity(1024));
        Ok(Self { poll, events, subscribers: Vec::new(), buffer: vec![0; READ_BUFFER] })
    }

    /// Connections that speak the protocol and have joined the channel.
    pub(crate) fn join(address: SocketAddr, key: &str, count: usize) -> Result<Self> {
        let mut load = Self::new()?;
        for _ in 0..count {
            load.add(joined(address, key)?)?;
        }
        Ok(load)
    }

    /// Connections and nothing more.
    pub(crate) fn connect(address: SocketAddr, count: usize) -> Result<Self> {
        let mut load = Self::new()?;
        for _ in 0..count {
            load.add(TcpStream::connect(address)?)?;
        }
        Ok(load)
    }

    fn add(&mut self, socket: TcpStream) -> Result<()> {
        socket.set_nonblocking(true)?;
        let mut socket = mio::net::TcpStream::from_std(socket);
        let token = Token(self.subscribers.len());
        self.poll.registry().register(&mut socket, token, Interest::READABLE)?;
        self.subscribers.push((socket, FrameCounter::default()));
        Ok(())
    }

    /// Waits up to `time` for bytes, and gives what came. That may be less than a frame, or nothing before the time is
    /// over, where a signal came.
    pub(crate) fn receive(&mut self, time: Duration) -> Result<Received> {
        let mut received = Received::default();
        match self.poll.poll(&mut self.events, Some(time)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(received),
            other => other?,
        }
        for event in &self.events {
            let (socket, counter) = &mut self.subscribers[event.token().0];
            read(socket, counter, &mut self.buffer, &mut received)
                .with_context(|| format!("subscriber {}", event.token().0))?;
        }
        Ok(received)
    }

    /// Waits until a frame came, however long its bytes take, as long as there is no silence of `patience`.
    pub(crate) fn some_frames(&mut self, patience: Duration) -> Result<usize> {
        let (mut began, mut silent_since) = (None, Instant::now());
        loop {
            let left = patience.saturating_sub(silent_since.elapsed());
            ensure!(!left.is_zero(), "{}", silence(patience, began));
            let Received { frames, bytes } = self.receive(left)?;
            if frames > 0 {
                return Ok(frames);
            }
            if bytes > 0 {
                silent_since = Instant::now();
                *began.get_or_insert(0) += bytes;
            }
        }
    }
}

/// The message when nothing comes any more.
fn silence(patience: Duration, began: Option<usize>) -> String {
    match began {
        None => format!("events were lost: not a byte came for {patience:?}"),
        Some(bytes) => {
            format!("a frame broke off: {bytes} bytes of it came, and then none for {patience:?}")
        }
    }
}

/// Everything that came at once, on all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// Frames whose headers were complete.
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

/// A read that does not fill the buffer has emptied the socket; the next bytes make a new event (epoll(7)).
fn read(
    socket: &mut mio::net::TcpStream,
    counter: &mut FrameCounter,
    buffer: &mut [u8],
    received: &mut Received,
) -> Result<()> {
    loop {
        match socket.read(buffer) {
            Ok(0) => bail!("the server closed a subscriber's connection"),
            Ok(length) => {
                received.frames += counter.feed(&buffer[..length]);
                received.bytes += length;
                if length < buffer.len() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn joined(address: SocketAddr, key: &str) -> Result<TcpStream> {
    let mut socket = handshake(address, key, "")?;
    let request = format!(r#"{{"event":"pusher:subscribe","data":{{"channel":"{CHANNEL}"}}}}"#);
    socket.write_all(&client_frame(&request))?;
    read_until(&mut socket, "subscription_succeeded").context("no subscription_succeeded")?;
    socket.set_read_timeout(None)?;
    Ok(socket)
}

/// A connection that was greeted; it waits ten seconds at most for what it reads.
pub(crate) fn handshake(address: SocketAddr, key: &str, parameters: &str) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        socket,
        "GET /app/{key}?protocol=7&client=bench{parameters} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )?;
    read_until(&mut socket, "connection_established").context("no connection_established")?;
    Ok(socket)
}

/// Reads until `text` was there and the bytes end with a frame of JSON.
fn read_until(socket: &mut TcpStream, text: &str) -> Result<()> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = socket.read(&mut buffer)?;
        ensure!(length > 0, "closed; it said {}", String::from_utf8_lossy(&seen));
        seen.extend_from_slice(&buffer[..length]);
        if String::from_utf8_lossy(&seen).contains(text) && seen.ends_with(b"}") {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::text_frame;
    use std::net::TcpListener;

    /// A load of one subscriber, and the server's end of its connection.
    fn load() -> (Load, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let load = Load::connect(listener.local_addr().unwrap(), 1).unwrap();
        let (server, _) = listener.accept().unwrap();
        server.set_nodelay(true).unwrap();
        (load, server)
    }

    #[test]
    fn a_part_of_a_frame_is_no_silence() {
        let (mut load, mut server) = load();
        let mut frame = vec![0x81, 127];
        frame.extend(70_000_u64.to_be_bytes());
        frame.resize(70_010, b'x');
        // The header in two writes, of which the reader sees the first alone.
        server.write_all(&frame[..5]).unwrap();
        let second = Received { frames: 0, bytes: 5 };
        assert_eq!(load.receive(Duration::from_secs(30)).unwrap(), second);
        let writing = std::thread::spawn(move || {
            server.write_all(&frame[5..9]).unwrap();
            server.write_all(&frame[9..]).unwrap();
            server
        });
        assert_eq!(load.some_frames(Duration::from_secs(30)).unwrap(), 1);
        drop(writing.join().unwrap());
    }

    #[test]
    fn silence_is_said_with_what_came_before_it() {
        let (mut load, mut server) = load();
        let wait = Duration::from_millis(1);
        let text = load.some_frames(wait).unwrap_err().to_string();
        assert!(text.starts_with("events were lost: not a byte came"), "{text}");
        server.write_all(&text_frame(300)).unwrap();
        assert_eq!(load.some_frames(Duration::from_secs(30)).unwrap(), 1);
        assert_eq!(
            silence(wait, Some(3)),
            "a frame broke off: 3 bytes of it came, and then none for 1ms"
        );
        drop(server);
        let text = format!("{:#}", load.some_frames(Duration::from_secs(30)).unwrap_err());
        assert_eq!(text, "subscriber 0: the server closed a subscriber's connection");
    }
}
