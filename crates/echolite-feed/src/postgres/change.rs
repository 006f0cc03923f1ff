//! A change of rows, with all that is to be known of it.

use std::sync::Arc;

use http::Response;
use sqlx::{PgConnection, Postgres, Row, Transaction};
use tokio::sync::Notify;

use super::find_counter;
use crate::answer;
use crate::error::{FeedError, Result};
use crate::event::Event;
use crate::head::Head;
use crate::idempotency::{IdempotencyKey, Once};
use crate::raised_heads::{Counter, RaisedHeads};
use crate::row_id::RowId;
use crate::sql;

/// A transaction that changes rows. Dropped without [`commit`](Self::commit), it leaves no trace.
#[derive(Debug)]
#[must_use = "without commit() nothing is changed"]
pub struct Change<'c> {
    transaction: Transaction<'c, Postgres>,
    raised: RaisedHeads,
    /// A key whose answer is still to be kept.
    claimed: Option<String>,
    committed: Arc<Notify>,
}

impl<'c> Change<'c> {
    pub(super) fn new(
        transaction: Transaction<'c, Postgres>,
        raised: RaisedHeads,
        committed: Arc<Notify>,
    ) -> Self {
        Self { transaction, raised, claimed: None, committed }
    }

    /// Where the application changes its rows: `query(…).execute(change.connection())`.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// The head as it is now within the change.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub async fn head(&mut self, resource: &str) -> Result<Head> {
        Ok(self.counter(resource, sql::HEAD).await?.head)
    }

    /// A row is new or different. Gives the resource's head with it; its `seq` may serve as the row's version.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub async fn changed(&mut self, resource: &str, id: impl Into<RowId>) -> Result<Head> {
        self.log(resource, id.into(), false).await
    }

    /// A row is gone.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub async fn deleted(&mut self, resource: &str, id: impl Into<RowId>) -> Result<Head> {
        self.log(resource, id.into(), true).await
    }

    /// Many rows changed, and it would cost too much to say which. Whoever asks `?since=` gets the whole list.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub async fn changed_all(&mut self, resource: &str) -> Result<Head> {
        Ok(self.counter(resource, sql::RAISE_ALL).await?.head)
    }

    /// Puts an event into the outbox. It carries the heads of all resources that were raised since the event
    /// before it; if none was, those of that event.
    ///
    /// # Errors
    /// When the event has no channel, or its payload no place for a head.
    pub async fn announce(&mut self, event: Event) -> Result<()> {
        let mut now = Vec::new();
        for resource in self.raised.resources() {
            let counter = self.counter(&resource, sql::HEAD).await?;
            now.push((resource, counter));
        }
        let outgoing = event.with_heads(self.raised.heads(now))?;
        let insert = sqlx::query(sql::ANNOUNCE)
            .bind(outgoing.name)
            .bind(serde_json::to_string(&outgoing.channels)?)
            .bind(outgoing.data)
            .bind(outgoing.socket_id);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Whether a request with this key came before. If so, answer what it says and let the change drop; if
    /// not, [`keep`](Self::keep) the answer before the commit. A second request that comes while the first is
    /// at work waits for it.
    ///
    /// # Errors
    /// [`FeedError::KeyReused`] if the key came with another request.
    pub async fn once(&mut self, key: &IdempotencyKey) -> Result<Once> {
        let claim = sqlx::query(sql::CLAIM).bind(&key.key).bind(&key.request);
        if claim.execute(&mut *self.transaction).await?.rows_affected() == 1 {
            self.claimed = Some(key.key.clone());
            return Ok(Once::First);
        }
        let kept = sqlx::query(sql::KEPT).bind(&key.key).fetch_one(&mut *self.transaction).await?;
        if kept.try_get::<String, _>(0)? != key.request {
            return Err(FeedError::KeyReused);
        }
        let status = u16::try_from(kept.try_get::<i32, _>(1)?).unwrap_or_default();
        let head: Option<String> = kept.try_get(2)?;
        Ok(Once::Again(answer::kept(status, head.as_deref(), kept.try_get(3)?)?))
    }

    /// Keeps the answer for the key that [`once`](Self::once) asked for.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn keep(&mut self, answer: &Response<String>) -> Result<()> {
        let Some(key) = self.claimed.take() else { return Ok(()) };
        let keep = sqlx::query(sql::KEEP)
            .bind(i32::from(answer.status().as_u16()))
            .bind(answer::head_of(answer).map(str::to_owned))
            .bind(answer.body())
            .bind(key);
        keep.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Commits rows, heads and events, and wakes the publisher.
    ///
    /// # Errors
    /// [`FeedError::NothingKept`] if an idempotency key is without its answer; then nothing is committed.
    pub async fn commit(self) -> Result<()> {
        if self.claimed.is_some() {
            return Err(FeedError::NothingKept);
        }
        self.transaction.commit().await?;
        self.committed.notify_one();
        Ok(())
    }

    async fn log(&mut self, resource: &str, id: RowId, deleted: bool) -> Result<Head> {
        let head = self.counter(resource, sql::RAISE).await?.head;
        let log =
            sqlx::query(sql::LOG).bind(resource).bind(id.stored()?).bind(head.seq).bind(deleted);
        log.execute(&mut *self.transaction).await?;
        Ok(head)
    }

    /// The counter of a resource whose lock is held, as `statement` gives it.
    async fn counter(&mut self, resource: &str, statement: &'static str) -> Result<Counter> {
        self.raised.holds(resource)?;
        let counter = find_counter(&mut self.transaction, resource, statement).await?;
        Ok(counter.ok_or(sqlx::Error::RowNotFound)?)
    }
}
