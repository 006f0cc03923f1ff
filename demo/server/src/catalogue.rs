//! The catalogue.
//!
//! Triggers keep `version` and the catalogue's counter, so an edit by hand with `sqlite3` counts too.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use crate::database::{Database, Result};
use crate::fields::Fields;
use crate::seed;

/// A product as the API shows it. `price` is in cents; `version` is the catalogue's counter at the
/// product's last change, so it only grows.
#[derive(Serialize, Clone, Debug)]
pub(crate) struct Product {
    pub(crate) id: i64,
    #[serde(flatten)]
    pub(crate) fields: Fields,
    pub(crate) version: i64,
    pub(crate) updated_at: String,
}

/// The products, with the counter from which the list's `ETag` is made.
#[derive(Clone)]
pub(crate) struct Catalogue {
    database: Database,
}

impl Catalogue {
    /// The catalogue of this file, with `count` invented products if it is new.
    pub(crate) fn new(database: Database, count: usize) -> Result<Self> {
        database.make_unless("products", |transaction| {
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
            Ok(())
        })?;
        Ok(Self { database })
    }

    /// The list's tag, and the list itself unless the tag is the `known` one.
    pub(crate) async fn list(
        &self,
        known: Option<String>,
    ) -> Result<(String, Option<Vec<Product>>)> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let tag = transaction.query_row("SELECT epoch, seq FROM counter", [], |row| {
                    Ok(format!("\"{}-{}\"", row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
                })?;
                if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
                    return Ok((tag, None));
                }
                let mut statement =
                    transaction.prepare_cached("SELECT * FROM products ORDER BY id")?;
                let products =
                    statement.query_map([], product)?.collect::<rusqlite::Result<_>>()?;
                Ok((tag, Some(products)))
            })
            .await
    }

    /// The product of this id.
    pub(crate) async fn get(&self, id: i64) -> Result<Option<Product>> {
        self.database.run(move |connection| read(connection, id)).await
    }

    /// Adds a product.
    pub(crate) async fn insert(&self, fields: Fields) -> Result<Product> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                transaction.prepare_cached(INSERT)?.execute(fields.params())?;
                let id = transaction.last_insert_rowid();
                let product =
                    transaction.query_row("SELECT * FROM products WHERE id = ?1", [id], product)?;
                transaction.commit()?;
                Ok(product)
            })
            .await
    }

    /// Gives a product these fields; `None` if there is none of this id.
    pub(crate) async fn update(&self, id: i64, fields: Fields) -> Result<Option<Product>> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                transaction
                    .prepare_cached(
                        "UPDATE products SET (sku, name, brand, category, price, stock, rating)
                     = (?1, ?2, ?3, ?4, ?5, ?6, ?7) WHERE id = ?8",
                    )?
                    .execute([&fields.params()[..], &[&id]].concat().as_slice())?;
                let product = read(&transaction, id)?;
                transaction.commit()?;
                Ok(product)
            })
            .await
    }

    /// Removes a product, and says of which version the removal is; `None` if there is none.
    pub(crate) async fn delete(&self, id: i64) -> Result<Option<i64>> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let removed = transaction.execute("DELETE FROM products WHERE id = ?1", [id])?;
                let version =
                    transaction.query_row("SELECT seq FROM counter", [], |row| row.get(0))?;
                transaction.commit()?;
                Ok((removed > 0).then_some(version))
            })
            .await
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

const INSERT: &str = "INSERT INTO products (sku, name, brand, category, price, stock, rating)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

fn read(connection: &Connection, id: i64) -> rusqlite::Result<Option<Product>> {
    connection.query_row("SELECT * FROM products WHERE id = ?1", [id], product).optional()
}

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
mod tests {
    use std::path::Path;

    use super::*;

    #[tokio::test]
    async fn every_change_raises_the_version_and_the_tag_even_one_by_hand() {
        let database = Database::open(Path::new(":memory:")).expect("memory is there");
        let catalogue = Catalogue::new(database.clone(), 24).expect("it can be made");
        let (tag, products) = catalogue.list(None).await.expect("it can be read");
        assert_eq!(products.map(|products| products.len()), Some(24));
        let (_, products) = catalogue.list(Some(tag.clone())).await.expect("it can be read");
        assert!(products.is_none(), "a known tag needs no rows");

        let before = catalogue.get(7).await.expect("it can be read").expect("the product is there");
        let by_hand = |connection: &mut Connection| {
            connection.execute("UPDATE products SET price = price + 1 WHERE id = 7", [])
        };
        database.run(by_hand).await.expect("it can be written");
        let after = catalogue.get(7).await.expect("it can be read").expect("the product is there");
        assert!(after.version > before.version);
        assert_ne!(catalogue.list(None).await.expect("it can be read").0, tag);

        let deleted = catalogue.delete(7).await.expect("it can be written");
        assert!(deleted.is_some_and(|version| version > after.version));
        assert!(catalogue.delete(7).await.expect("it can be read").is_none());
    }
}
