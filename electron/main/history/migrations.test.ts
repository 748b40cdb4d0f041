import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SAMPLE_KEY } from '../../../tests/helpers/history/temporary-history.ts';
import { openDatabase } from './database.ts';
import { createHistoryEngine } from './engine.ts';
import { MIGRATIONS } from './migrations.ts';

/** The first step as it was released, word for word: whoever edits a released step breaks this. */
const FIRST = `
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
  `;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'magpie-migration-'));
  path = join(folder, 'history.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A history as the first release left it: numbers 1–4 and 6–7, one pending, one of a server without numbers. */
function firstRelease(): void {
  const database = new Database(path, { encryptionCipher: 'aes256cbc', encryptionKey: SAMPLE_KEY } as never);
  database.exec(`BEGIN; ${FIRST}; PRAGMA user_version = 1; COMMIT;`);
  database.exec(`
    INSERT INTO conversation (key, id, kind, name, last_ordinal, last_activity_at, unread, draft) VALUES
      (1, 'single:2', 'single', 'Bo', 8, 9000, 0, 'half a thought'), (2, 'single:3', 'single', 'Cy', 9, 50, 3, '');
  `);
  const insert = database.prepare(
    `INSERT INTO message (conversation, server_id, client_message_id, sort_major, sort_minor, sender_id, sender_name,
     sender_avatar, own, body, status, recalled, created_at) VALUES (?, ?, ?, ?, ?, 2, 'Bo', '', ?, ?, ?, ?, 1000)`,
  );
  const text = (words: string) => JSON.stringify({ kind: 'text', text: words });
  for (const [seq, own, words, recalled] of [
    [1, 0, 'one', 0],
    [2, 1, 'two', 0],
    [3, 0, 'taken back', 1],
    [4, 0, 'four', 0],
    [6, 0, 'six', 0],
    [7, 1, 'seven', 0],
  ] as const)
    insert.run([1, `s${seq}`, own === 1 ? `m${seq}` : null, seq, 0, own, text(words), 'sent', recalled]);
  insert.run([1, null, 'm8', Number.MAX_SAFE_INTEGER, 0, 1, text('waiting'), 'pending', 0]);
  insert.run([2, 'p1', null, 0, 1_000, 0, text('plain'), 'sent', 0]);
  database.close();
}

test('the first step is as it was released', () => {
  expect(MIGRATIONS[0]).toContain(FIRST.trim());
});

test('a history of the first release keeps everything and knows which numbers are complete', () => {
  firstRelease();
  const { sql, reset } = openDatabase(path, SAMPLE_KEY);
  expect(reset).toBe(false);
  const history = createHistoryEngine(sql);
  const texts = history
    .page({ conversationId: 'single:2', limit: 50 })
    .messages.map(({ content, recalled }) => (recalled ? 'recalled' : content.text));
  expect(texts).toEqual(['one', 'two', 'recalled', 'four', 'six', 'seven', 'waiting']);
  expect(sql.get(`SELECT COUNT(*) AS n FROM message WHERE body LIKE '%taken back%'`)?.['n']).toBe(0);
  expect(history.conversation('single:2')).toMatchObject({ unread: 0, draft: 'half a thought' });
  expect(history.conversation('single:3')).toMatchObject({ unread: 3 });
  expect(history.pendingConversations()).toEqual(['single:2']);
  expect(history.syncCursor()).toBeNull();
  expect(history.gaps()).toEqual([]);

  const facts = { id: 'single:2', kind: 'single', name: 'Bo', avatars: null, link: null } as const;
  history.applySync({
    reset: true,
    page: {
      reset: true,
      conversations: [{ facts, headSeq: 9, firstSeq: 1, readSeq: 0, peerReadSeq: 2 }],
      recalls: [],
      contacts: false,
      cursor: 40,
      more: false,
    },
  });
  expect(history.syncCursor()).toBe(40);
  expect(history.gaps()).toEqual([
    { conversationId: 'single:2', from: 8, to: 9 },
    { conversationId: 'single:2', from: 5, to: 5 },
  ]);
  // What had been read before stays read, and the server is told.
  expect(history.conversation('single:2')?.unread).toBe(2);
  expect(history.untoldReads()).toEqual([{ conversationId: 'single:2', sequence: 7 }]);
  expect(history.message('m2')?.status).toBe('read');
  expect(history.message('m7')?.status).toBe('sent');
  sql.close();
});

test('applicants who had a conversation each stand in one', () => {
  const database = new Database(path, { encryptionCipher: 'aes256cbc', encryptionKey: SAMPLE_KEY } as never);
  const steps = MIGRATIONS.findIndex((step) => step.includes("'service:applications'"));
  for (const step of MIGRATIONS.slice(0, steps)) database.exec(step);
  database.exec(`PRAGMA user_version = ${steps};
    INSERT INTO conversation (key, id, kind, name, link, last_ordinal, last_activity_at, unread, pinned, muted) VALUES
      (1, 'service:redirect-applyFriend-3', 'service', '好友申请提醒', 'applications', 1, 100, 1, 0, 1),
      (2, 'single:3', 'single', 'Cy', NULL, 2, 50, 0, 0, 0),
      (3, 'service:redirect-applyFriend-4', 'service', '好友申请提醒', 'applications', 3, 300, 1, 1, 0);
    INSERT INTO message (ordinal, conversation, server_id, sort_major, sort_minor, sender_id, sender_name,
      sender_avatar, own, body, status, created_at) VALUES
      (1, 1, 'a', 0, 100, 0, '', '', 0, '{"kind":"text","text":"Cy asks"}', 'sent', 100),
      (2, 2, 'b', 0, 50, 3, 'Cy', '', 0, '{"kind":"text","text":"hello"}', 'sent', 50),
      (3, 3, 'c', 0, 300, 0, '', '', 0, '{"kind":"text","text":"Di asks"}', 'sent', 300);`);
  database.close();
  const history = createHistoryEngine(openDatabase(path, SAMPLE_KEY).sql);
  expect(
    history
      .listConversations()
      .conversations.map(({ id }) => id)
      .sort(),
  ).toEqual(['service:applications', 'single:3']);
  expect(history.conversation('service:applications')).toMatchObject({
    unread: 2,
    lastActivityAt: 300,
    pinned: true,
    muted: false,
    strongAlert: false,
    showNicknames: true,
    preview: { content: { text: 'Di asks' } },
  });
  const { messages } = history.page({ conversationId: 'service:applications', limit: 10 });
  expect(messages.map(({ content }) => content.text)).toEqual(['Cy asks', 'Di asks']);
});
