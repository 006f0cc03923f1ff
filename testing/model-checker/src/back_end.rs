//! The back end of the small world: a log of commits. What its rows were at any moment follows from the log.

use crate::data::{Counter, Data, IDS, Row, Says};

/// The rows at some moment, by id.
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
    /// Whether its event was published.
    pub published: bool,
}

/// The back end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackEnd {
    log: Vec<Commit>,
    /// The second it is, for coarse versions.
    clock: u8,
}

impl BackEnd {
    /// One row, which everybody knows of.
    #[must_use]
    pub fn new() -> Self {
        let change = Change::Put(Row { id: 0, version: 1, n: 0 });
        let first = Commit { change, carries: Carries::Row, published: true };
        Self { log: vec![first], clock: 1 }
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

    /// The rows as they are.
    #[must_use]
    pub fn rows(&self) -> Rows {
        self.rows_at(self.len())
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
        let n = self.len();
        self.clock += u8::from(!write.same_second);
        let version = if strict { n + 1 } else { self.clock };
        let change = match self.rows()[usize::from(id)] {
            Some(was) if write.deletes => Change::Delete(was),
            _ => Change::Put(Row { id, version, n }),
        };
        self.log.push(Commit { change, carries: write.carries, published: false });
    }

    /// Puts back the backup made before the last commit.
    pub fn restore(&mut self) {
        let change = Change::Restore(self.len() - 1);
        self.log.push(Commit { change, carries: Carries::Nothing, published: true });
    }

    /// Whether a backup was ever restored.
    #[must_use]
    pub fn was_restored(&self) -> bool {
        self.log.iter().any(|commit| matches!(commit.change, Change::Restore(_)))
    }

    /// The event of a commit is out. Which row it is about.
    pub fn publish(&mut self, n: u8) -> Option<u8> {
        let commit = &mut self.log[usize::from(n)];
        commit.published = true;
        commit.change.row()
    }

    /// The data of a commit's event; its counter, where the back end has one.
    #[must_use]
    pub fn event(&self, n: u8, counts: bool) -> Data {
        let commit = self.log[usize::from(n)];
        let says = match (commit.carries, commit.change) {
            (Carries::Row, Change::Put(row)) => Says::Row(row),
            // a deleted row's event carries the row as it was, its version included
            (Carries::Row, Change::Delete(row)) => Says::Deleted(row),
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
    /// Deletes it, if it is there.
    pub deletes: bool,
    /// In the same second as the commit before.
    pub same_second: bool,
    /// What its event will carry.
    pub carries: Carries,
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
