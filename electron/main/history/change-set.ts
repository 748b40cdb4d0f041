import type { HistoryChanges } from '#protocol/ipc';
import type { Sql } from './database.ts';
import { CONVERSATION_COLUMNS, MESSAGE_COLUMNS, messageIdOf, toConversation, toMessage } from './rows.ts';

/** Remembers what one write touched and reads it back, whole, at the end of the transaction. */
export interface ChangeSet {
  /** The last message, its order or its state may have changed: find the preview again. */
  conversation(key: number): void;
  message(ordinal: number): void;
  finish(): HistoryChanges;
}

export function createChangeSet(sql: Sql): ChangeSet {
  const conversations = new Set<number>();
  const messages = new Set<number>();

  return {
    conversation: (key) => void conversations.add(key),
    message: (ordinal) => void messages.add(ordinal),
    finish() {
      const changes: HistoryChanges = {
        conversations: [],
        removedConversations: [],
        messages: [],
        removedMessages: [],
        unreadTotal: 0,
      };
      for (const ordinal of messages) {
        const row = sql.get(
          `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN conversation c ON c.key = m.conversation WHERE m.ordinal = ?`,
          ordinal,
        );
        if (row === null) continue;
        conversations.add(Number(row['conversation_key']));
        if (row['deleted'] === 1) {
          changes.removedMessages.push({
            conversationId: String(row['conversation_id']),
            messageId: messageIdOf(row),
          });
        } else changes.messages.push(toMessage(row));
      }
      for (const key of conversations) {
        refreshLast(sql, key);
        recount(sql, key);
        const row = sql.get(
          `SELECT ${CONVERSATION_COLUMNS} FROM conversation c LEFT JOIN message m ON m.ordinal = c.last_ordinal
           WHERE c.key = ?`,
          key,
        );
        if (row === null) continue;
        if (row['hidden'] !== 0) changes.removedConversations.push(String(row['id']));
        else changes.conversations.push(toConversation(row));
      }
      changes.unreadTotal = unreadTotal(sql);
      return changes;
    },
  };
}

/** Sum over conversations that are neither muted nor hidden; reads only those with something unread. */
export function unreadTotal(sql: Sql): number {
  const row = sql.get(
    'SELECT COALESCE(SUM(unread), 0) AS total FROM conversation WHERE unread > 0 AND muted = 0 AND hidden = 0',
  );
  return Number(row?.['total'] ?? 0);
}

/**
 * The one formula of unread where the server's numbers are known: numbers in (read, head] less those known not to
 * count. What was not fetched yet counts. Elsewhere arrivals were counted already.
 */
function recount(sql: Sql, key: number): void {
  const row = sql.get(
    'SELECT head_seq, first_seq, read_seq, unread, marked_unread FROM conversation WHERE key = ?',
    key,
  );
  if (row === null) return;
  const [head, marked] = [Number(row['head_seq']), Number(row['marked_unread'])];
  let unread = Number(row['unread']);
  if (head > 0) {
    const read = Math.max(Number(row['read_seq']), Number(row['first_seq']) - 1);
    const uncounted = sql.get(
      `SELECT COUNT(DISTINCT sort_major) AS n FROM message WHERE conversation = ? AND counts = 0
       AND sort_major > ? AND sort_major <= ? AND sort_minor = 0`,
      key,
      read,
      head,
    );
    unread = Math.max(0, head - read - Number(uncounted?.['n'] ?? 0));
  }
  unread = Math.max(unread, marked);
  if (unread !== row['unread']) sql.run('UPDATE conversation SET unread = ? WHERE key = ?', unread, key);
}

function refreshLast(sql: Sql, key: number): void {
  const last = sql.get(
    `SELECT ordinal, created_at FROM message WHERE conversation = ? AND deleted = 0
     ORDER BY sort_major DESC, sort_minor DESC, ordinal DESC LIMIT 1`,
    key,
  );
  // With the last message gone the row keeps its place in the list.
  if (last === null) sql.run('UPDATE conversation SET last_ordinal = NULL WHERE key = ?', key);
  else
    sql.run(
      'UPDATE conversation SET last_ordinal = ?, last_activity_at = ? WHERE key = ?',
      last['ordinal'] ?? null,
      last['created_at'] ?? 0,
      key,
    );
}
