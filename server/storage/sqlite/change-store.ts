import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ChangeRecord, EndReason, MemberStatus, MemberWindow } from '../records.ts';
import type { ChangeStore } from '../storage.ts';
import { EVERYBODY } from '../storage.ts';
import { windowsOf } from './membership-store.ts';
import type { Schema } from './schema.ts';

interface ChangeRow {
  cursor: number;
  kind: ChangeRecord['kind'];
  conversation_id: number;
  chat_type: 'single' | 'group' | null;
  chat_id: number | null;
  head_seq: number | null;
  first_seq: number | null;
  last_seq: number | null;
  end_reason: EndReason | null;
  read_seq: number | null;
  peer_read_seq: number | null;
  name: string | null;
  avatar: string | null;
  message_uuid: string | null;
  message_seq: number | null;
  sender_id: number | null;
  sender_name: string | null;
  message_created_at: number | null;
  owner_id: number | null;
  remark: string | null;
  invite_confirm: number | null;
  read_receipts: number | null;
  members: number | null;
  waiting: number | null;
  dissolved_at: number | null;
  own_status: MemberStatus | null;
  own_nickname: string | null;
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
        WITH entry AS (
          SELECT cursor, kind, conversation_id, message_id FROM change
          WHERE account_id = ${accountId} AND cursor > ${cursor}
          UNION ALL
          SELECT change.cursor, change.kind, change.conversation_id, change.message_id
          FROM member JOIN change ON change.account_id = ${sql.lit(EVERYBODY)}
            AND change.conversation_id = member.conversation_id AND change.cursor > ${cursor}
          WHERE member.account_id = ${accountId} AND member.last_seq IS NULL
          ORDER BY cursor LIMIT ${limit}
        )
        SELECT entry.cursor, entry.kind, entry.conversation_id, conversation.kind AS chat_type,
          CASE conversation.kind WHEN 'group' THEN conversation.group_id
            ELSE coalesce(peer.account_id, own.account_id) END AS chat_id,
          conversation.head_seq, own.first_seq, own.last_seq, own.end_reason, own.read_seq,
          CASE conversation.kind WHEN 'group' THEN NULL
            ELSE coalesce(peer.read_seq, own.read_seq) END AS peer_read_seq,
          coalesce(own.last_name, chat_group.name, nullif(peer_contact.nickname, ''),
            nullif(peer_account.nickname, ''), peer_account.username) AS name,
          coalesce(own.last_avatar, chat_group.avatar, peer_account.avatar) AS avatar,
          message.uuid AS message_uuid, message.seq AS message_seq, message.sender_id, message.create_time AS message_created_at,
          coalesce(nullif(sender_member.nickname, ''), nullif(sender_contact.nickname, ''),
            nullif(sender.nickname, ''), sender.username) AS sender_name,
          chat_group.owner_id, chat_group.remark, chat_group.invite_confirm, chat_group.read_receipts,
          chat_group.dissolved_at, own_member.status AS own_status, own_member.nickname AS own_nickname,
          CASE entry.kind WHEN 'group' THEN (SELECT count(*) FROM group_member
            WHERE group_member.group_id = chat_group.id AND group_member.status = 1) END AS members,
          CASE entry.kind WHEN 'group' THEN (SELECT count(*) FROM group_member
            WHERE group_member.group_id = chat_group.id AND group_member.status = 2) END AS waiting
        FROM entry
        LEFT JOIN conversation ON conversation.id = entry.conversation_id
        LEFT JOIN chat_group ON chat_group.id = conversation.group_id
        LEFT JOIN group_member AS own_member ON own_member.group_id = chat_group.id
          AND own_member.account_id = ${accountId}
        LEFT JOIN member AS own ON own.account_id = ${accountId} AND own.conversation_id = conversation.id
        LEFT JOIN member AS peer ON conversation.kind = 'single' AND peer.conversation_id = conversation.id
          AND peer.account_id <> ${accountId}
        LEFT JOIN account AS peer_account ON conversation.kind = 'single'
          AND peer_account.id = coalesce(peer.account_id, own.account_id)
        LEFT JOIN contact AS peer_contact ON peer_contact.user_id = ${accountId}
          AND peer_contact.friend_id = peer_account.id
        LEFT JOIN message ON message.id = entry.message_id
        LEFT JOIN account AS sender ON sender.id = message.sender_id
        LEFT JOIN group_member AS sender_member ON sender_member.group_id = chat_group.id
          AND sender_member.account_id = message.sender_id
        LEFT JOIN contact AS sender_contact ON chat_group.id IS NULL
          AND sender_contact.user_id = ${accountId} AND sender_contact.friend_id = sender.id
        ORDER BY entry.cursor`.execute(database);
      const records: ChangeRecord[] = [];
      for (const row of rows) {
        const isGroup = row.chat_type === 'group';
        const windows = isGroup ? await windowsOf(database, accountId, row.conversation_id) : WHOLE;
        records.push(changeRecord(row, windows));
      }
      return records;
    },

    async conversation(accountId, chatType, chatId) {
      const { rows } = await sql<{
        id: number;
        head_seq: number;
        first_seq: number;
        last_seq: number | null;
        read_seq: number;
      }>`
        SELECT conversation.id, head_seq, first_seq, last_seq, read_seq
        FROM conversation JOIN member ON member.conversation_id = conversation.id
        WHERE member.account_id = ${accountId} AND ${
          chatType === 'single'
            ? sql`pair_key = ${pairKey(accountId, chatId)}`
            : sql`conversation.group_id = ${chatId}`
        }`.execute(database);
      const [row] = rows;
      if (row === undefined) return undefined;
      const windows = chatType === 'single' ? WHOLE : await windowsOf(database, accountId, row.id);
      return {
        id: row.id,
        headSeq: row.last_seq ?? row.head_seq,
        firstSeq: windows[0]?.firstSeq ?? row.first_seq,
        readSeq: row.read_seq,
        windows,
      };
    },

    async members(conversationId) {
      const rows = await database
        .selectFrom('member')
        .select('account_id')
        .where('conversation_id', '=', conversationId)
        .where('last_seq', 'is', null)
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

/** Both ends of a single conversation see all of it. */
const WHOLE: MemberWindow[] = [{ firstSeq: 1, lastSeq: null }];

function changeRecord(row: ChangeRow, windows: MemberWindow[]): ChangeRecord {
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
      createdAt: row.message_created_at ?? 0,
      visible: windows.some(
        ({ firstSeq, lastSeq }) =>
          (row.message_seq ?? 0) >= firstSeq && (row.message_seq ?? 0) <= (lastSeq ?? Infinity),
      ),
    };
  }
  const shown = { ...chat, name: row.name ?? '', avatar: row.avatar ?? '' };
  if (kind === 'group') {
    return {
      ...shown,
      kind,
      ownerId: row.owner_id ?? 0,
      remark: row.remark ?? '',
      inviteConfirm: row.invite_confirm ?? 0,
      readReceipts: row.read_receipts !== 0,
      members: row.members ?? 0,
      waiting: row.waiting ?? 0,
      dissolved: row.dissolved_at !== null,
      ownStatus: row.own_status,
      ownNickname: row.own_nickname ?? '',
    };
  }
  return {
    ...shown,
    kind,
    headSeq: row.last_seq ?? row.head_seq ?? 0,
    firstSeq: windows[0]?.firstSeq ?? row.first_seq ?? 1,
    readSeq: row.read_seq ?? 0,
    peerReadSeq: row.peer_read_seq,
    windows,
    endReason: row.end_reason,
  };
}

/** Both ends of a single conversation, the same whoever asks. */
export function pairKey(oneId: number, otherId: number): string {
  return oneId < otherId ? `${oneId}:${otherId}` : `${otherId}:${oneId}`;
}
