import { MagpieError } from '#protocol/errors';
import type { ConversationId } from '#protocol/model/conversation';
import type { Sql, SqlRow } from './database.ts';
import { CONVERSATION_COLUMNS, MESSAGE_COLUMNS, toConversation } from './rows.ts';

export type Lookups = ReturnType<typeof createLookups>;

/** One conversation or message by its id, as all parts of the history look for it. */
export function createLookups(sql: Sql) {
  const conversationKey = (id: ConversationId): number => {
    const row = sql.get('SELECT key FROM conversation WHERE id = ?', id);
    if (row === null) throw new MagpieError('not-found', 'no such conversation');
    return Number(row['key']);
  };
  const readConversation = (id: ConversationId) => {
    const row = sql.get(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversation c LEFT JOIN message m ON m.ordinal = c.last_ordinal
       WHERE c.id = ?`,
      id,
    );
    return row === null ? null : toConversation(row);
  };
  const conversationOrFail = (id: ConversationId) => {
    const conversation = readConversation(id);
    if (conversation === null) throw new MagpieError('not-found', 'no such conversation');
    return conversation;
  };
  const messageRow = (id: string): SqlRow | null => {
    const byRow = /^r(\d{1,15})$/u.exec(id);
    const [column, value] = byRow === null ? ['client_message_id', id] : ['ordinal', Number(byRow[1])];
    return sql.get(
      `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation
       WHERE m.${column} = ? AND m.deleted = 0`,
      value as string | number,
    );
  };
  const messageOrFail = (id: string): SqlRow => {
    const row = messageRow(id);
    if (row === null) throw new MagpieError('not-found', 'no such message');
    return row;
  };

  return { conversationKey, readConversation, conversationOrFail, messageRow, messageOrFail };
}
