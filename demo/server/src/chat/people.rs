//! Who is there, and under which token each is signed in.

use rusqlite::{OptionalExtension, Row};
use serde::Serialize;

use super::Chat;
use crate::database::Result;

/// Somebody who may sign in.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) trade: String,
}

impl Chat {
    /// Everybody.
    pub(super) async fn users(&self) -> Result<Vec<User>> {
        self.database
            .run(|connection| {
                let mut statement = connection.prepare_cached("SELECT * FROM users ORDER BY id")?;
                statement.query_map([], user)?.collect()
            })
            .await
    }

    /// Signs a user in: the token that proves it from now on; `None` if there is no such user.
    pub(super) async fn sign_in(&self, user_id: i64) -> Result<Option<String>> {
        const SQL: &str = "INSERT INTO sessions (user_id) SELECT id FROM users WHERE id = ?1
            RETURNING token";
        self.database
            .run(move |connection| {
                connection.query_row(SQL, [user_id], |row| row.get(0)).optional()
            })
            .await
    }

    /// Whose token this is.
    pub(super) async fn signed_in(&self, token: String) -> Result<Option<User>> {
        const SQL: &str =
            "SELECT users.* FROM users JOIN sessions ON user_id = users.id WHERE token = ?1";
        self.database
            .run(move |connection| connection.query_row(SQL, [token], user).optional())
            .await
    }

    /// Makes a token worth nothing.
    pub(super) async fn sign_out(&self, token: String) -> Result<()> {
        self.database
            .run(move |connection| {
                connection.execute("DELETE FROM sessions WHERE token = ?1", [token]).map(drop)
            })
            .await
    }
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User { id: row.get("id")?, name: row.get("name")?, trade: row.get("trade")? })
}
