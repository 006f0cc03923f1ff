//! The outbox in PostgreSQL. An advisory lock says whose turn it is. It is one of a transaction, not of a session: behind
//! a pooler that gives each transaction another connection, a session's lock would stay on a connection that nobody
//! can find again, and nobody would publish any more.
//!
//! So each event has its transaction: take the lock, read the event that waits longest, publish it, delete it, commit. Another
//! publisher may have the turn in between.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{PgConnection, Postgres as Database, Row, Transaction};

use super::{DIALECT, PUBLISHING, Postgres};
use crate::error::Result;
use crate::event::Outgoing;
use crate::feed::{ResourceFeed, Retention, milliseconds};
use crate::outbox::{Entry, Outbox, Turn, channels};
use crate::sql;

/// The right to publish from a schema's outbox, as long as the transaction stands.
pub struct PostgresTurn {
    pool: PgPool,
    /// None between two events.
    transaction: Option<Transaction<'static, Database>>,
}

/// Two schemas of one database have two outboxes.
const LOCK: &str = "SELECT pg_try_advisory_xact_lock($1 + hashtext(current_schema())::bigint)";
const LAST: &str = "SELECT max(id) FROM echolite_outbox WHERE refused IS NULL";

impl Outbox for ResourceFeed<Postgres> {
    type Turn = PostgresTurn;

    async fn turn(&self) -> Result<Option<PostgresTurn>> {
        let pool = self.database.pool.clone();
        let transaction = begin(&pool).await?;
        Ok(transaction.map(|transaction| PostgresTurn { pool, transaction: Some(transaction) }))
    }

    async fn tidy(&self, retention: &Retention) -> Result<()> {
        let (changes, keys) = (milliseconds(retention.changes), milliseconds(retention.keys));
        let pool = &self.database.pool;
        // Whatever has more than one message is a transaction: between two, a pooler changes the connection.
        let mut transaction = pool.begin().await?;
        let resources: Vec<String> =
            sqlx::query_scalar(sql::RESOURCES).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        // One at a time, so that the lock of one counter is all that is held.
        for resource in resources {
            let mut transaction = pool.begin().await?;
            let shorten = sqlx::query(sqlx::AssertSqlSafe(DIALECT.shorten_log()));
            shorten.bind(changes).bind(&resource).execute(&mut *transaction).await?;
            let delete = sqlx::query(sql::DELETE_CHANGES).bind(&resource);
            delete.execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        let mut transaction = pool.begin().await?;
        let forget = sqlx::query(sqlx::AssertSqlSafe(DIALECT.forget_keys()));
        forget.bind(keys).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn committed(&self) {
        self.committed.notified().await;
    }
}

impl Turn for PostgresTurn {
    async fn waiting(&mut self) -> Result<Option<Vec<Entry>>> {
        if self.transaction.is_none() {
            self.transaction = begin(&self.pool).await?;
        }
        let Some(transaction) = &mut self.transaction else { return Ok(None) };
        let rows = sqlx::query(sql::WAITING).bind(1_i64).fetch_all(&mut **transaction).await?;
        rows.iter().map(entry).collect::<Result<_>>().map(Some)
    }

    async fn last(&mut self) -> Result<i64> {
        let last = sqlx::query_scalar::<_, Option<i64>>(LAST).fetch_one(self.connection()?).await?;
        Ok(last.unwrap_or_default())
    }

    async fn published(&mut self, id: i64) -> Result<()> {
        sqlx::query(sql::PUBLISHED).bind(id).execute(self.connection()?).await?;
        self.commit().await
    }

    async fn refused(&mut self, id: i64, reason: &str) -> Result<()> {
        let note = sqlx::query(sql::REFUSED).bind(reason).bind(id);
        note.execute(self.connection()?).await?;
        self.commit().await
    }

    async fn end(mut self) -> Result<()> {
        self.commit().await
    }
}

impl PostgresTurn {
    fn connection(&mut self) -> Result<&mut PgConnection> {
        Ok(self.transaction.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?)
    }

    /// Commits, which gives the lock back, too.
    async fn commit(&mut self) -> Result<()> {
        match self.transaction.take() {
            Some(transaction) => Ok(transaction.commit().await?),
            None => Ok(()),
        }
    }
}

/// A transaction that has the lock; `None` while another publisher has it.
async fn begin(pool: &PgPool) -> Result<Option<Transaction<'static, Database>>> {
    let mut transaction = pool.begin().await?;
    let lock = sqlx::query_scalar::<_, bool>(LOCK).bind(PUBLISHING);
    if lock.fetch_one(&mut *transaction).await? {
        return Ok(Some(transaction));
    }
    transaction.rollback().await?;
    Ok(None)
}

fn entry(row: &PgRow) -> Result<Entry> {
    let event = Outgoing {
        name: row.try_get(1)?,
        channels: channels(row.try_get(2)?)?,
        data: row.try_get(3)?,
        socket_id: row.try_get(4)?,
    };
    Ok(Entry { id: row.try_get(0)?, event })
}
