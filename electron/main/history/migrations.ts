/**
 * Numbered steps of the schema. A step that was ever released is never edited: add the next one. The number of steps
 * done is the database's `user_version`.
 *
 * Cost stays flat with the number of messages because a conversation points at its last message, every page is one
 * range of `message_position`, and nothing is ever counted or sorted over the whole table. Rows are never removed:
 * a deleted message keeps its ids, so that a late copy of it is recognised.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE conversation (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    avatars TEXT NOT NULL DEFAULT '[]',
    link TEXT,
    last_ordinal INTEGER,
    last_activity_at INTEGER NOT NULL,
    unread INTEGER NOT NULL DEFAULT 0,
    pinned INTEGER NOT NULL DEFAULT 0,
    muted INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    draft TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE INDEX conversation_unread ON conversation (key) WHERE unread > 0;

  CREATE TABLE message (
    ordinal INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (key),
    server_id TEXT,
    client_message_id TEXT,
    sort_major INTEGER NOT NULL,
    sort_minor INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    sender_name TEXT NOT NULL,
    sender_avatar TEXT NOT NULL,
    own INTEGER NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL,
    failure TEXT,
    attempted INTEGER NOT NULL DEFAULT 0,
    recalled INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX message_server_id ON message (conversation, server_id) WHERE server_id IS NOT NULL;
  CREATE UNIQUE INDEX message_client_id ON message (client_message_id) WHERE client_message_id IS NOT NULL;
  CREATE INDEX message_position ON message (conversation, sort_major, sort_minor, ordinal);
  CREATE INDEX message_outbox ON message (conversation, ordinal) WHERE status = 'pending';
  `,
];
