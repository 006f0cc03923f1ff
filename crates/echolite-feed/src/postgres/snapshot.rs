//! Rows and head of one moment.

use sqlx::{PgConnection, Postgres, Row, Transaction};

use crate::error::Result;
use crate::head::Head;
use crate::list_request::{Changes, ListAnswer, ListRequest, Lookup};
use crate::outbox::row_id;
use crate::raised_heads::Counter;
use crate::sql;

/// A transaction that reads. What its [`connection`](Self::connection) reads belongs to its head.
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Postgres>,
    resource: String,
    counter: Counter,
    since_limit: usize,
}

impl Snapshot {
    pub(super) fn new(
        transaction: Transaction<'static, Postgres>,
        resource: &str,
        counter: Counter,
        since_limit: usize,
    ) -> Self {
        Self { transaction, resource: resource.to_owned(), counter, since_limit }
    }

    /// Where the application reads its rows: `query(…).fetch_all(snapshot.connection())`.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// The head of these rows.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.counter.head
    }

    /// What a request needs.
    ///
    /// # Errors
    /// When the change log cannot be read.
    pub async fn answer_to(&mut self, request: &ListRequest) -> Result<ListAnswer> {
        Ok(match request.lookup(&self.counter.head, self.counter.log_from) {
            Lookup::NotModified => ListAnswer::NotModified,
            Lookup::Whole => ListAnswer::Whole,
            Lookup::Since(seq) => {
                self.changes(seq).await?.map_or(ListAnswer::Whole, ListAnswer::Changes)
            }
        })
    }

    /// `None` if there are more than are worth it.
    async fn changes(&mut self, since: i64) -> Result<Option<Changes>> {
        let most = i64::try_from(self.since_limit).unwrap_or(i64::MAX).saturating_add(1);
        let query = sqlx::query(sql::CHANGES).bind(&self.resource).bind(since).bind(most);
        let rows = query.fetch_all(&mut *self.transaction).await?;
        if rows.len() > self.since_limit {
            return Ok(None);
        }
        let mut changes = Changes::default();
        for row in rows {
            let id = row_id(row.try_get(0)?)?;
            let list = if row.try_get(1)? { &mut changes.deleted } else { &mut changes.changed };
            list.push(id);
        }
        Ok(Some(changes))
    }
}
