//! Many subscribers in one thread: it counts their frames and keeps nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

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

    /// Waits up to `time` for bytes, and gives how many frames came.
    pub(crate) fn receive(&mut self, time: Duration) -> Result<usize> {
        match self.poll.poll(&mut self.events, Some(time)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(0),
            other => other?,
        }
        let mut frames = 0;
        for event in &self.events {
            let (socket, counter) = &mut self.subscribers[event.token().0];
            frames += read(socket, counter, &mut self.buffer)?;
        }
        Ok(frames)
    }
}

/// A read that does not fill the buffer has emptied the socket; the next bytes make a new event (epoll(7)).
fn read(
    socket: &mut mio::net::TcpStream,
    counter: &mut FrameCounter,
    buffer: &mut [u8],
) -> Result<usize> {
    let mut frames = 0;
    loop {
        match socket.read(buffer) {
            Ok(0) => bail!("the server closed a subscriber's connection"),
            Ok(length) => {
                frames += counter.feed(&buffer[..length]);
                if length < buffer.len() {
                    return Ok(frames);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(frames),
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
