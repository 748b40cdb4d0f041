import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { DeliveryStore, MessageStore } from '../storage.ts';
import { pairKey } from './change-store.ts';
import type { Schema } from './schema.ts';
import { visibleMessage } from './visible-message.ts';

export function messageStore(database: Kysely<Schema>): MessageStore {
  return {
    async singleConversation(oneId, otherId, now) {
      const key = pairKey(oneId, otherId);
      const found = await database
        .selectFrom('conversation')
        .select('id')
        .where('pair_key', '=', key)
        .executeTakeFirst();
      if (found !== undefined) return found.id;
      const created = await database
        .insertInto('conversation')
        .values({ kind: 'single', pair_key: key, create_time: now })
        .returning('id')
        .executeTakeFirstOrThrow();
      for (const accountId of new Set([oneId, otherId])) {
        await database
          .insertInto('member')
          .values({ account_id: accountId, conversation_id: created.id })
          .execute();
      }
      return created.id;
    },
    byClientId(senderId, clientMessageId) {
      return database
        .selectFrom('message')
        .leftJoin('group_snapshot', 'group_snapshot.id', 'message.snapshot_id')
        .select(['message.id', 'message.seq', 'message.payload', 'group_snapshot.object as group'])
        .where('message.sender_id', '=', senderId)
        .where('message.client_msg_id', '=', clientMessageId)
        .executeTakeFirst();
    },
    async hasWritten(senderId, recipientId) {
      const row = await database
        .selectFrom('message')
        .innerJoin('conversation', 'conversation.id', 'message.conversation_id')
        .select('message.id')
        .where('conversation.pair_key', '=', pairKey(senderId, recipientId))
        .where('message.sender_id', '=', senderId)
        .where('message.notice', '=', 0)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async nextSeq(conversationId) {
      const row = await database
        .updateTable('conversation')
        .set({ head_seq: sql<number>`head_seq + 1` })
        .where('id', '=', conversationId)
        .returning('head_seq')
        .executeTakeFirstOrThrow();
      return row.head_seq;
    },
    async headSeq(conversationId) {
      const row = await database
        .selectFrom('conversation')
        .select('head_seq')
        .where('id', '=', conversationId)
        .executeTakeFirstOrThrow();
      return row.head_seq;
    },
    async insert(message) {
      const row = await database
        .insertInto('message')
        .values({
          uuid: message.uuid,
          conversation_id: message.conversationId,
          seq: message.seq,
          sender_id: message.senderId,
          client_msg_id: message.clientMessageId,
          notice: message.notice ? 1 : 0,
          payload: message.payload,
          create_time: message.createTime,
          snapshot_id: message.snapshotId ?? null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return row.id;
    },
    async written(senderId, uuid) {
      const row = await database
        .selectFrom('message')
        .innerJoin('conversation', 'conversation.id', 'message.conversation_id')
        .select([
          'message.id',
          'message.conversation_id as conversationId',
          'message.seq',
          'message.payload',
          'message.create_time as createTime',
          'message.recalled_at as recalledAt',
          'conversation.pair_key as pairKey',
          'conversation.group_id as groupId',
        ])
        .where('message.uuid', '=', uuid)
        .where('message.sender_id', '=', senderId)
        .where('message.notice', '=', 0)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { pairKey: pair, ...message } = row;
      const other = (pair ?? '')
        .split(':')
        .map(Number)
        .find((id) => id !== senderId);
      return { ...message, peerId: pair === null ? null : (other ?? senderId) };
    },
    async readable(accountId, uuid) {
      const row = await database
        .selectFrom('message')
        .innerJoin('member', 'member.conversation_id', 'message.conversation_id')
        .select('message.payload')
        .where('message.uuid', '=', uuid)
        .where('message.recalled_at', 'is', null)
        .where('member.account_id', '=', accountId)
        .where(visibleMessage)
        .executeTakeFirst();
      return row?.payload;
    },
    async recall(messageId, tombstone, now) {
      await database
        .updateTable('message')
        .set({ payload: tombstone, recalled_at: now })
        .where('id', '=', messageId)
        .execute();
    },
  };
}

export function deliveryStore(database: Kysely<Schema>): DeliveryStore {
  return {
    async enqueue(recipientId, messageId, payload) {
      const row = await database
        .insertInto('delivery')
        .values({ recipient_id: recipientId, message_id: messageId, payload })
        .returning('ordinal')
        .executeTakeFirstOrThrow();
      return row.ordinal;
    },
    async enqueueForAll(recipientIds, to) {
      if (recipientIds.length === 0) return [];
      const messageId = 'messageId' in to ? to.messageId : null;
      const noticeId = 'notice' in to ? await keepNotice(database, to.notice) : null;
      const { rows } = await sql<{ recipientId: number; ordinal: number }>`
        INSERT INTO delivery (recipient_id, message_id, notice_id)
        SELECT value, ${messageId}, ${noticeId} FROM json_each(${JSON.stringify(recipientIds)})
        RETURNING recipient_id AS "recipientId", ordinal`.execute(database);
      return rows;
    },
    async dependants(accountIds) {
      const { rows } = await sql<{ id: number }>`
        SELECT wanted.value AS id FROM json_each(${JSON.stringify(accountIds)}) AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.account_id = wanted.value)
          OR EXISTS (SELECT 1 FROM session WHERE session.account_id = wanted.value AND session.device_kind = '')
        `.execute(database);
      return rows.map((row) => row.id);
    },
    async after(recipientId, ordinal, limit) {
      return database
        .selectFrom('delivery')
        .leftJoin('message', 'message.id', 'delivery.message_id')
        .leftJoin('group_snapshot', 'group_snapshot.id', 'message.snapshot_id')
        .leftJoin('shared_notice', 'shared_notice.id', 'delivery.notice_id')
        .select([
          'delivery.ordinal',
          sql<string>`coalesce(delivery.payload, shared_notice.payload, message.payload)`.as('payload'),
          'group_snapshot.object as group',
        ])
        .where('delivery.recipient_id', '=', recipientId)
        .where('delivery.ordinal', '>', ordinal)
        .orderBy('delivery.ordinal')
        .limit(limit)
        .execute();
    },
    async removeUpTo(recipientId, ordinal) {
      await database
        .deleteFrom('delivery')
        .where('recipient_id', '=', recipientId)
        .where('ordinal', '<=', ordinal)
        .execute();
    },
    async withdraw(messageId) {
      const rows = await database
        .deleteFrom('delivery')
        .where('message_id', '=', messageId)
        .returning(['ordinal', 'recipient_id as recipientId'])
        .execute();
      return rows;
    },
  };
}

async function keepNotice(database: Kysely<Schema>, payload: string): Promise<number> {
  const row = await database
    .insertInto('shared_notice')
    .values({ payload })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
