//! The back end's side of a cache that is never silently stale: heads, an outbox, and a log of changes, kept in
//! the same transaction as the rows. It is a crate of its own because it needs a database, and the broadcasting
//! server must not.
//!
//! A [`ResourceFeed`] counts the changes of *resources* (named sets of rows, such as `products`). One change:
//!
//! 1. `begin` opens a transaction and locks the counters of the resources it names, until the commit. So heads
//!    are given in the order of commits, without holes.
//! 2. The application changes its rows in that transaction, says which, and announces an [`Event`]. The counter,
//!    the change log and the outbox are written with them: all of it is committed, or none.
//! 3. After the commit a [`Publisher`] sends what is in the outbox, in the order of heads, and again until the
//!    server has taken it. A crash between commit and sending loses nothing; a crash between sending and noting it
//!    sends twice, which a client tells by the head.
//!
//! A read takes a `snapshot`: rows and head of one moment. What it answers lets the client notice everything it
//! missed, ask for no more than that, or learn that it missed nothing.
//!
//! With SQLite ([`sqlite`], through `rusqlite`):
//!
//! ```
//! # #[cfg(feature = "sqlite")] {
//! use echolite_feed::{Event, FeedError, ListAnswer, ListRequest, ResourceFeed, sqlite::Sqlite};
//! use rusqlite::Connection;
//! use serde_json::json;
//!
//! fn rename(feed: &ResourceFeed<Sqlite>, database: &mut Connection, id: i64, name: &str) -> Result<(), FeedError> {
//!     let mut change = feed.begin(database, &["products"])?;
//!     let head = change.changed("products", id)?;
//!     change.connection().execute(
//!         "UPDATE products SET name = ?1, version = ?2 WHERE id = ?3",
//!         (name, head.seq, id),
//!     )?;
//!     let row = json!({ "id": id, "name": name, "version": head.seq });
//!     let event = json!({ "client_refresh": row });
//!     change.announce(Event::new("ProductChanged", &event).private("cache-products"))?;
//!     change.commit()
//! }
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("shop.sqlite");
//! # let mut database = Connection::open(&path).unwrap();
//! # database.execute_batch("CREATE TABLE products (id INTEGER PRIMARY KEY, name, version)").unwrap();
//! # let feed = ResourceFeed::sqlite(&path);
//! # feed.install(&mut database, &["products"]).unwrap();
//! # rename(&feed, &mut database, 7, "Boots").unwrap();
//! # }
//! ```
//!
//! With PostgreSQL ([`postgres`], through `sqlx`) the same methods are `async`, and `begin` takes a connection of
//! the pool.

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("a feed needs a database: enable the feature `sqlite` or `postgres`");

mod answer;
mod error;
mod event;
mod feed;
mod head;
mod idempotency;
mod list_request;
mod outbox;
#[cfg(feature = "postgres")]
pub mod postgres;
mod publish;
mod publisher;
mod raised_heads;
mod row_id;
mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use answer::{CACHE_HEAD, EXPOSED_HEADERS};
pub use error::FeedError;
pub use event::{Event, Outgoing};
pub use feed::{ResourceFeed, Retention};
pub use head::{Head, HeadError};
pub use idempotency::{IdempotencyKey, Once};
pub use list_request::{Changes, ListAnswer, ListRequest};
pub use publish::{Publish, PublishError};
pub use publisher::{Publisher, PublisherOptions};
pub use row_id::RowId;

/// The examples of the guide compile.
#[cfg(all(doctest, feature = "postgres", feature = "server"))]
mod guides {
    #[doc = include_str!("../../../docs/feed.md")]
    struct Feed;
}
