//! The back end: rows, the changes that made them, and the events that tell of them.

use std::ops::Range;
use std::rc::Rc;

use echolite_cache::{Head, Paging, VersionMode};
use serde_json::{Value, json};

use crate::habits::Habits;
use crate::kind::Kind;
use crate::version_forms::Form;

/// Ids of rows go from 1 to this.
pub const IDS: u64 = 5;

/// The field that only the list has, where events carry poorer rows.
pub const RICH: &str = "joined";
/// A key is free for so long at least before it is used again (milliseconds).
const AWHILE: u64 = 3_000;

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
    /// A row that it carries lacks a field of the list.
    pub is_poor: bool,
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

    /// Whether it came to the node on all of its channels.
    pub fn is_published(&self) -> bool {
        self.channels.iter().all(|channel| self.publication(*channel).is_some())
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
    pub habits: Habits,
    /// How many channels the resource has.
    pub channels: usize,
    /// How its list is divided into pages, if it is.
    pub paging: Option<Paging>,
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
    /// Keys that are used again: of each, the last version, and when an event of it was published last.
    lives: [(u64, u64); IDS as usize + 1],
    /// Whether the last transaction began another life of a key.
    pub began_life: bool,
}

#[derive(Debug)]
struct Commit {
    at: u64,
    changes: usize,
    epoch: u32,
    seq: u64,
}

impl BackEnd {
    pub fn new((kind, habits): (Kind, Habits), channels: usize, paging: Option<Paging>) -> Self {
        let mut this = Self {
            kind,
            habits,
            channels,
            paging,
            changes: Vec::new(),
            events: Vec::new(),
            history: vec![Vec::new(); IDS as usize + 1],
            commits: Vec::new(),
            epoch: 1,
            restored: 0,
            seq: 0,
            publications: 0,
            lives: [(0, 0); IDS as usize + 1],
            began_life: false,
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
            Write::Put(id) => {
                self.begin_life(now, id);
                self.lives[id as usize].0 += 1;
                (id, Some(Rc::new(self.state(now, id, n))))
            }
            Write::Trash(id) => {
                self.lives[id as usize].0 += 1;
                (id, None)
            }
            Write::Delete(id) => (id, None),
        };
        self.push(now, id, row);
    }

    /// A key that is free begins anew, once everything of its life before is known to all who listen.
    fn begin_life(&mut self, now: u64, id: u64) {
        let (version, told) = self.lives[id as usize];
        let concerns = |event: &&Event| {
            self.changes[event.changes.clone()].iter().any(|change| change.id == id)
        };
        let of_key: Vec<&Event> = self.events.iter().filter(concerns).collect();
        if self.habits.keys_again
            && version > 0
            && self.row(id).is_none()
            && told + AWHILE < now
            && of_key.iter().all(|event| event.is_over())
            && of_key.last().is_some_and(|event| event.is_published())
        {
            self.lives[id as usize].0 = 0;
            self.began_life = true;
        }
    }

    /// An event is never published.
    pub fn lose(&mut self, event: usize) {
        self.events[event].fates = [Fate::Lost; 2];
    }

    /// An event is published.
    pub fn note_publication(&mut self, now: u64, event: usize) {
        for change in &self.changes[self.events[event].changes.clone()] {
            self.lives[change.id as usize].1 = now;
        }
    }

    fn push(&mut self, at: u64, id: u64, row: Option<Row>) {
        let before = self.row(id).cloned();
        let listed = row.as_ref().filter(|row| is_listed(row));
        let named = listed.and_then(|row| row["n"].as_u64());
        self.history[id as usize].push((self.changes.len(), named));
        self.changes.push(Change { id, row, before, at });
    }

    /// A row, named by the change that made it. Coarse versions share a second, strict ones count.
    fn state(&self, now: u64, id: u64, n: u64) -> Value {
        let mut row = match self.kind.versions {
            Some(VersionMode::Strict) if self.habits.keys_again => {
                json!({ "id": id, "v": self.lives[id as usize].0, "n": n })
            }
            Some(VersionMode::Strict) => json!({ "id": id, "v": n + 1, "n": n }),
            Some(VersionMode::Coarse) => json!({ "id": id, "v": now / 1_000 + 1, "n": n }),
            None => json!({ "id": id, "n": n }),
        };
        if self.habits.poorer_rows {
            row[RICH] = json!({ "of": n });
        }
        if self.habits.filtered {
            let is_open = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 62 != 0;
            row["state"] = (if is_open { "open" } else { "closed" }).into();
        }
        row
    }

    /// A row as answers show it.
    pub fn answered(&self, row: &Row) -> Row {
        match self.habits.versions.listed {
            Form::Number => row.clone(),
            form => Rc::new(shown(row, form)),
        }
    }

    /// A row as an event carries it; `poor`: without what only the list joins.
    fn told(&self, row: &Value, poor: bool) -> Value {
        let mut row = shown(row, self.habits.versions.told);
        if let Some(row) = row.as_object_mut().filter(|_| poor) {
            row.remove(RICH);
        }
        row
    }

    /// The rows that the list shows after the first `length` changes.
    pub fn listed_at(&self, length: usize) -> impl Iterator<Item = &Row> {
        (1..=IDS).filter_map(move |id| self.row_at(id, length).filter(|row| is_listed(row)))
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
            let (mut data, carries_rows) = self.tell(now, &part, writes, random);
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
        let is_poor = self.habits.poorer_rows && carries_rows && !has(data, RICH);
        let (data, fates) = (data.to_string(), [Fate::Pending; 2]);
        self.events.push(Event { changes, channels, data, carries_rows, is_poor, fates });
    }

    /// What the event of these changes says, and whether it shows them.
    fn tell(
        &self,
        now: u64,
        part: &Range<usize>,
        writes: &[Write],
        random: &mut fastrand::Rng,
    ) -> (Value, bool) {
        let (manner, poor) = (random.u8(0..5), random.bool());
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
                let rows = changes.iter().filter_map(|change| change.row.as_deref());
                let rows: Vec<_> = rows.map(|row| self.told(row, poor)).collect();
                (json!({ "client_refresh": rows }), true)
            }
            _ if changes.len() > 1 => (json!({}), false),
            (_, Write::Put(_)) => {
                let row = first.row.as_deref().map(|row| self.told(row, poor));
                (json!({ "client_refresh": row }), true)
            }
            (_, Write::Delete(id)) => {
                let had = first.before.as_deref().map(|had| self.told(had, poor));
                let had = had.unwrap_or_else(|| json!({ "id": id }));
                (json!({ "deleted": true, "client_refresh": had }), true)
            }
            (_, Write::Trash(id)) => {
                let row = self.told(&self.state(now, *id, part.start as u64), poor);
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

/// Whether the rows of an event have this field.
fn has(data: &Value, field: &str) -> bool {
    let rows = &data["client_refresh"];
    rows.get(field).is_some() || rows.get(0).is_some_and(|row| row.get(field).is_some())
}

/// Whether the list shows the row.
pub fn is_listed(row: &Value) -> bool {
    row["state"] != "closed"
}

fn shown(row: &Value, form: Form) -> Value {
    let mut row = row.clone();
    if let Some(version) = row["v"].as_u64() {
        row["v"] = form.show(version);
    }
    row
}

fn epoch_name(epoch: u32) -> String {
    format!("e{epoch}")
}
