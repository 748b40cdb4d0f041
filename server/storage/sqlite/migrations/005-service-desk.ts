/** Questions and answers that reply by themselves, and complaints. */
export const migration005 = `
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL,
  type TEXT NOT NULL,
  ask TEXT NOT NULL,
  answer TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  UNIQUE (owner_id, type, ask)
);

CREATE TABLE complaint (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  target_id INTEGER NOT NULL,
  target_type TEXT NOT NULL,
  target_name TEXT NOT NULL,
  reason TEXT NOT NULL,
  content TEXT NOT NULL,
  images TEXT NOT NULL,
  evidence TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 0,
  admin_reply TEXT,
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  is_deleted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX complaint_user ON complaint (user_id, id);
CREATE INDEX complaint_status ON complaint (status, id);

CREATE TABLE complaint_file (
  complaint_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  PRIMARY KEY (file_id, complaint_id)
) WITHOUT ROWID;
`;
