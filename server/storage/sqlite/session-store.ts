import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { GuestCallStore, SessionStore } from '../storage.ts';
import type { SessionRecord } from '../records.ts';
import { accountRecord } from './account-store.ts';
import type { Schema, SessionTable } from './schema.ts';

export function sessionStore(database: Kysely<Schema>): SessionStore {
  const byToken = (accountId: number, tokenHash: string) =>
    database
      .selectFrom('session')
      .select('token_hash')
      .where('token_hash', '=', tokenHash)
      .where('account_id', '=', accountId);
  return {
    async isLive(accountId, tokenHash) {
      return (await byToken(accountId, tokenHash).executeTakeFirst()) !== undefined;
    },
    async check(accountId, tokenHash) {
      const account = await database
        .selectFrom('account')
        .selectAll()
        .where('id', '=', accountId)
        .executeTakeFirst();
      const session = await database
        .selectFrom('session')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return {
        session: session === undefined ? undefined : sessionRecord(session),
        account: account === undefined ? undefined : accountRecord(account),
      };
    },
    async list(accountId) {
      const rows = await database
        .selectFrom('session')
        .selectAll()
        .where('account_id', '=', accountId)
        .execute();
      return rows.map(sessionRecord);
    },
    async insert(record) {
      await database
        .insertInto('session')
        .values({
          account_id: record.accountId,
          token_hash: record.tokenHash,
          device_kind: record.deviceKind,
          device_name: record.deviceName,
          guest_device_id: record.guestDeviceId,
          issued_at: record.issuedAt,
        })
        .execute();
    },
    async remove(tokenHash) {
      await database.deleteFrom('session').where('token_hash', '=', tokenHash).execute();
    },
  };
}

function sessionRecord(row: Selectable<SessionTable>): SessionRecord {
  return {
    accountId: row.account_id,
    tokenHash: row.token_hash,
    deviceKind: row.device_kind,
    deviceName: row.device_name,
    guestDeviceId: row.guest_device_id,
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
