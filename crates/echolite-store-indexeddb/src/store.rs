//! The store: what to read and write in which transaction.

use crate::{
    connection::{Connection, delete},
    layout::{MetaRecord, Scope},
    pages::Pages,
    request::in_time,
    transaction::Transaction,
    trouble::{Trouble, is_damage, message, name},
};
use echolite_cache::persist::{DECLARATIONS, name_of};
use echolite_cache::{Batch, Name, Stored, StoredRow, Term};
use echolite_store::{Store, StoreError, Visitor};
use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    rc::Rc,
};
use wasm_bindgen::JsValue;

/// One scope's rows in an IndexedDB database. The payload is whatever wraps a `JsValue` that can be
/// cloned structurally.
///
/// Nothing is opened before the first use. A connection that the browser or another tab has closed is
/// opened again, and what failed with it is tried once more.
pub struct IndexedDbStore<P> {
    database: String,
    visitor: Visitor,
    connection: RefCell<Option<Rc<Connection>>>,
    /// The term last claimed through this store.
    claimed: Cell<Option<Term>>,
    /// Where the rows of each resource are; held only as long as it is what is stored.
    pages: RefCell<Vec<(Name, Pages)>>,
    payload: PhantomData<fn() -> P>,
}

impl<P> IndexedDbStore<P> {
    /// A store in the database of this name.
    #[must_use]
    pub fn new(database: &str) -> Self {
        Self::of_build(database, None)
    }

    /// The same, of a build of the application: an older one does not write where a newer one has.
    #[must_use]
    pub fn of_build(database: &str, build: Option<f64>) -> Self {
        Self {
            database: database.into(),
            visitor: Visitor::of_build(build),
            connection: RefCell::new(None),
            claimed: Cell::new(None),
            pages: RefCell::new(Vec::new()),
            payload: PhantomData,
        }
    }

    /// The name of its database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Closes the database, so that it can be deleted; the next use opens it again.
    pub fn close(&self) {
        self.connection.borrow_mut().take();
    }

    fn keep_pages(&self, resource: Name, pages: Pages) {
        self.take_pages(&resource);
        self.pages.borrow_mut().push((resource, pages));
    }

    fn take_pages(&self, resource: &str) -> Option<Pages> {
        let mut all = self.pages.borrow_mut();
        let index = all.iter().position(|(name, _)| &**name == resource)?;
        Some(all.swap_remove(index).1)
    }

    async fn connection(&self) -> Result<Rc<Connection>, StoreError> {
        let open = self.connection.borrow().clone();
        if let Some(connection) = open.filter(|connection| !connection.is_closed()) {
            return Ok(connection);
        }
        let connection = Rc::new(Connection::open(&self.database).await?);
        self.connection.replace(Some(connection.clone()));
        Ok(connection)
    }

    /// Runs an operation, and once more on a new connection where the one it had was lost.
    async fn run<T>(
        &self,
        operation: impl AsyncFn(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        let mut is_first = true;
        loop {
            let connection = self.connection().await?;
            let Some(result) = in_time(operation(&connection)).await else {
                self.close();
                let message = "the browser did not answer".into();
                return Err(StoreError::Failed { message });
            };
            match result {
                Err(trouble) if is_first && trouble.is_lost_connection() => {
                    is_first = false;
                    self.close();
                }
                result => return result.map_err(Trouble::into_error),
            }
        }
    }

    /// Whether this store may still use the scope.
    fn check(&self, scope: &Scope) -> Result<(), StoreError> {
        self.visitor.check(scope.cleared, scope.build)
    }
}

impl<P: AsRef<JsValue> + From<JsValue>> IndexedDbStore<P> {
    async fn try_load(
        &self,
        connection: &Connection,
        resource: &str,
    ) -> Result<Option<Stored<P>>, Trouble> {
        let transaction = Transaction::read(connection)?;
        let scope = transaction.scope()?;
        let (meta, pages) = (transaction.meta(resource)?, transaction.pages(resource)?);
        self.check(&scope.await?)?;
        let damaged = |thrown| damage(resource, thrown);
        let record = meta.await.map_err(damaged)?;
        if record.is_undefined() {
            return Ok(None);
        }
        let mut rows = Vec::new();
        let (record, pages) =
            read_pages(resource, &record, &pages.await.map_err(damaged)?, &mut |row| {
                rows.push(row)
            })?;
        self.keep_pages(resource.into(), pages);
        Ok(Some(Stored { meta: record.meta, rows }))
    }

    async fn try_commit(&self, connection: &Connection, batch: &Batch<P>) -> Result<(), Trouble> {
        let resource = &*batch.resource;
        let transaction = Transaction::write(connection)?;
        let (scope, record) = (transaction.scope()?, transaction.meta(resource)?);
        let scope = scope.await?;
        if batch.term < scope.cleared {
            return Err(StoreError::Cleared.into());
        }
        if batch.term < scope.term {
            let superseded = StoreError::Superseded { ours: batch.term, current: scope.term };
            return Err(superseded.into());
        }
        let record = record.await;
        let is_new = record.as_ref().is_ok_and(JsValue::is_undefined);
        let mut pages = if batch.reset {
            self.take_pages(resource);
            Pages::default()
        } else {
            self.current_pages(&transaction, resource, &record?).await?
        };
        let before = pages.len();
        for number in pages.apply(batch) {
            let put = transaction.put_page(resource, number, pages.page(number));
            put.map_err(|thrown| refusal(resource, thrown))?;
        }
        if pages.len() < before || before == 0 {
            transaction.delete_pages(resource, pages.len())?;
        }
        if is_new {
            self.make_room(&transaction, resource).await?;
        }
        let scope = Scope { term: batch.term, sequence: scope.sequence + 1, ..scope };
        let record = MetaRecord::encode(scope.sequence, pages.len(), &batch.meta);
        transaction.put_meta(resource, &record)?;
        transaction.put_scope(scope)?;
        transaction.commit().await?;
        pages.sequence = scope.sequence;
        self.visitor.note_clearing(scope.cleared);
        self.keep_pages(batch.resource.clone(), pages);
        Ok(())
    }

    /// Another declaration of a name is stored: those that were not written for longest go. Rows that are looked at are
    /// written, if only their meta data.
    async fn make_room(&self, transaction: &Transaction, resource: &str) -> Result<(), Trouble> {
        let names = transaction.resources().await?;
        let names = names.iter().filter_map(|name| name.as_string());
        let mut beside = Vec::new();
        for other in names.filter(|other| other != resource && name_of(other) == name_of(resource))
        {
            let record = MetaRecord::decode(&transaction.meta(&other)?.await?);
            beside.push((record.map(|record| record.sequence), other));
        }
        beside.sort_unstable();
        for (_, oldest) in beside.iter().take((beside.len() + 1).saturating_sub(DECLARATIONS)) {
            self.take_pages(oldest);
            transaction.delete_resource(oldest)?;
        }
        Ok(())
    }

    /// Takes the pages out of memory where they are the stored ones, else reads them.
    ///
    /// They are put back when the commit is done, so that one that fails leaves none behind that are
    /// not what is stored.
    async fn current_pages(
        &self,
        transaction: &Transaction,
        resource: &str,
        record: &JsValue,
    ) -> Result<Pages, Trouble> {
        let held = self.take_pages(resource);
        if record.is_undefined() {
            return Ok(Pages::default());
        }
        let sequence = MetaRecord::decode(record).map(|record| record.sequence);
        if let Some(pages) = held.filter(|pages| Some(pages.sequence) == sequence) {
            return Ok(pages);
        }
        let stored = transaction.pages(resource)?.await.map_err(|it| damage(resource, it))?;
        let (_, pages) = read_pages::<P>(resource, record, &stored, &mut drop)?;
        Ok(pages)
    }

    /// Deletes what cannot be read of a resource, if the scope is ours to write.
    async fn discard(&self, resource: &str) -> Result<(), StoreError> {
        let Some(ours) = self.claimed.get() else { return Ok(()) };
        self.run(async |connection| {
            let transaction = Transaction::write(connection)?;
            if transaction.scope()?.await?.term <= ours {
                transaction.delete_resource(resource)?;
            }
            Ok(transaction.commit().await?)
        })
        .await
    }
}

impl<P: AsRef<JsValue> + From<JsValue>> Store<P> for IndexedDbStore<P> {
    async fn claim(&self) -> Result<Term, StoreError> {
        let term = self
            .run(async |connection| {
                let transaction = Transaction::write(connection)?;
                let mut scope = transaction.scope()?.await?;
                self.check(&scope)?;
                scope.term.0 += 1;
                scope.build = self.visitor.claims(scope.build);
                transaction.put_scope(scope)?;
                transaction.commit().await?;
                Ok(scope.term)
            })
            .await?;
        self.claimed.set(Some(term));
        Ok(term)
    }

    async fn load(&self, resource: &str) -> Result<Option<Stored<P>>, StoreError> {
        let loaded = self.run(async |connection| self.try_load(connection, resource).await).await;
        if let Err(StoreError::Corrupt { .. }) = &loaded {
            // what was found says more than whether it could be deleted
            let _ = self.discard(resource).await;
        }
        loaded
    }

    async fn commit(&self, batch: &Batch<P>) -> Result<(), StoreError> {
        self.run(async |connection| self.try_commit(connection, batch).await).await
    }

    async fn clear(&self) -> Result<Term, StoreError> {
        let term = self
            .run(async |connection| {
                let transaction = Transaction::write(connection)?;
                let scope = transaction.scope()?.await?;
                let term = Term(scope.term.0 + 1);
                transaction.delete_all()?;
                let sequence = scope.sequence + 1;
                transaction.put_scope(Scope { term, sequence, cleared: term, ..scope })?;
                transaction.commit().await?;
                Ok(term)
            })
            .await;
        let term = match term {
            // nobody knows its layout, and nothing may stay
            Err(StoreError::Newer) => {
                delete(&self.database).await?;
                Term::default()
            }
            term => term?,
        };
        self.pages.borrow_mut().clear();
        self.visitor.note_clearing(term);
        if self.claimed.get().is_some() {
            self.claimed.set(Some(term));
        }
        Ok(term)
    }

    async fn look(&self) -> Result<(), StoreError> {
        self.run(
            async |connection| Ok(self.check(&Transaction::read(connection)?.scope()?.await?)?),
        )
        .await
    }

    async fn resources(&self) -> Result<Vec<Name>, StoreError> {
        self.run(async |connection| {
            let names = Transaction::read(connection)?.resources().await?;
            Ok(names.iter().filter_map(|name| name.as_string().map(Name::from)).collect())
        })
        .await
    }
}

/// Reads a resource's record and pages, which must fit each other.
fn read_pages<P: From<JsValue>>(
    resource: &str,
    record: &JsValue,
    stored: &js_sys::Array,
    each: &mut dyn FnMut(StoredRow<P>),
) -> Result<(MetaRecord, Pages), StoreError> {
    let corrupt = |message: &str| StoreError::Corrupt {
        resource: name_of(resource).into(),
        message: message.into(),
    };
    let record = MetaRecord::decode(record).ok_or_else(|| corrupt("an unknown description"))?;
    if record.pages != stored.length() {
        return Err(corrupt("pages are missing"));
    }
    let mut pages = Pages::read(stored, each).ok_or_else(|| corrupt("an unknown page"))?;
    pages.sequence = record.sequence;
    Ok((record, pages))
}

fn damage(resource: &str, thrown: JsValue) -> Trouble {
    if !is_damage(&thrown) {
        return thrown.into();
    }
    StoreError::Corrupt { resource: name_of(resource).into(), message: message(&thrown) }.into()
}

fn refusal(resource: &str, thrown: JsValue) -> Trouble {
    if name(&thrown) != "DataCloneError" {
        return thrown.into();
    }
    StoreError::Refused { resource: name_of(resource).into(), message: message(&thrown) }.into()
}
