/** Pictures, films and files of a conversation, found by an index of their own. */
import type { MediaPage, MediaSort } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Message, MessagePosition } from '#protocol/model/message';
import type { Sql } from './database.ts';
import { MESSAGE_COLUMNS, toMessage } from './rows.ts';

/** Values of the column `media`, as the migration computes it. */
const SORTS: Record<MediaSort, number> = { pictures: 1, files: 2 };

export interface MediaPageInput {
  conversationId: ConversationId;
  sort: MediaSort;
  /** Those older than this; with `after`, those newer; with `around`, those on both sides. The newest without any. */
  before?: MessagePosition;
  after?: MessagePosition;
  around?: MessagePosition;
  limit: number;
}

export function createMediaPages(sql: Sql): (input: MediaPageInput) => MediaPage {
  type Range = '<' | '<=' | '>';
  const OF_SORT = 'm.conversation = ? AND m.media = ? AND m.deleted = 0';
  const BOUND = '(m.sort_major, m.sort_minor, m.ordinal)';

  return ({ conversationId, sort, before, after, around, limit }) => {
    const key = sql.get('SELECT key FROM conversation WHERE id = ?', conversationId)?.['key'];
    if (key === undefined || key === null) return { messages: [], before: 0, after: 0 };
    const media = SORTS[sort];
    const read = (range: Range, from: MessagePosition, most: number): Message[] => {
      const direction = range === '>' ? 'ASC' : 'DESC';
      const rows = sql.all(
        `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
         WHERE ${OF_SORT} AND ${BOUND} ${range} (?, ?, ?)
         ORDER BY m.sort_major ${direction}, m.sort_minor ${direction}, m.ordinal ${direction} LIMIT ?`,
        ...[key, media, from.major, from.minor, from.ordinal, most],
      );
      const messages = rows.map(toMessage);
      return range === '>' ? messages : messages.reverse();
    };
    const count = (range: Range, from: MessagePosition): number =>
      Number(
        sql.get(
          `SELECT COUNT(*) AS n FROM message m WHERE ${OF_SORT} AND ${BOUND} ${range} (?, ?, ?)`,
          ...[key, media, from.major, from.minor, from.ordinal],
        )?.['n'] ?? 0,
      );
    const end = { major: Number.MAX_SAFE_INTEGER, minor: 0, ordinal: Number.MAX_SAFE_INTEGER };
    const half = limit >> 1;
    const messages =
      around !== undefined
        ? [...read('<=', around, limit - half), ...read('>', around, half)]
        : after !== undefined
          ? read('>', after, limit)
          : read(before === undefined ? '<=' : '<', before ?? end, limit);
    const [first, last] = [messages[0]?.position, messages.at(-1)?.position];
    return {
      messages,
      before: first === undefined ? 0 : count('<', first),
      after: last === undefined ? 0 : count('>', last),
    };
  };
}
