//! The outbox in SQLite. A lock on a file beside the database says whose turn it is: the system takes it back when
//! a process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior};
use tokio::task::spawn_blocking;

use super::{DIALECT, Sqlite};
use crate::error::{FeedError, Result};
use crate::event::Outgoing;
use crate::feed::{ResourceFeed, Retention, milliseconds};
use crate::outbox::{BATCH, Entry, Outbox, Turn, channels};
use crate::sql;

/// How long a statement waits for a writer of another connection.
const BUSY: Duration = Duration::from_secs(10);

/// The right to publish from a file's outbox, as long as the lock is held.
pub struct SqliteTurn {
    connection: Arc<Mutex<Connection>>,
    _lock: File,
}

impl Outbox for ResourceFeed<Sqlite> {
    type Turn = SqliteTurn;

    async fn turn(&self) -> Result<Option<SqliteTurn>> {
        let path = self.database.path.clone();
        spawn_blocking(move || {
            let Some(lock) = lock(&path)? else { return Ok(None) };
            let connection = Arc::new(Mutex::new(open(&path)?));
            Ok(Some(SqliteTurn { connection, _lock: lock }))
        })
        .await?
    }

    async fn tidy(&self, retention: &Retention) -> Result<()> {
        let path = self.database.path.clone();
        let (changes, keys) = (milliseconds(retention.changes), milliseconds(retention.keys));
        spawn_blocking(move || {
            let mut connection = open(&path)?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for resource in super::resources(&transaction)? {
                transaction.execute(&DIALECT.shorten_log(), (changes, &resource))?;
                transaction.execute(sql::DELETE_CHANGES, [&resource])?;
            }
            transaction.execute(&DIALECT.forget_keys(), [keys])?;
            Ok(transaction.commit()?)
        })
        .await?
    }

    async fn committed(&self) {
        self.committed.notified().await;
    }
}

impl Turn for SqliteTurn {
    async fn waiting(&mut self) -> Result<Option<Vec<Entry>>> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(sql::WAITING)?;
            let mut rows = statement.query([BATCH])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                entries.push(entry(row)?);
            }
            Ok(Some(entries))
        })
        .await
    }

    async fn last(&mut self) -> Result<i64> {
        let last = |connection: &Connection| {
            let last = "SELECT coalesce(max(id), 0) FROM echolite_outbox WHERE refused IS NULL";
            Ok(connection.query_row(last, [], |row| row.get(0))?)
        };
        self.run(last).await
    }

    async fn published(&mut self, id: i64) -> Result<()> {
        let delete = move |connection: &Connection| {
            connection.prepare_cached(sql::PUBLISHED)?.execute([id])?;
            Ok(())
        };
        self.run(delete).await
    }

    async fn refused(&mut self, id: i64, reason: &str) -> Result<()> {
        let reason = reason.to_owned();
        let note = move |connection: &Connection| {
            connection.execute(sql::REFUSED, (reason, id))?;
            Ok(())
        };
        self.run(note).await
    }

    async fn end(self) -> Result<()> {
        Ok(())
    }
}

impl SqliteTurn {
    /// SQLite blocks its thread, so it gets one that may be blocked.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        spawn_blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)))
            .await?
    }
}

fn open(path: &Path) -> Result<Connection> {
    // Not made if it is missing: the application's file is somewhere else then.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if journal == "wal" {
        // A power failure may undo the last notes of what was published; then it is published again.
        connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    }
    Ok(connection)
}

/// `None` while another publisher has it.
fn lock(database: &Path) -> Result<Option<File>> {
    let mut path = database.as_os_str().to_owned();
    path.push("-publisher");
    let path = PathBuf::from(path);
    let wrong = |source| FeedError::Lock { path: path.clone(), source };
    let options = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = options.map_err(wrong)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(wrong(source)),
    }
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let event = Outgoing {
        name: row.get(1)?,
        channels: channels(&row.get::<_, String>(2)?)?,
        data: row.get(3)?,
        socket_id: row.get(4)?,
    };
    Ok(Entry { id: row.get(0)?, event })
}
