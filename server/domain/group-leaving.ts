/** Getting out of a group (E34, E35): leaving, being removed, the end of the group. */
import { v4 as uuid } from 'uuid';
import type { MembershipNews } from '../bus/bus.ts';
import type { AccountRecord, EndReason, GroupRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { changeOf } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { ownedGroup, recomposeAvatar } from './group-access.ts';
import { refused } from './group-joining.ts';
import { groupNotice, withGroup } from './group-notices.ts';
import { avatarInGroup, groupThatWas, nameInGroup } from './group-objects.ts';
import { changeOfAll, ownObject, post } from './group-posting.ts';
import { Refusal } from './refusal.ts';

export function groupLeaving({ storage, bus, now }: Pick<DomainContext, 'storage' | 'bus' | 'now'>) {
  /** Ends the window; what was visible so far stays visible. */
  async function closeWindow(
    unit: UnitOfWork,
    group: GroupRecord,
    accountId: number,
    end: { lastSeq: number; reason: EndReason },
  ): Promise<void> {
    const { conversationId, name, avatar } = group;
    await unit.memberships.close(accountId, conversationId, { ...end, name, avatar });
    await changeOf(unit, bus, accountId, 'conversation', { conversationId });
    await changeOf(unit, bus, accountId, 'group', { conversationId });
    tell(unit, accountId, { id: group.id, name, event: end.reason });
  }

  function tell(unit: UnitOfWork, accountId: number, news: MembershipNews): void {
    unit.afterCommit(() => bus.publish({ type: 'membership', accountId, news }));
  }

  /** N4 to all who are listed, then everybody's window ends with it. */
  async function dissolve(
    unit: UnitOfWork,
    group: GroupRecord,
    owner: AccountRecord,
    by: '群主' | '管理员' = '群主',
  ): Promise<void> {
    const { conversationId } = group;
    const listed = await unit.groups.members(group.id);
    const own = listed.find((member) => member.accountId === owner.id);
    const createTime = now();
    const seq = await unit.messages.nextSeq(conversationId);
    const id = uuid();
    const from = { id: owner.id, name: nameInGroup(own, owner), avatar: avatarInGroup(own, owner) };
    const text = `${by}于 ${shownTime(createTime)} 解散了该群`;
    await post(unit, bus, {
      group,
      uuid: id,
      seq,
      senderId: owner.id,
      clientMessageId: null,
      notice: true,
      payload: groupNotice({ uuid: id, from, group, text, createTime, seq }),
      createTime,
      recipients: listed.map((member) => member.accountId),
      object: ownObject(unit, groupThatWas(group, listed)),
    });
    for (const member of listed) {
      if (member.status === 2) {
        await changeOf(unit, bus, member.accountId, 'group', { conversationId });
        tell(unit, member.accountId, { id: group.id, name: group.name, event: 'dissolved' });
      }
    }
    for (const accountId of await unit.changes.members(conversationId)) {
      await closeWindow(unit, group, accountId, { lastSeq: seq, reason: 'dissolved' });
    }
    await unit.groups.dissolve(group.id, createTime);
  }

  async function leave(unit: UnitOfWork, group: GroupRecord, account: AccountRecord): Promise<void> {
    const listed = await unit.groups.members(group.id);
    const own = listed.find((member) => member.accountId === account.id);
    if (own === undefined) throw new Refusal('你不在该群聊中，操作失败');
    const createTime = now();
    const from = { id: account.id, name: nameInGroup(own, account), avatar: avatarInGroup(own, account) };
    const text = `${from.name}于 ${shownTime(createTime)} 已退出群聊`;
    const notice = { uuid: uuid(), from, group, text, createTime };
    const object = groupThatWas(group, listed);
    await unit.groups.removeMember(group.id, account.id);
    if (own.status === 2) {
      // They never were in the conversation, so their going is no message of it: only the owner knew of them.
      const payload = withGroup(groupNotice({ ...notice, seq: null }), JSON.stringify(object));
      await enqueue(unit, bus, { recipientId: group.ownerId, messageId: null, payload });
      await refused(unit, bus, group, account.id);
      return;
    }
    const { conversationId } = group;
    const lastSeq = await unit.messages.headSeq(conversationId);
    await closeWindow(unit, group, account.id, { lastSeq, reason: 'left' });
    const seq = await unit.messages.nextSeq(conversationId);
    await post(unit, bus, {
      group,
      uuid: notice.uuid,
      seq,
      senderId: account.id,
      clientMessageId: null,
      notice: true,
      payload: groupNotice({ ...notice, seq }),
      createTime,
      // Plain clients: the owner only. Ours show it to all members, who share the numbers of the conversation.
      recipients: [group.ownerId],
      object: ownObject(unit, object),
    });
    await changeOfAll(unit, bus, group, 'group');
  }

  return {
    /** The owner dissolves, a member leaves, somebody who waits takes the request back. */
    async quit(caller: AccountRecord, groupId: number): Promise<void> {
      await storage.write(async (unit) => {
        const group = await unit.groups.byId(groupId);
        if (group === undefined) throw new Refusal('群不存在');
        const account = (await unit.accounts.byId(caller.id)) ?? caller;
        if (group.ownerId === caller.id) await dissolve(unit, group, account);
        else await leave(unit, group, account);
      });
    },

    /** Part of a larger transaction. Returns the name the group had, undefined when there is none. */
    async dissolveByAdministrator(unit: UnitOfWork, groupId: number): Promise<string | undefined> {
      const group = await unit.groups.byId(groupId);
      const owner = group === undefined ? undefined : await unit.accounts.byId(group.ownerId);
      if (group === undefined || owner === undefined) return undefined;
      await dissolve(unit, group, owner, '管理员');
      return group.name;
    },

    /** Part of a larger transaction: the group ends with its owner, and goes on without a member. */
    async leaveForGood(unit: UnitOfWork, groupId: number, account: AccountRecord): Promise<void> {
      const group = await unit.groups.byId(groupId);
      if (group === undefined) return;
      if (group.ownerId === account.id) await dissolve(unit, group, account, '管理员');
      else await leave(unit, group, account);
    },

    /** No notice, as documented: plain clients find out when sending fails. Ours are told. */
    async remove(caller: AccountRecord, groupId: number, accountId: number): Promise<void> {
      await storage.write(async (unit) => {
        const group = await ownedGroup(unit, caller, groupId, '只有群主才能操作');
        if (accountId === caller.id) throw new Refusal('群主不能删除自己');
        const member = await unit.groups.member(groupId, accountId);
        if (member === undefined) return;
        await unit.groups.removeMember(groupId, accountId);
        if (member.status === 2) {
          await refused(unit, bus, group, accountId);
          return;
        }
        const lastSeq = await unit.messages.headSeq(group.conversationId);
        await closeWindow(unit, group, accountId, { lastSeq, reason: 'removed' });
        await recomposeAvatar(unit, groupId, now());
        await changeOfAll(unit, bus, group, 'group');
      });
    },
  };
}

/** As a server with a Chinese locale prints it; nobody parses it (quirk Q26). */
function shownTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString('zh-CN', { hour12: false });
}
