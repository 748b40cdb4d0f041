/**
 * Groups. `member` tells the latest window of a membership: what an account may see of a conversation, from `first_seq` to
 * `last_seq` (open while that is null); windows before it are in `past_window`. A group message is stored once; plain
 * clients get rows of `delivery` that point to it, and to the group as it was (`group_snapshot`).
 */
export const migration004 = `
CREATE TABLE chat_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  conversation_id INTEGER NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  avatar TEXT NOT NULL,
  remark TEXT NOT NULL DEFAULT '',
  invite_confirm INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 1,
  read_receipts INTEGER NOT NULL DEFAULT 1,
  sort_order INTEGER NOT NULL DEFAULT 50,
  snapshot_id INTEGER,
  dissolved_at INTEGER,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
);
CREATE INDEX group_owner ON chat_group (owner_id);

CREATE TABLE group_member (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  nickname TEXT NOT NULL DEFAULT '',
  avatar TEXT NOT NULL DEFAULT '',
  status INTEGER NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 50,
  inviter_id INTEGER,
  request_text TEXT NOT NULL DEFAULT '',
  create_time INTEGER NOT NULL,
  UNIQUE (group_id, account_id)
);
CREATE INDEX group_member_account ON group_member (account_id);

CREATE TABLE group_snapshot (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  object TEXT NOT NULL
);
ALTER TABLE message ADD COLUMN snapshot_id INTEGER;

ALTER TABLE member ADD COLUMN last_seq INTEGER;
ALTER TABLE member ADD COLUMN end_reason TEXT;
ALTER TABLE member ADD COLUMN last_name TEXT;
ALTER TABLE member ADD COLUMN last_avatar TEXT;
CREATE TABLE past_window (
  account_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (account_id, conversation_id, first_seq)
) WITHOUT ROWID;

CREATE INDEX change_everybody ON change (conversation_id, cursor) WHERE account_id = 0;

CREATE TABLE shared_notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  payload TEXT NOT NULL
);
ALTER TABLE delivery ADD COLUMN notice_id INTEGER;
CREATE INDEX delivery_notice ON delivery (notice_id) WHERE notice_id IS NOT NULL;
CREATE TRIGGER shared_notice_delivered AFTER DELETE ON delivery WHEN old.notice_id IS NOT NULL
BEGIN
  DELETE FROM shared_notice WHERE id = old.notice_id
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE notice_id = old.notice_id);
END;
`;
