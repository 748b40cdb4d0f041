/** Asking for friendship (section 5.2). */
import { v4 as uuid } from 'uuid';
import type { AccountRecord, ApplicationRecord, ApplicationStatus } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { displayName } from './account-views.ts';
import { changeOf, conversationChanged } from './changes.ts';
import type { DomainContext } from './context.ts';
import { enqueue } from './delivery.ts';
import { applicationNotice, friendshipNotice } from './message-objects.ts';
import type { Party } from './message-objects.ts';
import { Refusal } from './refusal.ts';
import { isoSeconds, localTime } from './times.ts';

export type { ApplicationStatus };

/** What an application can be set to (E18). */
export const APPLICATION_STATUSES: readonly ApplicationStatus[] = ['pending', 'refuse', 'agree', 'ignore'];

export type Applications = ReturnType<typeof applicationRules>;

export function applicationRules({ storage, bus, now }: DomainContext) {
  /** The account that is asked, after the checks that E14 and E17 share. */
  async function target(unit: UnitOfWork, caller: AccountRecord, friendId: number): Promise<AccountRecord> {
    if (friendId === caller.id) throw new Refusal('不能添加自己为好友');
    const account = await unit.accounts.byId(friendId);
    if (account === undefined || account.status !== 1) throw new Refusal('添加的好友不存在');
    return account;
  }

  async function refuseRepeat(unit: UnitOfWork, caller: AccountRecord, friendId: number): Promise<void> {
    if (await unit.applications.exists(caller.id, friendId)) {
      throw new Refusal('您已经申请过了，请勿重复申请');
    }
  }

  /** N9 to both. One message of the conversation, stored once; the second party gets its mirrored copy. */
  async function announceFriendship(unit: UnitOfWork, one: Party, other: Party): Promise<void> {
    const createTime = now();
    const id = uuid();
    const conversationId = await unit.messages.singleConversation(
      one.account.id,
      other.account.id,
      createTime,
    );
    const seq = await unit.messages.nextSeq(conversationId);
    const shared = { uuid: id, createTime, seq };
    const payload = friendshipNotice({ ...shared, from: one, to: other });
    const messageId = await unit.messages.insert({
      uuid: id,
      conversationId,
      seq,
      senderId: one.account.id,
      clientMessageId: null,
      notice: true,
      payload,
      createTime,
    });
    await enqueue(unit, bus, { recipientId: other.account.id, messageId, payload });
    const mirrored = friendshipNotice({ ...shared, from: other, to: one });
    await enqueue(unit, bus, { recipientId: one.account.id, messageId, payload: mirrored, ownCopy: true });
    await conversationChanged(unit, bus, conversationId);
    await changeOf(unit, bus, one.account.id, 'contacts');
    await changeOf(unit, bus, other.account.id, 'contacts');
  }

  return {
    async apply(caller: AccountRecord, friendId: number, text: string): Promise<void> {
      await storage.write(async (unit) => {
        const account = await target(unit, caller, friendId);
        await refuseRepeat(unit, caller, friendId);
        await unit.applications.insert(caller.id, friendId, text, 'pending', now());
        const payload = applicationNotice({
          uuid: uuid(),
          applicant: caller,
          target: account,
          createTime: now(),
        });
        await enqueue(unit, bus, { recipientId: friendId, messageId: null, payload });
        await changeOf(unit, bus, friendId, 'contacts');
      });
    },

    /** Befriends at once, when the other one asks for no confirmation. */
    async befriend(caller: AccountRecord, friendId: number, text: string): Promise<void> {
      await storage.write(async (unit) => {
        const account = await target(unit, caller, friendId);
        if (account.inviteConfirm !== 0) throw new Refusal('需要对方审核，不能自动加对方为好友');
        await refuseRepeat(unit, caller, friendId);
        await unit.applications.insert(caller.id, friendId, text, 'agree', now());
        await unit.contacts.insertIfMissing(caller.id, friendId, '', now());
        await unit.contacts.insertIfMissing(friendId, caller.id, '', now());
        const [me, friend] = [caller, account].map((who) => ({ account: who, name: displayName(who) }));
        if (me !== undefined && friend !== undefined) await announceFriendship(unit, me, friend);
      });
    },

    /** @param alias my alias for the new friend, empty for none. */
    async handle(caller: AccountRecord, id: number, status: ApplicationStatus, alias: string): Promise<void> {
      await storage.write(async (unit) => {
        const application = await unit.applications.byId(id);
        if (application?.friendId !== caller.id || application.status !== 'pending') {
          throw new Refusal('申请不存在或已处理');
        }
        await unit.applications.setStatus(id, status, now());
        await changeOf(unit, bus, caller.id, 'contacts');
        if (status !== 'agree') return;
        const applicant = await unit.accounts.byId(application.userId);
        if (applicant === undefined) throw new Refusal('申请不存在或已处理');
        await unit.contacts.insertIfMissing(caller.id, applicant.id, alias, now());
        await unit.contacts.insertIfMissing(applicant.id, caller.id, caller.nickname, now());
        const accepter = { account: caller, name: displayName(caller) };
        const friend = { account: applicant, name: alias === '' ? displayName(applicant) : alias };
        await announceFriendship(unit, accepter, friend);
      });
    },

    /** The pending application of somebody to me. */
    async pendingFrom(caller: AccountRecord, applicantUuid: string) {
      const applicant = await storage.accounts.byUuid(applicantUuid);
      if (applicant === undefined || applicant.status !== 1) throw new Refusal('用户不存在');
      const application = await storage.applications.pending(applicant.id, caller.id);
      if (application === undefined) throw new Refusal('用户申请信息不存在');
      return { ...applicationCore(application), userId: application.userId };
    },

    /** Applications to me, newest first, all of them whatever their status. */
    async list(caller: AccountRecord, page: number, limit: number) {
      // The largest allowed page times the limit is more than the database can count.
      const offset = Math.min((page - 1) * limit, Number.MAX_SAFE_INTEGER);
      const rows = await storage.applications.list(caller.id, offset, limit);
      const alldata = rows.map(({ application, applicant }) => ({
        create_time: localTime(application.createTime),
        ...applicationCore(application),
        order: application.order,
        update_time: isoSeconds(application.updateTime),
        userId: application.userId,
        user: applicant === undefined ? null : applicantView(applicant),
      }));
      return { alldata, pendingCount: await storage.applications.countPending(caller.id) };
    },
  };
}

function applicationCore(application: ApplicationRecord) {
  return {
    id: application.id,
    user_id: application.userId,
    friend_id: application.friendId,
    nickname: application.nickname,
    friendlookme: application.friendlookme,
    melookfriend: application.melookfriend,
    ismystarfriend: application.ismystarfriend,
    isblack: application.isblack,
    status: application.status,
  };
}

function applicantView(account: AccountRecord) {
  const { id, username, avatar, nickname, uuid: publicId } = account;
  return { id, username, avatar, nickname, uuid: publicId };
}
