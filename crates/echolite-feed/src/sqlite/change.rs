//! A change of rows, with all that is to be known of it.

use std::sync::Arc;

use http::Response;
use rusqlite::{Connection, Row, Transaction};
use tokio::sync::Notify;

use super::{counter, counter_of};
use crate::answer;
use crate::error::{FeedError, Result};
use crate::event::Event;
use crate::head::Head;
use crate::idempotency::{IdempotencyKey, Once};
use crate::raised_heads::RaisedHeads;
use crate::row_id::RowId;
use crate::sql;

/// A transaction that changes rows. Dropped without [`commit`](Self::commit), it leaves no trace.
#[derive(Debug)]
#[must_use = "without commit() nothing is changed"]
pub struct Change<'c> {
    transaction: Transaction<'c>,
    raised: RaisedHeads,
    /// A key whose answer is still to be kept.
    claimed: Option<String>,
    committed: Arc<Notify>,
}

impl<'c> Change<'c> {
    pub(super) fn new(
        transaction: Transaction<'c>,
        raised: RaisedHeads,
        committed: Arc<Notify>,
    ) -> Self {
        Self { transaction, raised, claimed: None, committed }
    }

    /// Where the application changes its rows.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.transaction
    }

    /// The head as it is now within the change.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub fn head(&self, resource: &str) -> Result<Head> {
        self.raised.holds(resource)?;
        Ok(counter(&self.transaction, resource)?.head)
    }

    /// A row is new or different. Gives the resource's head with it; its `seq` may serve as the row's version.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub fn changed(&mut self, resource: &str, id: impl Into<RowId>) -> Result<Head> {
        self.log(resource, &id.into(), false)
    }

    /// A row is gone.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub fn deleted(&mut self, resource: &str, id: impl Into<RowId>) -> Result<Head> {
        self.log(resource, &id.into(), true)
    }

    /// Many rows changed, and it would cost too much to say which. Whoever asks `?since=` gets the whole list.
    ///
    /// # Errors
    /// [`FeedError::NotBegun`] for a resource that `begin` did not name.
    pub fn changed_all(&mut self, resource: &str) -> Result<Head> {
        self.raise(resource, sql::RAISE_ALL)
    }

    /// Puts an event into the outbox. It carries the heads of all resources that were raised since the event
    /// before it; if none was, those of that event.
    ///
    /// # Errors
    /// When the event has no channel, or its payload no place for a head.
    pub fn announce(&mut self, event: Event) -> Result<()> {
        let mut now = Vec::new();
        for resource in self.raised.resources() {
            let counter = counter(&self.transaction, &resource)?;
            now.push((resource, counter));
        }
        let outgoing = event.with_heads(self.raised.heads(now))?;
        let channels = serde_json::to_string(&outgoing.channels)?;
        self.transaction.prepare_cached(sql::ANNOUNCE)?.execute((
            outgoing.name,
            channels,
            outgoing.data,
            outgoing.socket_id,
        ))?;
        Ok(())
    }

    /// Whether a request with this key came before. If so, answer what it says and let the change drop; if
    /// not, [`keep`](Self::keep) the answer before the commit.
    ///
    /// # Errors
    /// [`FeedError::KeyReused`] if the key came with another request.
    pub fn once(&mut self, key: &IdempotencyKey) -> Result<Once> {
        let claimed =
            self.transaction.prepare_cached(sql::CLAIM)?.execute((&key.key, &key.request))?;
        if claimed == 1 {
            self.claimed = Some(key.key.clone());
            return Ok(Once::First);
        }
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let (request, status, head, body): (String, u16, Option<String>, String) =
            self.transaction.query_row(sql::KEPT, [&key.key], read)?;
        if request != key.request {
            return Err(FeedError::KeyReused);
        }
        Ok(Once::Again(answer::kept(status, head.as_deref(), body)?))
    }

    /// Keeps the answer for the key that [`once`](Self::once) asked for.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, answer: &Response<String>) -> Result<()> {
        let Some(key) = self.claimed.take() else { return Ok(()) };
        let (status, head) = (answer.status().as_u16(), answer::head_of(answer));
        self.transaction.execute(sql::KEEP, (status, head, answer.body(), key))?;
        Ok(())
    }

    /// Commits rows, heads and events, and wakes the publisher.
    ///
    /// # Errors
    /// [`FeedError::NothingKept`] if an idempotency key is without its answer; then nothing is committed.
    pub fn commit(self) -> Result<()> {
        if self.claimed.is_some() {
            return Err(FeedError::NothingKept);
        }
        self.transaction.commit()?;
        self.committed.notify_one();
        Ok(())
    }

    fn log(&mut self, resource: &str, id: &RowId, deleted: bool) -> Result<Head> {
        let head = self.raise(resource, sql::RAISE)?;
        let mut log = self.transaction.prepare_cached(sql::LOG)?;
        log.execute((resource, id.stored()?, head.seq, deleted))?;
        Ok(head)
    }

    fn raise(&self, resource: &str, statement: &str) -> Result<Head> {
        self.raised.holds(resource)?;
        let mut raise = self.transaction.prepare_cached(statement)?;
        Ok(raise.query_row([resource], counter_of)?.head)
    }
}
