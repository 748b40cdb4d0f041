import type { Sql } from '../../../electron/main/history/database.ts';

export const CONVERSATIONS = 500;
const START = Date.UTC(2024, 0, 1);
/** Milliseconds between two messages of the whole history. */
const PACE = 40_000;

export const conversationOf = (index: number) => `single:${1_000 + index}`;
/** When the message with this place in the whole history was sent; milliseconds since 1970. */
export const timeOf = (index: number) => START + index * PACE;
/** How many of them the conversation at `index` holds when there are so many in all. */
export const lengthOf = (index: number, messages: number) =>
  Math.floor(messages / CONVERSATIONS) + Number(index < messages % CONVERSATIONS);

/**
 * As many messages as asked for over 500 conversations, as if they had come in one by one, now here, now there: the
 * neighbours of a conversation lie far apart in the file. In few statements, because a million of them shall not take
 * longer than what is measured; `receive` would write the same rows.
 */
export function fill(sql: Sql, messages: number): void {
  sql.transaction(() => {
    sql.run(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${CONVERSATIONS - 1})
       INSERT INTO conversation (id, kind, name, avatars, last_activity_at, head_seq, read_seq, read_told)
       SELECT 'single:' || (1000 + i), 'single', 'Person ' || i, '["http://127.0.0.1:9/avatar/' || i || '"]', 0,
         0, 0, 0 FROM n`,
    );
    sql.run(
      `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${messages - 1})
       INSERT INTO message (conversation, server_id, client_message_id, sort_major, sort_minor, sender_id, sender_name,
         sender_avatar, own, body, status, created_at, counts)
       SELECT c.key, printf('%08x-0000-4000-8000-%012x', i, i),
         CASE WHEN i / ${CONVERSATIONS} % 2 THEN printf('%08x-1111-7000-8000-%012x', i, i) END,
         1 + i / ${CONVERSATIONS}, 0, 1000 + i % ${CONVERSATIONS}, c.name, '', i / ${CONVERSATIONS} % 2,
         json_object('kind', 'text', 'text', 'Message ' || i || ': 明天下午三点开会，请带上合同。The rest follows by mail.'),
         'sent', ${START} + i * ${PACE}, 1 - i / ${CONVERSATIONS} % 2
       FROM n JOIN conversation c ON c.key = 1 + i % ${CONVERSATIONS} ORDER BY i`,
    );
    sql.run(
      `INSERT INTO stretch (conversation, from_seq, to_seq)
       SELECT conversation, 1, MAX(sort_major) FROM message GROUP BY conversation`,
    );
    sql.run(
      `UPDATE conversation SET (head_seq, read_seq, read_told, last_ordinal, last_activity_at) =
         (SELECT m.sort_major, m.sort_major, m.sort_major, m.ordinal, m.created_at FROM message m
          WHERE m.conversation = key ORDER BY m.sort_major DESC LIMIT 1)`,
    );
    sql.run(`INSERT INTO meta (name, value) VALUES ('cursor', 1)`);
  });
  // A file that is copied without its log must be whole.
  sql.all('PRAGMA wal_checkpoint(TRUNCATE)');
}
