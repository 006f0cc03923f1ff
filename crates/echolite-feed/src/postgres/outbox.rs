//! The outbox in PostgreSQL. An advisory lock of the session says whose turn it is: the server takes it back when
//! the connection ends, and each event that was sent is noted on the connection that holds it.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres as Database, Row};

use super::{DIALECT, PUBLISHING, Postgres};
use crate::error::Result;
use crate::event::Outgoing;
use crate::feed::{ResourceFeed, Retention, milliseconds};
use crate::outbox::{BATCH, Entry, Outbox, Turn, channels};
use crate::sql;

/// The right to publish from a schema's outbox, as long as the connection stands.
pub struct PostgresTurn {
    /// Taken when the lock was given back.
    connection: Option<PoolConnection<Database>>,
}

/// Two schemas of one database have two outboxes.
const LOCK: &str = "SELECT pg_try_advisory_lock($1 + hashtext(current_schema())::bigint)";
const UNLOCK: &str = "SELECT pg_advisory_unlock($1 + hashtext(current_schema())::bigint)";

impl Outbox for ResourceFeed<Postgres> {
    type Turn = PostgresTurn;

    async fn turn(&self) -> Result<Option<PostgresTurn>> {
        let mut turn = PostgresTurn { connection: Some(self.database.pool.acquire().await?) };
        let lock = sqlx::query_scalar(LOCK).bind(PUBLISHING);
        if lock.fetch_one(turn.connection()?).await? {
            return Ok(Some(turn));
        }
        drop(turn.connection.take());
        Ok(None)
    }

    async fn tidy(&self, retention: &Retention) -> Result<()> {
        let (changes, keys) = (milliseconds(retention.changes), milliseconds(retention.keys));
        let pool = &self.database.pool;
        let resources: Vec<String> = sqlx::query_scalar(sql::RESOURCES).fetch_all(pool).await?;
        // One at a time, so that the lock of one counter is all that is held.
        for resource in resources {
            let mut transaction = pool.begin().await?;
            let shorten = sqlx::query(sqlx::AssertSqlSafe(DIALECT.shorten_log()));
            shorten.bind(changes).bind(&resource).execute(&mut *transaction).await?;
            let delete = sqlx::query(sql::DELETE_CHANGES).bind(&resource);
            delete.execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        let forget = sqlx::query(sqlx::AssertSqlSafe(DIALECT.forget_keys()));
        forget.bind(keys).execute(pool).await?;
        Ok(())
    }

    async fn committed(&self) {
        self.committed.notified().await;
    }
}

impl Turn for PostgresTurn {
    async fn waiting(&mut self) -> Result<Vec<Entry>> {
        let query = sqlx::query(sql::WAITING).bind(BATCH);
        let rows = query.fetch_all(self.connection()?).await?;
        rows.iter().map(entry).collect()
    }

    async fn published(&mut self, id: i64) -> Result<()> {
        sqlx::query(sql::PUBLISHED).bind(id).execute(self.connection()?).await?;
        Ok(())
    }

    async fn refused(&mut self, id: i64, reason: &str) -> Result<()> {
        let note = sqlx::query(sql::REFUSED).bind(reason).bind(id);
        note.execute(self.connection()?).await?;
        Ok(())
    }

    async fn end(mut self) -> Result<()> {
        let unlock = sqlx::query_scalar::<_, bool>(UNLOCK).bind(PUBLISHING);
        unlock.fetch_one(self.connection()?).await?;
        drop(self.connection.take());
        Ok(())
    }
}

impl PostgresTurn {
    fn connection(&mut self) -> Result<&mut PgConnection> {
        Ok(self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?)
    }
}

/// A turn that is broken off ends its connection: back in the pool, it would still have the lock.
impl Drop for PostgresTurn {
    fn drop(&mut self) {
        drop(self.connection.take().map(PoolConnection::detach));
    }
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
