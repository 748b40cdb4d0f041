import { PENDING_MAJOR, type Message } from '#protocol/model/message';
import type { ChangeSet } from './change-set.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import type { Intake } from './intake.ts';
import type { Numbers } from './numbers.ts';
import { proveEntries } from './range-proof.ts';
import { MESSAGE_COLUMNS, toMessage } from './rows.ts';

type Input<Name extends keyof HistoryMethods> = Parameters<HistoryMethods[Name]>[0];

/** A conversation as a whole: clearing it, comparing it with the server, reading it from one end to the other. */
export function createUpkeep(sql: Sql, numbers: Numbers, intake: Intake) {
  const keyOf = (id: string) => {
    const key = sql.get('SELECT key FROM conversation WHERE id = ?', id)?.['key'];
    return typeof key === 'number' ? key : null;
  };

  return {
    standing(conversationId: string): ReturnType<HistoryMethods['standing']> {
      const row = sql.get(
        'SELECT key, head_seq, first_seq, cleared_seq FROM conversation WHERE id = ?',
        conversationId,
      );
      if (row === null) return { first: 1, head: 0, here: 0, outside: 0 };
      const first = Math.max(Number(row['first_seq']), Number(row['cleared_seq']) + 1);
      const head = Number(row['head_seq']);
      const counted = sql.get(
        `SELECT COUNT(DISTINCT sort_major) AS n FROM message
         WHERE conversation = ? AND sort_major BETWEEN ? AND ? AND sort_minor = 0`,
        Number(row['key']),
        first,
        head,
      );
      const hidden = sql.get(
        `SELECT COALESCE(SUM(MIN(to_seq, ?) - MAX(from_seq, ?) + 1), 0) AS n FROM outside
         WHERE conversation = ? AND to_seq >= ? AND from_seq <= ?`,
        head,
        first,
        Number(row['key']),
        first,
        head,
      );
      return { first, head, here: Number(counted?.['n'] ?? 0), outside: Number(hidden?.['n'] ?? 0) };
    },

    proveRange({ conversationId, from, to }: Input<'proveRange'>) {
      const rows = sql.all(
        `SELECT sort_major, server_id, recalled FROM message
         WHERE conversation = ? AND sort_major BETWEEN ? AND ? AND sort_minor = 0 AND server_id IS NOT NULL
         ORDER BY sort_major, ordinal`,
        keyOf(conversationId),
        from,
        to,
      );
      return proveEntries(
        rows.map((row) => ({
          sequence: Number(row['sort_major']),
          serverId: String(row['server_id']),
          recalled: row['recalled'] === 1,
        })),
      );
    },

    repairRange(input: Input<'repairRange'>, set: ChangeSet) {
      const key = keyOf(input.conversationId);
      const done = { fetched: 0, corrected: 0 };
      if (key === null) return done;
      for (const { serverId, sequence, recalled } of input.messages) {
        const known = sql.get(
          'SELECT ordinal, sort_major, sort_minor, recalled FROM message WHERE conversation = ? AND server_id = ?',
          key,
          serverId,
        );
        if (known === null) {
          done.fetched += 1;
          continue;
        }
        const isPlaced = known['sort_major'] === sequence && known['sort_minor'] === 0;
        if (!isPlaced && sequence !== null) {
          sql.run(
            'UPDATE message SET sort_major = ?, sort_minor = 0 WHERE ordinal = ?',
            sequence,
            Number(known['ordinal']),
          );
          set.message(Number(known['ordinal']));
        }
        if (!isPlaced || (recalled && known['recalled'] === 0)) done.corrected += 1;
      }
      intake.stretch(input, set);
      return done;
    },

    /** Ids stay, so that a late copy is recognised; what was not fetched yet never will be. */
    clear(conversationId: string, set: ChangeSet) {
      const key = keyOf(conversationId);
      if (key === null) return null;
      const last = sql.get(
        `SELECT MAX(sort_major) AS top FROM message
         WHERE conversation = ? AND sort_major < ${PENDING_MAJOR} AND sort_minor = 0`,
        key,
      );
      const row = sql.get('SELECT head_seq, cleared_seq FROM conversation WHERE key = ?', key);
      const cleared = Math.max(
        Number(last?.['top'] ?? 0),
        Number(row?.['head_seq'] ?? 0),
        Number(row?.['cleared_seq'] ?? 0),
      );
      sql.run(
        `UPDATE message SET deleted = 1, counts = 0, body = '{"kind":"notice","text":""}', failure = NULL
         WHERE conversation = ? AND deleted = 0 AND status <> 'pending'`,
        key,
      );
      numbers.cover(key, 1, cleared);
      // What waits to be sent keeps its row in sight.
      const waits =
        sql.get(`SELECT 1 AS found FROM message WHERE conversation = ? AND status = 'pending'`, key) !== null;
      sql.run(
        `UPDATE conversation SET cleared_seq = ?, unread = 0, marked_unread = 0, hidden = ?,
         read_seq = MAX(read_seq, ?) WHERE key = ?`,
        cleared,
        Number(!waits),
        cleared,
        key,
      );
      set.conversation(key);
      return null;
    },

    pageAfter({ conversationId, after, limit }: Input<'pageAfter'>): Message[] {
      const newer = after === undefined ? '' : 'AND (m.sort_major, m.sort_minor, m.ordinal) > (?, ?, ?)';
      const bounds = after === undefined ? [] : [after.major, after.minor, after.ordinal];
      return sql
        .all(
          `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
           WHERE m.conversation = ? ${newer} AND m.deleted = 0
           ORDER BY m.sort_major, m.sort_minor, m.ordinal LIMIT ?`,
          keyOf(conversationId),
          ...bounds,
          limit,
        )
        .map(toMessage);
    },

    countMessages(conversationId: string): number {
      const row = sql.get(
        'SELECT COUNT(*) AS n FROM message WHERE conversation = ? AND deleted = 0',
        keyOf(conversationId),
      );
      return Number(row?.['n'] ?? 0);
    },
  };
}
