//! Encrypted channels: what the server passes on, and only who was given the key can read.
//!
//! The key comes with the channel's signature. When it does not open an event, the back end may have changed
//! it since: it is asked for once more, and events wait meanwhile, so that their order stays.

use std::collections::VecDeque;

use echolite_protocol::encryption::{self, EncryptionKey};

use crate::context::Context;
use crate::{AuthFailure, Authorization, Frame, Name, Output, Payload, RequestId};

/// Events kept while a key is asked for, at most; beyond, the oldest is dropped with an error.
const WAITING: usize = 100;

#[derive(Clone, Debug)]
struct Lock<P> {
    channel: Name,
    key: Option<EncryptionKey>,
    /// The key is being asked for again, for these.
    asking: Option<RequestId>,
    waiting: VecDeque<Frame<P>>,
}

/// The keys of a connection's encrypted channels.
#[derive(Clone, Debug)]
pub(crate) struct Keys<P> {
    locks: Vec<Lock<P>>,
}

/// Whether a frame of this channel is to be opened before anybody sees it.
pub(crate) fn is_sealed(channel: &str, event: &str) -> bool {
    channel.starts_with("private-encrypted-")
        && !event.starts_with("pusher:")
        && !event.starts_with("pusher_internal:")
}

impl<P: Payload> Keys<P> {
    pub(crate) fn new() -> Self {
        Self { locks: Vec::new() }
    }

    /// The connection is gone: what waited would come out of order.
    pub(crate) fn on_down(&mut self) {
        self.locks.clear();
    }

    /// A channel was left: what waits for its key was of that subscription.
    pub(crate) fn forget(&mut self, channel: &str) {
        self.locks.retain(|lock| *lock.channel != *channel);
    }

    /// A channel was authorised.
    pub(crate) fn learn(&mut self, channel: &Name, authorization: &Authorization) {
        let Some(key) = key_of(authorization) else { return };
        match self.locks.iter_mut().find(|lock| lock.channel == *channel) {
            Some(lock) => lock.key = Some(key),
            None => self.locks.push(Lock {
                channel: channel.clone(),
                key: Some(key),
                asking: None,
                waiting: VecDeque::new(),
            }),
        }
    }

    /// Opens a frame; `None` while it waits for a key.
    pub(crate) fn open(
        &mut self,
        frame: Frame<P>,
        socket_id: Option<&Name>,
        cx: &mut Context<'_, P>,
    ) -> Option<Frame<P>> {
        let channel = frame.channel.clone()?;
        let lock = self.locks.iter_mut().find(|lock| lock.channel == channel)?;
        if lock.waiting.is_empty()
            && let Some(data) = lock.data_of(&frame)
        {
            return Some(Frame { data, ..frame });
        }
        if lock.waiting.len() == WAITING && lock.waiting.pop_front().is_some() {
            cx.emit(unreadable(&channel));
        }
        lock.waiting.push_back(frame);
        if lock.asking.is_none()
            && let Some(socket_id) = socket_id.cloned()
        {
            let request = cx.next_request();
            lock.asking = Some(request);
            cx.emit(Output::Authorize { request, channel, socket_id });
        }
        None
    }

    /// The answer to a key asked for again: the frames that waited, opened as far as it opens them. `None`
    /// when the request was another's.
    pub(crate) fn on_authorized(
        &mut self,
        request: RequestId,
        result: &Result<Authorization, AuthFailure>,
        cx: &mut Context<'_, P>,
    ) -> Option<Vec<Frame<P>>> {
        let lock = self.locks.iter_mut().find(|lock| lock.asking == Some(request))?;
        lock.asking = None;
        if let Some(key) = result.as_ref().ok().and_then(key_of) {
            lock.key = Some(key);
        }
        let mut opened = Vec::new();
        for frame in std::mem::take(&mut lock.waiting) {
            match lock.data_of(&frame) {
                Some(data) => opened.push(Frame { data, ..frame }),
                None => cx.emit(unreadable(&lock.channel)),
            }
        }
        Some(opened)
    }
}

impl<P: Payload> Lock<P> {
    /// What is in a frame: parsed where it is JSON, as a text elsewhere.
    fn data_of(&self, frame: &Frame<P>) -> Option<P> {
        // the server's own: it is not sealed, and keeps its place among those that are
        if &*frame.event == "echolite:position" {
            return Some(frame.data.clone());
        }
        let (nonce, ciphertext) = (frame.data.text("nonce")?, frame.data.text("ciphertext")?);
        let text = encryption::open(self.key.as_ref()?, &nonce, &ciphertext).ok()?;
        Some(P::parse(&text).unwrap_or_else(|| P::from_text(&text)))
    }
}

/// The key that came with a signature, if there is a usable one.
pub(crate) fn key_of(authorization: &Authorization) -> Option<EncryptionKey> {
    EncryptionKey::from_base64(authorization.shared_secret.as_deref()?).ok()
}

fn unreadable<P>(channel: &str) -> Output<P> {
    let message =
        format!("an event on {channel} could not be decrypted with the key of its authorisation");
    Output::Error { code: None, message }
}
