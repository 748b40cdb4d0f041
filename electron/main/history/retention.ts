import { PENDING_MAJOR } from '#protocol/model/message';
import type { ChangeSet } from './change-set.ts';
import type { Sql } from './database.ts';
import type { HistoryMethods } from './history.ts';
import type { Numbers } from './numbers.ts';
import { messageIdOf } from './rows.ts';

/**
 * Removes old messages from this machine, oldest first and a batch at a time, because everybody else's reads and writes
 * wait behind each batch. From the old end on, so what stays of a conversation has no holes. What is unread, unsent or
 * in doubt stays however old it is, and so do the entries of the server, which come once.
 */
export function createRetention(sql: Sql, numbers: Numbers) {
  return function expire(
    { before, limit }: Parameters<HistoryMethods['expire']>[0],
    set: ChangeSet,
  ): { removed: number } {
    let removed = 0;
    const conversations = sql.all(
      `SELECT key, id, read_seq, read_ordinal FROM conversation WHERE kind <> 'service' ORDER BY key`,
    );
    for (const conversation of conversations) {
      if (removed >= limit) break;
      const key = Number(conversation['key']);
      const oldest = sql.all(
        `SELECT ordinal, client_message_id, sort_major, sort_minor, status, created_at FROM message
         WHERE conversation = ? AND sort_major < ${PENDING_MAJOR}
         ORDER BY sort_major, sort_minor, ordinal LIMIT ?`,
        key,
        limit - removed,
      );
      let cleared = 0;
      const already = removed;
      for (const row of oldest) {
        const [major, isNumbered] = [Number(row['sort_major']), row['sort_minor'] === 0];
        const isRead = isNumbered
          ? major <= Number(conversation['read_seq'])
          : Number(row['ordinal']) <= Number(conversation['read_ordinal']);
        // Above the mark even what does not count must stay: its row is what says that it does not.
        if (!isRead || row['status'] !== 'sent' || Number(row['created_at']) >= before) break;
        sql.run('DELETE FROM message WHERE ordinal = ?', Number(row['ordinal']));
        set.removed(String(conversation['id']), messageIdOf(row));
        if (isNumbered) cleared = major;
        removed += 1;
      }
      if (cleared > 0) {
        numbers.cover(key, 1, cleared);
        // What has no number is not fetched again anyway.
        sql.run('UPDATE conversation SET cleared_seq = MAX(cleared_seq, ?) WHERE key = ?', cleared, key);
      }
      if (removed > already) set.conversation(key);
    }
    return { removed };
  };
}
