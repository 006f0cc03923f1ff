CREATE TABLE chat_counter (epoch TEXT NOT NULL, seq INTEGER NOT NULL);
INSERT INTO chat_counter VALUES (lower(hex(randomblob(6))), 1);

CREATE TABLE users (
  id    INTEGER PRIMARY KEY,
  name  TEXT NOT NULL,
  trade TEXT NOT NULL
);

CREATE TABLE sessions (
  token   TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(24)))),
  user_id INTEGER NOT NULL REFERENCES users
);

CREATE TABLE conversations (
  id    INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  topic TEXT NOT NULL
);

CREATE TABLE members (
  conversation_id INTEGER NOT NULL REFERENCES conversations,
  user_id         INTEGER NOT NULL REFERENCES users,
  read_up_to      INTEGER NOT NULL DEFAULT 0,
  version         INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (conversation_id, user_id)
) WITHOUT ROWID;

CREATE TABLE messages (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id INTEGER NOT NULL REFERENCES conversations,
  sender_id       INTEGER NOT NULL REFERENCES users,
  text            TEXT    NOT NULL,
  -- What the sender calls it, so that sending it twice is sending it once.
  key             TEXT    NOT NULL,
  sent_at         TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  UNIQUE (sender_id, key)
);
CREATE INDEX messages_of ON messages (conversation_id, id);

-- A member's version is the counter at the last change of what the member sees in the list of conversations,
-- or of what others see of the member. Who sends has read.
CREATE TRIGGER message_sent AFTER INSERT ON messages BEGIN
  UPDATE chat_counter SET seq = seq + 1;
  UPDATE members SET version = (SELECT seq FROM chat_counter) WHERE conversation_id = new.conversation_id;
  UPDATE members SET read_up_to = new.id
  WHERE conversation_id = new.conversation_id AND user_id = new.sender_id;
END;

CREATE TRIGGER message_read AFTER UPDATE OF read_up_to ON members BEGIN
  UPDATE chat_counter SET seq = seq + 1;
  UPDATE members SET version = (SELECT seq FROM chat_counter)
  WHERE conversation_id = new.conversation_id AND user_id = new.user_id;
END;
