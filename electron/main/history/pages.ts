import { PENDING_MAJOR } from '#protocol/model/message';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import type { Numbers } from './numbers.ts';
import { MESSAGE_COLUMNS, toMessage } from './rows.ts';

export type PageMethods = Pick<
  HistoryMethods,
  'page' | 'pageAtDate' | 'pageAround' | 'holeOnPage' | 'holeOnNewerPage'
>;

/** Pages of a conversation from any place in it, and what is missing on them. */
export function createPages(sql: Sql, numbers: Numbers, pageAfter: HistoryMethods['pageAfter']): PageMethods {
  const page: HistoryMethods['page'] = ({ conversationId, before, limit }) => {
    const key = sql.get('SELECT key FROM conversation WHERE id = ?', conversationId)?.['key'];
    if (key === undefined || key === null) return { messages: [], hasOlder: false };
    // One row more than asked tells whether there is anything older. Row values keep this one index range.
    const older = before === undefined ? '' : 'AND (m.sort_major, m.sort_minor, m.ordinal) < (?, ?, ?)';
    const bounds = before === undefined ? [] : [before.major, before.minor, before.ordinal];
    const rows = sql.all(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
       WHERE m.conversation = ? ${older} AND m.deleted = 0
       ORDER BY m.sort_major DESC, m.sort_minor DESC, m.ordinal DESC LIMIT ?`,
      key,
      ...bounds,
      limit + 1,
    );
    const messages = rows.slice(0, limit).map(toMessage).reverse();
    const oldest = messages[0]?.position ?? before;
    const below = oldest === undefined ? { conversationId } : { conversationId, before: oldest };
    const hasOlder = rows.length > limit || numbers.holeOnPage({ ...below, lowest: null }) !== null;
    return { messages, hasOlder };
  };

  return {
    page,
    pageAtDate({ conversationId, at, limit }) {
      const found = sql.get(
        `SELECT sort_major, sort_minor, ordinal FROM message
         WHERE conversation = (SELECT key FROM conversation WHERE id = ?) AND created_at >= ?
         AND deleted = 0 AND sort_major < ${PENDING_MAJOR}
         ORDER BY created_at, sort_major, sort_minor, ordinal LIMIT 1`,
        conversationId,
        at,
      );
      if (found === null) return { ...page({ conversationId, limit }), hasNewer: false };
      const first = {
        major: Number(found['sort_major']),
        minor: Number(found['sort_minor']),
        ordinal: Number(found['ordinal']),
      };
      const after = { ...first, ordinal: first.ordinal - 1 };
      const rows = pageAfter({ conversationId, after, limit: limit + 1 });
      const older = page({ conversationId, before: first, limit: 1 });
      return {
        messages: rows.slice(0, limit),
        hasOlder: older.messages.length > 0 || older.hasOlder,
        hasNewer: rows.length > limit,
      };
    },
    pageAround({ conversationId, position, limit }) {
      const half = Math.ceil(limit / 2);
      const until = { ...position, ordinal: position.ordinal + 1 };
      const older = page({ conversationId, before: until, limit: half });
      const newer = pageAfter({ conversationId, after: position, limit: limit - half + 1 });
      return {
        messages: [...older.messages, ...newer.slice(0, limit - half)],
        hasOlder: older.hasOlder,
        hasNewer: newer.length > limit - half,
      };
    },
    holeOnNewerPage({ conversationId, after, limit }) {
      const last = sql.get(
        `SELECT sort_major FROM message WHERE conversation = (SELECT key FROM conversation WHERE id = ?)
         AND (sort_major, sort_minor, ordinal) > (?, ?, ?) AND deleted = 0
         ORDER BY sort_major, sort_minor, ordinal LIMIT 1 OFFSET ?`,
        conversationId,
        after.major,
        after.minor,
        after.ordinal,
        limit - 1,
      );
      const highest = last === null ? null : Number(last['sort_major']);
      return numbers.holeAbove({ conversationId, above: after.major, highest });
    },
    holeOnPage({ conversationId, before, limit }) {
      const older = before === undefined ? '' : 'AND (sort_major, sort_minor, ordinal) < (?, ?, ?)';
      const bounds = before === undefined ? [] : [before.major, before.minor, before.ordinal];
      const last = sql.get(
        `SELECT sort_major FROM message WHERE conversation = (SELECT key FROM conversation WHERE id = ?) ${older}
         AND deleted = 0 ORDER BY sort_major DESC, sort_minor DESC, ordinal DESC LIMIT 1 OFFSET ?`,
        conversationId,
        ...bounds,
        limit - 1,
      );
      const lowest = last === null ? null : Number(last['sort_major']);
      return numbers.holeOnPage({ conversationId, ...(before === undefined ? {} : { before }), lowest });
    },
  };
}
