//! The feed in PostgreSQL, through `sqlx`.
//!
//! The counter of a resource is a row, locked by `SELECT … FOR UPDATE` until the commit. A sequence would not do:
//! it gives numbers in an order that is not the one of commits.

mod change;
mod outbox;
mod snapshot;

pub use change::Change;
pub use snapshot::Snapshot;

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{Executor, PgConnection, Postgres as Database, Row, Transaction};

use crate::error::Result;
use crate::feed::ResourceFeed;
use crate::head::{Head, new_epoch};
use crate::raised_heads::{Counter, RaisedHeads};
use crate::sql::{self, Dialect};

/// A pool of connections to PostgreSQL.
#[derive(Clone, Debug)]
pub struct Postgres {
    pool: PgPool,
}

pub(crate) const DIALECT: Dialect = Dialect {
    growing_key: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    now: "(extract(epoch from clock_timestamp()) * 1000)::bigint",
};

/// All that a snapshot reads is of one moment.
const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl ResourceFeed<Postgres> {
    /// The feed in this database; its tables are in the first schema of the connections' search path.
    #[must_use]
    pub fn postgres(pool: PgPool) -> Self {
        Self::over(Postgres { pool })
    }

    /// Makes the feed's tables, if they are missing, and the counters of these resources.
    ///
    /// # Errors
    /// When the database cannot be reached, or the role may not make tables.
    pub async fn install(&self, resources: &[&str]) -> Result<()> {
        let mut transaction = self.database.pool.begin().await?;
        // Two processes that start together: the second one waits, and finds the tables.
        let lock = format!("SELECT pg_advisory_xact_lock({INSTALLING})");
        transaction.execute(sqlx::AssertSqlSafe(lock)).await?;
        transaction.execute(sqlx::AssertSqlSafe(DIALECT.install())).await?;
        for resource in resources {
            declare(&mut transaction, resource).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Begins a change of these resources. Other changes of them wait for its commit; so take care of slow
    /// things before.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(&self, resources: &[&str]) -> Result<Change<'static>> {
        let transaction = self.database.pool.begin().await?;
        self.begin_in(transaction, resources).await
    }

    /// As [`begin`](Self::begin), in a transaction that is there, and that has written nothing yet to the
    /// rows of these resources.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_in<'c>(
        &self,
        mut transaction: Transaction<'c, Database>,
        resources: &[&str],
    ) -> Result<Change<'c>> {
        // Always in the same order: two changes that name the same resources never wait for each other.
        let mut ordered = resources.to_vec();
        ordered.sort_unstable();
        let mut raised = RaisedHeads::default();
        for resource in ordered {
            raised.begun(resource, &lock(&mut transaction, resource).await?);
        }
        Ok(Change::new(transaction, raised, self.committed.clone()))
    }

    /// Rows and head of one moment, for an answer.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn snapshot(&self, resource: &str) -> Result<Snapshot> {
        let mut transaction = self.database.pool.begin_with(READ).await?;
        let mut counter = find_counter(&mut transaction, resource, sql::HEAD).await?;
        if counter.is_none() {
            drop(transaction);
            let mut declaring = self.database.pool.begin().await?;
            declare(&mut declaring, resource).await?;
            declaring.commit().await?;
            transaction = self.database.pool.begin_with(READ).await?;
            counter = find_counter(&mut transaction, resource, sql::HEAD).await?;
        }
        let counter = counter.ok_or(sqlx::Error::RowNotFound)?;
        Ok(Snapshot::new(transaction, resource, counter, self.since_limit))
    }

    /// Begins a new epoch of all resources: after a backup was restored, whose counters repeat numbers that
    /// were used already. Events of before that still wait are dropped.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn new_epoch(&self) -> Result<()> {
        let mut transaction = self.database.pool.begin().await?;
        let resources: Vec<String> =
            sqlx::query_scalar(sql::RESOURCES).fetch_all(&mut *transaction).await?;
        for resource in resources {
            let update = sqlx::query(sql::NEW_EPOCH).bind(new_epoch()).bind(resource);
            update.execute(&mut *transaction).await?;
        }
        for void in sql::VOID {
            transaction.execute(void).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Keys of advisory locks: any numbers that nobody else uses ("echo" and its neighbours).
const INSTALLING: i64 = 0x6563_686f_0001;
const PUBLISHING: i64 = 0x6563_686f_0002;

async fn declare(connection: &mut PgConnection, resource: &str) -> Result<()> {
    let insert = sqlx::query(sql::DECLARE).bind(resource).bind(new_epoch());
    insert.execute(connection).await?;
    Ok(())
}

async fn lock(connection: &mut PgConnection, resource: &str) -> Result<Counter> {
    let statement =
        "SELECT epoch, seq, log_from FROM echolite_heads WHERE resource = $1 FOR UPDATE";
    if let Some(counter) = find_counter(connection, resource, statement).await? {
        return Ok(counter);
    }
    declare(connection, resource).await?;
    let counter = find_counter(connection, resource, statement).await?;
    Ok(counter.ok_or(sqlx::Error::RowNotFound)?)
}

/// `statement` gives epoch, seq and `log_from` of the resource `$1`.
async fn find_counter(
    connection: &mut PgConnection,
    resource: &str,
    statement: &'static str,
) -> Result<Option<Counter>> {
    let found: Option<PgRow> =
        sqlx::query(statement).bind(resource).fetch_optional(connection).await?;
    let Some(row) = found else { return Ok(None) };
    let head = Head { epoch: row.try_get(0)?, seq: row.try_get(1)? };
    Ok(Some(Counter { head, log_from: row.try_get(2)? }))
}
