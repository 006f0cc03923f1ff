//! The feed in PostgreSQL, in a cluster that these tests start for themselves.

mod cluster;
mod suite;

use std::sync::Arc;

use cluster::Cluster;
use echolite_feed::postgres::{Change, Postgres};
use echolite_feed::{
    Event, IdempotencyKey, ListAnswer, ListRequest, Once, Publish, Publisher, PublisherOptions,
    ResourceFeed, RowId,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool, query, query_as, query_scalar};
use suite::recorder::Recorder;
use suite::{End, Result, Shop, Step, payload, quick, save, suite};

#[derive(Clone)]
struct PostgresShop {
    pool: PgPool,
    feed: ResourceFeed<Postgres>,
}

suite!(open);

async fn open() -> Option<(PostgresShop, Arc<Cluster>)> {
    let cluster = Cluster::shared()?;
    let pool = cluster.database().await;
    query("CREATE TABLE products (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL)")
        .execute(&pool)
        .await
        .expect("a table");
    let feed = ResourceFeed::postgres(pool.clone());
    let (one, other) = tokio::join!(feed.install(&["products"]), feed.install(&["products"]));
    one.and(other).expect("tables, made once by two processes");
    Some((PostgresShop { pool, feed }, cluster))
}

/// Whoever gets its connection from a pooler for each transaction has no session: a lock of one would stay on some
/// connection for ever, and nobody would publish any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishers_behind_a_pooler_of_transactions_take_turns() {
    let Some((shop, cluster)) = open().await else { return };
    let Some(pooler) = cluster.pooler() else { return };
    let database = shop.pool.connect_options();
    let target = Recorder::new([]);
    let mut written = 0;
    // Again and again: what one publisher leaves is in the way of the next.
    for _ in 0..3 {
        let mut publishers = Vec::new();
        for _ in 0..3 {
            let feed = ResourceFeed::postgres(pooler.pool(&database).await);
            publishers.push(feed.publish_to(target.clone(), quick()));
        }
        for _ in 0..20 {
            written += 1;
            shop.write(save(1, &written.to_string()), End::Commit).await.expect("a change");
        }
        target.has_taken(written).await;
        for publisher in publishers {
            publisher.shutdown().await;
        }
    }
    let heads: Vec<_> = target.taken().iter().map(|event| head_seq(&event.data)).collect();
    assert!(heads.iter().copied().eq(1..=written as i64), "{heads:?}");
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let left: i64 = query_scalar(locks).fetch_one(&shop.pool).await.expect("a number");
    assert_eq!(left, 0, "locks that nobody gives back");
}

fn head_seq(data: &str) -> i64 {
    let data: Value = serde_json::from_str(data).expect("it is JSON");
    data["head"]["seq"].as_i64().expect("a head")
}

async fn take(
    step: Step,
    change: &mut Change<'_>,
    rows: &mut Vec<(i64, Option<String>)>,
) -> Result<()> {
    match step {
        Step::Save(id, name) => {
            change.changed("products", id).await?;
            let sql =
                "INSERT INTO products VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = $2";
            query(sql).bind(id).bind(&name).execute(change.connection()).await?;
            rows.push((id, Some(name)));
        }
        Step::Remove(id) => {
            change.deleted("products", id).await?;
            let sql = "DELETE FROM products WHERE id = $1";
            query(sql).bind(id).execute(change.connection()).await?;
            rows.push((id, None));
        }
        Step::RenameAll(name) => {
            change.changed_all("products").await?;
            let sql = "UPDATE products SET name = $1";
            query(sql).bind(name).execute(change.connection()).await?;
        }
        Step::Announce => {
            let event = Event::new("ProductChanged", &payload(&std::mem::take(rows)));
            change.announce(event.private("cache-products").to_others(Some("1.2"))).await?;
        }
    }
    Ok(())
}

async fn products(connection: &mut PgConnection) -> Result<Vec<(RowId, Value)>> {
    let rows: Vec<(i64, String)> =
        query_as("SELECT id, name FROM products ORDER BY id").fetch_all(connection).await?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), json!([id, name]))).collect())
}

impl Shop for PostgresShop {
    async fn write(&self, steps: Vec<Step>, end: End) -> Result<()> {
        let mut change = self.feed.begin(&["products"]).await?;
        let mut rows = Vec::new();
        for step in steps {
            take(step, &mut change, &mut rows).await?;
        }
        if end == End::Commit {
            return change.commit().await;
        }
        drop(change);
        Ok(())
    }

    async fn list(&self, request: ListRequest) -> Result<Response<String>> {
        let mut snapshot = self.feed.snapshot("products").await?;
        match snapshot.answer_to(&request).await? {
            ListAnswer::NotModified => snapshot.head().not_modified(),
            ListAnswer::Changes(changes) => {
                let mut rows = products(snapshot.connection()).await?;
                rows.retain(|(id, _)| changes.changed.contains(id));
                snapshot.head().changes(&changes, &rows)
            }
            ListAnswer::Whole => {
                let rows = products(snapshot.connection()).await?;
                let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
                snapshot.head().list(&json!({ "data": rows }))
            }
        }
    }

    async fn add_once(&self, key: IdempotencyKey, name: Option<&str>) -> Result<Response<String>> {
        let mut change = self.feed.begin(&["products"]).await?;
        if let Once::Again(answer) = change.once(&key).await? {
            return Ok(answer);
        }
        let insert = "INSERT INTO products (name) VALUES ($1) RETURNING id";
        let id: i64 = query_scalar(insert).bind(name).fetch_one(change.connection()).await?;
        let head = change.changed("products", id).await?;
        let event = Event::new("ProductChanged", &payload(&[])).private("cache-products");
        change.announce(event).await?;
        let answer = head.status(StatusCode::CREATED, &json!({ "id": id }))?;
        change.keep(&answer).await?;
        change.commit().await?;
        Ok(answer)
    }

    async fn forget_to_keep(&self, key: IdempotencyKey) -> Result<()> {
        let mut change = self.feed.begin(&["products"]).await?;
        assert!(matches!(change.once(&key).await?, Once::First));
        change.commit().await
    }

    async fn change_two_resources(&self) -> Result<()> {
        let mut change = self.feed.begin(&["products", "offers"]).await?;
        change.changed("products", 1).await?;
        let head = change.changed("offers", "x-1").await?;
        assert_eq!(change.head("offers").await?, head);
        change.announce(Event::new("OffersChanged", &json!({})).public("offers")).await?;
        change.commit().await
    }

    async fn change_what_was_not_begun(&self) -> Result<()> {
        self.feed.begin(&["products"]).await?.changed("offers", 1).await.map(drop)
    }

    fn elsewhere(&self) -> Self {
        Self { feed: ResourceFeed::postgres(self.pool.clone()), pool: self.pool.clone() }
    }

    async fn new_epoch(&self) -> Result<()> {
        self.feed.new_epoch().await
    }

    fn publish_to(&self, target: impl Publish, options: PublisherOptions) -> Publisher {
        self.feed.publish_to(target, options)
    }

    async fn outbox(&self) -> Result<(i64, i64)> {
        let sql = "SELECT count(*) - count(refused), count(refused) FROM echolite_outbox";
        Ok(query_as(sql).fetch_one(&self.pool).await?)
    }
}
