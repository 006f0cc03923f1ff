//! The feed in SQLite.

mod suite;

use std::path::PathBuf;
use std::time::Duration;

use echolite_feed::sqlite::{Change, Sqlite};
use echolite_feed::{
    Event, IdempotencyKey, ListAnswer, ListRequest, Once, Publish, Publisher, PublisherOptions,
    ResourceFeed, RowId,
};
use http::{Response, StatusCode};
use rusqlite::Connection;
use serde_json::{Value, json};
use suite::{End, Result, Shop, Step, payload, suite};

#[derive(Clone)]
struct SqliteShop {
    path: PathBuf,
    feed: ResourceFeed<Sqlite>,
}

suite!(open);

async fn open() -> Option<(SqliteShop, tempfile::TempDir)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.sqlite");
    let mut database = Connection::open(&path).expect("a database");
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        )
        .expect("a table");
    let feed = ResourceFeed::sqlite(&path);
    feed.install(&mut database, &["products"]).expect("tables");
    feed.install(&mut database, &["products"]).expect("nothing to do");
    Some((SqliteShop { path, feed }, folder))
}

impl SqliteShop {
    /// Every call has its own connection, as in many processes.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(ResourceFeed<Sqlite>, &mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (feed, path) = (self.feed.clone(), self.path.clone());
        let blocking = move || {
            let mut connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(30))?;
            work(feed, &mut connection)
        };
        tokio::task::spawn_blocking(blocking).await?
    }
}

fn take(step: Step, change: &mut Change<'_>, rows: &mut Vec<(i64, Option<String>)>) -> Result<()> {
    match step {
        Step::Save(id, name) => {
            change.changed("products", id)?;
            let sql =
                "INSERT INTO products VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = ?2";
            change.connection().execute(sql, (id, &name))?;
            rows.push((id, Some(name)));
        }
        Step::Remove(id) => {
            change.deleted("products", id)?;
            change.connection().execute("DELETE FROM products WHERE id = ?1", [id])?;
            rows.push((id, None));
        }
        Step::RenameAll(name) => {
            change.changed_all("products")?;
            change.connection().execute("UPDATE products SET name = ?1", [name])?;
        }
        Step::Announce => {
            let event = Event::new("ProductChanged", &payload(&std::mem::take(rows)));
            change.announce(event.private("cache-products").to_others(Some("1.2")))?;
        }
    }
    Ok(())
}

fn products(connection: &Connection) -> Result<Vec<(RowId, Value)>> {
    let mut statement = connection.prepare("SELECT id, name FROM products ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
        Ok((id.into(), json!([id, name])))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Shop for SqliteShop {
    async fn write(&self, steps: Vec<Step>, end: End) -> Result<()> {
        self.run(move |feed, connection| {
            let mut change = feed.begin(connection, &["products"])?;
            let mut rows = Vec::new();
            for step in steps {
                take(step, &mut change, &mut rows)?;
            }
            if end == End::Commit {
                return change.commit();
            }
            drop(change);
            Ok(())
        })
        .await
    }

    async fn list(&self, request: ListRequest) -> Result<Response<String>> {
        self.run(move |feed, connection| {
            let snapshot = feed.snapshot(connection, "products")?;
            match snapshot.answer_to(&request)? {
                ListAnswer::NotModified => snapshot.head().not_modified(),
                ListAnswer::Changes(changes) => {
                    let mut rows = products(snapshot.connection())?;
                    rows.retain(|(id, _)| changes.changed.contains(id));
                    snapshot.head().changes(&changes, &rows)
                }
                ListAnswer::Whole => {
                    let rows = products(snapshot.connection())?;
                    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
                    snapshot.head().list(&json!({ "data": rows }))
                }
            }
        })
        .await
    }

    async fn add_once(&self, key: IdempotencyKey, name: Option<&str>) -> Result<Response<String>> {
        let name = name.map(str::to_owned);
        self.run(move |feed, connection| {
            let mut change = feed.begin(connection, &["products"])?;
            if let Once::Again(answer) = change.once(&key)? {
                return Ok(answer);
            }
            change.connection().execute("INSERT INTO products (name) VALUES (?1)", [name])?;
            let id = change.connection().last_insert_rowid();
            let head = change.changed("products", id)?;
            change
                .announce(Event::new("ProductChanged", &payload(&[])).private("cache-products"))?;
            let answer = head.status(StatusCode::CREATED, &json!({ "id": id }))?;
            change.keep(&answer)?;
            change.commit()?;
            Ok(answer)
        })
        .await
    }

    async fn forget_to_keep(&self, key: IdempotencyKey) -> Result<()> {
        self.run(move |feed, connection| {
            let mut change = feed.begin(connection, &["products"])?;
            assert!(matches!(change.once(&key)?, Once::First));
            change.commit()
        })
        .await
    }

    async fn change_two_resources(&self) -> Result<()> {
        self.run(|feed, connection| {
            let mut change = feed.begin(connection, &["products", "offers"])?;
            change.changed("products", 1)?;
            let head = change.changed("offers", "x-1")?;
            assert_eq!(change.head("offers")?, head);
            change.announce(Event::new("OffersChanged", &json!({})).public("offers"))?;
            change.commit()
        })
        .await
    }

    async fn change_what_was_not_begun(&self) -> Result<()> {
        self.run(|feed, connection| {
            feed.begin(connection, &["products"])?.changed("offers", 1).map(drop)
        })
        .await
    }

    fn elsewhere(&self) -> Self {
        Self { feed: ResourceFeed::sqlite(&self.path), path: self.path.clone() }
    }

    async fn new_epoch(&self) -> Result<()> {
        self.run(|feed, connection| feed.new_epoch(connection)).await
    }

    fn publish_to(&self, target: impl Publish, options: PublisherOptions) -> Publisher {
        self.feed.publish_to(target, options)
    }

    async fn outbox(&self) -> Result<(i64, i64)> {
        self.run(|_, connection| {
            let sql = "SELECT count(*) - count(refused), count(refused) FROM echolite_outbox";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .await
    }
}
