/** Getting into a group (E36, E38): invited or by oneself, at once or after the owner's approval. */
import { v4 as uuid } from 'uuid';
import type { AccountRecord, GroupMemberRecord, GroupRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import { changeOf } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { groupNotice, joinKey, joinRequestNotice, joinSpeaker, joinText } from './group-notices.ts';
import { approvedGroup, joinedGroup, nameInGroup } from './group-objects.ts';
import { changeOfAll, ownObject, post } from './group-posting.ts';
import { GROUP_FULL, NOT_YOURS, ownedGroup, recomposeAvatar } from './group-access.ts';
import { Refusal } from './refusal.ts';

/** Values of `invite_confirm`. */
const POLICY = { open: 0, approval: 1, noGuests: 2 } as const;

export interface JoinRequest {
  groupId: number;
  /** Who is to become a member. */
  accountId: number;
  reason: string;
}

export function groupJoining({ storage, bus, config, now }: DomainContext) {
  interface Joining {
    group: GroupRecord;
    account: AccountRecord;
    /** Shown name of who invited; null when they came by themselves. */
    inviter: string | null;
    inviterId: number | null;
    /** The group inside of N6, of before the joining. */
    object: object;
  }

  /** Opens the window with the notice as the first message in it, and tells everybody. */
  async function welcome(unit: UnitOfWork, joining: Joining): Promise<void> {
    const { group, account, inviter, inviterId, object } = joining;
    const { conversationId } = group;
    const createTime = now();
    const seq = await unit.messages.nextSeq(conversationId);
    await unit.memberships.open(account.id, conversationId, seq);
    await changeOf(unit, bus, account.id, 'conversation', { conversationId });
    await changeOf(unit, bus, account.id, 'group', { conversationId });
    const id = uuid();
    const key = joinKey(group.id, account.id, createTime);
    const active = await unit.groups.members(group.id, 1);
    await post(unit, bus, {
      group,
      uuid: id,
      seq,
      senderId: account.id,
      clientMessageId: null,
      notice: true,
      payload: groupNotice({
        uuid: id,
        from: joinSpeaker(key),
        group,
        text: joinText(inviter, displayName(account)),
        createTime,
        seq,
        about: { accountId: account.id, inviterId },
      }),
      createTime,
      recipients: active.map((member) => member.accountId),
      object: ownObject(unit, object),
    });
    await recomposeAvatar(unit, group.id, createTime);
    await changeOfAll(unit, bus, group, 'group');
    const news = { id: group.id, name: group.name, event: 'joined' as const };
    unit.afterCommit(() => bus.publish({ type: 'membership', accountId: account.id, news }));
  }

  /** Policies that nobody defined: they join, and nobody is told. */
  async function joinSilently(unit: UnitOfWork, group: GroupRecord, accountId: number): Promise<void> {
    const { conversationId } = group;
    const head = await unit.messages.headSeq(conversationId);
    await unit.memberships.open(accountId, conversationId, head + 1);
    await changeOf(unit, bus, accountId, 'conversation', { conversationId });
    await recomposeAvatar(unit, group.id, now());
    await changeOfAll(unit, bus, group, 'group');
    const news = { id: group.id, name: group.name, event: 'joined' as const };
    unit.afterCommit(() => bus.publish({ type: 'membership', accountId, news }));
  }

  /** The request waits; N10 tells the owner. */
  async function askOwner(
    unit: UnitOfWork,
    { group, account, inviter, object }: Joining,
    reason: string,
  ): Promise<void> {
    const owner = await unit.accounts.byId(group.ownerId);
    const { conversationId } = group;
    if (owner !== undefined) {
      const payload = joinRequestNotice({
        uuid: uuid(),
        group,
        object,
        owner: { id: owner.id, name: displayName(owner), avatar: owner.avatar },
        applicant: account,
        name: displayName(account),
        inviter,
        reason,
        createTime: now(),
      });
      await enqueue(unit, bus, { recipientId: owner.id, messageId: null, payload });
      await changeOf(unit, bus, owner.id, 'group', { conversationId });
    }
    await changeOf(unit, bus, account.id, 'group', { conversationId });
    const news = { id: group.id, name: group.name, event: 'waiting' as const };
    unit.afterCommit(() => bus.publish({ type: 'membership', accountId: account.id, news }));
  }

  /** Only members invite others, and nobody whom the invited one blacklisted. */
  async function inviterOf(
    unit: UnitOfWork,
    caller: AccountRecord,
    { groupId, accountId }: JoinRequest,
  ): Promise<GroupMemberRecord | null> {
    if (caller.id === accountId) return null;
    const inviter = await unit.groups.member(groupId, caller.id);
    if (inviter?.status !== 1) throw new Refusal('你不在该群聊中，操作失败');
    const theirs = await unit.contacts.find(accountId, caller.id);
    if (theirs !== undefined && theirs.isblack !== 0) {
      throw new Refusal('对方把你拉黑了，无法邀请对方加入群聊');
    }
    return inviter;
  }

  return {
    /**
     * Who invites is the caller, whatever `inviteuser_id` says (quirk Q14).
     * @returns the sentence to answer
     */
    async join(caller: AccountRecord, request: JoinRequest): Promise<string> {
      const { groupId, accountId, reason } = request;
      return storage.write(async (unit) => {
        const group = await unit.groups.byId(groupId);
        if (group?.status !== 1) throw new Refusal('群不存在或者被封禁');
        const known = await unit.groups.member(groupId, accountId);
        if (known?.status === 2) throw new Refusal('已申请加入群聊，正在等待群主同意');
        if (known !== undefined) throw new Refusal('用户已经在群里');
        const account = await unit.accounts.byId(accountId);
        if (account?.status !== 1) throw new Refusal('加群的用户不存在或已被封禁，无法加入群聊');
        const member = await inviterOf(unit, caller, request);
        const isOwner = member !== null && group.ownerId === caller.id;
        const policy = group.inviteConfirm;
        if (policy === POLICY.noGuests && !isOwner && account.role === 'visitor') {
          throw new Refusal('请先登录再申请进群');
        }
        if ((await unit.groups.memberCount(groupId)) >= config.groupMembers) throw new Refusal(GROUP_FULL);
        const waits = policy === POLICY.approval && !isOwner;
        const owner = (await unit.accounts.byId(group.ownerId)) ?? account;
        const joining = {
          group,
          account,
          inviter: member === null ? null : nameInGroup(member, caller),
          inviterId: member?.accountId ?? null,
          object: joinedGroup(group, owner, await unit.groups.members(groupId, 1)),
        };
        await unit.groups.addMember({
          groupId,
          accountId,
          status: waits ? 2 : 1,
          inviterId: member?.accountId ?? null,
          requestText: reason,
          now: now(),
        });
        if (waits) {
          await askOwner(unit, joining, reason);
          return '等待群主同意';
        }
        if (policy <= POLICY.noGuests) await welcome(unit, joining);
        else await joinSilently(unit, group, accountId);
        return '加群成功';
      });
    },

    /** The owner decides about a waiting request. The applicant hears of a refusal through our extensions only. */
    async decide(
      caller: AccountRecord,
      { groupId, accountId, agrees }: { groupId: number; accountId: number; agrees: boolean },
    ): Promise<void> {
      await storage.write(async (unit) => {
        const group = await ownedGroup(unit, caller, groupId, NOT_YOURS);
        if (group.status !== 1) throw new Refusal(NOT_YOURS);
        const waiting = await unit.groups.member(groupId, accountId);
        if (waiting?.status !== 2) throw new Refusal('非法操作');
        if (!agrees) {
          await unit.groups.removeMember(groupId, accountId);
          await refused(unit, bus, group, accountId);
          return;
        }
        const account = await unit.accounts.byId(accountId);
        // The original has let them in by then (quirk Q23).
        if (account?.status !== 1) throw new Refusal('用户不存在或者被封禁');
        const object = approvedGroup(group, await unit.groups.members(groupId, 1));
        await unit.groups.setMember(groupId, accountId, { status: 1 });
        await welcome(unit, { group, account, inviter: null, inviterId: null, object });
      });
    },
  };
}

/** A waiting request came to nothing: the applicant and the owner's other devices have to hear of it. */
export async function refused(
  unit: UnitOfWork,
  bus: DomainContext['bus'],
  group: GroupRecord,
  accountId: number,
): Promise<void> {
  await changeOf(unit, bus, accountId, 'group', { conversationId: group.conversationId });
  await changeOfAll(unit, bus, group, 'group');
  const news = { id: group.id, name: group.name, event: 'refused' as const };
  unit.afterCommit(() => bus.publish({ type: 'membership', accountId, news }));
}
