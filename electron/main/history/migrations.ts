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
  // Numbers of the server: how far each side has read, which stretches of numbers are complete here, where the change
  // log was left. A message has a number when it was acknowledged and its `sort_minor` is 0. `head_seq` stays 0 until
  // a server with a change log told it: unread is then counted by arrival, as before.
  `
  ALTER TABLE conversation ADD COLUMN head_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN first_seq INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE conversation ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN read_told INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN peer_read_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX conversation_read_untold ON conversation (key) WHERE read_seq > read_told;

  ALTER TABLE message ADD COLUMN counts INTEGER NOT NULL DEFAULT 1;
  UPDATE message SET counts = 0
    WHERE own = 1 OR recalled = 1 OR deleted = 1 OR body LIKE '{"kind":"notice"%';
  UPDATE message SET body = '{"kind":"text","text":""}' WHERE recalled = 1;
  CREATE INDEX message_uncounted ON message (conversation, sort_major, sort_minor) WHERE counts = 0;

  CREATE TABLE stretch (
    conversation INTEGER NOT NULL REFERENCES conversation (key),
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, from_seq)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO stretch (conversation, from_seq, to_seq)
    SELECT conversation, MIN(seq), MAX(seq) FROM (
      SELECT conversation, seq, seq - ROW_NUMBER() OVER (PARTITION BY conversation ORDER BY seq) AS island FROM (
        SELECT DISTINCT conversation, sort_major AS seq FROM message
        WHERE server_id IS NOT NULL AND sort_minor = 0 AND sort_major > 0 AND sort_major < 9007199254740991
      )
    ) GROUP BY conversation, island;
  UPDATE conversation SET read_seq =
    COALESCE((SELECT MAX(to_seq) FROM stretch WHERE stretch.conversation = conversation.key), 0) WHERE unread = 0;

  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // Up to which number a history was cleared here: nothing below comes back. Until when a message waits to be undone.
  `
  ALTER TABLE conversation ADD COLUMN cleared_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE message ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;
  `,
  // All who apply for friendship stand in one conversation; before, each had one.
  `
  UPDATE message SET conversation =
      (SELECT MIN(key) FROM conversation WHERE kind = 'service' AND link = 'applications')
    WHERE conversation IN (SELECT key FROM conversation WHERE kind = 'service' AND link = 'applications');
  UPDATE conversation SET
      (last_ordinal, name, avatars) = (SELECT last_ordinal, name, avatars FROM conversation
        WHERE kind = 'service' AND link = 'applications' ORDER BY last_activity_at DESC, key DESC LIMIT 1),
      (last_activity_at, unread, pinned, muted, hidden) =
        (SELECT MAX(last_activity_at), SUM(unread), MAX(pinned), MIN(muted), MIN(hidden) FROM conversation
          WHERE kind = 'service' AND link = 'applications')
    WHERE key = (SELECT MIN(key) FROM conversation WHERE kind = 'service' AND link = 'applications');
  DELETE FROM conversation WHERE kind = 'service' AND link = 'applications'
    AND key > (SELECT MIN(key) FROM conversation WHERE kind = 'service' AND link = 'applications');
  UPDATE conversation SET id = 'service:applications' WHERE kind = 'service' AND link = 'applications';
  `,
  // Switches of a conversation on this machine. Up to which row messages without a number were read, so that unread ones
  // are counted by one formula everywhere; the index holds none of those that a server has numbered.
  `
  ALTER TABLE conversation ADD COLUMN strong_alert INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE conversation ADD COLUMN show_nicknames INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE conversation ADD COLUMN read_ordinal INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX message_unnumbered ON message (conversation, ordinal) WHERE counts = 1 AND sort_minor > 0;
  UPDATE conversation SET read_ordinal = COALESCE((SELECT MAX(ordinal) FROM message), 0) WHERE unread = 0;
  UPDATE conversation SET read_ordinal = before.ordinal FROM (
      SELECT conversation, ordinal, ROW_NUMBER() OVER (PARTITION BY conversation ORDER BY ordinal DESC) AS place
      FROM message WHERE counts = 1 AND sort_minor > 0
    ) AS before
    WHERE before.conversation = conversation.key AND before.place = conversation.unread + 1 AND conversation.unread > 0;
  `,
  // Groups: what the log told of them; which numbers lie outside of one's memberships (nothing is there, so they count as
  // complete); whom a message means.
  `
  ALTER TABLE conversation ADD COLUMN ended TEXT;
  ALTER TABLE conversation ADD COLUMN mentions INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE message ADD COLUMN mentions TEXT;
  ALTER TABLE message ADD COLUMN means_me INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX message_means_me ON message (conversation, sort_major) WHERE means_me = 1;
  CREATE TABLE outside (
    conversation INTEGER NOT NULL REFERENCES conversation (key),
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, from_seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chat_group (id INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;
  `,
  // A date leads to its place in a conversation without reading what lies before it.
  `
  CREATE INDEX message_time ON message (conversation, created_at);
  `,
  // What was not sent is looked for at every start: few rows of many.
  `
  CREATE INDEX message_unsettled ON message (status) WHERE status <> 'sent';
  `,
  // Pictures and films (1) and files (2) of a conversation are found without reading what lies between them.
  `
  ALTER TABLE message ADD COLUMN media INTEGER GENERATED ALWAYS AS (
    CASE substr(body, 1, 16)
      WHEN '{"kind":"image",' THEN 1 WHEN '{"kind":"video",' THEN 1 WHEN '{"kind":"file","' THEN 2 END
  ) VIRTUAL;
  CREATE INDEX message_media ON message (conversation, media, sort_major, sort_minor, ordinal)
    WHERE media IS NOT NULL AND deleted = 0;
  `,
];
