//! The back end: rows, the changes that made them, and the events that tell of them.

use std::ops::Range;
use std::rc::Rc;

use echolite_cache::{Head, Membership, Paging, VersionMode};
use serde_json::{Value, json};

use crate::kind::Kind;

/// Ids of rows go from 1 to this.
pub const IDS: u64 = 5;

/// A row as it is stored, shared with whoever read it.
pub type Row = Rc<Value>;

/// One change of a row, as it was committed.
#[derive(Debug)]
pub struct Change {
    pub id: u64,
    /// The row afterwards; `None`: it is not listed.
    pub row: Option<Row>,
    /// The row before.
    pub before: Option<Row>,
    pub at: u64,
}

/// What a transaction publishes: one event of one or more changes.
#[derive(Debug)]
pub struct Event {
    pub changes: Range<usize>,
    /// On which of the resource's channels.
    pub channels: Vec<usize>,
    /// JSON text.
    pub data: String,
    /// It shows all that it tells of, so that versions can order it.
    pub carries_rows: bool,
    /// What became of it on each channel.
    pub fates: [Fate; 2],
}

/// What became of an event on one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It is not on this channel, or not published yet.
    #[default]
    Pending,
    /// The how-manieth publication it was.
    Published(u64),
    /// It was lost, or rolled back with its change before it was published.
    Lost,
}

impl Event {
    /// The how-manieth publication it was on a channel.
    pub const fn publication(&self, channel: usize) -> Option<u64> {
        match self.fates[channel] {
            Fate::Published(publication) => Some(publication),
            Fate::Pending | Fate::Lost => None,
        }
    }

    /// Whether it is on its way nowhere any more.
    pub fn is_over(&self) -> bool {
        self.channels.iter().all(|channel| self.fates[*channel] != Fate::Pending)
    }
}

/// How rows change in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// A new state, made anew where it was not.
    Put(u64),
    /// Deleted; the event carries the version that it had.
    Delete(u64),
    /// Soft-deleted: the event carries a new version.
    Trash(u64),
}

/// The back end of one resource.
#[derive(Debug)]
pub struct BackEnd {
    pub kind: Kind,
    /// How many channels the resource has.
    pub channels: usize,
    /// How its list is divided into pages, if it is.
    pub paging: Option<Paging>,
    /// What the application declares of the rows that the list holds.
    pub membership: Membership,
    pub changes: Vec<Change>,
    pub events: Vec<Event>,
    /// The changes of each row: index, and what names the state.
    history: Vec<Vec<(usize, Option<u64>)>>,
    /// When each transaction was committed, and how many changes there were then, with the head.
    commits: Vec<Commit>,
    epoch: u32,
    /// How many changes there were when it was restored last.
    pub restored: usize,
    seq: u64,
    pub publications: u64,
}

#[derive(Debug)]
struct Commit {
    at: u64,
    changes: usize,
    epoch: u32,
    seq: u64,
}

impl BackEnd {
    pub fn new(kind: Kind, channels: usize, paging: Option<Paging>) -> Self {
        let mut this = Self {
            kind,
            channels,
            paging,
            membership: Membership::All,
            changes: Vec::new(),
            events: Vec::new(),
            history: vec![Vec::new(); IDS as usize + 1],
            commits: Vec::new(),
            epoch: 1,
            restored: 0,
            seq: 0,
            publications: 0,
        };
        (1..=4).for_each(|id| this.change(0, Write::Put(id)));
        this.seq = 4;
        this.note_commit(0);
        this
    }

    /// The row as it is now.
    pub fn row(&self, id: u64) -> Option<&Row> {
        self.row_at(id, self.changes.len())
    }

    /// The row after the first `length` changes.
    pub fn row_at(&self, id: u64, length: usize) -> Option<&Row> {
        let history = &self.history[id as usize];
        let at = history.partition_point(|(at, _)| *at < length).checked_sub(1)?;
        self.changes[history[at].0].row.as_ref()
    }

    /// The states of a row from the change `from` on, by what names them.
    pub fn states(&self, id: u64, from: usize) -> impl Iterator<Item = Option<u64>> {
        let history = &self.history[id as usize];
        let at = history.partition_point(|(at, _)| *at < from);
        history[at..].iter().map(|(_, state)| *state)
    }

    /// The last change of a row among the first `length`.
    pub fn last_change(&self, id: u64, length: usize) -> Option<usize> {
        let history = &self.history[id as usize];
        history[..history.partition_point(|(at, _)| *at < length)].last().map(|(at, _)| *at)
    }

    /// Whether a row was gone within the second in which this change made it.
    pub fn is_made_anew_at_once(&self, change: &Change) -> bool {
        let mut others = self.changes.iter().filter(|other| other.id == change.id);
        others.any(|o| o.row.is_none() && o.at <= change.at && o.at / 1_000 == change.at / 1_000)
    }

    /// How many changes there were at a moment.
    pub fn length_at(&self, moment: u64) -> usize {
        let at = self.commits.partition_point(|commit| commit.at <= moment);
        at.checked_sub(1).map_or(0, |at| self.commits[at].changes)
    }

    /// The head after the first `length` changes, as the kind gives it.
    pub fn head_at(&self, length: usize) -> Option<Head> {
        let at = self.commits.partition_point(|commit| commit.changes <= length).checked_sub(1)?;
        let Commit { epoch, seq, .. } = self.commits[at];
        self.kind.heads.then(|| Head { epoch: epoch_name(epoch).into(), seq })
    }

    /// How many changes there were at a head of the present epoch; `None` for any other head.
    pub fn length_of(&self, head: &Head) -> Option<usize> {
        let at =
            |commit: &&Commit| commit.seq == head.seq && epoch_name(commit.epoch) == *head.epoch;
        self.commits.iter().rev().find(at).map(|commit| commit.changes)
    }

    fn note_commit(&mut self, at: u64) {
        let (changes, epoch, seq) = (self.changes.len(), self.epoch, self.seq);
        self.commits.push(Commit { at, changes, epoch, seq });
    }

    fn change(&mut self, now: u64, write: Write) {
        let n = self.changes.len() as u64;
        let (id, row) = match write {
            Write::Put(id) => (id, Some(Rc::new(self.state(now, id, n)))),
            Write::Delete(id) | Write::Trash(id) => (id, None),
        };
        self.push(now, id, row);
    }

    fn push(&mut self, at: u64, id: u64, row: Option<Row>) {
        let before = self.row(id).cloned();
        let named = row.as_ref().and_then(|row| row["n"].as_u64());
        self.history[id as usize].push((self.changes.len(), named));
        self.changes.push(Change { id, row, before, at });
    }

    /// A row, named by the change that made it. Coarse versions share a second, strict ones count.
    fn state(&self, now: u64, id: u64, n: u64) -> Value {
        match self.kind.versions {
            Some(VersionMode::Strict) => json!({ "id": id, "v": n + 1, "n": n }),
            Some(VersionMode::Coarse) => json!({ "id": id, "v": now / 1_000 + 1, "n": n }),
            None => json!({ "id": id, "n": n }),
        }
    }

    /// One transaction, which raises the head once. With heads it makes one event, as the contract asks;
    /// without, one a row. Gives the events.
    pub fn commit(
        &mut self,
        now: u64,
        writes: &[Write],
        random: &mut fastrand::Rng,
    ) -> Range<usize> {
        let (first, prev) = (self.changes.len(), self.seq);
        writes.iter().for_each(|write| self.change(now, *write));
        self.seq += writes.len() as u64;
        self.note_commit(now);
        let events = self.events.len();
        let together = if self.kind.heads { writes.len().max(1) } else { 1 };
        for (at, writes) in writes.chunks(together).enumerate() {
            let start = first + at * together;
            let part = start..start + writes.len();
            let (mut data, carries_rows) = self.tell(now, &part, writes, random.u8(0..5));
            self.add_head(&mut data, prev, random);
            let channels = vec![random.usize(0..self.channels)];
            self.add_event(part, channels, (&data, carries_rows));
        }
        events..self.events.len()
    }

    fn add_event(
        &mut self,
        changes: Range<usize>,
        channels: Vec<usize>,
        (data, carries_rows): (&Value, bool),
    ) {
        let (data, fates) = (data.to_string(), [Fate::Pending; 2]);
        self.events.push(Event { changes, channels, data, carries_rows, fates });
    }

    /// What the event of these changes says, and whether it shows them.
    fn tell(&self, now: u64, part: &Range<usize>, writes: &[Write], manner: u8) -> (Value, bool) {
        let changes = &self.changes[part.clone()];
        let (Some(first), Some(write)) = (changes.first(), writes.first()) else {
            return (json!({}), false);
        };
        let puts = changes.iter().all(|change| change.row.is_some());
        match (manner, write) {
            (0, _) => (json!({ "id": first.id }), false),
            (1, _) => {
                let urls = changes.iter().map(|change| format!("/api/products/{}", change.id));
                (json!({ "url": urls.collect::<Vec<_>>() }), false)
            }
            _ if changes.len() > 1 && puts => {
                let rows: Vec<_> =
                    changes.iter().filter_map(|change| change.row.as_deref()).collect();
                (json!({ "client_refresh": rows }), true)
            }
            _ if changes.len() > 1 => (json!({}), false),
            (_, Write::Put(_)) => (json!({ "client_refresh": first.row.as_deref() }), true),
            (_, Write::Delete(id)) => {
                let had = first.before.as_deref().cloned();
                let had = had.unwrap_or_else(|| json!({ "id": id }));
                (json!({ "deleted": true, "client_refresh": had }), true)
            }
            (_, Write::Trash(id)) => {
                let row = self.state(now, *id, part.start as u64);
                (json!({ "deleted": true, "client_refresh": row }), true)
            }
        }
    }

    fn add_head(&self, data: &mut Value, prev: u64, random: &mut fastrand::Rng) {
        if self.kind.heads {
            let head = json!({ "epoch": epoch_name(self.epoch), "seq": self.seq, "prev": prev });
            match random.bool() {
                true => data["head"] = head,
                false => {
                    data["heads"] =
                        json!({ "products": head, "orders": { "epoch": "o", "seq": 1 } })
                }
            }
        }
    }

    /// The rows are again as they were after the first `length` changes, and the head counts on from there in
    /// another epoch. What was not published yet is lost, but for an outbox's rows that another node holds. An
    /// operator who does this tells it on every channel: the event.
    pub fn restore(&mut self, now: u64, length: usize, random: &mut fastrand::Rng) -> usize {
        let first = self.changes.len();
        let old: Vec<_> = (1..=IDS).map(|id| (id, self.row_at(id, length).cloned())).collect();
        for (id, row) in old {
            if self.row(id) != row.as_ref() {
                self.push(now, id, row);
            }
        }
        self.epoch += 1;
        self.restored = self.changes.len();
        self.seq = self.head_seq_at(length) + 1;
        self.note_commit(now);
        if !self.kind.heads {
            let fates = self.events.iter_mut().flat_map(|event| &mut event.fates);
            fates.filter(|fate| **fate == Fate::Pending).for_each(|fate| *fate = Fate::Lost);
        }
        let mut data = json!({});
        self.add_head(&mut data, self.seq - 1, random);
        self.add_event(first..self.changes.len(), (0..self.channels).collect(), (&data, false));
        self.events.len() - 1
    }

    fn head_seq_at(&self, length: usize) -> u64 {
        let at = self.commits.partition_point(|commit| commit.changes <= length);
        at.checked_sub(1).map_or(0, |at| self.commits[at].seq)
    }
}

fn epoch_name(epoch: u32) -> String {
    format!("e{epoch}")
}
