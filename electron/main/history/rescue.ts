import type { Sql, SqlRow, SqlValue } from './database.ts';

/** What nobody else has a copy of: texts that never left this machine. */
export interface Rescued {
  conversations: SqlRow[];
  unsent: SqlRow[];
}

const CONVERSATION = [
  'key', 'id', 'kind', 'name', 'avatars', 'link', 'last_activity_at', 'pinned', 'muted', 'draft',
]; // prettier-ignore
const MESSAGE = [
  'conversation', 'client_message_id', 'sort_major', 'sort_minor', 'sender_id', 'sender_name', 'sender_avatar',
  'own', 'body', 'status', 'failure', 'attempted', 'created_at',
]; // prettier-ignore

/** Reads as much as a damaged file gives. Never throws. */
export function rescue(sql: Sql): Rescued {
  const attempt = (query: string): SqlRow[] => {
    try {
      return sql.all(query);
    } catch {
      return [];
    }
  };
  return {
    conversations: attempt(`SELECT ${CONVERSATION.join(', ')} FROM conversation`),
    // What is pending has an index of its own, so its pages are found without reading the broken ones.
    unsent: [
      ...attempt(`SELECT ${MESSAGE.join(', ')} FROM message INDEXED BY message_outbox
        WHERE status = 'pending' AND deleted = 0 ORDER BY ordinal`),
      ...attempt(`SELECT ${MESSAGE.join(', ')} FROM message
        WHERE status IN ('failed', 'unconfirmed') AND deleted = 0 AND own = 1 ORDER BY ordinal`),
    ],
  };
}

export function restore(sql: Sql, { conversations, unsent }: Rescued): void {
  const keys = new Set(conversations.map((row) => row['key']));
  insert(sql, 'conversation', CONVERSATION, conversations);
  insert(
    sql,
    'message',
    MESSAGE,
    unsent.filter((row) => keys.has(row['conversation'] ?? null)),
  );
}

function insert(sql: Sql, table: string, columns: string[], rows: SqlRow[]): void {
  const places = columns.map(() => '?').join(', ');
  for (const row of rows) {
    const values = columns.map((column): SqlValue => row[column] ?? null);
    try {
      sql.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, ...values);
    } catch {
      // A row that came out as rubbish is not worth the others.
    }
  }
}
