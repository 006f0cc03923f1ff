//! The statements, which both databases understand.
//!
//! Parameters first appear in the order of their numbers, because SQLite counts `$n` by appearance.

/// What the databases say differently.
pub(crate) struct Dialect {
    /// A key that grows with each row.
    pub(crate) growing_key: &'static str,
    /// Milliseconds since 1970, by the database's clock.
    pub(crate) now: &'static str,
}

impl Dialect {
    /// Makes the tables, if they are missing.
    pub(crate) fn install(&self) -> String {
        let Self { growing_key, now } = self;
        format!(
            "CREATE TABLE IF NOT EXISTS echolite_heads (
               resource TEXT PRIMARY KEY,
               epoch    TEXT NOT NULL,
               seq      BIGINT NOT NULL DEFAULT 0 CHECK (seq >= 0),
               log_from BIGINT NOT NULL DEFAULT 0
             );
             CREATE TABLE IF NOT EXISTS echolite_changes (
               resource TEXT NOT NULL,
               row_id   TEXT NOT NULL,
               seq      BIGINT NOT NULL,
               deleted  BOOLEAN NOT NULL,
               at       BIGINT NOT NULL DEFAULT ({now}),
               PRIMARY KEY (resource, row_id)
             );
             CREATE INDEX IF NOT EXISTS echolite_changes_by_seq ON echolite_changes (resource, seq);
             CREATE TABLE IF NOT EXISTS echolite_outbox (
               id        {growing_key},
               name      TEXT NOT NULL,
               channels  TEXT NOT NULL,
               data      TEXT NOT NULL,
               socket_id TEXT,
               refused   TEXT
             );
             CREATE TABLE IF NOT EXISTS echolite_keys (
               key     TEXT PRIMARY KEY,
               request TEXT NOT NULL,
               status  INTEGER,
               head    TEXT,
               body    TEXT,
               at      BIGINT NOT NULL DEFAULT ({now})
             );"
        )
    }

    /// `$1`: milliseconds for which changes of the resource `$2` are kept. The log then begins after the last
    /// one that goes.
    pub(crate) fn shorten_log(&self) -> String {
        let last = format!(
            "(SELECT max(seq) FROM echolite_changes WHERE at <= {} - $1 AND resource = $2)",
            self.now
        );
        format!(
            "UPDATE echolite_heads SET log_from = {last} WHERE resource = $2 AND log_from < {last}"
        )
    }

    /// `$1`: milliseconds for which answers are kept.
    pub(crate) fn forget_keys(&self) -> String {
        format!("DELETE FROM echolite_keys WHERE at <= {} - $1", self.now)
    }
}

pub(crate) const DECLARE: &str = "INSERT INTO echolite_heads (resource, epoch) VALUES ($1, $2) ON CONFLICT (resource) DO NOTHING";

pub(crate) const HEAD: &str = "SELECT epoch, seq, log_from FROM echolite_heads WHERE resource = $1";

pub(crate) const RAISE: &str =
    "UPDATE echolite_heads SET seq = seq + 1 WHERE resource = $1 RETURNING epoch, seq, log_from";

/// What changed is not known row by row: the log begins anew.
pub(crate) const RAISE_ALL: &str = "UPDATE echolite_heads SET seq = seq + 1, log_from = seq + 1
    WHERE resource = $1 RETURNING epoch, seq, log_from";

/// Of each row the last change alone.
pub(crate) const LOG: &str = "INSERT INTO echolite_changes (resource, row_id, seq, deleted)
    VALUES ($1, $2, $3, $4) ON CONFLICT (resource, row_id)
    DO UPDATE SET seq = excluded.seq, deleted = excluded.deleted, at = excluded.at";

pub(crate) const CHANGES: &str = "SELECT row_id, deleted FROM echolite_changes
    WHERE resource = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// What the log no longer promises; a row that changed again meanwhile stays.
pub(crate) const DELETE_CHANGES: &str = "DELETE FROM echolite_changes WHERE resource = $1
    AND seq <= (SELECT log_from FROM echolite_heads WHERE resource = $1)";

pub(crate) const ANNOUNCE: &str =
    "INSERT INTO echolite_outbox (name, channels, data, socket_id) VALUES ($1, $2, $3, $4)";

pub(crate) const WAITING: &str = "SELECT id, name, channels, data, socket_id FROM echolite_outbox
    WHERE refused IS NULL ORDER BY id LIMIT $1";

pub(crate) const PUBLISHED: &str = "DELETE FROM echolite_outbox WHERE id = $1";

pub(crate) const REFUSED: &str = "UPDATE echolite_outbox SET refused = $1 WHERE id = $2";

pub(crate) const CLAIM: &str =
    "INSERT INTO echolite_keys (key, request) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING";

pub(crate) const KEPT: &str =
    "SELECT request, status, head, body FROM echolite_keys WHERE key = $1";

pub(crate) const KEEP: &str =
    "UPDATE echolite_keys SET status = $1, head = $2, body = $3 WHERE key = $4";

pub(crate) const RESOURCES: &str = "SELECT resource FROM echolite_heads ORDER BY resource";

/// Another life: what was logged and announced before it is void.
pub(crate) const NEW_EPOCH: &str =
    "UPDATE echolite_heads SET epoch = $1, seq = seq + 1, log_from = seq + 1 WHERE resource = $2";

pub(crate) const VOID: [&str; 2] = ["DELETE FROM echolite_changes", "DELETE FROM echolite_outbox"];
