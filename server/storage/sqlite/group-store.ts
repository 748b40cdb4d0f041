import { sql } from 'kysely';
import type { Kysely, Selectable } from 'kysely';
import type { GroupMemberRecord, GroupRecord, MemberStatus, Role } from '../records.ts';
import type { GroupStore } from '../storage.ts';
import type { GroupMemberTable, GroupTable, Schema } from './schema.ts';

export function groupStore(database: Kysely<Schema>): GroupStore {
  /** Messages to come get a new group object. */
  async function outdate(groupId: number): Promise<void> {
    await database.updateTable('chat_group').set({ snapshot_id: null }).where('id', '=', groupId).execute();
  }

  return {
    async byId(id) {
      const row = await database
        .selectFrom('chat_group')
        .selectAll()
        .where('id', '=', id)
        .where('dissolved_at', 'is', null)
        .executeTakeFirst();
      return row === undefined ? undefined : groupRecord(row);
    },

    async listOf(accountId, offset, limit) {
      const members = await database
        .selectFrom('group_member')
        .innerJoin('chat_group', 'chat_group.id', 'group_member.group_id')
        .selectAll('group_member')
        .where('group_member.account_id', '=', accountId)
        .where('group_member.status', '=', 1)
        .where('chat_group.status', '=', 1)
        .orderBy('group_member.group_id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      if (members.length === 0) return [];
      const groups = await database
        .selectFrom('chat_group')
        .selectAll()
        .where('id', 'in', sql<number>`(SELECT value FROM json_each(${idList(members)}))`)
        .execute();
      const byId = new Map(groups.map((row) => [row.id, groupRecord(row)]));
      return members.flatMap((row) => {
        const group = byId.get(row.group_id);
        return group === undefined ? [] : [{ group, member: memberRecord(row) }];
      });
    },

    async idsOf(accountId) {
      const rows = await database
        .selectFrom('group_member')
        .select('group_id')
        .where('account_id', '=', accountId)
        .execute();
      return rows.map((row) => row.group_id);
    },

    async member(groupId, accountId) {
      const row = await database
        .selectFrom('group_member')
        .selectAll()
        .where('group_id', '=', groupId)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return row === undefined ? undefined : memberRecord(row);
    },

    async members(groupId, status) {
      const all = database
        .selectFrom('group_member')
        .innerJoin('account', 'account.id', 'group_member.account_id')
        .selectAll('group_member')
        .select([
          'account.uuid as account_uuid',
          'account.username as account_username',
          'account.nickname as account_nickname',
          'account.avatar as account_avatar',
          'account.role as account_role',
        ])
        .where('group_member.group_id', '=', groupId)
        .orderBy('group_member.id');
      const rows = await (
        status === undefined ? all : all.where('group_member.status', '=', status)
      ).execute();
      return rows.map((row) => ({
        ...memberRecord(row),
        account: {
          id: row.account_id,
          uuid: row.account_uuid,
          username: row.account_username,
          nickname: row.account_nickname,
          avatar: row.account_avatar,
          role: row.account_role as Role,
        },
      }));
    },

    async memberCount(groupId) {
      const row = await database
        .selectFrom('group_member')
        .select((expression) => expression.fn.countAll<number>().as('count'))
        .where('group_id', '=', groupId)
        .executeTakeFirstOrThrow();
      return row.count;
    },

    async insert({ uuid, ownerId, name, avatar, now }) {
      const conversation = await database
        .insertInto('conversation')
        .values({ kind: 'group', create_time: now })
        .returning('id')
        .executeTakeFirstOrThrow();
      const row = await database
        .insertInto('chat_group')
        .values({
          uuid,
          conversation_id: conversation.id,
          owner_id: ownerId,
          name,
          avatar,
          create_time: now,
          update_time: now,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await database
        .updateTable('conversation')
        .set({ group_id: row.id })
        .where('id', '=', conversation.id)
        .execute();
      return groupRecord(row);
    },

    async update(id, { name, avatar, remark, inviteConfirm, readReceipts }, now) {
      await database
        .updateTable('chat_group')
        .set({
          ...(name === undefined ? {} : { name }),
          ...(avatar === undefined ? {} : { avatar }),
          ...(remark === undefined ? {} : { remark }),
          ...(inviteConfirm === undefined ? {} : { invite_confirm: inviteConfirm }),
          ...(readReceipts === undefined ? {} : { read_receipts: readReceipts ? 1 : 0 }),
          snapshot_id: null,
          update_time: now,
        })
        .where('id', '=', id)
        .execute();
    },

    async dissolve(id, now) {
      await database.deleteFrom('group_member').where('group_id', '=', id).execute();
      await database
        .updateTable('chat_group')
        .set({ dissolved_at: now, snapshot_id: null, update_time: now })
        .where('id', '=', id)
        .execute();
    },

    async addMember({ groupId, accountId, status, inviterId, requestText, now }) {
      await database
        .insertInto('group_member')
        .values({
          group_id: groupId,
          account_id: accountId,
          status,
          inviter_id: inviterId,
          request_text: requestText,
          create_time: now,
        })
        .execute();
      await outdate(groupId);
    },

    async setMember(groupId, accountId, changes) {
      await database
        .updateTable('group_member')
        .set(changes)
        .where('group_id', '=', groupId)
        .where('account_id', '=', accountId)
        .execute();
      await outdate(groupId);
    },

    async removeMember(groupId, accountId) {
      await database
        .deleteFrom('group_member')
        .where('group_id', '=', groupId)
        .where('account_id', '=', accountId)
        .execute();
      await outdate(groupId);
    },

    async keepSnapshot(groupId, object) {
      const id = await keepObject(database, object);
      await database.updateTable('chat_group').set({ snapshot_id: id }).where('id', '=', groupId).execute();
      return id;
    },

    keepObject: (object) => keepObject(database, object),

    async snapshot(id) {
      const row = await database
        .selectFrom('group_snapshot')
        .select('object')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.object;
    },
  };
}

async function keepObject(database: Kysely<Schema>, object: string): Promise<number> {
  const row = await database
    .insertInto('group_snapshot')
    .values({ object })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

function idList(members: readonly { group_id: number }[]): string {
  return JSON.stringify(members.map((member) => member.group_id));
}

function groupRecord(row: Selectable<GroupTable>): GroupRecord {
  return {
    id: row.id,
    uuid: row.uuid,
    conversationId: row.conversation_id,
    ownerId: row.owner_id,
    name: row.name,
    avatar: row.avatar,
    remark: row.remark,
    inviteConfirm: row.invite_confirm,
    status: row.status,
    readReceipts: row.read_receipts !== 0,
    order: row.sort_order,
    snapshotId: row.snapshot_id,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}

function memberRecord(row: Selectable<GroupMemberTable>): GroupMemberRecord {
  return {
    id: row.id,
    groupId: row.group_id,
    accountId: row.account_id,
    nickname: row.nickname,
    avatar: row.avatar,
    status: row.status as MemberStatus,
    order: row.sort_order,
    inviterId: row.inviter_id,
    requestText: row.request_text,
    createTime: row.create_time,
  };
}
