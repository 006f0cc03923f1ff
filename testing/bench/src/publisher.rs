//! What asks for deliveries: Echolite's HTTP API over one connection, or the floor's control connection.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Result, bail};
use echolite_protocol::{ApiRequest, Credentials};
use serde_json::json;

use crate::target::APP;

pub(crate) enum Publisher {
    Http(Box<Api>),
    Floor(TcpStream),
}

impl Publisher {
    /// Asks for `events` frames to each subscriber; ten at most.
    pub(crate) fn publish(&mut self, events: u8) -> Result<()> {
        match self {
            Self::Http(api) => api.publish(events),
            Self::Floor(control) => Ok(control.write_all(&[events])?),
        }
    }
}

/// A connection that is kept. Answers are read, and checked, when the next request is sent.
pub(crate) struct Api {
    socket: TcpStream,
    app: Credentials,
    channel: String,
    payload: String,
    answers: Vec<u8>,
}

impl Api {
    pub(crate) fn connect(address: SocketAddr, channel: &str, payload: usize) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        let app = Credentials::new(APP.key, APP.secret);
        let (channel, payload) = (channel.to_owned(), "x".repeat(payload));
        Ok(Self { socket, app, channel, payload, answers: Vec::new() })
    }

    /// Publishes events, each batch after the answer to the one before.
    pub(crate) fn publish_all(&mut self, mut events: usize) -> Result<()> {
        const BATCH: usize = 10;
        let mut buffer = [0; 4096];
        while events > 0 {
            let batch = events.min(BATCH);
            self.publish(batch as u8)?;
            let length = self.socket.read(&mut buffer)?;
            self.answers.extend_from_slice(&buffer[..length]);
            events -= batch;
        }
        self.check_answers()
    }

    fn publish(&mut self, events: u8) -> Result<()> {
        self.check_answers()?;
        let event =
            json!({"name": "ProductChanged", "channel": self.channel, "data": self.payload});
        let (call, body) = match events {
            1 => ("events", event),
            _ => ("batch_events", json!({"batch": vec![event; usize::from(events)]})),
        };
        let body = body.to_string();
        let path = format!("/apps/{}/{call}", APP.id);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let request = ApiRequest { method: "POST", path: &path, query: "", body: body.as_bytes() };
        let query = request.sign(&self.app, now);
        let head = format!(
            "POST {path}?{query} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        Ok(self.socket.write_all(format!("{head}{body}").as_bytes())?)
    }

    /// Takes the answers that are there. Each must be 200.
    fn check_answers(&mut self) -> Result<()> {
        self.socket.set_nonblocking(true)?;
        let mut buffer = [0; 4096];
        loop {
            match self.socket.read(&mut buffer) {
                Ok(0) => bail!("the server closed the publisher's connection"),
                Ok(length) => self.answers.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.socket.set_nonblocking(false)?;
        let text = String::from_utf8_lossy(&self.answers);
        if let Some(refused) =
            text.split("HTTP/1.1 ").skip(1).find(|answer| !answer.starts_with("200"))
        {
            bail!("the server refused an event: {refused}");
        }
        self.answers.clear();
        Ok(())
    }
}
