import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberWindow } from '../records.ts';
import type { MembershipStore } from '../storage.ts';
import type { Schema } from './schema.ts';

export function membershipStore(database: Kysely<Schema>): MembershipStore {
  return {
    windows: (accountId, conversationId) => windowsOf(database, accountId, conversationId),

    async open(accountId, conversationId, firstSeq) {
      const latest = await latestWindow(database, accountId, conversationId);
      if (latest?.lastSeq === null) return;
      // Re-added before anything was said: nothing lies between the two windows, so they are one.
      const continues = latest !== undefined && latest.lastSeq + 1 === firstSeq;
      if (latest !== undefined && !continues && latest.lastSeq >= latest.firstSeq) {
        await database
          .insertInto('past_window')
          .values({
            account_id: accountId,
            conversation_id: conversationId,
            first_seq: latest.firstSeq,
            last_seq: latest.lastSeq,
          })
          .execute();
      }
      const first = continues ? latest.firstSeq : firstSeq;
      await sql`
        INSERT INTO member (account_id, conversation_id, first_seq, read_seq)
        VALUES (${accountId}, ${conversationId}, ${first}, ${firstSeq - 1})
        ON CONFLICT (account_id, conversation_id) DO UPDATE SET first_seq = excluded.first_seq, last_seq = NULL,
          end_reason = NULL, last_name = NULL, last_avatar = NULL,
          read_seq = max(read_seq, excluded.read_seq)`.execute(database);
    },

    async close(accountId, conversationId, { lastSeq, reason, name, avatar }) {
      await database
        .updateTable('member')
        .set({ last_seq: lastSeq, end_reason: reason, last_name: name, last_avatar: avatar })
        .where('account_id', '=', accountId)
        .where('conversation_id', '=', conversationId)
        .where('last_seq', 'is', null)
        .execute();
    },

    async marks(conversationId) {
      return database
        .selectFrom('member')
        .select(['account_id as accountId', 'read_seq as readSeq', 'first_seq as firstSeq'])
        .where('conversation_id', '=', conversationId)
        .where('last_seq', 'is', null)
        .orderBy('account_id')
        .execute();
    },

    async formerWitnesses(conversationId, seq) {
      const { rows } = await sql<{ account_id: number }>`
        SELECT account_id FROM member
        WHERE conversation_id = ${conversationId} AND last_seq IS NOT NULL
          AND (${seq} BETWEEN first_seq AND last_seq OR EXISTS (
            SELECT 1 FROM past_window WHERE past_window.account_id = member.account_id
              AND past_window.conversation_id = member.conversation_id
              AND ${seq} BETWEEN past_window.first_seq AND past_window.last_seq))`.execute(database);
      return rows.map((row) => row.account_id);
    },
  };
}

async function latestWindow(
  database: Kysely<Schema>,
  accountId: number,
  conversationId: number,
): Promise<MemberWindow | undefined> {
  return database
    .selectFrom('member')
    .select(['first_seq as firstSeq', 'last_seq as lastSeq'])
    .where('account_id', '=', accountId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
}

/** Oldest first; empty for somebody who never was a member. A window that closed before anything was said is left out. */
export async function windowsOf(
  database: Kysely<Schema>,
  accountId: number,
  conversationId: number,
): Promise<MemberWindow[]> {
  const past = await database
    .selectFrom('past_window')
    .select(['first_seq as firstSeq', 'last_seq as lastSeq'])
    .where('account_id', '=', accountId)
    .where('conversation_id', '=', conversationId)
    .orderBy('first_seq')
    .execute();
  const latest = await latestWindow(database, accountId, conversationId);
  const isVisible = latest !== undefined && (latest.lastSeq === null || latest.lastSeq >= latest.firstSeq);
  return isVisible ? [...past, latest] : past;
}
