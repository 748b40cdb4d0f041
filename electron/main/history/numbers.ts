import type { ConversationId } from '#protocol/model/conversation';
import type { Gap, GapQuery } from './history.ts';
import type { Sql } from './database.ts';

/** As many missing messages are fetched at once; of more only the newest page, and a hole stays to be scrolled into. */
export const FETCH_LIMIT = 500;
export const NEWEST_PAGE = 100;

/** Which numbers of a conversation are complete on this machine. Runs inside the caller's transaction. */
export interface Numbers {
  /** Everything from `from` to `to` is here: joins the stretches that touch. */
  cover(key: number, from: number, to: number): void;
  /** Nothing above `to` counts as complete any more. */
  cutAbove(key: number, to: number): void;
  /** Highest complete number; 0 when there is none. */
  top(key: number): number;
  /** What should be fetched without being asked for, newest conversation first. */
  gaps(): Gap[];
  /** The first hole that a page would cross, from its newer end. */
  holeOnPage(query: GapQuery & { lowest: number | null }): Gap | null;
  /** The first hole above a number, up to another one or to the end. */
  holeAbove(query: { conversationId: ConversationId; above: number; highest: number | null }): Gap | null;
}

export function createNumbers(sql: Sql): Numbers {
  const top = (key: number) =>
    Number(sql.get('SELECT MAX(to_seq) AS top FROM stretch WHERE conversation = ?', key)?.['top'] ?? 0);

  return {
    cover(key, from, to) {
      if (to < from) return;
      const touching = 'conversation = ? AND from_seq <= ? AND to_seq >= ?';
      const merged = sql.get(
        `SELECT MIN(from_seq) AS low, MAX(to_seq) AS high FROM stretch WHERE ${touching}`,
        key,
        to + 1,
        from - 1,
      );
      sql.run(`DELETE FROM stretch WHERE ${touching}`, key, to + 1, from - 1);
      sql.run(
        'INSERT INTO stretch (conversation, from_seq, to_seq) VALUES (?, ?, ?)',
        key,
        Math.min(from, Number(merged?.['low'] ?? from)),
        Math.max(to, Number(merged?.['high'] ?? to)),
      );
    },
    cutAbove(key, to) {
      sql.run('DELETE FROM stretch WHERE conversation = ? AND from_seq > ?', key, to);
      sql.run('UPDATE stretch SET to_seq = ? WHERE conversation = ? AND to_seq > ?', to, key, to);
    },
    top,
    gaps() {
      const tails = sql.all(
        `SELECT c.id, c.head_seq, c.first_seq, c.read_seq, MAX(s.to_seq) AS top,
         COUNT(s.to_seq) = (SELECT COUNT(*) FROM outside o JOIN stretch t USING (conversation, from_seq, to_seq)
           WHERE o.conversation = c.key) AS is_new FROM conversation c
         LEFT JOIN stretch s ON s.conversation = c.key WHERE c.head_seq >= c.first_seq AND c.head_seq > 0
         GROUP BY c.key HAVING top IS NULL OR top < c.head_seq ORDER BY c.last_activity_at DESC, c.key`,
      );
      const holes = sql.all(
        `SELECT c.id, s.to_seq + 1 AS low, s.next - 1 AS high FROM (
           SELECT conversation, to_seq, LEAD(from_seq) OVER (PARTITION BY conversation ORDER BY from_seq) AS next
           FROM stretch
         ) s JOIN conversation c ON c.key = s.conversation
         WHERE s.next - s.to_seq - 1 BETWEEN 1 AND ${FETCH_LIMIT} AND c.head_seq > 0 AND s.next > c.first_seq`,
      );
      return [
        ...tails.map((row) => {
          const [head, first] = [Number(row['head_seq']), Number(row['first_seq'])];
          const page = Math.max(first, head - NEWEST_PAGE + 1);
          // A conversation that is new here begins with its newest page and what is unread; the rest is scrolled into.
          // Numbers between memberships count as complete before anything was fetched.
          const wanted =
            row['is_new'] === 1
              ? Math.min(page, Math.max(first, Number(row['read_seq']) + 1))
              : Math.max(first, Number(row['top']) + 1);
          return {
            conversationId: String(row['id']),
            from: head - wanted < FETCH_LIMIT ? wanted : page,
            to: head,
          };
        }),
        ...holes.map((row) => ({
          conversationId: String(row['id']),
          from: Number(row['low']),
          to: Number(row['high']),
        })),
      ];
    },
    holeOnPage({ conversationId, before, lowest }) {
      const row = sql.get(
        'SELECT key, head_seq, first_seq FROM conversation WHERE id = ? AND head_seq > 0',
        conversationId,
      );
      if (row === null) return null;
      const [head, first] = [Number(row['head_seq']), Number(row['first_seq'])];
      const last =
        before === undefined || before.major > head ? head : before.major - Number(before.minor === 0);
      const end = Math.max(first, lowest ?? first);
      for (let at = last; at >= end;) {
        const below = sql.get(
          `SELECT from_seq, to_seq FROM stretch WHERE conversation = ? AND from_seq <= ?
           ORDER BY from_seq DESC LIMIT 1`,
          Number(row['key']),
          at,
        );
        const complete = Number(below?.['to_seq'] ?? 0);
        if (complete < at) return { conversationId, from: Math.max(first, complete + 1), to: at };
        at = Number(below?.['from_seq']) - 1;
      }
      return null;
    },
    holeAbove({ conversationId, above, highest }) {
      const row = sql.get(
        'SELECT key, head_seq, first_seq FROM conversation WHERE id = ? AND head_seq > 0',
        conversationId,
      );
      if (row === null) return null;
      const [key, head] = [Number(row['key']), Number(row['head_seq'])];
      const end = Math.min(head, highest ?? head);
      for (let at = Math.max(Number(row['first_seq']), above + 1); at <= end;) {
        const stretch = sql.get(
          'SELECT to_seq FROM stretch WHERE conversation = ? AND from_seq <= ? ORDER BY from_seq DESC LIMIT 1',
          key,
          at,
        );
        const complete = Number(stretch?.['to_seq'] ?? 0);
        if (complete < at) {
          const above = sql.get(
            'SELECT MIN(from_seq) AS next FROM stretch WHERE conversation = ? AND from_seq > ?',
            key,
            at,
          );
          return { conversationId, from: at, to: Math.min(head, Number(above?.['next'] ?? head + 1) - 1) };
        }
        at = complete + 1;
      }
      return null;
    },
  };
}
