//! A connection's queue of frames to send: bounded in bytes, filled by anybody, emptied by its task.

use super::frame::Frame;
use crate::stats::Stats;
use echolite_protocol::{CloseCode, server_frame};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Waker};

/// A queue longer than this gives its memory back when it is empty.
const KEPT_CAPACITY: usize = 32;

/// A connection's queue.
#[derive(Debug)]
pub(crate) struct Outbox {
    limit: usize,
    stats: Arc<Stats>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    queue: VecDeque<Frame>,
    bytes: usize,
    phase: Phase,
    waiting: Waiting,
}

/// What the connection's task waits for.
#[derive(Debug)]
enum Waiting {
    /// Nothing: it is at work, and looks here before it rests.
    No,
    /// Something to send, or the end.
    ForFrames(Waker),
    /// The end only: the client does not read, and what was taken is not sent yet.
    ForTheEnd(Waker),
}

/// Whether frames are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// They are.
    Open,
    /// Not any more: what is queued goes out, then the close frame.
    Closing(CloseCode),
    /// The consumer was too slow: what was queued is gone, and only the close frame goes out.
    Overflowed,
}

impl Outbox {
    pub(crate) fn new(limit: usize, stats: Arc<Stats>) -> Self {
        let state =
            State { queue: VecDeque::new(), bytes: 0, phase: Phase::Open, waiting: Waiting::No };
        Self { limit, stats, state: Mutex::new(state) }
    }

    /// Queues a frame, and wakes the connection's task if it waits.
    ///
    /// Over the limit the queue is dropped and the connection closed with 4100: a consumer that
    /// misses frames must know it.
    pub(crate) fn push(&self, frame: Frame) {
        let mut state = self.state.lock();
        if state.phase != Phase::Open {
            return;
        }
        if state.bytes + frame.len() > self.limit {
            state.queue = VecDeque::new();
            state.bytes = 0;
            state.phase = Phase::Overflowed;
            self.stats.slow_consumers.add(1);
        } else {
            state.bytes += frame.len();
            state.queue.push_back(frame);
            if matches!(state.waiting, Waiting::ForTheEnd(_)) {
                return;
            }
        }
        state.wake();
    }

    /// Closes the connection after everything that is queued.
    pub(crate) fn close(&self, code: CloseCode) {
        self.state.lock().close(code);
    }

    /// As [`Self::close`], with a `pusher:error` before; whether the connection was open till then.
    pub(crate) fn refuse(&self, code: CloseCode) -> bool {
        let refusal = Frame::text(&server_frame::refusal(code));
        let mut state = self.state.lock();
        let open = state.phase == Phase::Open;
        if open {
            // The last frame may be one too many.
            state.queue.push_back(refusal);
            state.close(code);
        }
        open
    }

    /// How many bytes more it takes.
    pub(crate) fn room(&self) -> usize {
        self.limit.saturating_sub(self.state.lock().bytes)
    }

    /// Whether frames are taken.
    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().phase == Phase::Open
    }

    /// The code with which the connection is being closed, if somebody closed it.
    pub(crate) fn close_code(&self) -> Option<CloseCode> {
        match self.state.lock().phase {
            Phase::Closing(code) => Some(code),
            Phase::Open | Phase::Overflowed => None,
        }
    }

    /// Moves everything queued to `sending`, which must be empty. With nothing there, and while
    /// frames are still taken, the task is woken by the next one.
    pub(crate) fn take(&self, sending: &mut VecDeque<Frame>, cx: &Context<'_>) -> Phase {
        if sending.capacity() > KEPT_CAPACITY {
            *sending = VecDeque::new();
        }
        let mut state = self.state.lock();
        std::mem::swap(&mut state.queue, sending);
        state.bytes = 0;
        if sending.is_empty() && state.phase == Phase::Open {
            match &mut state.waiting {
                Waiting::ForFrames(waker) => waker.clone_from(cx.waker()),
                waiting => *waiting = Waiting::ForFrames(cx.waker().clone()),
            }
        } else {
            state.waiting = Waiting::No;
        }
        state.phase
    }

    /// What [`Self::take`] says, without taking: for a task that cannot send what it took before.
    /// Unless this is the end, the task is woken by it.
    pub(crate) fn phase(&self, cx: &Context<'_>) -> Phase {
        let mut state = self.state.lock();
        if state.phase == Phase::Open {
            state.waiting = Waiting::ForTheEnd(cx.waker().clone());
        }
        state.phase
    }

    /// Moves what is left to the end of `sending`.
    pub(crate) fn take_rest(&self, sending: &mut VecDeque<Frame>) {
        sending.append(&mut self.state.lock().queue);
    }
}

impl State {
    fn close(&mut self, code: CloseCode) {
        if self.phase == Phase::Open {
            self.phase = Phase::Closing(code);
            self.wake();
        }
    }

    fn wake(&mut self) {
        match std::mem::replace(&mut self.waiting, Waiting::No) {
            Waiting::No => {}
            Waiting::ForFrames(task) | Waiting::ForTheEnd(task) => task.wake(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    fn frame(text: &str) -> Frame {
        Frame::text(text)
    }

    fn taken(outbox: &Outbox) -> (usize, Phase) {
        let mut sending = VecDeque::new();
        let phase = outbox.take(&mut sending, &Context::from_waker(Waker::noop()));
        (sending.len(), phase)
    }

    #[test]
    fn everything_queued_leaves_at_once() {
        let outbox = Outbox::new(100, Arc::default());
        outbox.push(frame("a"));
        outbox.push(frame("b"));
        assert_eq!(taken(&outbox), (2, Phase::Open));
        assert_eq!(taken(&outbox), (0, Phase::Open));
    }

    #[test]
    fn a_queue_over_its_limit_is_dropped_and_closed() {
        let stats = Arc::new(Stats::default());
        let outbox = Outbox::new(10, stats.clone());
        outbox.push(frame("12345"));
        outbox.push(frame("12345"));
        outbox.push(frame("1"));
        assert_eq!(taken(&outbox), (0, Phase::Overflowed));
        assert_eq!(stats.snapshot().slow_consumers, 1);
    }

    /// More tasks than cores fill one queue, whose own task rests whenever it is empty. Were one wake-up lost, it
    /// would rest for ever with frames in the queue.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn no_wake_up_is_lost() {
        const TASKS: usize = 16;
        const FRAMES: usize = 2_000;
        let outbox = Arc::new(Outbox::new(usize::MAX, Arc::default()));
        for _ in 0..TASKS {
            let outbox = outbox.clone();
            tokio::spawn(async move {
                for _ in 0..FRAMES {
                    outbox.push(frame("a"));
                    tokio::task::yield_now().await;
                }
            });
        }
        let (mut came, mut sending) = (0, VecDeque::new());
        let all = std::future::poll_fn(|cx| {
            loop {
                sending.clear();
                assert_eq!(outbox.take(&mut sending, cx), Phase::Open);
                came += sending.len();
                match sending.is_empty() {
                    true if came == TASKS * FRAMES => return std::task::Poll::Ready(()),
                    true => return std::task::Poll::Pending,
                    false => {}
                }
            }
        });
        let deadline = std::time::Duration::from_secs(60);
        assert!(tokio::time::timeout(deadline, all).await.is_ok(), "{came} frames came");
    }

    #[test]
    fn closing_keeps_what_is_queued_and_takes_no_more() {
        let outbox = Outbox::new(100, Arc::default());
        outbox.push(frame("a"));
        outbox.close(CloseCode::Reconnect);
        outbox.push(frame("b"));
        assert_eq!(taken(&outbox), (1, Phase::Closing(CloseCode::Reconnect)));
    }
}
