import type { HistoryChanges } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Sql, SqlRow } from './database.ts';
import type { Written } from './history.ts';
import { CONVERSATION_COLUMNS, MESSAGE_COLUMNS, messageIdOf, toConversation, toMessage } from './rows.ts';

/** Remembers what one write touched and reads it back, whole, at the end of the transaction. */
export interface ChangeSet {
  /** The last message, its order or its state may have changed: find the preview again. */
  conversation(key: number): void;
  /** With the conversation it is not read back where nobody looks at that one. */
  message(ordinal: number, conversation?: number): void;
  /** A row that is not there any more. */
  removed(conversationId: ConversationId, messageId: string): void;
  finish(): HistoryChanges;
}

/**
 * @param shown the conversations whose messages somebody looks at; without it those of all are read back
 */
export function createChangeSet(sql: Sql, shown: readonly ConversationId[] | null = null): ChangeSet {
  const conversations = new Set<number>();
  const messages = new Set<number>();
  /** Read back only if somebody looks at their conversation; a new one has its row at the end of the write only. */
  const perhaps: { ordinal: number; conversation: number }[] = [];
  const gone: HistoryChanges['removedMessages'] = [];
  const isShown = (conversation: number): boolean => {
    if (shown === null) return true;
    const id = sql.get('SELECT id FROM conversation WHERE key = ?', conversation)?.['id'];
    return typeof id === 'string' && shown.includes(id);
  };

  return {
    conversation: (key) => void conversations.add(key),
    message(ordinal, conversation) {
      if (conversation === undefined) messages.add(ordinal);
      else perhaps.push({ ordinal, conversation });
    },
    removed: (conversationId, messageId) => void gone.push({ conversationId, messageId }),
    finish() {
      const changes: HistoryChanges = {
        conversations: [],
        removedConversations: [],
        messages: [],
        removedMessages: gone,
        unreadTotal: 0,
      };
      const looks = new Map<number, boolean>();
      for (const { ordinal, conversation } of perhaps) {
        const isLookedAt = looks.get(conversation) ?? isShown(conversation);
        looks.set(conversation, isLookedAt);
        if (isLookedAt) messages.add(ordinal);
        else conversations.add(conversation);
      }
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

/**
 * What calls the person: everything unread in conversations that are not muted, and in muted ones what means them. Hidden
 * ones call nobody; only rows with something unread are read.
 */
export function unreadTotal(sql: Sql): number {
  const row = sql.get(
    `SELECT COALESCE(SUM(CASE WHEN muted = 0 THEN unread ELSE mentions END), 0) AS total
     FROM conversation WHERE unread > 0 AND hidden = 0`,
  );
  return Number(row?.['total'] ?? 0);
}

/**
 * The one formula of unread: what counts and came after what was read. Where the server's numbers are known these are
 * the numbers in (read, head] less those known not to count, so what was not fetched yet counts; elsewhere, and until
 * the log has told of a conversation that is new, the rows after the last one that was there when the person looked.
 */
function recount(sql: Sql, key: number): void {
  const row = sql.get(
    `SELECT kind, head_seq, first_seq, read_seq, read_ordinal, unread, marked_unread, mentions
     FROM conversation WHERE key = ?`,
    key,
  );
  if (row === null) return;
  const [head, marked] = [Number(row['head_seq']), Number(row['marked_unread'])];
  let unread: number;
  if (head === 0) {
    const arrived = sql.get(
      `SELECT COUNT(*) AS n FROM message
       WHERE conversation = ? AND ordinal > ? AND counts = 1 AND (sort_minor > 0 OR sort_major > ?)`,
      key,
      Number(row['read_ordinal']),
      Number(row['read_seq']),
    );
    unread = Number(arrived?.['n'] ?? 0);
  } else {
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
  if (row['kind'] === 'group' && head > 0) recountMentions(sql, key, row);
  unread = Math.max(unread, marked);
  if (unread !== row['unread']) sql.run('UPDATE conversation SET unread = ? WHERE key = ?', unread, key);
}

/** Unread messages that mean me; few at any time, and found by an index of their own. */
function recountMentions(sql: Sql, key: number, row: SqlRow): void {
  const meant = sql.get(
    `SELECT COUNT(*) AS n FROM message WHERE conversation = ? AND sort_major > ? AND means_me = 1 AND deleted = 0`,
    key,
    Number(row['read_seq']),
  );
  const mentions = Number(meant?.['n'] ?? 0);
  if (mentions !== row['mentions'])
    sql.run('UPDATE conversation SET mentions = ? WHERE key = ?', mentions, key);
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

/** Runs a write in a transaction and gathers what it changed. */
export type Write = <Value>(
  work: (changes: ChangeSet) => Value,
  shown?: readonly ConversationId[] | null,
) => Written<Value>;

export function createWriter(sql: Sql): Write {
  return (work, shown = null) =>
    sql.transaction(() => {
      const changes = createChangeSet(sql, shown);
      const value = work(changes);
      return { value, changes: changes.finish() };
    });
}
