//! Conversations, their messages, and who has read how far.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::people::User;
use super::seed;
use crate::database::{Database, Result};

/// A message. It never changes, so its id is its version.
#[derive(Serialize, Clone, Debug)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) conversation_id: i64,
    pub(super) sender_id: i64,
    pub(super) sender: String,
    pub(super) text: String,
    pub(super) key: String,
    pub(super) sent_at: String,
}

/// A conversation as one user sees it. Of those that they do not belong to, they know the title alone.
#[derive(Serialize, Clone, Debug)]
pub(super) struct Conversation {
    pub(super) id: i64,
    pub(super) title: String,
    topic: String,
    pub(super) is_member: bool,
    pub(super) unread: i64,
    read_up_to: i64,
    last_id: i64,
    last_sender: Option<String>,
    last_text: Option<String>,
    last_at: Option<String>,
    version: i64,
}

/// A member of a conversation as the others see them.
#[derive(Serialize, Clone, Debug)]
pub(super) struct Reader {
    pub(super) id: i64,
    name: String,
    trade: String,
    pub(super) read_up_to: i64,
    version: i64,
}

/// What a new message changed.
pub(super) struct Sent {
    pub(super) message: Message,
    /// The sender, who has read it.
    pub(super) reader: Reader,
    pub(super) for_members: Vec<(i64, Conversation)>,
    /// Not when it was there already, because its sender sent it again.
    pub(super) is_new: bool,
}

/// The conversations. A clone is another handle to the same ones.
#[derive(Clone)]
pub(crate) struct Chat {
    pub(super) database: Database,
}

impl Chat {
    /// The conversations of this file; seeded if it has none.
    pub(crate) fn new(database: Database) -> Result<Self> {
        database.make_unless("conversations", seed::fill)?;
        Ok(Self { database })
    }

    /// Whether a user, if there is one, belongs to a conversation, if there is one.
    pub(super) async fn has(&self, conversation: Option<i64>, user: Option<&User>) -> Result<bool> {
        let (Some(conversation), Some(user)) = (conversation, user.map(|user| user.id)) else {
            return Ok(false);
        };
        const SQL: &str = "SELECT 1 FROM members WHERE conversation_id = ?1 AND user_id = ?2";
        let sql = move |connection: &mut Connection| {
            connection.prepare_cached(SQL)?.exists([conversation, user])
        };
        self.database.run(sql).await
    }

    /// The counter of all changes, as a tag for lists.
    pub(super) async fn tag(&self) -> Result<String> {
        self.database.run(|connection| tag(connection, "seq")).await
    }

    /// What a user sees of all conversations.
    pub(super) async fn conversations(&self, user: i64) -> Result<Vec<Conversation>> {
        self.database
            .run(move |connection| {
                let mut statement = connection.prepare_cached(CONVERSATIONS)?;
                statement.query_map([user, 0], conversation)?.collect()
            })
            .await
    }

    /// What a user sees of one.
    pub(super) async fn conversation(&self, user: i64, id: i64) -> Result<Option<Conversation>> {
        self.database.run(move |connection| read_conversation(connection, user, id)).await
    }

    /// The members of a conversation.
    pub(super) async fn readers(&self, id: i64) -> Result<Vec<Reader>> {
        self.database
            .run(move |connection| {
                let mut statement = connection.prepare_cached(READERS)?;
                statement.query_map([id, 0], reader)?.collect()
            })
            .await
    }

    /// The messages after `after`, oldest first, and the tag of the whole list.
    pub(super) async fn messages(&self, id: i64, after: i64) -> Result<(String, Vec<Message>)> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let last = format!(
                    "(SELECT coalesce(max(id), 0) FROM messages WHERE conversation_id = {id})"
                );
                let tag = tag(&transaction, &last)?;
                let mut statement = transaction.prepare_cached(MESSAGES)?;
                let messages =
                    statement.query_map([id, after], message)?.collect::<rusqlite::Result<_>>()?;
                Ok((tag, messages))
            })
            .await
    }

    /// Adds a message, once however often it is sent.
    pub(super) async fn send(&self, user: i64, id: i64, text: String, key: String) -> Result<Sent> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let is_new = transaction.execute(INSERT, params![id, user, text, key])? == 1;
                let message = transaction.query_row(BY_KEY, params![user, key], message)?;
                let reader = transaction.query_row(READERS, [id, user], reader)?;
                let members: Vec<i64> = transaction
                    .prepare_cached("SELECT user_id FROM members WHERE conversation_id = ?1")?
                    .query_map([id], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let mut for_members = Vec::new();
                for member in members {
                    let seen = read_conversation(&transaction, member, id)?;
                    for_members.extend(seen.map(|conversation| (member, conversation)));
                }
                transaction.commit()?;
                Ok(Sent { message, reader, for_members, is_new })
            })
            .await
    }

    /// Notes how far a user has read; `None` when nothing is new about it.
    pub(super) async fn read(
        &self,
        user: i64,
        id: i64,
        up_to: i64,
    ) -> Result<Option<(Reader, Conversation)>> {
        self.database
            .run(move |connection| {
                let transaction = connection.transaction()?;
                let changed = transaction.execute(READ, [id, user, up_to])?;
                let reader = transaction.query_row(READERS, [id, user], reader)?;
                let conversation = read_conversation(&transaction, user, id)?;
                transaction.commit()?;
                Ok(conversation.filter(|_| changed > 0).map(|conversation| (reader, conversation)))
            })
            .await
    }
}

/// `?1`: who looks, `?2`: at which, or 0 for all.
const CONVERSATIONS: &str = "
    SELECT c.id, c.title, c.topic, m.user_id IS NOT NULL AS is_member, coalesce(m.version, 0) AS version,
        coalesce(m.read_up_to, 0) AS read_up_to,
        (SELECT count(*) FROM messages WHERE conversation_id = c.id AND id > m.read_up_to
            AND sender_id <> m.user_id) AS unread,
        coalesce(l.id, 0) AS last_id, l.text AS last_text, l.sent_at AS last_at, u.name AS last_sender
    FROM conversations c
    LEFT JOIN members m ON m.conversation_id = c.id AND m.user_id = ?1
    LEFT JOIN messages l ON m.user_id IS NOT NULL
        AND l.id = (SELECT max(id) FROM messages WHERE conversation_id = c.id)
    LEFT JOIN users u ON u.id = l.sender_id
    WHERE ?2 IN (0, c.id) ORDER BY c.id";

/// `?1`: of which conversation, `?2`: whom, or 0 for all.
const READERS: &str = "
    SELECT u.id, u.name, u.trade, m.read_up_to, m.version
    FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.conversation_id = ?1 AND ?2 IN (0, u.id) ORDER BY u.id";

const MESSAGES: &str = "
    SELECT m.*, u.name AS sender FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.conversation_id = ?1 AND m.id > ?2 ORDER BY m.id";

const BY_KEY: &str = "
    SELECT m.*, u.name AS sender FROM messages m JOIN users u ON u.id = m.sender_id
    WHERE m.sender_id = ?1 AND m.key = ?2";

const INSERT: &str = "INSERT INTO messages (conversation_id, sender_id, text, key)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (sender_id, key) DO NOTHING";

/// Nobody reads backwards, or what is not there.
const READ: &str = "UPDATE members
    SET read_up_to = min(?3, (SELECT max(id) FROM messages WHERE conversation_id = ?1))
    WHERE conversation_id = ?1 AND user_id = ?2 AND read_up_to <
        min(?3, (SELECT max(id) FROM messages WHERE conversation_id = ?1))";

fn tag(connection: &Connection, counter: &str) -> rusqlite::Result<String> {
    connection.query_row(&format!("SELECT epoch, {counter} FROM chat_counter"), [], |row| {
        Ok(format!("\"{}-{}\"", row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })
}

fn read_conversation(
    connection: &Connection,
    user: i64,
    id: i64,
) -> rusqlite::Result<Option<Conversation>> {
    connection.prepare_cached(CONVERSATIONS)?.query_row([user, id], conversation).optional()
}

fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: row.get("id")?,
        title: row.get("title")?,
        topic: row.get("topic")?,
        is_member: row.get("is_member")?,
        unread: row.get("unread")?,
        read_up_to: row.get("read_up_to")?,
        last_id: row.get("last_id")?,
        last_sender: row.get("last_sender")?,
        last_text: row.get("last_text")?,
        last_at: row.get("last_at")?,
        version: row.get("version")?,
    })
}

fn reader(row: &Row<'_>) -> rusqlite::Result<Reader> {
    Ok(Reader {
        id: row.get("id")?,
        name: row.get("name")?,
        trade: row.get("trade")?,
        read_up_to: row.get("read_up_to")?,
        version: row.get("version")?,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        conversation_id: row.get("conversation_id")?,
        sender_id: row.get("sender_id")?,
        sender: row.get("sender")?,
        text: row.get("text")?,
        key: row.get("key")?,
        sent_at: row.get("sent_at")?,
    })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
