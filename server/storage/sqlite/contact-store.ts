import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type { ApplicationStore, ContactStore } from '../storage.ts';
import type { ApplicationRecord, ApplicationStatus, ContactRecord } from '../records.ts';
import { accountRecord } from './account-store.ts';
import type { ApplicationTable, ContactTable, Schema } from './schema.ts';

/** What stands between two accounts, whoever of them has it. */
const whoeverOwns =
  (one: number, other: number) =>
  (row: ExpressionBuilder<Pick<Schema, 'contact' | 'application'>, 'contact' | 'application'>) =>
    row.or([row.and({ user_id: one, friend_id: other }), row.and({ user_id: other, friend_id: one })]);

export function contactStore(database: Kysely<Schema>): ContactStore {
  return {
    async find(ownerId, friendId) {
      const row = await database
        .selectFrom('contact')
        .selectAll()
        .where('user_id', '=', ownerId)
        .where('friend_id', '=', friendId)
        .executeTakeFirst();
      return row === undefined ? undefined : contactRecord(row);
    },
    async list(ownerId) {
      const rows = await database
        .selectFrom('contact')
        .innerJoin('account', 'account.id', 'contact.friend_id')
        .selectAll('contact')
        .select([
          'account.uuid as friend_uuid',
          'account.username as friend_username',
          'account.nickname as friend_nickname',
          'account.avatar as friend_avatar',
        ])
        .where('contact.user_id', '=', ownerId)
        .orderBy('contact.id')
        .execute();
      return rows.map((row) => ({
        ...contactRecord(row),
        friend: {
          id: row.friend_id,
          uuid: row.friend_uuid,
          username: row.friend_username,
          nickname: row.friend_nickname,
          avatar: row.friend_avatar,
        },
      }));
    },
    async ownersOf(friendId) {
      const rows = await database
        .selectFrom('contact')
        .select('user_id')
        .where('friend_id', '=', friendId)
        .execute();
      return rows.map((row) => row.user_id);
    },
    async insertIfMissing(ownerId, friendId, alias, now) {
      await database
        .insertInto('contact')
        .values({
          user_id: ownerId,
          friend_id: friendId,
          nickname: alias,
          create_time: now,
          update_time: now,
        })
        .onConflict((conflict) => conflict.columns(['user_id', 'friend_id']).doNothing())
        .execute();
    },
    async setFlags(id, flags, now) {
      await database
        .updateTable('contact')
        .set({ ...flags, update_time: now })
        .where('id', '=', id)
        .execute();
    },
    async removeBoth(ownerId, friendId) {
      await database.deleteFrom('contact').where(whoeverOwns(ownerId, friendId)).execute();
    },
  };
}

export function applicationStore(database: Kysely<Schema>): ApplicationStore {
  const between = (applicantId: number, targetId: number) =>
    database
      .selectFrom('application')
      .selectAll()
      .where('user_id', '=', applicantId)
      .where('friend_id', '=', targetId);
  return {
    async byId(id) {
      const row = await database
        .selectFrom('application')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row === undefined ? undefined : applicationRecord(row);
    },
    async pending(applicantId, targetId) {
      const row = await between(applicantId, targetId)
        .where('status', '=', 'pending')
        .orderBy('id', 'desc')
        .executeTakeFirst();
      return row === undefined ? undefined : applicationRecord(row);
    },
    async exists(applicantId, targetId) {
      const row = await between(applicantId, targetId)
        .where('status', 'in', ['pending', 'agree'])
        .executeTakeFirst();
      return row !== undefined;
    },
    async list(targetId, offset, limit) {
      const rows = await database
        .selectFrom('application')
        .selectAll()
        .where('friend_id', '=', targetId)
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      const applicantIds = [...new Set(rows.map((row) => row.user_id))];
      const accounts =
        applicantIds.length === 0
          ? []
          : await database.selectFrom('account').selectAll().where('id', 'in', applicantIds).execute();
      const applicants = new Map(accounts.map((account) => [account.id, accountRecord(account)]));
      return rows.map((row) => ({
        application: applicationRecord(row),
        applicant: applicants.get(row.user_id),
      }));
    },
    async countPending(targetId) {
      const row = await database
        .selectFrom('application')
        .select((expression) => expression.fn.countAll<number>().as('count'))
        .where('friend_id', '=', targetId)
        .where('status', '=', 'pending')
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async insert(applicantId, targetId, text, status, now) {
      await database
        .insertInto('application')
        .values({
          user_id: applicantId,
          friend_id: targetId,
          nickname: text,
          status,
          create_time: now,
          update_time: now,
        })
        .execute();
    },
    async removeAll(accountId) {
      const rows = await database
        .deleteFrom('application')
        .where((row) => row.or([row('user_id', '=', accountId), row('friend_id', '=', accountId)]))
        .returning(['user_id', 'friend_id'])
        .execute();
      return rows.map((row) => (row.user_id === accountId ? row.friend_id : row.user_id));
    },
    async setStatus(id, status, now) {
      await database
        .updateTable('application')
        .set({ status, update_time: now })
        .where('id', '=', id)
        .execute();
    },
    async removeBoth(oneId, otherId) {
      await database.deleteFrom('application').where(whoeverOwns(oneId, otherId)).execute();
    },
  };
}

function contactRecord(row: Selectable<ContactTable>): ContactRecord {
  return {
    id: row.id,
    userId: row.user_id,
    friendId: row.friend_id,
    nickname: row.nickname,
    friendlookme: row.friendlookme,
    melookfriend: row.melookfriend,
    ismystarfriend: row.ismystarfriend,
    isblack: row.isblack,
    status: row.status,
  };
}

function applicationRecord(row: Selectable<ApplicationTable>): ApplicationRecord {
  return {
    id: row.id,
    userId: row.user_id,
    friendId: row.friend_id,
    nickname: row.nickname,
    friendlookme: row.friendlookme,
    melookfriend: row.melookfriend,
    ismystarfriend: row.ismystarfriend,
    isblack: row.isblack,
    status: row.status as ApplicationStatus,
    order: row.sort_order,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}
