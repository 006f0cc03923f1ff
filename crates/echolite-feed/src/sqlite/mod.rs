//! The feed in SQLite, through `rusqlite`.
//!
//! `rusqlite` blocks its thread: within an asynchronous application use these methods where it uses `rusqlite`,
//! for example in `spawn_blocking`. The publisher has a connection of its own to the same file.

mod change;
mod outbox;
mod snapshot;

pub use change::Change;
pub use snapshot::Snapshot;

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior};

use crate::error::Result;
use crate::feed::ResourceFeed;
use crate::head::{Head, new_epoch};
use crate::raised_heads::{Counter, RaisedHeads};
use crate::sql::{self, Dialect};

/// A file of SQLite.
#[derive(Clone, Debug)]
pub struct Sqlite {
    path: PathBuf,
}

pub(crate) const DIALECT: Dialect = Dialect {
    growing_key: "INTEGER PRIMARY KEY AUTOINCREMENT",
    now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
};

impl ResourceFeed<Sqlite> {
    /// The feed in this file, which the application's connections have open.
    #[must_use]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::over(Sqlite { path: path.into() })
    }

    /// Makes the feed's tables, if they are missing, and the counters of these resources.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn install(&self, connection: &mut Connection, resources: &[&str]) -> Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(&DIALECT.install())?;
        for resource in resources {
            transaction.execute(sql::DECLARE, (resource, new_epoch()))?;
        }
        Ok(transaction.commit()?)
    }

    /// Begins a change of these resources, in a transaction that writes.
    ///
    /// # Errors
    /// When the file cannot be written: another transaction took longer than the connection's busy timeout.
    pub fn begin<'c>(
        &self,
        connection: &'c mut Connection,
        resources: &[&str],
    ) -> Result<Change<'c>> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        self.begin_in(transaction, resources)
    }

    /// As [`begin`](Self::begin), in a transaction that is there, and that has written nothing yet to the
    /// rows of these resources.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin_in<'c>(
        &self,
        transaction: Transaction<'c>,
        resources: &[&str],
    ) -> Result<Change<'c>> {
        let mut raised = RaisedHeads::default();
        for resource in resources {
            transaction.prepare_cached(sql::DECLARE)?.execute((resource, new_epoch()))?;
            raised.begun(resource, &counter(&transaction, resource)?);
        }
        Ok(Change::new(transaction, raised, self.committed.clone()))
    }

    /// Rows and head of one moment, for an answer.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn snapshot<'c>(
        &self,
        connection: &'c mut Connection,
        resource: &str,
    ) -> Result<Snapshot<'c>> {
        if find_counter(connection, resource)?.is_none() {
            connection.execute(sql::DECLARE, (resource, new_epoch()))?;
        }
        // The first statement of the transaction takes the snapshot: the one that reads the head.
        let transaction = connection.transaction()?;
        let counter = counter(&transaction, resource)?;
        Ok(Snapshot::new(transaction, resource, counter, self.since_limit))
    }

    /// Begins a new epoch of all resources: after a backup was restored, whose counters repeat numbers that
    /// were used already. Events of before that still wait are dropped.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new_epoch(&self, connection: &mut Connection) -> Result<()> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for resource in resources(&transaction)? {
            transaction.execute(sql::NEW_EPOCH, (new_epoch(), resource))?;
        }
        for void in sql::VOID {
            transaction.execute(void, [])?;
        }
        Ok(transaction.commit()?)
    }
}

fn resources(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql::RESOURCES)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn find_counter(connection: &Connection, resource: &str) -> Result<Option<Counter>> {
    Ok(connection.prepare_cached(sql::HEAD)?.query_row([resource], counter_of).optional()?)
}

fn counter(connection: &Connection, resource: &str) -> Result<Counter> {
    Ok(connection.prepare_cached(sql::HEAD)?.query_row([resource], counter_of)?)
}

fn counter_of(row: &Row<'_>) -> rusqlite::Result<Counter> {
    let head = Head { epoch: row.get(0)?, seq: row.get(1)? };
    Ok(Counter { head, log_from: row.get(2)? })
}
