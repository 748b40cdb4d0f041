/** Contacts (section 5.3). */
import { displayName } from './account-views.ts';
import type { AccountRecord, ContactRecord } from '../storage/records.ts';
import { changeOf } from './changes.ts';
import type { DomainContext } from './context.ts';
import { groupByInitial } from './initials.ts';
import { profileView } from './account-views.ts';
import { Refusal } from './refusal.ts';
import type { ContactStore, UnitOfWork } from '../storage/storage.ts';

export type Contacts = ReturnType<typeof contactRules>;

export function contactRules({ storage, bus, now }: DomainContext) {
  async function ownRow(caller: AccountRecord, friendId: number, refusal: string): Promise<ContactRecord> {
    const row = await storage.contacts.find(caller.id, friendId);
    if (row === undefined) throw new Refusal(refusal);
    return row;
  }

  /** Sets flags of the caller's own row. */
  function setFlags(
    caller: AccountRecord,
    row: ContactRecord,
    flags: Parameters<ContactStore['setFlags']>[1],
  ): Promise<void> {
    return storage.write(async (unit) => {
      await unit.contacts.setFlags(row.id, flags, now());
      await changeOf(unit, bus, caller.id, 'contacts');
    });
  }

  /** The conversation with a friend is called by the alias. */
  async function nameChanged(unit: UnitOfWork, ownerId: number, friendId: number): Promise<void> {
    const conversation = await unit.changes.conversation(ownerId, 'single', friendId);
    if (conversation === undefined) return;
    await changeOf(unit, bus, ownerId, 'conversation', { conversationId: conversation.id });
  }

  return {
    /** A page of contacts, grouped by initial. `rows` is `[]` when the page is empty (quirk Q10). */
    async list(caller: AccountRecord, page: number, limit: number) {
      const all = await storage.contacts.list(caller.id);
      const contacts = all.slice((page - 1) * limit, page * limit).map((row) => ({
        id: row.id,
        beizhu: row.nickname,
        username: row.friend.username,
        avatar: row.friend.avatar,
        friend_nickname: row.friend.nickname,
        friend_id: row.friendId,
        name: row.nickname === '' ? displayName(row.friend) : row.nickname,
        uuid: row.friend.uuid,
        // Extension `contacts`: additive.
        isblack: row.isblack,
        ismystarfriend: row.ismystarfriend,
      }));
      if (contacts.length === 0) return { count: 0, rows: [] };
      const newList = groupByInitial(contacts);
      const indexList = newList.map((group) => group.title);
      return { count: contacts.length, rows: { newList, indexList, total: contacts.length } };
    },

    async profile(caller: AccountRecord, friendId: number) {
      const row = await ownRow(caller, friendId, '好友不存在');
      const friend = await storage.accounts.byId(friendId);
      if (friend === undefined) throw new Refusal('好友不存在');
      const { id, username, avatar, nickname, role, status } = friend;
      const userinfo = profileView(await storage.accounts.profile(friendId));
      return {
        id: row.id,
        user_id: row.userId,
        friend_id: row.friendId,
        nickname: row.nickname,
        friendinfo: { id, username, avatar, nickname, role, status, userinfo },
      };
    },

    /** My contact row about somebody; refused also when I blacklisted them. */
    async mine(caller: AccountRecord, friendId: number) {
      const row = await ownRow(caller, friendId, '不是好友');
      if (row.isblack !== 0) throw new Refusal('不是好友');
      return {
        id: row.id,
        user_id: row.userId,
        friend_id: row.friendId,
        nickname: row.nickname,
        friendlookme: row.friendlookme,
        melookfriend: row.melookfriend,
        ismystarfriend: row.ismystarfriend,
        isblack: row.isblack,
        status: row.status,
      };
    },

    /** Settings of an account and whether it knows me (E11). */
    async settingsOf(caller: AccountRecord, accountId: number) {
      const account = await storage.accounts.byId(accountId);
      if (account === undefined || account.status !== 1 || account.role !== 'user') {
        throw new Refusal('用户不存在或者为游客，无法加为好友');
      }
      const theirRow = await storage.contacts.find(accountId, caller.id);
      return {
        id: account.id,
        userset: account.userset,
        invite_confirm: account.inviteConfirm,
        uuid: account.uuid,
        isgoodfriend: theirRow !== undefined,
        isgoodfriend_status: theirRow === undefined || (theirRow.isblack === 0 && theirRow.status === 1),
      };
    },

    async toggleBlack(caller: AccountRecord, friendId: number): Promise<void> {
      const row = await ownRow(caller, friendId, '好友不存在');
      const isblack = row.isblack === 0 ? 1 : 0;
      await setFlags(caller, row, { isblack });
    },

    async toggleStar(caller: AccountRecord, friendId: number): Promise<void> {
      const row = await ownRow(caller, friendId, '好友不存在或者被拉黑，无法操作');
      if (row.isblack !== 0) throw new Refusal('好友不存在或者被拉黑，无法操作');
      const ismystarfriend = row.ismystarfriend === 0 ? 1 : 0;
      await setFlags(caller, row, { ismystarfriend });
    },

    async setVisibility(
      caller: AccountRecord,
      friendId: number,
      flags: { friendlookme: number; melookfriend: number },
    ): Promise<void> {
      const row = await ownRow(caller, friendId, '好友不存在或者被拉黑，无法操作');
      if (row.isblack !== 0) throw new Refusal('好友不存在或者被拉黑，无法操作');
      await setFlags(caller, row, flags);
    },

    /** Extension `contacts`: another alias for a friend; empty for none. */
    async setAlias(caller: AccountRecord, friendId: number, alias: string): Promise<void> {
      const row = await ownRow(caller, friendId, '好友不存在');
      await storage.write(async (unit) => {
        await unit.contacts.setFlags(row.id, { nickname: alias }, now());
        await changeOf(unit, bus, caller.id, 'contacts');
        await nameChanged(unit, caller.id, friendId);
      });
    },

    async remove(caller: AccountRecord, friendId: number): Promise<void> {
      await ownRow(caller, friendId, '不是好友关系，无权操作');
      await storage.write(async (unit) => {
        await unit.contacts.removeBoth(caller.id, friendId);
        await unit.applications.removeBoth(caller.id, friendId);
        for (const [ownerId, otherId] of [
          [caller.id, friendId],
          [friendId, caller.id],
        ] as const) {
          await changeOf(unit, bus, ownerId, 'contacts');
          await nameChanged(unit, ownerId, otherId);
        }
      });
    },
  };
}
