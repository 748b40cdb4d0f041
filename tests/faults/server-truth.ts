import { join } from 'node:path';
import Database from 'libsql';
import { conversationId, type ConversationId } from '../../protocol/model/conversation.ts';

export interface StoredMessage {
  seq: number;
  senderId: number;
  text: string;
  isNotice: boolean;
  recalled: boolean;
}

/** Numbers that a member may see, both included; null while the membership lasts. */
export interface Window {
  first: number;
  last: number | null;
}

export interface StoredConversation {
  /** Null for one between two people. */
  groupId: number | null;
  /** Whoever is or was one. */
  members: number[];
  messages: StoredMessage[];
  /** Account to its read mark. */
  marks: Map<number, number>;
  /** Account to what it may see. */
  windows: Map<number, Window[]>;
}

/** What a member calls the conversation. */
export function idFor(one: StoredConversation, accountId: number): ConversationId {
  if (one.groupId !== null) return conversationId('group', one.groupId);
  return conversationId('single', one.members.find((member) => member !== accountId) ?? accountId);
}

/** What a member may see of it. */
export function visibleTo(one: StoredConversation, accountId: number): StoredMessage[] {
  const windows = one.windows.get(accountId) ?? [];
  return one.messages.filter(({ seq }) =>
    windows.some(({ first, last }) => seq >= first && seq <= (last ?? Infinity)),
  );
}

type Row = Record<string, number | string | null>;

const windowOf = (row: Row): Window => ({
  first: Number(row['first_seq']),
  last: row['last_seq'] === null ? null : Number(row['last_seq']),
});

/** What the server has on its disk, read behind its back. */
export function readServer(dataFolder: string): StoredConversation[] {
  const database = new Database(join(dataFolder, 'magpie.db'), { timeout: 5_000 } as Database.Options);
  const rows = (query: string) => database.prepare(query).all() as Row[];
  try {
    const conversations = new Map<number, StoredConversation>();
    for (const { id, group_id } of rows('SELECT id, group_id FROM conversation ORDER BY id'))
      conversations.set(Number(id), {
        groupId: group_id === null ? null : Number(group_id),
        members: [],
        messages: [],
        marks: new Map(),
        windows: new Map(),
      });
    const of = (row: Row) => conversations.get(Number(row['conversation_id']));
    for (const row of rows('SELECT * FROM member ORDER BY account_id')) {
      const account = Number(row['account_id']);
      of(row)?.members.push(account);
      of(row)?.marks.set(account, Number(row['read_seq']));
      of(row)?.windows.set(account, [windowOf(row)]);
    }
    for (const row of rows('SELECT * FROM past_window ORDER BY first_seq'))
      of(row)?.windows.get(Number(row['account_id']))?.unshift(windowOf(row));
    for (const row of rows(
      'SELECT conversation_id, seq, sender_id, notice, payload, recalled_at FROM message ORDER BY seq',
    )) {
      const payload = JSON.parse(String(row['payload'])) as { data: string | { data: string } };
      // Texts are kept as the protocol delivers them, JSON in JSON; notices are not.
      const data: unknown = typeof payload.data === 'string' ? JSON.parse(payload.data) : payload.data;
      of(row)?.messages.push({
        seq: Number(row['seq']),
        senderId: Number(row['sender_id']),
        text: (data as { data: string }).data,
        isNotice: row['notice'] !== 0,
        recalled: row['recalled_at'] !== null,
      });
    }
    return [...conversations.values()];
  } finally {
    database.close();
  }
}
