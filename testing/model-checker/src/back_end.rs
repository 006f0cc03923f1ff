//! The back end of the small world: a log of commits. What its rows were at any moment follows from the log.

use crate::data::{Counter, Data, Form, IDS, Row, Says};

/// The rows at some moment, by id: all of them, or those that the list shows.
pub type Rows = [Option<Row>; IDS];

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Made or changed a row.
    Put(Row),
    /// Deleted a row; what it was.
    Delete(Row),
    /// An operator put back the backup made when the log was this long. Nobody publishes that.
    Restore(u8),
}

/// What the event of a commit carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carries {
    /// The row, or which row was deleted.
    Row,
    /// The row without what only answers join to it.
    PoorerRow,
    /// The URL of the row.
    Url,
    /// Nothing but that something changed.
    Nothing,
}

/// One commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commit {
    /// What it did.
    pub change: Change,
    /// What its event carries.
    pub carries: Carries,
    /// What became of its event.
    pub event: Fate,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It waits in a queue.
    Waits,
    /// It was published.
    Published,
    /// It never will be.
    Lost,
}

/// The back end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackEnd {
    log: Vec<Commit>,
    /// A commit whose event was published before a read can see it.
    announced: Option<Commit>,
    /// The last commit that was.
    early: Option<u8>,
    /// The second it is, for coarse versions.
    clock: u8,
}

impl BackEnd {
    /// One row, which everybody knows of.
    #[must_use]
    pub fn new() -> Self {
        let change = Change::Put(Row::new(0, 1, 0));
        let first = Commit { change, carries: Carries::Row, event: Fate::Published };
        Self { log: vec![first], announced: None, early: None, clock: 1 }
    }

    /// How many commits there were.
    #[must_use]
    pub fn len(&self) -> u8 {
        self.log.len() as u8
    }

    /// Whether there were none; there is always one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// The commits, numbered.
    pub fn commits(&self) -> impl DoubleEndedIterator<Item = (u8, &Commit)> {
        self.log.iter().enumerate().map(|(n, commit)| (n as u8, commit))
    }

    /// The rows after so many commits.
    #[must_use]
    pub fn rows_at(&self, len: u8) -> Rows {
        let mut rows = Rows::default();
        for commit in &self.log[..usize::from(len)] {
            match commit.change {
                Change::Put(row) => rows[usize::from(row.id)] = Some(row),
                Change::Delete(row) => rows[usize::from(row.id)] = None,
                Change::Restore(len) => rows = self.rows_at(len),
            }
        }
        rows
    }

    /// The rows that the list shows after so many commits.
    #[must_use]
    pub fn list_at(&self, len: u8) -> Rows {
        self.rows_at(len).map(|row| row.filter(|row| row.is_listed))
    }

    /// The rows as they are.
    #[must_use]
    pub fn rows(&self) -> Rows {
        self.rows_at(self.len())
    }

    /// Whether this id had a row, and has none now.
    #[must_use]
    pub fn is_deleted(&self, id: u8) -> bool {
        let had = |commit: &Commit| matches!(commit.change, Change::Put(row) if row.id == id);
        self.rows()[usize::from(id)].is_none() && self.log.iter().any(had)
    }

    /// The resource's counter after so many commits: a backup has the counter of its time, in a new epoch.
    #[must_use]
    pub fn counter_at(&self, len: u8) -> Counter {
        let mut counter = Counter { epoch: 0, seq: 0 };
        for commit in &self.log[..usize::from(len)] {
            match commit.change {
                Change::Put(_) | Change::Delete(_) => counter.seq += 1,
                Change::Restore(len) => {
                    counter = Counter { epoch: counter.epoch + 1, seq: self.counter_at(len).seq };
                }
            }
        }
        counter
    }

    /// Which rows were concerned between a count and so many commits, in the epoch of the last.
    pub fn concerned(&self, since: Counter, at: u8) -> impl Fn(u8) -> bool {
        let from = (0..=at).find(|len| self.counter_at(*len) == since).unwrap_or_default();
        move |id| {
            let between = &self.log[usize::from(from)..usize::from(at)];
            between.iter().any(|commit| commit.change.concerns(id))
        }
    }

    /// Writes or deletes a row. Strict versions count commits; coarse ones are seconds, which two commits may share.
    pub fn commit(&mut self, id: u8, write: Write, strict: bool) {
        let commit = self.next(id, write, strict);
        self.log.push(commit);
    }

    fn next(&mut self, id: u8, write: Write, strict: bool) -> Commit {
        let n = self.len();
        self.clock += u8::from(!write.same_second);
        let version = match (write.kind, strict) {
            (WriteKind::Again, _) => 1,
            (_, true) => n + 1,
            (_, false) => self.clock,
        };
        let is_listed = write.kind != WriteKind::Hide;
        let change = match self.rows()[usize::from(id)] {
            Some(was) if write.kind == WriteKind::Delete => Change::Delete(was),
            _ => Change::Put(Row { is_listed, ..Row::new(id, version, n) }),
        };
        Commit { change, carries: write.carries, event: Fate::Waits }
    }

    /// Publishes the event of a commit that no read can see yet. The row it is about.
    pub fn announce(&mut self, id: u8, write: Write, strict: bool) -> u8 {
        self.early = Some(self.len());
        self.announced = Some(Commit { event: Fate::Published, ..self.next(id, write, strict) });
        id
    }

    /// Whether there is a commit that was announced, and that no read can see.
    #[must_use]
    pub fn is_announced(&self) -> bool {
        self.announced.is_some()
    }

    /// The commit whose event was published before it could be read.
    #[must_use]
    pub fn early(&self) -> Option<u8> {
        self.early
    }

    /// What was announced can be read.
    pub fn appear(&mut self) {
        self.log.extend(self.announced.take());
    }

    /// Puts back the backup made before the last commit.
    pub fn restore(&mut self) {
        let change = Change::Restore(self.len() - 1);
        self.log.push(Commit { change, carries: Carries::Nothing, event: Fate::Lost });
    }

    /// Whether a backup was ever restored.
    #[must_use]
    pub fn was_restored(&self) -> bool {
        self.log.iter().any(|commit| matches!(commit.change, Change::Restore(_)))
    }

    /// The event of a commit is out. Which row it is about.
    pub fn publish(&mut self, n: u8) -> Option<u8> {
        let commit = &mut self.log[usize::from(n)];
        commit.event = Fate::Published;
        commit.change.row()
    }

    /// The event of a commit is never published.
    pub fn lose(&mut self, n: u8) {
        self.log[usize::from(n)].event = Fate::Lost;
    }

    /// What a commit did, or will do that is announced.
    #[must_use]
    pub fn change(&self, n: u8) -> Option<Change> {
        let commit = self.log.get(usize::from(n)).or(self.announced.as_ref());
        commit.map(|commit| commit.change)
    }

    /// The data of a commit's event, with versions in this form; its counter, where the back end has one.
    #[must_use]
    pub fn event(&self, n: u8, form: Form, counts: bool) -> Data {
        let commit = self.log.get(usize::from(n)).copied().or(self.announced);
        let Some(Commit { change, carries, .. }) = commit else { return Data::Empty };
        let told = |row: Row| match carries {
            Carries::PoorerRow => Row { joined: None, ..row.shown(form) },
            _ => row.shown(form),
        };
        let says = match (carries, change) {
            (Carries::Row | Carries::PoorerRow, Change::Put(row)) => Says::Row(told(row)),
            // a deleted row's event carries the row as it was, its version included
            (Carries::Row | Carries::PoorerRow, Change::Delete(row)) => Says::Deleted(told(row)),
            (Carries::Url, Change::Put(row) | Change::Delete(row)) => Says::Url(row.id),
            (Carries::Nothing, _) | (_, Change::Restore(_)) => Says::Hint,
        };
        Data::Event(says, counts.then(|| self.counter_at(n + 1)))
    }
}

impl Default for BackEnd {
    fn default() -> Self {
        Self::new()
    }
}

/// How a row is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Write {
    /// What becomes of it.
    pub kind: WriteKind,
    /// In the same second as the commit before.
    pub same_second: bool,
    /// What its event will carry.
    pub carries: Carries,
}

/// What becomes of a row that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// It is made, or changed.
    Put,
    /// It is changed, or made, so that the list does not show it.
    Hide,
    /// It is made with the key of one that was deleted, and its versions begin again.
    Again,
    /// It is deleted.
    Delete,
}

impl Change {
    /// The row it is about; none: all.
    #[must_use]
    pub const fn row(self) -> Option<u8> {
        match self {
            Self::Put(row) | Self::Delete(row) => Some(row.id),
            Self::Restore(_) => None,
        }
    }

    /// Whether it may have changed this row.
    #[must_use]
    pub fn concerns(self, id: u8) -> bool {
        self.row().is_none_or(|row| row == id)
    }
}
