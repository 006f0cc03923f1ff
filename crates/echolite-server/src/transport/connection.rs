//! The task of one connection: its socket, its session, its queue.

use crate::app::App;
use crate::broker;
use crate::delivery::{Frame, Outbox, Phase};
use crate::dialect::Dialect;
use crate::session::{Effect, Session};
use crate::transport::socket::{Socket, Stream};
use crate::transport::upgrade::Upgraded;
use echolite_protocol::{CloseCode, server_frame};
use hyper::upgrade::OnUpgrade;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use tungstenite::error::CapacityError;
use tungstenite::{Error, Message};

/// How long a client may take to answer a close frame.
const CLOSING_TIME: Duration = Duration::from_secs(3);
/// How many messages of one connection are handled before the others get their turn.
const MESSAGES_PER_TURN: usize = 32;
/// A message that a refused client sends is not read, so it may not be large either.
const REFUSED_MESSAGE: usize = 10_000;

/// Refuses a client after its handshake: `pusher:error`, then the close code. Stock clients would
/// retry an HTTP status for ever.
pub(crate) async fn refuse(upgrade: OnUpgrade, code: CloseCode) {
    match Upgraded::from(upgrade, REFUSED_MESSAGE).await {
        Upgraded::Tcp(socket) => say_refusal(socket, code).await,
        Upgraded::Other(socket) => say_refusal(socket, code).await,
        Upgraded::Gone => {}
    }
}

async fn say_refusal<S: Stream>(mut socket: Socket<S>, code: CloseCode) {
    socket.sending.push_back(Frame::text(&server_frame::refusal(code)));
    socket.sending.push_back(Frame::close(code));
    close(&mut socket).await;
}

/// Serves a client until it leaves or is closed.
pub(crate) async fn serve(
    upgrade: OnUpgrade,
    app: Arc<App>,
    outbox: Arc<Outbox>,
    dialect: Dialect,
) {
    let max_message = app.config().max_message_size;
    let id = match app.open_connection(&outbox) {
        Ok(id) => id,
        Err(code) => {
            app.stats.connections_refused.add(1);
            return refuse(upgrade, code).await;
        }
    };
    let (session, effects) = Session::open(id, dialect, app.rules.clone(), app.now());
    let mut connection = Connection { app, session, outbox };
    connection.perform(effects);
    match Upgraded::from(upgrade, max_message).await {
        Upgraded::Tcp(socket) => connection.run(socket).await,
        Upgraded::Other(socket) => connection.run(socket).await,
        Upgraded::Gone => {}
    }
}

/// One connection. Dropping it ends all its subscriptions, whatever happened.
struct Connection {
    app: Arc<App>,
    session: Session,
    outbox: Arc<Outbox>,
}

/// The end of a connection.
enum End {
    /// With a close frame to send.
    Say(Frame),
    /// The client is gone; there is nobody to tell.
    Lost,
}

impl Connection {
    /// Serves the client until one of both closes.
    async fn run<S: Stream>(mut self, mut socket: Socket<S>) {
        let id = self.session.id();
        tracing::debug!(app = self.app.config().app_id, socket = %id, "connection established");
        let end = self.run_until_end(&mut socket).await;
        self.leave();
        if let End::Say(frame) = end {
            self.outbox.take_rest(&mut socket.sending);
            socket.sending.push_back(frame);
            close(&mut socket).await;
        }
        tracing::debug!(socket = %id, "connection closed");
    }

    /// Runs until the client or the server ends the connection.
    async fn run_until_end<S: Stream>(&mut self, socket: &mut Socket<S>) -> End {
        let mut timer = pin!(sleep_until(self.deadline()));
        poll_fn(|cx| {
            for _ in 0..MESSAGES_PER_TURN {
                let message = socket.poll_message(cx);
                self.on_parts(socket.take_parts());
                match message {
                    Poll::Pending => return self.poll_rest(socket, timer.as_mut(), cx),
                    Poll::Ready(message) => {
                        if let Some(ended) = self.on_message(message) {
                            return Poll::Ready(ended);
                        }
                    }
                }
            }
            cx.waker().wake_by_ref();
            self.poll_rest(socket, timer.as_mut(), cx)
        })
        .await
    }

    /// Time and sending, after everything that came in.
    fn poll_rest<S: Stream>(
        &mut self,
        socket: &mut Socket<S>,
        mut timer: Pin<&mut Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<End> {
        while timer.as_mut().poll(cx).is_ready() {
            let effects = self.session.on_time(self.app.now());
            self.perform(effects);
            timer.as_mut().reset(self.deadline());
        }
        loop {
            let phase = match socket.poll_send(cx) {
                Poll::Ready(Err(_)) => return Poll::Ready(End::Lost),
                Poll::Ready(Ok(())) => self.outbox.take(&mut socket.sending, cx),
                // A client that does not read must not hold up its own end.
                Poll::Pending => match self.outbox.phase(cx) {
                    Phase::Open => return Poll::Pending,
                    phase => return Poll::Ready(self.end(phase)),
                },
            };
            match phase {
                Phase::Open if socket.sending.is_empty() => return Poll::Pending,
                Phase::Open => {}
                phase => return Poll::Ready(self.end(phase)),
            }
        }
    }

    /// The end that the queue's phase asks for.
    fn end(&self, phase: Phase) -> End {
        let (id, app) = (self.session.id(), &self.app.config().app_id);
        match phase {
            Phase::Closing(code) => End::Say(Frame::close(code)),
            Phase::Open | Phase::Overflowed => {
                tracing::warn!(app, socket = %id, "closed a consumer too slow for its queue");
                End::Say(Frame::close(CloseCode::OverCapacity))
            }
        }
    }

    fn on_message(&mut self, message: Result<Message, Error>) -> Option<End> {
        match message {
            // Who is being closed does nothing any more.
            Ok(Message::Text(_) | Message::Binary(_)) if !self.outbox.is_open() => None,
            Ok(Message::Text(text)) => {
                self.app.stats.messages_received.add(1);
                let effects = self.session.on_text(self.app.now(), &text);
                self.perform(effects);
                None
            }
            Ok(Message::Ping(_) | Message::Pong(_)) => {
                self.on_parts(1);
                None
            }
            Ok(Message::Binary(_)) => {
                let effects = self.session.on_binary(self.app.now());
                self.perform(effects);
                None
            }
            Ok(Message::Close(frame)) => {
                let code = frame.map_or(1000, |frame| frame.code.into());
                Some(End::Say(Frame::close_with(code, "")))
            }
            Ok(Message::Frame(_)) => None,
            Err(error) => Some(end_of(&error)),
        }
    }

    /// Has frames counted that are not a message of their own.
    fn on_parts(&mut self, frames: u32) {
        if frames > 0 && self.outbox.is_open() {
            let effects = self.session.on_more(self.app.now(), frames);
            self.perform(effects);
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        broker::perform(&mut &*self.app, &mut self.session, &self.outbox, effects);
    }

    fn deadline(&self) -> Instant {
        let wait = self.session.deadline().saturating_sub(self.app.now());
        // Session deadlines may be "never"; the timer just looks again in a day.
        Instant::now() + wait.min(Duration::from_secs(86_400))
    }

    /// Ends everything of the connection.
    fn leave(&mut self) {
        broker::leave(&mut &*self.app, &self.session, &self.outbox);
        self.app.close_connection(self.session.id());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What a client is told that broke the WebSocket protocol.
fn end_of(error: &Error) -> End {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            let reason = format!("A message has at most {max_size} bytes");
            End::Say(Frame::close_with(1009, &reason))
        }
        Error::Utf8(_) => End::Say(Frame::close_with(1007, "A text message must be UTF-8")),
        Error::Protocol(error) => {
            tracing::debug!(%error, "the client broke the WebSocket protocol");
            End::Say(Frame::close_with(1002, "Protocol error"))
        }
        _ => End::Lost,
    }
}

/// Sends what is queued, then waits until the client has closed too, for a while.
///
/// What still comes is read and dropped: closing a socket with unread bytes resets it, and the
/// client would lose the close frame.
async fn close<S: Stream>(socket: &mut Socket<S>) {
    let closed = poll_fn(|cx| match socket.poll_send(cx) {
        Poll::Ready(Err(_)) => Poll::Ready(()),
        Poll::Ready(Ok(())) | Poll::Pending => socket.poll_close(cx),
    });
    let _ = tokio::time::timeout(CLOSING_TIME, closed).await;
    let end = poll_fn(|cx| socket.poll_shutdown(cx));
    let _ = tokio::time::timeout(CLOSING_TIME, end).await;
}
