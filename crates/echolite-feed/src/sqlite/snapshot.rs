//! Rows and head of one moment.

use rusqlite::{Connection, Transaction};

use crate::error::Result;
use crate::head::Head;
use crate::list_request::{Changes, ListAnswer, ListRequest, Lookup};
use crate::outbox::row_id;
use crate::raised_heads::Counter;
use crate::sql;

/// A transaction that reads. What its [`connection`](Self::connection) reads belongs to its head.
#[derive(Debug)]
pub struct Snapshot<'c> {
    transaction: Transaction<'c>,
    resource: String,
    counter: Counter,
    since_limit: usize,
}

impl<'c> Snapshot<'c> {
    pub(super) fn new(
        transaction: Transaction<'c>,
        resource: &str,
        counter: Counter,
        since_limit: usize,
    ) -> Self {
        Self { transaction, resource: resource.to_owned(), counter, since_limit }
    }

    /// Where the application reads its rows.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.transaction
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
    pub fn answer_to(&self, request: &ListRequest) -> Result<ListAnswer> {
        Ok(match request.lookup(&self.counter.head, self.counter.log_from) {
            Lookup::NotModified => ListAnswer::NotModified,
            Lookup::Whole => ListAnswer::Whole,
            Lookup::Since(seq) => self.changes(seq)?.map_or(ListAnswer::Whole, ListAnswer::Changes),
        })
    }

    /// `None` if there are more than are worth it.
    fn changes(&self, since: i64) -> Result<Option<Changes>> {
        let most = i64::try_from(self.since_limit).unwrap_or(i64::MAX);
        let mut statement = self.transaction.prepare_cached(sql::CHANGES)?;
        let mut found = statement.query((&self.resource, since, most.saturating_add(1)))?;
        let (mut changes, mut count) = (Changes::default(), 0);
        while let Some(row) = found.next()? {
            count += 1;
            let id = row_id(&row.get::<_, String>(0)?)?;
            let list = if row.get(1)? { &mut changes.deleted } else { &mut changes.changed };
            list.push(id);
        }
        Ok((count <= most).then_some(changes))
    }
}
