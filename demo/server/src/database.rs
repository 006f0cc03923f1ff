//! One SQLite file, in which the catalogue and the chat keep what they know.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use echolite_feed::FeedError;
use rusqlite::{Connection, Transaction};

/// Why the file could not be read or written.
#[derive(thiserror::Error, Debug)]
pub(crate) enum DatabaseError {
    /// SQLite refused.
    #[error("the demo's file: {0}; delete it to begin with a new one")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder of the file is missing and cannot be made.
    #[error("the folder of the demo's file: {0}; choose another with --data")]
    Folder(#[from] std::io::Error),
    /// What is to be told of a change could not be written with it, or not be read.
    #[error("the demo's file: {0}")]
    Feed(#[from] FeedError),
    /// The process is ending.
    #[error("the demo's file is closing: {0}")]
    Closing(#[from] tokio::task::JoinError),
}

pub(crate) type Result<T> = std::result::Result<T, DatabaseError>;

/// The file. A clone is another handle to the same one.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file; makes it, and its folder, if they are missing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Makes what a part of the demo needs, unless its `table` is there; before anything is served.
    pub(crate) fn make_unless(
        &self,
        table: &str,
        make: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if connection.table_exists(None, table)? {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        make(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// SQLite blocks its thread, so it gets one that may be blocked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.attempt(|connection| Ok(work(connection)?)).await
    }

    /// As [`run`](Self::run), for work that may fail in its own way.
    pub(crate) async fn attempt<T, E>(
        &self,
        work: impl FnOnce(&mut Connection) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            // A panic leaves no half-done change: a dropped transaction rolls back.
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(DatabaseError::from)?
    }
}
