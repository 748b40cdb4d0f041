/**
 * Change log, read marks, recall, and one session per device. Existing conversations get their members and an entry in
 * the log; somebody who wrote counts as having read up to there, everything later stays unread.
 */
export const migration002 = `
ALTER TABLE message ADD COLUMN recalled_at INTEGER;

CREATE TABLE member (
  account_id INTEGER NOT NULL,
  conversation_id INTEGER NOT NULL,
  first_seq INTEGER NOT NULL DEFAULT 1,
  read_seq INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, conversation_id)
) WITHOUT ROWID;
CREATE INDEX member_conversation ON member (conversation_id);

CREATE TABLE change (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  conversation_id INTEGER NOT NULL DEFAULT 0,
  message_id INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX change_subject ON change (account_id, kind, conversation_id, message_id);
CREATE INDEX change_account ON change (account_id, cursor);

CREATE TABLE change_gap (
  after_cursor INTEGER NOT NULL,
  before_cursor INTEGER NOT NULL PRIMARY KEY
);

INSERT INTO member (account_id, conversation_id)
  SELECT CAST(substr(pair_key, 1, instr(pair_key, ':') - 1) AS INTEGER), id
  FROM conversation WHERE pair_key IS NOT NULL
  UNION
  SELECT CAST(substr(pair_key, instr(pair_key, ':') + 1) AS INTEGER), id
  FROM conversation WHERE pair_key IS NOT NULL;
UPDATE member SET read_seq = coalesce(
  (SELECT max(seq) FROM message
   WHERE message.conversation_id = member.conversation_id
     AND message.sender_id = member.account_id AND message.notice = 0), 0);
INSERT INTO change (account_id, kind, conversation_id)
  SELECT account_id, 'conversation', conversation_id FROM member ORDER BY conversation_id, account_id;

ALTER TABLE session RENAME TO session_001;
CREATE TABLE session (
  token_hash TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  device_kind TEXT NOT NULL DEFAULT '',
  device_name TEXT NOT NULL DEFAULT '',
  guest_device_id TEXT NOT NULL DEFAULT '',
  issued_at INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO session (token_hash, account_id, guest_device_id, issued_at)
  SELECT token_hash, account_id, device_id, issued_at FROM session_001;
DROP TABLE session_001;
CREATE INDEX session_account ON session (account_id);

CREATE INDEX contact_friend ON contact (friend_id);
CREATE INDEX delivery_message ON delivery (message_id) WHERE message_id IS NOT NULL;
`;
