import { join } from 'node:path';
import Database from 'libsql';

export interface StoredMessage {
  seq: number;
  senderId: number;
  text: string;
  isNotice: boolean;
}

export interface StoredConversation {
  members: number[];
  messages: StoredMessage[];
  /** Account to its read mark. */
  marks: Map<number, number>;
}

/** What the server has on its disk, read behind its back. */
export function readServer(dataFolder: string): StoredConversation[] {
  const database = new Database(join(dataFolder, 'magpie.db'), { timeout: 5_000 } as Database.Options);
  const rows = (query: string) => database.prepare(query).all() as Record<string, number | string>[];
  try {
    const conversations = new Map<number, StoredConversation>();
    for (const row of rows('SELECT account_id, conversation_id, read_seq FROM member ORDER BY 1')) {
      const id = Number(row['conversation_id']);
      const one: StoredConversation = conversations.get(id) ?? {
        members: [],
        messages: [],
        marks: new Map(),
      };
      one.members.push(Number(row['account_id']));
      one.marks.set(Number(row['account_id']), Number(row['read_seq']));
      conversations.set(id, one);
    }
    for (const row of rows(
      'SELECT conversation_id, seq, sender_id, notice, payload FROM message ORDER BY seq',
    )) {
      const payload = JSON.parse(String(row['payload'])) as { data: string | { data: string } };
      // Texts are kept as the protocol delivers them, JSON in JSON; notices are not.
      const data: unknown = typeof payload.data === 'string' ? JSON.parse(payload.data) : payload.data;
      conversations.get(Number(row['conversation_id']))?.messages.push({
        seq: Number(row['seq']),
        senderId: Number(row['sender_id']),
        text: (data as { data: string }).data,
        isNotice: row['notice'] !== 0,
      });
    }
    return [...conversations.values()];
  } finally {
    database.close();
  }
}
