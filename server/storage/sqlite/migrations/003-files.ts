/** Uploaded files: what is known of each, who may read it (the messages and avatars it is used in), unfinished uploads. */
export const migration003 = `
CREATE TABLE file (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT NOT NULL UNIQUE,
  owner_id INTEGER NOT NULL,
  upload_id TEXT,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  mime TEXT NOT NULL,
  name TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  by_link INTEGER NOT NULL,
  create_time INTEGER NOT NULL
);
CREATE UNIQUE INDEX file_upload ON file (owner_id, upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX file_owner ON file (owner_id, size);
CREATE INDEX file_content ON file (sha256);
CREATE INDEX file_age ON file (create_time);

CREATE TABLE file_use (
  file_id INTEGER NOT NULL,
  message_id INTEGER NOT NULL DEFAULT 0,
  avatar_of INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (file_id, message_id, avatar_of)
) WITHOUT ROWID;
CREATE INDEX file_use_message ON file_use (message_id) WHERE message_id <> 0;
CREATE INDEX file_use_avatar ON file_use (avatar_of) WHERE avatar_of <> 0;

CREATE TABLE upload (
  owner_id INTEGER NOT NULL,
  upload_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  name TEXT NOT NULL,
  folder TEXT NOT NULL,
  update_time INTEGER NOT NULL,
  PRIMARY KEY (owner_id, upload_id)
) WITHOUT ROWID;
`;
