//! The floor: what the operating system alone asks for a delivery. It writes frames to sockets when told to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;

use crate::frames::text_frame;

pub(crate) struct Settings {
    pub(crate) subscribers: usize,
    /// Length of a frame.
    pub(crate) bytes: usize,
    /// Frames in one write.
    pub(crate) per_write: usize,
}

/// The first connection controls: each byte it sends is a number of frames for each of the others.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let mut control = listener.accept()?.0;
    let mut sockets = Vec::new();
    for _ in 0..settings.subscribers {
        let socket = listener.accept()?.0;
        socket.set_nodelay(true)?;
        sockets.push(socket);
    }
    let block = text_frame(settings.bytes).repeat(settings.per_write);
    let mut events = [0];
    while control.read(&mut events)? == 1 {
        for _ in 0..usize::from(events[0]).div_ceil(settings.per_write) {
            write_all(&mut sockets, &block)?;
        }
    }
    Ok(())
}

fn write_all(sockets: &mut [TcpStream], block: &[u8]) -> Result<()> {
    for socket in sockets {
        socket.write_all(block)?;
    }
    Ok(())
}
