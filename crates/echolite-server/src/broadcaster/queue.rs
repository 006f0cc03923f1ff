//! A queue before the broadcaster: sending does not wait for the server, nor fail while it is away.

use super::error::BroadcastError;
use super::message::Message;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// How much a queue takes, and how often it tries.
///
/// ```
/// use echolite_server::QueueOptions;
/// let options = QueueOptions { attempts: 3, ..QueueOptions::default() };
/// assert_eq!(options.capacity, 1000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// The most events that wait; one more is refused with [`BroadcastError::QueueFull`].
    pub capacity: usize,
    /// How often an event is tried before it is given up, logged and counted as failed.
    pub attempts: u32,
    /// The pause after the first failure. It doubles with each one, and half of it is random.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            capacity: 1000,
            attempts: 5,
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
        }
    }
}

/// What a queue has done, and has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueStats {
    /// Events that wait; the one being tried is not among them.
    pub waiting: usize,
    /// Events published.
    pub sent: u64,
    /// Events given up.
    pub failed: u64,
    /// Attempts after a first one.
    pub retried: u64,
}

/// The handle of a queue, made by [`Broadcaster::queued`](super::Broadcaster::queued).
///
/// Events are published one after the other, in the order they came: one that has to be tried again
/// holds up those behind it. An event may arrive twice, when the server took it and the answer was
/// lost. When this handle is dropped the queue works on as long as a broadcaster uses it.
#[derive(Debug)]
pub struct Queue {
    sender: QueueSender,
    worker: JoinHandle<()>,
}

/// Where broadcasters put their messages.
#[derive(Clone, Debug)]
pub(super) struct QueueSender {
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    closed: AtomicBool,
    sent: AtomicU64,
    failed: AtomicU64,
    retried: AtomicU64,
}

#[derive(Debug)]
enum Job {
    Deliver(Message),
    /// Everything before it is done.
    Flush(oneshot::Sender<()>),
    /// Nothing comes after what is queued now.
    Close,
}

/// Starts the task that publishes with `deliver`.
pub(super) fn open<D, F>(deliver: D, options: QueueOptions) -> (QueueSender, Queue)
where
    D: Fn(Message) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), BroadcastError>> + Send + 'static,
{
    let (jobs, waiting) = mpsc::channel(options.capacity.max(1));
    let shared = Arc::new(Shared::default());
    let sender = QueueSender { jobs, shared: shared.clone() };
    let worker = Worker { deliver, options, shared };
    let queue = Queue { sender: sender.clone(), worker: tokio::spawn(worker.work(waiting)) };
    (sender, queue)
}

impl Queue {
    /// Waits until everything queued so far was published or given up.
    pub async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.sender.jobs.send(Job::Flush(done)).await.is_ok() {
            // An error means that the worker is gone, and so is everything that was queued.
            let _ = flushed.await;
        }
    }

    /// Takes nothing more, publishes what is queued, and ends.
    ///
    /// While the server is away this takes as long as the attempts do; put it into
    /// [`tokio::time::timeout`] to bound it.
    pub async fn shutdown(self) {
        let Self { sender, worker } = self;
        sender.shared.closed.store(true, Ordering::SeqCst);
        // An error means that the worker is gone already.
        let _ = sender.jobs.send(Job::Close).await;
        drop(sender);
        if let Err(error) = worker.await {
            tracing::error!(%error, "the broadcasting queue broke off");
        }
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> QueueStats {
        let QueueSender { jobs, shared } = &self.sender;
        QueueStats {
            waiting: jobs.max_capacity() - jobs.capacity(),
            sent: shared.sent.load(Ordering::Relaxed),
            failed: shared.failed.load(Ordering::Relaxed),
            retried: shared.retried.load(Ordering::Relaxed),
        }
    }
}

impl QueueSender {
    /// Queues all of the messages, or none.
    pub(super) fn push(&self, messages: Vec<Message>) -> Result<(), BroadcastError> {
        if self.shared.closed.load(Ordering::SeqCst) {
            return Err(BroadcastError::QueueClosed);
        }
        let places = self.jobs.try_reserve_many(messages.len()).map_err(|error| match error {
            TrySendError::Full(()) => {
                BroadcastError::QueueFull { capacity: self.jobs.max_capacity() }
            }
            TrySendError::Closed(()) => BroadcastError::QueueClosed,
        })?;
        places.zip(messages).for_each(|(place, message)| place.send(Job::Deliver(message)));
        Ok(())
    }
}

/// The task behind a queue.
struct Worker<D> {
    deliver: D,
    options: QueueOptions,
    shared: Arc<Shared>,
}

impl<D, F> Worker<D>
where
    D: Fn(Message) -> F,
    F: Future<Output = Result<(), BroadcastError>>,
{
    async fn work(self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(job) = jobs.recv().await {
            match job {
                Job::Deliver(message) => self.deliver(message).await,
                // Who waited may have given up.
                Job::Flush(done) => drop(done.send(())),
                Job::Close => jobs.close(),
            }
        }
    }

    async fn deliver(&self, message: Message) {
        let mut pause = self.options.first_pause;
        for attempt in 1.. {
            let Err(error) = (self.deliver)(message.clone()).await else {
                self.shared.sent.fetch_add(1, Ordering::Relaxed);
                return;
            };
            let event = &message.name;
            if attempt >= self.options.attempts || !error.is_transient() {
                self.shared.failed.fetch_add(1, Ordering::Relaxed);
                tracing::error!(event, attempt, %error, "an event was not published");
                return;
            }
            self.shared.retried.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(event, attempt, %error, "an event is tried again");
            tokio::time::sleep(jittered(pause)).await;
            pause = (pause * 2).min(self.options.longest_pause);
        }
    }
}

/// Between half of a pause and all of it, so that many processes do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

#[cfg(test)]
mod tests;
