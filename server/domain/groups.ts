/** Groups (section 5.5): founding, looking at, naming, policy. Joining and leaving have files of their own. */
import { v4 as uuid } from 'uuid';
import type { AccountRecord, GroupMemberWithAccount } from '../storage/records.ts';
import type { DomainContext } from './context.ts';
import { GROUP_FULL, NOT_YOURS, ownedGroup } from './group-access.ts';
import { groupJoining } from './group-joining.ts';
import { groupLeaving } from './group-leaving.ts';
import { groupNotice } from './group-notices.ts';
import {
  avatarInGroup,
  changedGroup,
  composedAvatar,
  composedName,
  groupProfile,
  listedGroup,
  nameInGroup,
  newGroup,
} from './group-objects.ts';
import { changeOfAll, ownObject, post } from './group-posting.ts';
import { groupReading } from './group-reading.ts';
import { displayName } from './account-views.ts';
import { Refusal } from './refusal.ts';

export type Groups = ReturnType<typeof groupRules>;

export function groupRules(context: DomainContext) {
  const { storage, bus, config, now } = context;

  /** Changes the group in the owner's name and tells all members in a notice (N2, N3). */
  async function changeAndTell(
    caller: AccountRecord,
    groupId: number,
    changes: { name?: string; remark?: string },
    words: { refusal: string; text: string },
  ): Promise<void> {
    await storage.write(async (unit) => {
      await ownedGroup(unit, caller, groupId, words.refusal);
      const owner = await unit.groups.member(groupId, caller.id);
      // The original changes it all the same and tells nobody (quirk Q23).
      if (owner === undefined) throw new Refusal('无法通知群成员');
      const createTime = now();
      await unit.groups.update(groupId, changes, createTime);
      const group = await ownedGroup(unit, caller, groupId, words.refusal);
      const members = await unit.groups.members(groupId);
      const from = {
        id: caller.id,
        name: nameInGroup(owner, caller),
        avatar: avatarInGroup(owner, caller),
      };
      const id = uuid();
      const seq = await unit.messages.nextSeq(group.conversationId);
      await post(unit, bus, {
        group,
        uuid: id,
        seq,
        senderId: caller.id,
        clientMessageId: null,
        notice: true,
        payload: groupNotice({ uuid: id, from, group, text: words.text, createTime, seq }),
        createTime,
        recipients: members.map((member) => member.accountId),
        object: ownObject(unit, changedGroup(group, members)),
      });
      await changeOfAll(unit, bus, group, 'group');
    });
  }

  return {
    ...groupJoining(context),
    ...groupLeaving(context),
    ...groupReading(context),

    /** @param contactIds rows of the caller's contacts (E18 `id`); strange, blacklisted and disabled ones are skipped. */
    async create(caller: AccountRecord, contactIds: readonly number[]): Promise<void> {
      await storage.write(async (unit) => {
        const wanted = new Set(contactIds);
        const rows = (await unit.contacts.list(caller.id)).filter(
          (row) => wanted.has(row.id) && row.isblack === 0 && row.status === 1 && row.friendId !== caller.id,
        );
        if (rows.length === 0) throw new Refusal('请选择加入群聊的用户');
        const founder = (await unit.accounts.byId(caller.id)) ?? caller;
        const accounts: AccountRecord[] = [];
        for (const row of rows) {
          const account = await unit.accounts.byId(row.friendId);
          if (account?.status === 1) accounts.push(account);
        }
        if (accounts.length === 0) throw new Refusal('用户不存在，无法加入群聊');
        if (accounts.length >= config.groupMembers) throw new Refusal(GROUP_FULL);
        const all = [founder, ...accounts];
        const createTime = now();
        const group = await unit.groups.insert({
          uuid: uuid(),
          ownerId: caller.id,
          name: composedName(all),
          avatar: composedAvatar(all.map((account) => ({ avatar: '', account }))),
          now: createTime,
        });
        for (const { id: accountId } of all) {
          const inviterId = accountId === caller.id ? null : caller.id;
          await unit.groups.addMember({
            groupId: group.id,
            accountId,
            status: 1,
            inviterId,
            requestText: '',
            now: createTime,
          });
          await unit.memberships.open(accountId, group.conversationId, 1);
        }
        const from = { id: founder.id, name: displayName(founder), avatar: founder.avatar };
        const id = uuid();
        const seq = await unit.messages.nextSeq(group.conversationId);
        const text = `${from.name}创建了一个群，大家可以开始聊天了`;
        await post(unit, bus, {
          group,
          uuid: id,
          seq,
          senderId: caller.id,
          clientMessageId: null,
          notice: true,
          payload: groupNotice({ uuid: id, from, group, text, createTime, seq }),
          createTime,
          recipients: all.map((account) => account.id),
          object: ownObject(unit, newGroup(group)),
        });
        await changeOfAll(unit, bus, group, 'group');
      });
    },

    async list(caller: AccountRecord, page: number, limit: number) {
      const offset = Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER);
      const found = await storage.groups.listOf(caller.id, offset, limit);
      return found.map(({ group, member }) => listedGroup(group, member));
    },

    /** For everybody with a token: the join page shows it too. */
    async profile(groupId: number) {
      const group = await storage.groups.byId(groupId);
      if (group?.status !== 1) throw new Refusal('群不存在或被封禁');
      return groupProfile(group, await storage.groups.members(groupId, 1));
    },

    rename: (caller: AccountRecord, groupId: number, name: string) =>
      changeAndTell(
        caller,
        groupId,
        { name },
        { refusal: '只有群主才能修改群名称', text: `群名称修改为：${name}` },
      ),

    announce: (caller: AccountRecord, groupId: number, remark: string) =>
      changeAndTell(
        caller,
        groupId,
        { remark },
        { refusal: '只有群主才能修改群公告', text: `[公告] \n\n ${remark}` },
      ),

    async setNickname(caller: AccountRecord, groupId: number, nickname: string): Promise<void> {
      await storage.write(async (unit) => {
        const group = await unit.groups.byId(groupId);
        const own = await unit.groups.member(groupId, caller.id);
        if (group === undefined || own?.status !== 1) throw new Refusal('你不在该群聊中，无法修改昵称');
        await unit.groups.setMember(groupId, caller.id, { nickname });
        await changeOfAll(unit, bus, group, 'group');
      });
    },

    async setPolicy(caller: AccountRecord, groupId: number, inviteConfirm: number): Promise<void> {
      await storage.write(async (unit) => {
        const group = await ownedGroup(unit, caller, groupId, NOT_YOURS);
        if (group.status !== 1) throw new Refusal(NOT_YOURS);
        await unit.groups.update(groupId, { inviteConfirm }, now());
        await changeOfAll(unit, bus, group, 'group');
      });
    },

    async setReadReceipts(caller: AccountRecord, groupId: number, readReceipts: boolean): Promise<void> {
      await storage.write(async (unit) => {
        const group = await ownedGroup(unit, caller, groupId, NOT_YOURS);
        if (group.status !== 1) throw new Refusal(NOT_YOURS);
        await unit.groups.update(groupId, { readReceipts }, now());
        await changeOfAll(unit, bus, group, 'group');
      });
    },

    /** Requests that wait for the owner, oldest first. */
    async requests(caller: AccountRecord, groupId: number) {
      const group = await ownedGroup(storage, caller, groupId, NOT_YOURS);
      const waiting = await storage.groups.members(groupId, 2);
      const active = await storage.groups.members(groupId, 1);
      const names = new Map(active.map((member) => [member.accountId, memberName(member)]));
      return waiting.map((member) => ({
        group_id: group.id,
        user_id: member.accountId,
        inviter_id: member.inviterId,
        inviter_name: member.inviterId === null ? '' : (names.get(member.inviterId) ?? ''),
        desc: member.requestText,
        create_time: member.createTime,
        user: {
          id: member.account.id,
          uuid: member.account.uuid,
          username: member.account.username,
          nickname: member.account.nickname,
          avatar: member.account.avatar,
          role: member.account.role,
        },
      }));
    },
  };
}

function memberName(member: GroupMemberWithAccount): string {
  return nameInGroup(member, member.account);
}
