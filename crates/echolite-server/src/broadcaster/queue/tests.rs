//! The queue, with a server that does as it is told, and time that passes when nobody works.

use super::*;
use crate::broadcast::Event;
use parking_lot::Mutex;
use tokio::time::Instant;

/// What was delivered, and how many attempts fail before one succeeds.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<(Vec<String>, usize)>>);

impl Server {
    fn queue(&self, options: QueueOptions) -> (QueueSender, Queue) {
        let server = self.clone();
        open(move |message| std::future::ready(server.take(message)), options)
    }

    fn take(&self, message: Message) -> Result<(), BroadcastError> {
        let (taken, failures) = &mut *self.0.lock();
        if message.name == "wrong" {
            return Err(BroadcastError::NoName);
        }
        if *failures > 0 {
            *failures -= 1;
            return Err(BroadcastError::QueueFull { capacity: 0 });
        }
        taken.push(message.name);
        Ok(())
    }

    fn fail(&self, times: usize) {
        self.0.lock().1 = times;
    }

    fn taken(&self) -> Vec<String> {
        self.0.lock().0.clone()
    }
}

fn message(name: &str) -> Message {
    Message::checked(Event::new(name, &1).public("news"), None).unwrap()
}

fn messages<const N: usize>(names: [&str; N]) -> Vec<Message> {
    names.map(message).into()
}

#[tokio::test(start_paused = true)]
async fn events_are_sent_in_order_and_tried_again() {
    let server = Server::default();
    let (sender, queue) = server.queue(QueueOptions::default());
    server.fail(3);
    let began = Instant::now();
    sender.push(messages(["a", "b"])).unwrap();
    sender.push(messages(["c"])).unwrap();
    queue.flush().await;
    assert_eq!(server.taken(), ["a", "b", "c"]);
    let expected = QueueStats { waiting: 0, sent: 3, failed: 0, retried: 3 };
    assert_eq!(queue.stats(), expected);
    // 250, 500 and 1000 ms, each between half and whole.
    let took = began.elapsed().as_millis();
    assert!((875..=1760).contains(&took), "{took} ms");
}

#[tokio::test(start_paused = true)]
async fn an_event_is_given_up_after_its_attempts_or_when_it_is_wrong() {
    let server = Server::default();
    let (sender, queue) = server.queue(QueueOptions { attempts: 2, ..QueueOptions::default() });
    server.fail(2);
    sender.push(messages(["lost", "wrong", "sent"])).unwrap();
    queue.flush().await;
    assert_eq!(server.taken(), ["sent"]);
    let expected = QueueStats { waiting: 0, sent: 1, failed: 2, retried: 1 };
    assert_eq!(queue.stats(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_says_so_and_takes_all_of_a_batch_or_nothing() {
    let server = Server::default();
    let (sender, queue) = server.queue(QueueOptions { capacity: 3, ..QueueOptions::default() });
    // The worker has not run yet: nothing is taken out.
    sender.push(messages(["a", "b"])).unwrap();
    let full = sender.push(messages(["c", "d"]));
    assert!(matches!(full, Err(BroadcastError::QueueFull { capacity: 3 })));
    assert_eq!(queue.stats().waiting, 2);
    sender.push(messages(["c"])).unwrap();
    queue.flush().await;
    assert_eq!(server.taken(), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_shut_down_queue_sends_what_it_has_and_takes_nothing_more() {
    let server = Server::default();
    let (sender, queue) = server.queue(QueueOptions::default());
    server.fail(1);
    sender.push(messages(["a", "b"])).unwrap();
    queue.shutdown().await;
    assert_eq!(server.taken(), ["a", "b"]);
    assert!(matches!(sender.push(messages(["c"])), Err(BroadcastError::QueueClosed)));
}

#[tokio::test(start_paused = true)]
async fn a_queue_without_its_handle_works_on() {
    let server = Server::default();
    let (sender, queue) = server.queue(QueueOptions::default());
    let Queue { sender: handle, worker } = queue;
    drop(handle);
    sender.push(messages(["a"])).unwrap();
    drop(sender);
    worker.await.unwrap();
    assert_eq!(server.taken(), ["a"]);
}

#[test]
fn a_pause_is_between_half_and_whole() {
    for _ in 0..100 {
        let pause = jittered(Duration::from_millis(100)).as_millis();
        assert!((50..=100).contains(&pause), "{pause}");
    }
}
