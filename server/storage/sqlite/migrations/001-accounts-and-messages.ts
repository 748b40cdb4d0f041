/** First schema. Never edit a migration that was released: add the next one. */
export const migration001 = `
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL UNIQUE COLLATE NOCASE,
  nickname TEXT NOT NULL DEFAULT '',
  avatar TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 1,
  device_id TEXT NOT NULL DEFAULT '',
  uniplatform TEXT NOT NULL DEFAULT '',
  devicemodel TEXT NOT NULL DEFAULT '',
  deviceos TEXT NOT NULL DEFAULT '',
  devicebrand TEXT NOT NULL DEFAULT '',
  userset TEXT NOT NULL DEFAULT '',
  invite_confirm INTEGER NOT NULL DEFAULT 0,
  last_login INTEGER,
  register_time INTEGER,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
);
CREATE UNIQUE INDEX account_device ON account (device_id) WHERE device_id <> '';

CREATE TABLE profile (
  account_id INTEGER PRIMARY KEY,
  gender TEXT NOT NULL DEFAULT 'unknown',
  birthday TEXT,
  bio TEXT,
  location TEXT,
  website TEXT
);

CREATE TABLE session (
  account_id INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL,
  device_id TEXT NOT NULL DEFAULT '',
  issued_at INTEGER NOT NULL
);

CREATE TABLE guest_call (
  device_id TEXT PRIMARY KEY,
  calls INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE contact (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  friend_id INTEGER NOT NULL,
  nickname TEXT NOT NULL DEFAULT '',
  friendlookme INTEGER NOT NULL DEFAULT 1,
  melookfriend INTEGER NOT NULL DEFAULT 1,
  ismystarfriend INTEGER NOT NULL DEFAULT 0,
  isblack INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 1,
  sort_order INTEGER NOT NULL DEFAULT 50,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  UNIQUE (user_id, friend_id)
);

CREATE TABLE application (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  friend_id INTEGER NOT NULL,
  nickname TEXT NOT NULL DEFAULT '',
  friendlookme INTEGER NOT NULL DEFAULT 1,
  melookfriend INTEGER NOT NULL DEFAULT 1,
  ismystarfriend INTEGER NOT NULL DEFAULT 0,
  isblack INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL,
  sort_order INTEGER NOT NULL DEFAULT 50,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
);
CREATE INDEX application_target ON application (friend_id, id);
CREATE INDEX application_pair ON application (user_id, friend_id);

CREATE TABLE conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  pair_key TEXT UNIQUE,
  group_id INTEGER UNIQUE,
  head_seq INTEGER NOT NULL DEFAULT 0,
  create_time INTEGER NOT NULL
);

CREATE TABLE message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  conversation_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sender_id INTEGER NOT NULL,
  client_msg_id TEXT,
  notice INTEGER NOT NULL DEFAULT 0,
  payload TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  UNIQUE (conversation_id, seq)
);
CREATE UNIQUE INDEX message_client_id ON message (sender_id, client_msg_id) WHERE client_msg_id IS NOT NULL;
CREATE INDEX message_sender ON message (conversation_id, sender_id, notice);

CREATE TABLE delivery (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient_id INTEGER NOT NULL,
  message_id INTEGER,
  payload TEXT
);
CREATE INDEX delivery_recipient ON delivery (recipient_id, ordinal);
`;
