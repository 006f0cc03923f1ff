//! Many at once: writers, readers and publishers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use echolite_feed::ListRequest;

use super::client::{Client, Rows, apply, number, rows, seq_of};
use super::recorder::Recorder;
use super::{End, Shop, Step, head_of, json_of, quick, since};

const WRITERS: u64 = 4;
const CHANGES: usize = 30;
const ROWS: i64 = 8;

/// Concurrent writers, some of whom roll back; two publishers; readers of whole lists and of what changed. Events
/// come without holes and unswapped, and each answer's rows are those of its head.
pub(crate) async fn heads_order_everything<S: Shop>(shop: S) {
    let target = Recorder::new([]);
    let publishers =
        [shop.publish_to(target.clone(), quick()), shop.publish_to(target.clone(), quick())];
    let writing = Arc::new(AtomicBool::new(true));
    let readers =
        [read(shop.clone(), writing.clone(), false), read(shop.clone(), writing.clone(), true)]
            .map(tokio::spawn);
    let writers: Vec<_> =
        (0..WRITERS).map(|seed| tokio::spawn(write(shop.clone(), seed))).collect();
    let mut announced = 0;
    for writer in writers {
        announced += writer.await.expect("a writer writes");
    }
    writing.store(false, Ordering::SeqCst);
    let events = target.has_taken(announced).await;
    for publisher in publishers {
        publisher.shutdown().await;
    }
    assert_eq!(target.taken().len(), announced, "each event once, as nothing failed");

    let mut client = Client::new(0, Rows::new());
    client.hear_all(&events);
    assert_eq!(client.repeated, 0);
    let mut answers = 0;
    for reader in readers {
        for (seq, rows) in reader.await.expect("a reader reads") {
            assert_eq!(
                client.history.get(&seq),
                Some(&rows),
                "rows of another moment than head {seq}"
            );
            answers += 1;
        }
    }
    assert!(answers > 2, "the readers read while the writers wrote");
    let last = shop.list(ListRequest::default()).await.expect("a list");
    assert_eq!(rows(&json_of(&last)), client.rows);
    assert_eq!(seq_of(&head_of(&last)), client.seq);
}

/// Gives how many events were announced.
async fn write<S: Shop>(shop: S, seed: u64) -> usize {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut announced = 0;
    for change in 0..CHANGES {
        let mut steps = Vec::new();
        let events = random.usize(1..3);
        for event in 0..events {
            for _ in 0..random.usize(1..4) {
                let id = random.i64(1..=ROWS);
                let name = format!("{seed}-{change}-{event}");
                steps.push(if random.u8(..4) == 0 {
                    Step::Remove(id)
                } else {
                    Step::Save(id, name)
                });
            }
            steps.push(Step::Announce);
        }
        let end = if random.u8(..5) == 0 { End::Drop } else { End::Commit };
        shop.write(steps, end).await.expect("a change");
        announced += if end == End::Commit { events } else { 0 };
    }
    announced
}

/// Reads as long as others write, and once more. Gives the rows by head.
async fn read<S: Shop>(shop: S, writing: Arc<AtomicBool>, by_changes: bool) -> Vec<(i64, Rows)> {
    let first = shop.list(ListRequest::default()).await.expect("a list");
    let mut head = head_of(&first);
    let mut seen = vec![(seq_of(&head), rows(&json_of(&first)))];
    loop {
        let is_last = !writing.load(Ordering::SeqCst);
        let request = if by_changes { since(&head) } else { ListRequest::default() };
        let answer = shop.list(request).await.expect("a list");
        let body = json_of(&answer);
        let (_, before) = seen.last().expect("there is a first").clone();
        let now = if by_changes {
            assert_eq!(body["head"], head_of(&answer));
            changed(before, &body)
        } else {
            rows(&body)
        };
        head = head_of(&answer);
        seen.push((seq_of(&head), now));
        if is_last {
            return seen;
        }
    }
}

fn changed(mut rows: Rows, body: &serde_json::Value) -> Rows {
    let list = |name: &str| body[name].as_array().expect("what changed").clone();
    list("deleted").iter().for_each(|id| drop(rows.remove(&number(id))));
    list("changed").iter().for_each(|row| apply(&mut rows, row));
    rows
}
