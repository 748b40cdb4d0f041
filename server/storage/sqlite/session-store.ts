import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { GuestCallStore, SessionStore } from '../storage.ts';
import type { SessionRecord } from '../records.ts';
import { accountRecord } from './account-store.ts';
import type { Schema, SessionTable } from './schema.ts';

export function sessionStore(database: Kysely<Schema>): SessionStore {
  const session = async (accountId: number): Promise<SessionRecord | undefined> => {
    const row = await database
      .selectFrom('session')
      .selectAll()
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return row === undefined ? undefined : sessionRecord(row);
  };
  return {
    get: session,
    async check(accountId) {
      const account = await database
        .selectFrom('account')
        .selectAll()
        .where('id', '=', accountId)
        .executeTakeFirst();
      return {
        session: await session(accountId),
        account: account === undefined ? undefined : accountRecord(account),
      };
    },
    async replace(record) {
      const values = { token_hash: record.tokenHash, device_id: record.deviceId, issued_at: record.issuedAt };
      await database
        .insertInto('session')
        .values({ account_id: record.accountId, ...values })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
        .execute();
    },
    async remove(accountId) {
      await database.deleteFrom('session').where('account_id', '=', accountId).execute();
    },
  };
}

function sessionRecord(row: Selectable<SessionTable>): SessionRecord {
  return {
    accountId: row.account_id,
    tokenHash: row.token_hash,
    deviceId: row.device_id,
    issuedAt: row.issued_at,
  };
}

export function guestCallStore(database: Kysely<Schema>): GuestCallStore {
  return {
    async count(deviceId, now, windowMilliseconds) {
      await database.deleteFrom('guest_call').where('expires_at', '<=', now).execute();
      const row = await database
        .insertInto('guest_call')
        .values({ device_id: deviceId, calls: 1, expires_at: now + windowMilliseconds })
        .onConflict((conflict) =>
          conflict.column('device_id').doUpdateSet({
            calls: sql<number>`guest_call.calls + 1`,
            expires_at: now + windowMilliseconds,
          }),
        )
        .returning('calls')
        .executeTakeFirstOrThrow();
      return row.calls;
    },
  };
}
