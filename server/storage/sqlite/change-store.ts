import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ChangeRecord } from '../records.ts';
import type { ChangeStore } from '../storage.ts';
import type { Schema } from './schema.ts';

interface ChangeRow {
  cursor: number;
  kind: ChangeRecord['kind'];
  chat_type: 'single' | 'group' | null;
  chat_id: number | null;
  head_seq: number | null;
  first_seq: number | null;
  read_seq: number | null;
  peer_read_seq: number | null;
  name: string | null;
  avatar: string | null;
  message_uuid: string | null;
  message_seq: number | null;
  sender_id: number | null;
  sender_name: string | null;
  recalled_at: number | null;
}

export function changeStore(database: Kysely<Schema>): ChangeStore {
  return {
    async append(accountId, kind, { conversationId = 0, messageId = 0 } = {}) {
      // Replacing deletes the entry of the same subject and gives a new cursor: the log stays as long as its subjects.
      const { rows } = await sql<{ cursor: number }>`
        INSERT OR REPLACE INTO change (account_id, kind, conversation_id, message_id)
        VALUES (${accountId}, ${kind}, ${conversationId}, ${messageId}) RETURNING cursor`.execute(database);
      return rows[0]?.cursor ?? 0;
    },

    async head() {
      const { rows } = await sql<{
        seq: number;
      }>`SELECT seq FROM sqlite_sequence WHERE name = 'change'`.execute(database);
      return rows[0]?.seq ?? 0;
    },

    async isGap(cursor) {
      const row = await database
        .selectFrom('change_gap')
        .select('before_cursor')
        .where('after_cursor', '<', cursor)
        .where('before_cursor', '>', cursor)
        .executeTakeFirst();
      return row !== undefined;
    },

    async after(accountId, cursor, limit) {
      const { rows } = await sql<ChangeRow>`
        SELECT change.cursor, change.kind, conversation.kind AS chat_type,
          CASE conversation.kind WHEN 'group' THEN conversation.group_id
            ELSE coalesce(peer.account_id, own.account_id) END AS chat_id,
          conversation.head_seq, own.first_seq, own.read_seq,
          CASE conversation.kind WHEN 'group' THEN NULL
            ELSE coalesce(peer.read_seq, own.read_seq) END AS peer_read_seq,
          coalesce(nullif(peer_contact.nickname, ''), nullif(peer_account.nickname, ''), peer_account.username) AS name,
          peer_account.avatar AS avatar,
          message.uuid AS message_uuid, message.seq AS message_seq, message.sender_id, message.recalled_at,
          coalesce(nullif(sender_contact.nickname, ''), nullif(sender.nickname, ''), sender.username) AS sender_name
        FROM change
        LEFT JOIN conversation ON conversation.id = change.conversation_id
        LEFT JOIN member AS own ON own.account_id = change.account_id AND own.conversation_id = conversation.id
        LEFT JOIN member AS peer ON conversation.kind = 'single' AND peer.conversation_id = conversation.id
          AND peer.account_id <> change.account_id
        LEFT JOIN account AS peer_account ON conversation.kind = 'single'
          AND peer_account.id = coalesce(peer.account_id, own.account_id)
        LEFT JOIN contact AS peer_contact ON peer_contact.user_id = change.account_id
          AND peer_contact.friend_id = peer_account.id
        LEFT JOIN message ON message.id = change.message_id
        LEFT JOIN account AS sender ON sender.id = message.sender_id
        LEFT JOIN contact AS sender_contact ON sender_contact.user_id = change.account_id
          AND sender_contact.friend_id = sender.id
        WHERE change.account_id = ${accountId} AND change.cursor > ${cursor}
        ORDER BY change.cursor LIMIT ${limit}`.execute(database);
      return rows.map(changeRecord);
    },

    async conversation(accountId, chatType, chatId) {
      const { rows } = await sql<{ id: number; head_seq: number; first_seq: number; read_seq: number }>`
        SELECT conversation.id, head_seq, first_seq, read_seq
        FROM conversation JOIN member ON member.conversation_id = conversation.id
        WHERE member.account_id = ${accountId} AND ${
          chatType === 'single'
            ? sql`pair_key = ${pairKey(accountId, chatId)}`
            : sql`conversation.group_id = ${chatId}`
        }`.execute(database);
      const [row] = rows;
      if (row === undefined) return undefined;
      return { id: row.id, headSeq: row.head_seq, firstSeq: row.first_seq, readSeq: row.read_seq };
    },

    async members(conversationId) {
      const rows = await database
        .selectFrom('member')
        .select('account_id')
        .where('conversation_id', '=', conversationId)
        .orderBy('account_id')
        .execute();
      return rows.map((row) => row.account_id);
    },

    async singleConversations(accountId) {
      const rows = await database
        .selectFrom('member')
        .innerJoin('conversation', 'conversation.id', 'member.conversation_id')
        .select('conversation.id')
        .where('member.account_id', '=', accountId)
        .where('conversation.kind', '=', 'single')
        .execute();
      return rows.map((row) => row.id);
    },

    async history(conversationId, { fromSeq, toSeq, newest, limit }) {
      const rows = await database
        .selectFrom('message')
        .select(['seq', 'sender_id as senderId', 'notice', 'payload'])
        .where('conversation_id', '=', conversationId)
        .where('seq', '>=', fromSeq)
        .where('seq', '<=', toSeq)
        .orderBy('seq', newest ? 'desc' : 'asc')
        .limit(limit)
        .execute();
      if (newest) rows.reverse();
      return rows.map((row) => ({ ...row, notice: row.notice !== 0 }));
    },

    async raiseRead(accountId, conversationId, seq) {
      const row = await database
        .updateTable('member')
        .set({ read_seq: seq })
        .where('account_id', '=', accountId)
        .where('conversation_id', '=', conversationId)
        .where('read_seq', '<', seq)
        .returning('read_seq')
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

function changeRecord(row: ChangeRow): ChangeRecord {
  const { cursor, kind } = row;
  if (kind === 'contacts' || row.chat_type === null || row.chat_id === null) {
    return { cursor, kind: 'contacts' };
  }
  const chat = { cursor, chatType: row.chat_type, chatId: row.chat_id };
  if (kind === 'recall') {
    return {
      ...chat,
      kind,
      messageUuid: row.message_uuid ?? '',
      seq: row.message_seq ?? 0,
      senderId: row.sender_id ?? 0,
      senderName: row.sender_name ?? '',
      recalledAt: row.recalled_at ?? 0,
    };
  }
  return {
    ...chat,
    kind,
    name: row.name ?? '',
    avatar: row.avatar ?? '',
    headSeq: row.head_seq ?? 0,
    firstSeq: row.first_seq ?? 1,
    readSeq: row.read_seq ?? 0,
    peerReadSeq: row.peer_read_seq,
  };
}

/** Both ends of a single conversation, the same whoever asks. */
export function pairKey(oneId: number, otherId: number): string {
  return oneId < otherId ? `${oneId}:${otherId}` : `${otherId}:${oneId}`;
}
