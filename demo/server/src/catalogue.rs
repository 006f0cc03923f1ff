//! The catalogue, on a feed: rows, head and events are committed together, and read together.
//!
//! Triggers (`triggers.sql`) raise the head and keep `version`, so an edit by hand with `sqlite3` counts too.

use std::path::Path;

use echolite_feed::sqlite::{Change, Sqlite};
use echolite_feed::{
    FeedError, Head, IdempotencyKey, ListAnswer, ListRequest, Once, ResourceFeed, RowId,
};
use http::Response;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::database::{Database, DatabaseError, Result};
use crate::fields::Fields;
use crate::seed;

/// The resource, as heads and cache call it.
const PRODUCTS: &str = "products";

/// A product as the API shows it. `price` is in cents; `version` is the resource's seq at the product's last
/// change, so it only grows.
#[derive(Serialize, Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: i64,
    #[serde(flatten)]
    pub(crate) fields: Fields,
    pub(crate) version: i64,
    pub(crate) updated_at: String,
}

/// Laravel's envelope.
#[derive(Serialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

/// The products, and the feed that tells of them.
#[derive(Clone)]
pub(crate) struct Catalogue {
    database: Database,
    pub(crate) feed: ResourceFeed<Sqlite>,
}

impl Catalogue {
    /// The catalogue of this file, with `count` invented products if it is new.
    pub(crate) async fn new(database: Database, path: &Path, count: usize) -> Result<Self> {
        // Products without a head are those of an older demo, which counted for itself.
        database.make_unless("echolite_heads", |transaction| {
            transaction.execute_batch(include_str!("schema.sql"))?;
            let mut insert = transaction.prepare(INSERT)?;
            for product in seed::products(count) {
                insert.execute(params![
                    product.sku,
                    product.name,
                    product.brand,
                    product.category,
                    product.price,
                    product.stock,
                    product.rating
                ])?;
            }
            transaction.execute_batch(include_str!("triggers.sql"))
        })?;
        let feed = ResourceFeed::sqlite(path);
        let installing = feed.clone();
        database
            .attempt(move |connection| {
                installing.install(connection, &[PRODUCTS]).map_err(DatabaseError::from)
            })
            .await?;
        Ok(Self { database, feed })
    }

    /// The list, or as little of it as who asks needs.
    pub(crate) async fn list(&self, request: ListRequest) -> Result<Response<String>> {
        let feed = self.feed.clone();
        self.database
            .attempt(move |connection| {
                let snapshot = feed.snapshot(connection, PRODUCTS)?;
                let head = snapshot.head();
                Ok(match snapshot.answer_to(&request)? {
                    ListAnswer::NotModified => head.not_modified()?,
                    ListAnswer::Changes(changes) => {
                        let rows = some(snapshot.connection(), &changes.changed)?;
                        head.changes(&changes, &rows)?
                    }
                    ListAnswer::Whole => head.list(&Data { data: all(snapshot.connection())? })?,
                })
            })
            .await
    }

    /// The product of this id, and the head that it belongs to.
    pub(crate) async fn get(&self, id: i64) -> Result<Option<(Head, Product)>> {
        let feed = self.feed.clone();
        self.database
            .attempt(move |connection| {
                let snapshot = feed.snapshot(connection, PRODUCTS)?;
                let product = read(snapshot.connection(), id)?;
                Ok(product.map(|product| (snapshot.head().clone(), product)))
            })
            .await
    }

    /// Changes products: all that `work` does, or nothing of it; and once, however often it is asked for under
    /// one key. `work` gives the answer.
    pub(crate) async fn change<E>(
        &self,
        key: Option<IdempotencyKey>,
        work: impl FnOnce(&mut Change<'_>) -> std::result::Result<Response<String>, E> + Send + 'static,
    ) -> std::result::Result<Response<String>, E>
    where
        E: From<DatabaseError> + From<FeedError> + Send + 'static,
    {
        let feed = self.feed.clone();
        self.database
            .attempt(move |connection| {
                let mut change = feed.begin(connection, &[PRODUCTS])?;
                if let Some(key) = key
                    && let Once::Again(answer) = change.once(&key)?
                {
                    return Ok(answer);
                }
                let answer = work(&mut change)?;
                change.keep(&answer)?;
                change.commit()?;
                Ok(answer)
            })
            .await
    }

    /// Begins a new epoch: the file was restored from a backup.
    pub(crate) async fn new_epoch(&self) -> Result<()> {
        let feed = self.feed.clone();
        self.database.attempt(move |connection| Ok(feed.new_epoch(connection)?)).await
    }

    /// Changes the prices of `count` products, as if somebody had worked while the server was down.
    pub(crate) async fn work_meanwhile(&self, count: usize) -> Result<()> {
        self.database
            .run(move |connection| {
                let statement = "UPDATE products SET price = price + 100, stock = stock + 7
                WHERE id IN (SELECT id FROM products ORDER BY id DESC LIMIT ?1)";
                connection.execute(statement, [i64::try_from(count).unwrap_or(i64::MAX)]).map(drop)
            })
            .await
    }
}

/// The head of the products as a change has it now.
pub(crate) fn head(change: &Change<'_>) -> Result<Head> {
    Ok(change.head(PRODUCTS)?)
}

/// Adds a product.
pub(crate) fn insert(connection: &Connection, fields: &Fields) -> rusqlite::Result<Product> {
    connection.prepare_cached(INSERT)?.execute(fields.params())?;
    let id = connection.last_insert_rowid();
    connection.query_row("SELECT * FROM products WHERE id = ?1", [id], product)
}

/// Gives a product these fields; `None` if there is none of this id.
pub(crate) fn update(
    connection: &Connection,
    id: i64,
    fields: &Fields,
) -> rusqlite::Result<Option<Product>> {
    connection
        .prepare_cached(
            "UPDATE products SET (sku, name, brand, category, price, stock, rating)
             = (?1, ?2, ?3, ?4, ?5, ?6, ?7) WHERE id = ?8",
        )?
        .execute([&fields.params()[..], &[&id]].concat().as_slice())?;
    read(connection, id)
}

/// Removes a product; `false` if there was none of this id.
pub(crate) fn delete(connection: &Connection, id: i64) -> rusqlite::Result<bool> {
    Ok(connection.execute("DELETE FROM products WHERE id = ?1", [id])? > 0)
}

/// The product of this id.
pub(crate) fn read(connection: &Connection, id: i64) -> rusqlite::Result<Option<Product>> {
    let mut statement = connection.prepare_cached("SELECT * FROM products WHERE id = ?1")?;
    statement.query_row([id], product).optional()
}

fn all(connection: &Connection) -> Result<Vec<Product>> {
    let mut statement = connection.prepare_cached("SELECT * FROM products ORDER BY id")?;
    Ok(statement.query_map([], product)?.collect::<rusqlite::Result<_>>()?)
}

/// Those of these products that are there.
fn some(connection: &Connection, ids: &[RowId]) -> Result<Vec<(RowId, Product)>> {
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let product = id.as_i64().map(|id| read(connection, id)).transpose()?.flatten();
        rows.extend(product.map(|product| (id.clone(), product)));
    }
    Ok(rows)
}

const INSERT: &str = "INSERT INTO products (sku, name, brand, category, price, stock, rating)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn product(row: &Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        id: row.get("id")?,
        fields: Fields {
            sku: row.get("sku")?,
            name: row.get("name")?,
            brand: row.get("brand")?,
            category: row.get("category")?,
            price: row.get("price")?,
            stock: row.get("stock")?,
            rating: row.get("rating")?,
        },
        version: row.get("version")?,
        updated_at: row.get("updated_at")?,
    })
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
