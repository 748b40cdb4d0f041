import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { DeliveryStore, MessageStore } from '../storage.ts';
import { pairKey } from './change-store.ts';
import type { Schema } from './schema.ts';

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
        .select(['id', 'seq', 'payload'])
        .where('sender_id', '=', senderId)
        .where('client_msg_id', '=', clientMessageId)
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
          'message.payload',
          'message.create_time as createTime',
          'message.recalled_at as recalledAt',
          'conversation.pair_key as pairKey',
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
    async after(recipientId, ordinal, limit) {
      return database
        .selectFrom('delivery')
        .leftJoin('message', 'message.id', 'delivery.message_id')
        .select(['delivery.ordinal', sql<string>`coalesce(delivery.payload, message.payload)`.as('payload')])
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
