import type { Kysely, Selectable } from 'kysely';
import type { AccountStore } from '../storage.ts';
import { REMOVED, type AccountRecord } from '../records.ts';
import type { AccountTable, Schema } from './schema.ts';

export function accountStore(database: Kysely<Schema>): AccountStore {
  const select = () => database.selectFrom('account').selectAll();
  const update = (id: number) => database.updateTable('account').where('id', '=', id);
  return {
    async byId(id) {
      return optional(await select().where('id', '=', id).executeTakeFirst());
    },
    async byUuid(uuid) {
      return optional(await select().where('uuid', '=', uuid).executeTakeFirst());
    },
    async byUsername(username) {
      return optional(await select().where('username', '=', username).executeTakeFirst());
    },
    async byDevice(deviceId) {
      if (deviceId === '') return undefined;
      // The comparison with '' lets SQLite use the partial index.
      return optional(
        await select().where('device_id', '=', deviceId).where('device_id', '<>', '').executeTakeFirst(),
      );
    },
    async search(keyword, excludedId) {
      const rows = await select()
        .where('username', 'like', `%${keyword}%`)
        .where('role', '=', 'user')
        .where('status', '=', 1)
        .where('id', '<>', excludedId)
        .orderBy('id')
        .execute();
      return rows.map(accountRecord);
    },
    async profile(id) {
      const row = await database
        .selectFrom('profile')
        .selectAll()
        .where('account_id', '=', id)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const { account_id, ...rest } = row;
      return { id: account_id, ...rest };
    },
    async insert(account) {
      const row = await database
        .insertInto('account')
        .values({
          uuid: account.uuid,
          username: account.username,
          avatar: account.avatar,
          password_hash: account.passwordHash,
          role: account.role,
          device_id: account.deviceId,
          uniplatform: account.uniplatform,
          devicemodel: account.devicemodel,
          deviceos: account.deviceos,
          devicebrand: account.devicebrand,
          register_time: account.now,
          create_time: account.now,
          update_time: account.now,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await database.insertInto('profile').values({ account_id: row.id }).execute();
      return accountRecord(row);
    },
    async register(id, username, passwordHash, now) {
      await update(id)
        .set({ username, password_hash: passwordHash, role: 'user', update_time: now })
        .execute();
    },
    async setDevice(id, details, now) {
      await update(id)
        .set({
          uniplatform: details.uniplatform,
          devicemodel: details.devicemodel,
          deviceos: details.deviceos,
          devicebrand: details.devicebrand,
          update_time: now,
        })
        .execute();
    },
    async setPassword(id, passwordHash, now) {
      await update(id).set({ password_hash: passwordHash, update_time: now }).execute();
    },
    async setField(id, field, value, now) {
      await update(id)
        .set({ [field]: value, update_time: now })
        .execute();
    },
    async setInviteConfirm(id, value, now) {
      await update(id).set({ invite_confirm: value, update_time: now }).execute();
    },
    async erase(id, { username, avatar, now }) {
      await update(id)
        .set({
          ...{ username, avatar, nickname: '', password_hash: '', userset: '', status: REMOVED },
          ...{ device_id: '', uniplatform: '', devicemodel: '', deviceos: '', devicebrand: '' },
          update_time: now,
        })
        .execute();
      await database.deleteFrom('profile').where('account_id', '=', id).execute();
    },
    async touchLogin(id, now) {
      await update(id).set({ last_login: now, update_time: now }).execute();
    },
  };
}

export function accountRecord(row: Selectable<AccountTable>): AccountRecord {
  return {
    id: row.id,
    uuid: row.uuid,
    username: row.username,
    nickname: row.nickname,
    avatar: row.avatar,
    passwordHash: row.password_hash,
    role: row.role === 'visitor' ? 'visitor' : 'user',
    status: row.status,
    deviceId: row.device_id,
    uniplatform: row.uniplatform,
    devicemodel: row.devicemodel,
    deviceos: row.deviceos,
    devicebrand: row.devicebrand,
    userset: row.userset,
    inviteConfirm: row.invite_confirm,
    lastLogin: row.last_login,
    registerTime: row.register_time,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}

function optional(row: Selectable<AccountTable> | undefined): AccountRecord | undefined {
  return row === undefined ? undefined : accountRecord(row);
}
